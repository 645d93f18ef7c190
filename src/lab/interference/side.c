/* SPDX-License-Identifier: BSD-3-Clause */
/* side.c - one of two activities that are measured together. */
#include "lab/interference/side.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "engine/runtime/agree.h"
#include "engine/runtime/clock.h"

void xb_side_reset(struct xb_side *side)
{
    side->n = 0;
    side->rc = XB_GO;
    atomic_store(&side->complete, 0);
    atomic_store(&side->stop, false);
    atomic_store(&side->failed, false);
}

int xb_side_begin(struct xb_side *side, struct xb_error *err)
{
    int rc = side->work.begin ? side->work.begin(side->work.ctx, err) : XB_GO;

    side->begin_us = xb_clock_us();
    return rc;
}

int xb_side_unit(struct xb_side *side, struct xb_error *err)
{
    if (side->n == side->capacity) {
        size_t capacity = side->capacity ? 2 * side->capacity : 256;
        double *more = realloc(side->done_us, capacity * sizeof *more);
        if (!more)
            return xb_fail(err, "out of memory");
        side->done_us = more;
        side->capacity = capacity;
    }
    int rc = side->work.unit(side->work.ctx, err);
    if (rc != XB_GO)
        return rc;
    side->done_us[side->n++] = xb_clock_us();
    atomic_store(&side->complete, side->n);
    return XB_GO;
}

int xb_side_end(struct xb_side *side, struct xb_error *err)
{
    return side->work.end ? side->work.end(side->work.ctx, err) : XB_GO;
}

static void *go_on(void *arg)
{
    struct xb_side *side = arg;
    int rc = XB_GO;

    if (side->device->enter && side->device->enter(&side->why) < 0)
        rc = XB_ERROR;
    if (rc == XB_GO)
        rc = xb_side_begin(side, &side->why);
    while (rc == XB_GO && !atomic_load(&side->stop))
        rc = xb_side_unit(side, &side->why);
    if (rc == XB_GO)
        rc = xb_side_end(side, &side->why);
    side->rc = rc;
    atomic_store(&side->failed, rc != XB_GO);
    return NULL;
}

/* Signals are for the threads that the program itself has. */
int xb_side_start(struct xb_side *side, struct xb_error *err)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&side->thread, NULL, go_on, side);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc == 0 ? 0 : xb_fail(err, "a second thread does not start: %s", strerror(rc));
}

int xb_side_join(struct xb_side *side, struct xb_error *err)
{
    atomic_store(&side->stop, true);
    pthread_join(side->thread, NULL);
    if (side->rc != XB_GO)
        *err = side->why;
    return side->rc;
}

struct xb_progress xb_side_progress(const struct xb_side *side)
{
    return (struct xb_progress){side->begin_us, side->done_us, side->n};
}

void xb_side_free(struct xb_side *side)
{
    free(side->done_us);
    side->done_us = NULL;
}
