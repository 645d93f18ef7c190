/* direct.c - one copy within a rank: host to GPU, GPU to host, within the GPU, and host to host
 * as the baseline. */
#include "engine/methods/method.h"
#include "engine/methods/direct_spec.h"

#include <stdlib.h>
#include <string.h>

struct direct {
    const struct xb_transfer *t;
    bool on_host; /* both ends: the calling thread copies, and is done when it returns */
    struct xb_event *event;
};

static enum xb_mem_kind direct_memory(const struct xb_case *c, struct xb_endpoint e,
                                      enum xb_role role)
{
    const struct xb_direct_options *o = xb_case_options(c);

    (void)role;
    if (e.kind == XB_GPU)
        return XB_MEM_DEVICE;
    return o->memory == XB_DIRECT_PINNED ? XB_MEM_PINNED : XB_MEM_PAGEABLE;
}

/* The GPU that is an end. */
static int direct_gpu(const struct xb_transfer *t)
{
    const struct xb_path *path = &t->lane->path;
    return path->src.kind == XB_GPU ? path->src.index : path->dst.index;
}

static int direct_open(const struct xb_transfer *t, void **ctx, struct xb_card *card,
                       struct xb_error *err)
{
    struct direct *d = calloc(1, sizeof *d);

    (void)card;
    if (!d)
        return xb_fail(err, "out of memory");
    d->t = t;
    d->on_host = t->lane->path.src.kind == XB_HOST && t->lane->path.dst.kind == XB_HOST;
    if (!d->on_host && t->device->event_open(false, direct_gpu(t), &d->event, err) < 0) {
        free(d);
        return XB_ERROR;
    }
    *ctx = d;
    return XB_GO;
}

static int direct_post(void *ctx, int n, struct xb_error *err)
{
    struct direct *d = ctx;
    const struct xb_transfer *t = d->t;

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
    return d->on_host ? 1 : d->t->device->event_done(d->event, err);
}

static void direct_close(void *ctx)
{
    struct direct *d = ctx;
    if (d->event)
        d->t->device->event_close(d->event);
    free(d);
}

const struct xb_method xb_method_direct = {
    .spec = XB_DIRECT_SPEC,
    .gpu = direct_gpu,
    .memory = direct_memory,
    .probe = xb_method_supports,
    .open = direct_open,
    .post = direct_post,
    .wait = direct_wait,
    .close = direct_close,
};
