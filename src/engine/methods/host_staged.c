/* SPDX-License-Identifier: BSD-3-Clause */
/* host_staged.c - through a ring of host memory in chunks: device -> ring -> device, by the
 * copy engines, and between a host's buffer and the ring by threads, which may work on the
 * chunks there too. depth 1 with chunk = size is the lockstep transfer. */
#include "engine/methods/method.h"
#include "engine/methods/host_staged_spec.h"
#include "engine/pipeline/copiers.h"
#include "engine/pipeline/ring_lane.h"

static enum xb_mem_kind staged_memory(const struct xb_case *c, struct xb_endpoint e,
                                      enum xb_role role)
{
    const struct xb_host_staged_options *o = xb_case_options(c);

    (void)role;
    if (e.kind == XB_GPU)
        return XB_MEM_DEVICE;
    return c->path.locality == XB_SELF && o->host_memory == XB_HOST_PAGEABLE ? XB_MEM_PAGEABLE
                                                                             : XB_MEM_PINNED;
}

static struct xb_ring_lane_options ring_options(const struct xb_transfer *t)
{
    const struct xb_host_staged_options *o = xb_case_options(t->c);

    _Static_assert(XB_HOST_STAGED_THREADS <= XB_MAX_COPIERS, "as many as can be started");
    return (struct xb_ring_lane_options){.pinned = o->memory == XB_HOST_PINNED,
                                         .threads = (int)o->threads,
                                         .stores = (enum xb_stores)o->stores};
}

static int staged_probe(const struct xb_transfer *t, struct xb_error *err)
{
    const struct xb_host_staged_options *o = xb_case_options(t->c);
    const struct xb_path *path = &t->lane->path;
    bool between_gpus = path->src.kind != XB_HOST && path->dst.kind != XB_HOST;
    int rc = xb_method_supports(t, err), threads = (int)o->threads;

    if (rc != XB_GO)
        return rc;
    if (threads > 1 && between_gpus && o->process == XB_CHUNK_AS_IS)
        xb_fail(err, "threads %d: between GPUs no thread copies, expected 1", threads);
    else if (threads > t->c->depth && o->process != XB_CHUNK_AS_IS)
        xb_fail(err, "threads %d: a ring of depth %d keeps no more than %d at work", threads,
                t->c->depth, t->c->depth);
    else if (o->stores == XB_STORES_STREAMING && between_gpus)
        xb_fail(err,
                "stores streaming: between GPUs no processor copies, expected stores cached");
    else if (o->stores == XB_STORES_STREAMING && !xb_host_copy_streams())
        xb_fail(err, "stores streaming: this build has no stores past the caches, expected "
                     "stores cached");
    else {
        const struct xb_ring_lane_options ring = ring_options(t);
        return xb_ring_lane_probe(t, &ring, err);
    }
    return XB_SKIP;
}

static int staged_open(const struct xb_transfer *t, void **ctx, struct xb_card *card,
                       struct xb_error *err)
{
    const struct xb_ring_lane_options ring = ring_options(t);

    return xb_ring_lane_open(t, &ring, ctx, card, err);
}

const struct xb_method xb_method_host_staged = {
    .spec = XB_HOST_STAGED_SPEC,
    .memory = staged_memory,
    .probe = staged_probe,
    .needs = xb_ring_lane_needs,
    .open = staged_open,
    .prepare = xb_ring_lane_prepare,
    .post = xb_ring_lane_post,
    .wait = xb_ring_lane_wait,
    .staging = xb_ring_lane_staging,
    .checksum = xb_ring_lane_checksum,
    .pipeline = xb_ring_lane_pipeline,
    .close = xb_ring_lane_close,
};
