/* SPDX-License-Identifier: BSD-3-Clause */
/* neighbour.c - an application's own traffic: the lanes that a case lists, all at once, each
 * with its own bytes. A path within nodes takes the lanes within nodes, and one between nodes
 * those between them. */
#include "model/plan/job_lanes.h"
#include "model/plan/patterns/patterns.h"
#include "model/plan/traffic.h"

static int neighbour_round(const struct xb_traffic *traffic, const struct xb_path *path,
                           const struct xb_job *job, struct xb_round *out)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < traffic->count; i++) {
        const struct xb_traffic_lane *listed = &traffic->lane[i];
        if (xb_traffic_locality(listed, job) != path->locality)
            continue;
        struct xb_lane lane = xb_job_lane(path, job, listed->src, listed->dst, out);
        lane.bytes = listed->bytes;
        rc = xb_round_add(out, &lane);
    }
    return rc;
}

const struct xb_pattern xb_pattern_neighbour = {
    .name = "neighbour",
    .summary = "an application's own traffic: a list of lanes, all at the same time",
    .metric = XB_METRIC_BANDWIDTH,
    .of_traffic = neighbour_round,
};
