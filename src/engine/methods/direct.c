/* SPDX-License-Identifier: BSD-3-Clause */
/* direct.c - one copy within a rank: host to GPU, GPU to host, within the GPU, and host to host
 * as the baseline. Blocks are submitted in the ways that pipeline/submission.h has. */
#include "engine/methods/method.h"
#include "engine/methods/direct_spec.h"

#include <stdlib.h>
#include <string.h>

#include "engine/pipeline/submission.h"

struct direct {
    const struct xb_transfer *t;
    bool on_host; /* both ends: the calling thread copies, and is done when it returns */
    struct xb_event *event;
    struct xb_submission *blocks; /* NULL where a transfer is one copy */
};

static enum xb_mem_kind direct_memory(const struct xb_case *c, struct xb_endpoint e,
                                      enum xb_role role)
{
    const struct xb_direct_options *o = xb_case_options(c);

    (void)role;
    if (e.kind == XB_GPU)
        return XB_MEM_DEVICE;
    return o->memory == XB_HOST_PINNED ? XB_MEM_PINNED : XB_MEM_PAGEABLE;
}

/* The GPU that is an end. */
static int direct_gpu(const struct xb_transfer *t)
{
    const struct xb_path *path = &t->lane->path;
    return path->src.kind == XB_GPU ? path->src.index : path->dst.index;
}

static bool is_on_host(const struct xb_transfer *t)
{
    return t->lane->path.src.kind == XB_HOST && t->lane->path.dst.kind == XB_HOST;
}

static struct xb_submitter submitter_of(const struct xb_transfer *t)
{
    const struct xb_direct_options *o = xb_case_options(t->c);

    return (struct xb_submitter){.gpu = direct_gpu(t),
                                 .on_host = is_on_host(t),
                                 .addresses = o->memory == XB_HOST_PINNED,
                                 .dst = t->dst,
                                 .src = t->src};
}

static int direct_probe(const struct xb_transfer *t, struct xb_error *err)
{
    const struct xb_submitter by = submitter_of(t);
    int rc = xb_method_supports(t, err);

    return rc == XB_GO && xb_case_is_submitted(t->c) ? xb_submission_probe(t, &by, err) : rc;
}

static void direct_needs(const struct xb_transfer *t, struct xb_needs *needs)
{
    if (xb_case_is_submitted(t->c))
        xb_submission_needs(t, needs);
}

static void direct_close(void *ctx)
{
    struct direct *d = ctx;

    xb_submission_close(d->blocks);
    if (d->event)
        d->t->device->event_close(d->event);
    free(d);
}

static int direct_open(const struct xb_transfer *t, void **ctx, struct xb_card *card,
                       struct xb_error *err)
{
    struct direct *d = calloc(1, sizeof *d);

    (void)card;
    if (!d)
        return xb_fail(err, "out of memory");
    d->t = t;
    d->on_host = is_on_host(t);
    const struct xb_submitter by = submitter_of(t);
    int rc = xb_case_is_submitted(t->c) ? xb_submission_open(t, &by, &d->blocks, err)
             : d->on_host               ? 0
                                        : t->device->event_open(false, by.gpu, &d->event, err);
    if (rc < 0) {
        direct_close(d);
        return XB_ERROR;
    }
    *ctx = d;
    return XB_GO;
}

static int direct_post(void *ctx, int n, struct xb_error *err)
{
    struct direct *d = ctx;
    const struct xb_transfer *t = d->t;

    if (d->blocks)
        return xb_submission_post(d->blocks, n, err);
    for (int i = 0; i < n; i++)
        if (d->on_host)
            memcpy(xb_transfer_dst(t, i), xb_transfer_src(t, i), t->c->bytes);
        else if (t->device->copy(xb_transfer_dst(t, i), xb_transfer_src(t, i), t->c->bytes,
                                 t->stream, err) < 0)
            return -1;
    return d->on_host ? 0 : t->device->event_record(d->event, t->stream, err);
}

static int direct_wait(void *ctx, struct xb_error *err)
{
    struct direct *d = ctx;

    if (d->blocks)
        return xb_submission_done(d->blocks, err);
    return d->on_host ? 1 : d->t->device->event_done(d->event, err);
}

static bool direct_starts_in_wait(const struct xb_case *c)
{
    return xb_case_layout_options(c)->submission == XB_SUBMIT_PACK;
}

const struct xb_method xb_method_direct = {
    .spec = XB_DIRECT_SPEC,
    .starts_in_wait = direct_starts_in_wait,
    .gpu = direct_gpu,
    .memory = direct_memory,
    .probe = direct_probe,
    .needs = direct_needs,
    .open = direct_open,
    .post = direct_post,
    .wait = direct_wait,
    .close = direct_close,
};
