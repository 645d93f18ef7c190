/* host_staged.c - through a ring of host memory in chunks: device -> ring -> device, by the
 * copy engines. depth 1 with chunk = size is the lockstep transfer. */
#include "engine/methods/method.h"
#include "engine/pipeline/ring_lane.h"

static const char *const memory_choices[] = {"pinned", "pageable", NULL};

enum { MEMORY_PINNED, MEMORY_PAGEABLE };

static const struct xb_option options[] = {
    {.name = "memory",
     .type = XB_OPTION_ENUM,
     .choices = memory_choices,
     .fallback = MEMORY_PINNED,
     .summary = "memory of the ring"},
    {0},
};

static bool is_pinned(const struct xb_case *c)
{
    return xb_case_option(c, "memory") == MEMORY_PINNED;
}

static int staged_probe(const struct xb_transfer *t, struct xb_error *err)
{
    /* host to host within a rank is what direct does */
    int rc = xb_method_supports(t, t->lane->path.locality == XB_SELF ? "gg" : "gg hh",
                                1u << XB_SELF | 1u << XB_NODE | 1u << XB_REMOTE, err);
    return rc == XB_GO ? xb_ring_lane_probe(t, err) : rc;
}

static int staged_open(const struct xb_transfer *t, void **ctx, struct xb_card *card,
                       struct xb_error *err)
{
    struct xb_ring_lane_options o = {.pinned = is_pinned(t->c)};
    return xb_ring_lane_open(t, &o, ctx, card, err);
}

const struct xb_method xb_method_host_staged = {
    .spec = {.name = "host-staged",
             .summary = "through a ring of host memory, in chunks",
             .options = options,
             .flags = XB_METHOD_CHUNKED | XB_METHOD_VIA_HOST,
             .default_chunk = 4 << 20,
             .default_depth = 3},
    .probe = staged_probe,
    .needs = xb_ring_lane_needs,
    .open = staged_open,
    .prepare = xb_ring_lane_prepare,
    .post = xb_ring_lane_post,
    .wait = xb_ring_lane_wait,
    .pipeline = xb_ring_lane_pipeline,
    .close = xb_ring_lane_close,
};
