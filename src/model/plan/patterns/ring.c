/* SPDX-License-Identifier: BSD-3-Clause */
/* ring.c - every rank sends to the next one and receives from the one before, all at once. */
#include "model/plan/job_lanes.h"
#include "model/plan/patterns/patterns.h"

static int ring_rounds(const struct xb_path *path, const struct xb_job *job, size_t *count,
                       struct xb_error *err)
{
    struct xb_node_ranks by;
    int rc = xb_job_lanes_open(path, job, &by, err);

    *count = 1;
    if (rc == 0)
        xb_node_ranks_close(&by);
    return rc;
}

/* The next node, going round, that has a rank at this place; the node itself where no other
 * has. */
static int next_node(const struct xb_node_ranks *by, int node, int place)
{
    do
        node = (node + 1) % by->nodes;
    while (xb_node_ranks_count(by, node) <= place);
    return node;
}

static int ring_round(const struct xb_path *path, const struct xb_job *job, size_t i,
                      struct xb_round *out)
{
    struct xb_node_ranks by;
    struct xb_error err;
    int rc = xb_job_lanes_open(path, job, &by, &err);

    (void)i;
    for (int node = 0; rc == 0 && node < by.nodes; node++) {
        int count = xb_node_ranks_count(&by, node);
        for (int place = 0; rc == 0 && place < count; place++) {
            int next = path->locality == XB_NODE
                           ? by.rank[by.first[node] + (place + 1) % count]
                           : by.rank[by.first[next_node(&by, node, place)] + place];
            int rank = by.rank[by.first[node] + place];
            if (next != rank)
                rc = xb_job_lanes_add(path, job, rank, next, out);
        }
    }
    xb_node_ranks_close(&by);
    return rc;
}

const struct xb_pattern xb_pattern_ring = {
    .name = "ring",
    .summary = "every rank to the next one, all at the same time",
    .metric = XB_METRIC_BANDWIDTH,
    .rounds = ring_rounds,
    .round = ring_round,
};
