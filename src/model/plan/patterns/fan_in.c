/* SPDX-License-Identifier: BSD-3-Clause */
/* fan_in.c - all others send to one rank at the same time, in a round for each rank. */
#include "model/plan/job_lanes.h"
#include "model/plan/patterns/patterns.h"

static int fan_in_round(const struct xb_path *path, const struct xb_job *job, size_t i,
                        struct xb_round *out)
{
    return xb_job_star_round(path, job, i, true, out);
}

const struct xb_pattern xb_pattern_fan_in = {
    .name = "fan-in",
    .summary = "all others to one rank at the same time, to each in turn",
    .metric = XB_METRIC_BANDWIDTH,
    .rounds = xb_job_star_rounds,
    .round = fan_in_round,
};
