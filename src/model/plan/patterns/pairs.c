/* pairs.c - disjoint pairs of ranks, all at once.
 *
 * node: within each node the first rank sends to the second, the third to the fourth; an odd
 * one stays idle. remote: node 0 sends to node 1, node 2 to node 3, rank by rank in their order
 * on the node. self: every rank with itself. */
#include "model/plan/patterns/patterns.h"

#include <stdio.h>

/* How many lower ranks its node has. */
static int place_on_node(const struct xb_job *job, int rank)
{
    int place = 0;

    for (int r = 0; r < rank; r++)
        place += job->node_of_rank[r] == job->node_of_rank[rank];
    return place;
}

/* The rank at that place on a node, or -1. */
static int rank_at(const struct xb_job *job, int node, int place)
{
    for (int r = 0; r < job->nranks; r++) {
        if (job->node_of_rank[r] == node && place-- == 0)
            return r;
    }
    return -1;
}

/* The rank that this one sends to, or -1. */
static int partner_of(enum xb_locality locality, const struct xb_job *job, int rank)
{
    int node = job->node_of_rank[rank];

    if (locality == XB_SELF)
        return rank;
    int place = place_on_node(job, rank);
    if (locality == XB_NODE)
        return place % 2 == 0 ? rank_at(job, node, place + 1) : -1;
    return node % 2 == 0 ? rank_at(job, node + 1, place) : -1;
}

static int too_many(const struct xb_job *job, struct xb_error *err)
{
    char needs[64];

    snprintf(needs, sizeof needs, "takes at most %d pairs of ranks", XB_MAX_LANES);
    return xb_pattern_unfit(job, needs, err);
}

static int pairs_lanes(const struct xb_path *path, const struct xb_job *job,
                       struct xb_lanes *out, struct xb_error *err)
{
    static const char *const needs[] = {
        [XB_SELF] = "needs two ranks",
        [XB_NODE] = "needs two pairs of ranks that share a node",
        [XB_REMOTE] = "needs two pairs of ranks on paired nodes",
    };
    struct xb_lanes lanes = {.count = 0};

    for (int r = 0; r < job->nranks; r++) {
        int partner = partner_of(path->locality, job, r);
        if (partner < 0)
            continue;
        if (lanes.count == XB_MAX_LANES)
            return too_many(job, err);
        lanes.lane[lanes.count++] = (struct xb_lane){
            .chain = lanes.chains++, .path = *path, .src_rank = r, .dst_rank = partner};
    }
    if (lanes.count < 2)
        return xb_pattern_unfit(job, needs[path->locality], err);
    *out = lanes;
    return 0;
}

const struct xb_pattern xb_pattern_pairs = {
    .name = "pairs",
    .summary = "one path between disjoint pairs of ranks, all at the same time",
    .metric = XB_METRIC_BANDWIDTH,
    .lanes = pairs_lanes,
};
