/* host_staged.c - through a ring of host memory in chunks: device -> ring -> device, by the
 * copy engines. depth 1 with chunk = size is the lockstep transfer. */
#include "engine/methods/method.h"
#include "engine/methods/host_staged_spec.h"
#include "engine/pipeline/ring_lane.h"

static int staged_probe(const struct xb_transfer *t, struct xb_error *err)
{
    int rc = xb_method_supports(t, err);
    return rc == XB_GO ? xb_ring_lane_probe(t, err) : rc;
}

static int staged_open(const struct xb_transfer *t, void **ctx, struct xb_card *card,
                       struct xb_error *err)
{
    const struct xb_host_staged_options *o = xb_case_options(t->c);
    struct xb_ring_lane_options ring = {.pinned = o->memory == XB_HOST_STAGED_PINNED};

    return xb_ring_lane_open(t, &ring, ctx, card, err);
}

const struct xb_method xb_method_host_staged = {
    .spec = XB_HOST_STAGED_SPEC,
    .probe = staged_probe,
    .needs = xb_ring_lane_needs,
    .open = staged_open,
    .prepare = xb_ring_lane_prepare,
    .post = xb_ring_lane_post,
    .wait = xb_ring_lane_wait,
    .staging = xb_ring_lane_staging,
    .pipeline = xb_ring_lane_pipeline,
    .close = xb_ring_lane_close,
};
