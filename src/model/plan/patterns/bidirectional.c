/* bidirectional.c - a path and its reverse at the same time. */
#include "model/plan/patterns/patterns.h"

static int bidirectional_lanes(const struct xb_path *path, const struct xb_job *job,
                               struct xb_lanes *out, struct xb_error *err)
{
    struct xb_lane lane;

    if (xb_pattern_first_lane(path, job, &lane, err) != 0)
        return 1;
    out->count = 2;
    out->chains = 2;
    out->lane[0] = lane;
    out->lane[1] = xb_pattern_lane_back(&lane);
    out->lane[1].chain = 1;
    return 0;
}

const struct xb_pattern xb_pattern_bidirectional = {
    .name = "bidirectional",
    .summary = "one path in both directions at the same time",
    .metric = XB_METRIC_BANDWIDTH,
    .lanes = bidirectional_lanes,
};
