/* SPDX-License-Identifier: BSD-3-Clause */
/* team.h - the ranks that are busy in one round of a case, and what they agree on.
 *
 * Messages go between those alone, along a tree whose root is the first member. Members call
 * the functions in the same order. A rank that waits lets others run where ranks share cores; a
 * rank that never comes is found by the watchdog.
 */
#ifndef XB_ENGINE_MEASURE_TEAM_H
#define XB_ENGINE_MEASURE_TEAM_H

#include <stdbool.h>
#include <stddef.h>

#include <mpi.h>

#include "base/error.h"
#include "engine/runtime/agree.h"
#include "engine/runtime/session.h"

struct xb_team {
    const struct xb_session *session;
    MPI_Comm comm; /* of the run; ranks in it are those of the world */
    int epoch;     /* part of every tag: what an earlier, failed round left is never received */
    int count;
    int *member; /* world ranks */
    int me;      /* this rank's place, or -1 */
};

/* What messages are about; see xb_tag. */
enum xb_tag_kind {
    XB_TAG_LANE,   /* a method's own */
    XB_TAG_TOKEN,  /* the turn in a chain */
    XB_TAG_STOP,   /* a rank gave up */
    XB_TAG_BEGIN,  /* the clock lets a chain begin */
    XB_TAG_END,    /* a chain is complete */
    XB_TAG_TEAM,   /* agreements */
    XB_TAG_RESULT, /* to rank 0 */
    XB_TAG_GO,     /* from rank 0 */
};

/* The tag of messages of a kind about lane or chain n. Lanes and chains of one pair of ranks
 * have numbers that follow one another, so that a thousand different ones keep them apart. */
int xb_tag(int epoch, enum xb_tag_kind kind, int n);

/* Combine two values of the same size; the order in which values are combined is not fixed. */
typedef void (*xb_combine)(void *into, const void *from, size_t bytes);

#define XB_TEAM_VALUE_MAX 4096 /* bytes */

/* Every member brings a value; all end with the combination of all. */
void xb_team_combine(const struct xb_team *team, void *value, size_t bytes, xb_combine combine);

/* Does any member say so? The same on all. */
bool xb_team_any(const struct xb_team *team, bool mine);

/* What the first member has, on all. */
void xb_team_share(const struct xb_team *team, void *value, size_t bytes);

/* Wait until all members are here. */
void xb_team_meet(const struct xb_team *team);

/* Every member brings its outcome and, unless it is XB_GO, the reason in err; all get the worst
 * one, as xb_agree says. */
int xb_team_agree(const struct xb_team *team, int outcome, struct xb_error *err);

/* Receive exactly so many bytes from a rank, and let others run while waiting. */
void xb_team_receive(const struct xb_team *team, int from, int tag, void *value, size_t bytes);
void xb_team_send(const struct xb_team *team, int to, int tag, const void *value, size_t bytes);

#endif
