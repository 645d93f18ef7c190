/* SPDX-License-Identifier: BSD-3-Clause */
/* zero_copy.c - kernels read and write host memory that is mapped into the GPU: no copy engine
 * and no staging buffer between host and GPU, a ring of mapped memory between ranks of a node.
 *
 * Within a rank a transfer is cut as well: depth launches of a chunk each are in flight. */
#include <stdlib.h>
#include <string.h>

#include "engine/methods/method.h"
#include "engine/methods/zero_copy_spec.h"
#include "engine/pipeline/chunk_blocks.h"
#include "engine/pipeline/ring_lane.h"
#include "engine/pipeline/stages.h"

struct zero_copy {
    const struct xb_transfer *t;
    void *lane; /* between ranks; the rest is for within a rank */
    struct xb_ring cut;
    struct xb_chunk_blocks *blocks; /* NULL where a transfer is one piece */
    struct xb_event *event[XB_MAX_DEPTH];
    struct xb_pipeline pipe;
};

static int sms_of(const struct xb_case *c)
{
    const struct xb_zero_copy_options *o = xb_case_options(c);
    return (int)o->sms;
}

static struct xb_ring_lane_options ring_options(const struct xb_transfer *t)
{
    return (struct xb_ring_lane_options){
        .pinned = true, .by_kernel = true, .sms = sms_of(t->c)};
}

static int zero_copy_probe(const struct xb_transfer *t, struct xb_error *err)
{
    const struct xb_ring_lane_options o = ring_options(t);
    int rc = xb_method_supports(t, err);
    if (rc == XB_GO)
        rc = xb_method_has_sms(t, 0, sms_of(t->c), err);
    return rc == XB_GO ? xb_ring_lane_probe(t, &o, err) : rc;
}

static void zero_copy_needs(const struct xb_transfer *t, struct xb_needs *needs)
{
    if (t->lane->path.locality != XB_SELF)
        xb_ring_lane_needs(t, needs);
    else if (xb_case_is_submitted(t->c))
        xb_chunk_blocks_needs(t, needs);
}

static int chunk_start(void *ctx, uint64_t k, struct xb_error *err)
{
    struct zero_copy *z = ctx;
    const struct xb_transfer *t = z->t;
    uint64_t at = xb_ring_offset(&z->cut, k);
    int i = xb_ring_transfer(&z->cut, k);

    int rc = z->blocks ? xb_chunk_blocks_start(z->blocks, k, err)
                       : t->device->launch_copy(
                             xb_transfer_dst(t, i) + at, xb_transfer_src(t, i) + at,
                             xb_ring_chunk_bytes(&z->cut, k), 1, sms_of(t->c), t->stream, err);
    if (rc < 0)
        return -1;
    return t->device->event_record(z->event[k % z->cut.depth], t->stream, err);
}

static int chunk_test(void *ctx, uint64_t k, struct xb_error *err)
{
    struct zero_copy *z = ctx;
    return z->t->device->event_done(z->event[k % z->cut.depth], err);
}

static void zero_copy_close(void *ctx)
{
    struct zero_copy *z = ctx;

    if (z->lane)
        xb_ring_lane_close(z->lane);
    xb_chunk_blocks_close(z->blocks);
    for (int i = 0; i < XB_MAX_DEPTH; i++)
        if (z->event[i])
            z->t->device->event_close(z->event[i]);
    free(z);
}

static int open_within(struct zero_copy *z, struct xb_error *err)
{
    z->cut = xb_ring_make(z->t->c);
    z->pipe.depth = z->cut.depth;
    xb_pipeline_add(&z->pipe,
                    (struct xb_stage){
                        .name = "kernel", .ctx = z, .start = chunk_start, .test = chunk_test});
    for (uint64_t i = 0; i < z->cut.depth; i++)
        if (z->t->device->event_open(false, 0, &z->event[i], err) < 0)
            return -1;
    const struct xb_chunk_copier by = {
        .by_kernel = true, .addresses = true, .sms = sms_of(z->t->c), .stream = z->t->stream};
    return xb_case_is_submitted(z->t->c)
               ? xb_chunk_blocks_open(z->t, &z->cut, z->t->roles, &by, &z->blocks, err)
               : 0;
}

static int zero_copy_open(const struct xb_transfer *t, void **ctx, struct xb_card *card,
                          struct xb_error *err)
{
    const struct xb_ring_lane_options o = ring_options(t);
    struct zero_copy *z = calloc(1, sizeof *z);

    if (!z)
        return xb_fail(err, "out of memory");
    z->t = t;
    int rc = t->lane->path.locality == XB_SELF ? open_within(z, err)
                                               : xb_ring_lane_open(t, &o, &z->lane, card, err);
    if (rc != XB_GO) {
        zero_copy_close(z);
        return rc;
    }
    *ctx = z;
    return XB_GO;
}

static int zero_copy_prepare(void *ctx, const struct xb_card *peer, struct xb_error *err)
{
    struct zero_copy *z = ctx;
    return z->lane ? xb_ring_lane_prepare(z->lane, peer, err) : XB_GO;
}

static int zero_copy_post(void *ctx, int n, struct xb_error *err)
{
    struct zero_copy *z = ctx;

    if (z->lane)
        return xb_ring_lane_post(z->lane, n, err);
    xb_ring_post(&z->cut, n);
    xb_pipeline_post(&z->pipe, (uint64_t)n * z->cut.chunks_per_op);
    return xb_pipeline_progress(&z->pipe, err) < 0 ? -1 : 0;
}

static int zero_copy_wait(void *ctx, struct xb_error *err)
{
    struct zero_copy *z = ctx;
    return z->lane ? xb_ring_lane_wait(z->lane, err) : xb_pipeline_progress(&z->pipe, err);
}

static bool zero_copy_staging(void *ctx, struct xb_mem *out)
{
    struct zero_copy *z = ctx;
    return z->lane && xb_ring_lane_staging(z->lane, out);
}

static struct xb_pipeline *zero_copy_pipeline(void *ctx)
{
    struct zero_copy *z = ctx;
    return z->lane ? xb_ring_lane_pipeline(z->lane) : &z->pipe;
}

const struct xb_method xb_method_zero_copy = {
    .spec = XB_ZERO_COPY_SPEC,
    .probe = zero_copy_probe,
    .needs = zero_copy_needs,
    .open = zero_copy_open,
    .prepare = zero_copy_prepare,
    .post = zero_copy_post,
    .wait = zero_copy_wait,
    .staging = zero_copy_staging,
    .pipeline = zero_copy_pipeline,
    .close = zero_copy_close,
};
