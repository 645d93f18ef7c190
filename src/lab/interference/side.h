/* SPDX-License-Identifier: BSD-3-Clause */
/* side.h - one of two activities that are measured together: it does one unit of its work
 * behind another until it is told to stop, and notes when each was complete.
 */
#ifndef XB_LAB_INTERFERENCE_SIDE_H
#define XB_LAB_INTERFERENCE_SIDE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "engine/devices/device.h"
#include "model/figures/progress.h"

/* What a side does. All give XB_GO, XB_ERROR with the reason, or XB_TIMED_OUT. */
struct xb_side_work {
    void *ctx;
    /* Before the first unit; NULL for nothing. */
    int (*begin)(void *ctx, struct xb_error *err);
    /* One unit. */
    int (*unit)(void *ctx, struct xb_error *err);
    /* Behind the last: wait for what is still under way; NULL for nothing. */
    int (*end)(void *ctx, struct xb_error *err);
};

struct xb_side {
    struct xb_side_work work;
    const struct xb_device *device;
    pthread_t thread;
    double begin_us, *done_us;
    size_t n, capacity;
    atomic_size_t complete; /* units, for who looks on */
    atomic_bool stop, failed;
    int rc;
    struct xb_error why;
};

/* Forget what was noted before. */
void xb_side_reset(struct xb_side *side);

/* Begin, one unit, and end, on the calling thread. */
int xb_side_begin(struct xb_side *side, struct xb_error *err);
int xb_side_unit(struct xb_side *side, struct xb_error *err);
int xb_side_end(struct xb_side *side, struct xb_error *err);

/* Do all of it on a thread of its own until join, which waits for the unit that is under way
 * and gives what it came to. Its complete and failed may be looked at meanwhile. 0 or -1. */
int xb_side_start(struct xb_side *side, struct xb_error *err);
int xb_side_join(struct xb_side *side, struct xb_error *err);

/* What was noted; it belongs to the side. */
struct xb_progress xb_side_progress(const struct xb_side *side);

void xb_side_free(struct xb_side *side);

#endif
