/* SPDX-License-Identifier: BSD-3-Clause */
/* pipeline.c - chunks that pass through stages, so many in flight at once. */
#include "engine/pipeline/pipeline.h"

#include <stddef.h>

#include "engine/runtime/clock.h"

void xb_pipeline_add(struct xb_pipeline *p, struct xb_stage stage)
{
    p->stage[p->nstages++] = stage;
}

void xb_pipeline_post(struct xb_pipeline *p, uint64_t chunks)
{
    p->total += chunks;
}

/* Where the times of chunk k in stage i go; NULL where nobody looks. */
static struct xb_mark *mark_of(const struct xb_pipeline *p, int i, uint64_t k)
{
    const struct xb_timeline *t = p->timeline;

    if (!t || k < t->first || k - t->first >= t->room)
        return NULL;
    return &t->mark[(uint64_t)i * t->room + k - t->first];
}

/* Chunks that may have entered stage i by now. */
static uint64_t admitted(const struct xb_pipeline *p, int i)
{
    if (i > 0)
        return p->done[i - 1];
    uint64_t limit = p->done[p->nstages - 1] + p->depth;
    return limit < p->total ? limit : p->total;
}

static int finish_some(struct xb_pipeline *p, int i, struct xb_error *err)
{
    const struct xb_stage *s = &p->stage[i];

    while (p->done[i] < p->started[i]) {
        int rc = s->test ? s->test(s->ctx, p->done[i], err) : 1;
        if (rc <= 0)
            return rc;
        struct xb_mark *mark = mark_of(p, i, p->done[i]);
        if (mark)
            mark->done_us = xb_clock_us();
        p->done[i]++;
    }
    return 0;
}

/* Start one chunk, if one may enter: 1, 0 where none may, or -1. */
static int start_one(struct xb_pipeline *p, int i, struct xb_error *err)
{
    const struct xb_stage *s = &p->stage[i];

    if (p->started[i] >= admitted(p, i))
        return 0;
    struct xb_mark *mark = mark_of(p, i, p->started[i]);
    if (mark)
        mark->start_us = xb_clock_us();
    if (s->start && s->start(s->ctx, p->started[i], err) < 0)
        return -1;
    if (mark)
        mark->back_us = xb_clock_us();
    p->started[i]++;
    return 1;
}

/* One chunk at a time through all stages: starting one may be what takes the time, and the next
 * stage must not wait for more than the chunk that it gets. 1 when something was started. */
static int advance(struct xb_pipeline *p, struct xb_error *err)
{
    int any = 0;

    for (int i = 0; i < p->nstages; i++) {
        int rc = start_one(p, i, err);
        if (rc < 0 || finish_some(p, i, err) < 0)
            return -1;
        any |= rc;
    }
    return any;
}

int xb_pipeline_progress(struct xb_pipeline *p, struct xb_error *err)
{
    /* so often that all that may be in flight is; then the owner looks at the clock again */
    for (uint64_t round = 0; round < p->depth; round++) {
        int rc = advance(p, err);
        if (rc < 0)
            return -1;
        if (rc == 0)
            break;
    }
    return p->done[p->nstages - 1] == p->total;
}
