/* SPDX-License-Identifier: BSD-3-Clause */
/* xfer_internal.h - the parts of the library face: transfers within a rank, made by a method
 * between memory that the engine did not allocate. */
#ifndef XB_LIBRARY_XFER_INTERNAL_H
#define XB_LIBRARY_XFER_INTERNAL_H

#include <stdbool.h>
#include <stdio.h>

#include "engine/measure/lane_run.h"
#include "engine/runtime/session.h"
#include "model/policy/policy.h"
#include "xfer.h"

struct xb_xfer_buffer {
    void *ptr; /* NULL: the place is free */
    uint64_t bytes;
    struct xb_endpoint endpoint;
    enum xb_mem_kind kind;
    bool registered_here; /* with the device */
    uint32_t generation;  /* of the place: a handle of an earlier one is no longer good */
};

/* Where a transfer begins and ends. */
struct xb_xfer_end {
    void *ptr; /* of the whole buffer */
    uint64_t buffer_bytes;
    uint64_t offset; /* of what map counts from */
    struct xb_endpoint endpoint;
    enum xb_mem_kind kind;
    struct xb_block_map map; /* how the bytes lie from there on; all zero for one piece */
};

/* What is to be moved. */
struct xb_xfer_move {
    struct xb_xfer_end dst, src;
    uint64_t bytes;        /* of all blocks */
    struct xb_shape shape; /* in words of policies; how far blocks are apart say the maps */
};

/* A transfer with all that its method needs, as long as it is open. run and c point into it, so
 * it must stay where it is. */
struct xb_xfer_lane {
    bool is_open;
    bool replaced;          /* the policy's choice is not what is done */
    struct xb_choice asked; /* that choice; without a method where no rule matches */
    struct xb_case c;       /* what is done */
    struct xb_lane_run run; /* of the engine: this rank is both its ends */
};

/* The arguments of a transfer. One piece is one block. */
struct xb_xfer_call {
    struct xfer_place dst, src;
    struct xfer_blocks blocks;
};

struct xfer {
    struct xb_session session;
    struct xb_policy policy;
    struct xb_xfer_buffer *buffers;
    size_t nbuffers;
    struct xb_xfer_call last; /* of the lane; its lists are owned */
    struct xb_xfer_lane lane;
    struct xfer_stats *stats;
    size_t nstats;
};

/* Hand an error to the caller; returns -1. */
static inline int xb_xfer_give_error(const struct xb_error *from, struct xfer_error *to)
{
    if (to)
        snprintf(to->text, sizeof to->text, "%s", from->text);
    return -1;
}

/* Make the rank's GPU current, whatever the calling thread has used. 0 or -1. */
static inline int xb_xfer_enter(const struct xfer *x, struct xb_error *err)
{
    const struct xb_device *dev = x->session.device;
    return dev->enter ? dev->enter(err) : 0;
}

/* ---- xfer_buffers.c ---- */

/* The buffer of a handle; NULL where it is not registered. */
struct xb_xfer_buffer *xb_xfer_find_buffer(const struct xfer *x, xfer_buffer handle);

/* Fail with what is no buffer: "the source". */
int xb_xfer_no_buffer(const char *which, xfer_buffer handle, struct xb_error *err);

/* Give a buffer back to its owner. */
void xb_xfer_forget_buffer(struct xfer *x, struct xb_xfer_buffer *buffer);

/* ---- xfer_call.c ---- */

/* Do both ask for the same, list by list? */
bool xb_xfer_same_call(const struct xb_xfer_call *a, const struct xb_xfer_call *b);

/* Keep a call that is good in place of the one before, whose lane is closed; the maps of its
 * move then point into lists of the library's own. 0 or -1. */
int xb_xfer_keep_call(struct xfer *x, const struct xb_xfer_call *call,
                      struct xb_xfer_move *move, struct xb_error *err);

/* Close the lane that is kept, and forget its arguments. */
void xb_xfer_forget_call(struct xfer *x);

/* ---- xfer_blocks.c ---- */

/* Let blocks lie in the two ends of a move, which are filled in but for their maps, and whose
 * offsets are where blocks count from. Fills in the rest of move, whose maps point to the
 * blocks' lists. Refuses too many of them, those that do not fit, and those that overlap. 0 or
 * -1. */
int xb_xfer_blocks_lay(const struct xfer_blocks *blocks, struct xb_xfer_move *move,
                       struct xb_error *err);

/* ---- xfer_stats.c ---- */

/* The entry of a move's path and size class, made if need be; NULL when out of memory. */
struct xfer_stats *xb_xfer_stats_find(struct xfer *x, const struct xb_xfer_move *move);

/* Count one that was made. */
void xb_xfer_stats_count(struct xfer_stats *s, uint64_t bytes, double us, bool replaced);

/* ---- xfer_lane.c ---- */

/* Find a method for a transfer: the policy's choice if it can work on these buffers, else what
 * stands for it. Fills all of lane but what opening makes. -1 with the reason where no method
 * does the path. */
int xb_xfer_lane_choose(const struct xb_session *session, struct xb_policy *policy,
                        const struct xb_xfer_move *move, struct xb_xfer_lane *lane,
                        struct xb_error *err);

/* Open what was chosen; on failure nothing is left behind. */
int xb_xfer_lane_open(struct xb_xfer_lane *lane, struct xb_error *err);

/* Transfer once and wait for it. After a failure the lane must be closed. */
int xb_xfer_lane_run(struct xb_xfer_lane *lane, struct xb_error *err);

/* Close a lane; broken: a transfer on it has failed. One that is not open is allowed. */
void xb_xfer_lane_close(struct xb_xfer_lane *lane, bool broken);

#endif
