/* pingpong.c - a path there and back, each transfer waiting for the one before. */
#include "model/plan/patterns/patterns.h"

static int pingpong_lanes(const struct xb_path *path, const struct xb_job *job,
                          struct xb_lanes *out, struct xb_error *err)
{
    struct xb_lane lane;

    if (xb_pattern_first_lane(path, job, &lane, err) != 0)
        return 1;
    out->count = 2;
    out->chains = 1;
    out->lane[0] = lane;
    out->lane[1] = xb_pattern_lane_back(&lane);
    out->lane[1].step = 1;
    return 0;
}

const struct xb_pattern xb_pattern_pingpong = {
    .name = "pingpong",
    .summary = "there and back in turn, for the time of one way",
    .metric = XB_METRIC_LATENCY,
    .lanes = pingpong_lanes,
};
