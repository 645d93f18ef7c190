/* pipeline.c - chunks that pass through stages, so many in flight at once. */
#include "engine/pipeline.h"

void xb_pipeline_add(struct xb_pipeline *p, struct xb_stage stage)
{
    p->stage[p->nstages++] = stage;
}

void xb_pipeline_post(struct xb_pipeline *p, uint64_t chunks)
{
    p->total += chunks;
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
        p->done[i]++;
    }
    return 0;
}

static int start_some(struct xb_pipeline *p, int i, struct xb_error *err)
{
    const struct xb_stage *s = &p->stage[i];

    for (uint64_t limit = admitted(p, i); p->started[i] < limit; p->started[i]++)
        if (s->start && s->start(s->ctx, p->started[i], err) < 0)
            return -1;
    return 0;
}

int xb_pipeline_progress(struct xb_pipeline *p, struct xb_error *err)
{
    /* each stage finishes before the next starts, so a chunk can pass all stages in one call */
    for (int i = 0; i < p->nstages; i++)
        if (start_some(p, i, err) < 0 || finish_some(p, i, err) < 0)
            return -1;
    return p->done[p->nstages - 1] == p->total;
}
