/* stream.c - one path, one direction, one transfer after another. */
#include "model/plan/patterns/patterns.h"

static int stream_lanes(const struct xb_path *path, const struct xb_job *job,
                        struct xb_lanes *out, struct xb_error *err)
{
    struct xb_lane lane;

    if (xb_pattern_first_lane(path, job, &lane, err) != 0)
        return 1;
    out->count = 1;
    out->chains = 1;
    out->lane[0] = lane;
    return 0;
}

const struct xb_pattern xb_pattern_stream = {
    .name = "stream",
    .summary = "one path in one direction",
    .metric = XB_METRIC_BANDWIDTH,
    .lanes = stream_lanes,
};
