/* SPDX-License-Identifier: BSD-3-Clause */
/* transfer.h - one lane of a case as one of its ranks sees it: what a method works on. */
#ifndef XB_ENGINE_PIPELINE_TRANSFER_H
#define XB_ENGINE_PIPELINE_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include <mpi.h>

#include "engine/devices/arena.h"
#include "engine/devices/device.h"
#include "engine/pipeline/turn.h"
#include "engine/runtime/session.h"
#include "model/plan/chunk_work.h"
#include "model/plan/layout.h"
#include "model/plan/plan.h"

enum xb_role { XB_ROLE_SRC = 1, XB_ROLE_DST = 2 }; /* bits; both within a rank */

/* One lane of a case as one rank sees it. Owned by exec, constant from open to close but for
 * its turn, which is told before each post, and before each reset. */
struct xb_transfer {
    const struct xb_session *session;
    const struct xb_device *device;
    const struct xb_case *c;
    const struct xb_lane *lane;
    unsigned roles;                 /* enum xb_role */
    struct xb_mem src_mem, dst_mem; /* the whole buffers of the roles this rank has */
    unsigned char *src, *dst; /* where its first transfer begins in them, NULL for the other
                                 role; the others begin as far behind it as the turn says */
    struct xb_block_map src_map, dst_map; /* how bytes lie from there on, at both ends whatever
                                             the roles; all zero where they are in one piece */
    struct xb_turn turn;
    bool one_place;           /* all transfers go from one place to one place: its turn is none,
                                 and behind them the buffers may end */
    struct xb_stream *stream; /* this lane's queue */
    MPI_Comm comm;            /* of the case */
    int peer;                 /* the other end's rank in comm; own rank within a rank */
    int tag;                  /* of this lane's messages */
    const struct xb_lane *group; /* of a collective: the lanes of those that carry it out
                                    together, of which the k-th leaves member k; else NULL */
    int members, member;         /* how many, and which of them this rank is */
    int group_tag;               /* of messages among them */
    int index; /* place among this rank's lanes of the round: tells its buffers apart */
    double deadline_us; /* of the case, on xb_clock_us: what open and reset do must heed it */
    bool broken; /* set before close where the case failed: what waits for the other end there
                    may wait for ever */
};

/* In what state close gives back what the lane took from the arena. */
static inline enum xb_return xb_transfer_return(const struct xb_transfer *t)
{
    return t->broken ? XB_RETURN_BROKEN : XB_RETURN_GOOD;
}

/* How far apart, in its bytes, transfers of a case begin: whole blocks, or planes of them. */
static inline uint64_t xb_transfer_step(const struct xb_case *c)
{
    uint64_t granule = xb_case_granule(c);

    if (xb_case_block(c) == c->bytes)
        return XB_TURN_STEP;
    return (XB_TURN_STEP + granule - 1) / granule * granule;
}

/* Bytes by which the buffer of an end must be larger than one transfer. */
static inline uint64_t xb_transfer_room(const struct xb_case *c, enum xb_role role)
{
    return xb_transfer_step(c) * (role == XB_ROLE_SRC ? XB_TURN_SRC_STEPS : XB_TURN_DST_STEPS);
}

/* The same of a lane of it. */
static inline uint64_t xb_transfer_room_of(const struct xb_transfer *t, enum xb_role role)
{
    return t->one_place ? 0 : xb_transfer_room(t->c, role);
}

/* Bytes of memory, gaps between blocks included, that transfers may reach of a buffer. */
static inline uint64_t xb_transfer_span(const struct xb_case *c, enum xb_role role)
{
    struct xb_layout layout = xb_case_layout(c, role == XB_ROLE_SRC);
    uint64_t bytes = c->bytes + xb_transfer_room(c, role);
    return xb_layout_span(&layout, role == XB_ROLE_DST ? bytes / xb_case_shrinks(c) : bytes);
}

/* First byte of transfer i of those that are posted together, where it is one piece. Where
 * bytes become fewer on their way, places in the destination lie closer by as much. */
static inline const unsigned char *xb_transfer_src(const struct xb_transfer *t, int i)
{
    return t->src + xb_turn_src(&t->turn, i);
}

static inline unsigned char *xb_transfer_dst(const struct xb_transfer *t, int i)
{
    return t->dst + xb_turn_dst(&t->turn, i) / xb_case_shrinks(t->c);
}

/* What the two ends of a lane tell each other between open and prepare. */
#define XB_CARD_LEN 192
struct xb_card {
    unsigned char data[XB_CARD_LEN];
};

/* Memory that a rank needs, in bytes: of its GPU, of the host, of the host shared between
 * ranks, and managed. */
struct xb_needs {
    uint64_t device, host, shared, managed;
};

#endif
