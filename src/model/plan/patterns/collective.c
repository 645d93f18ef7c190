/* SPDX-License-Identifier: BSD-3-Clause */
/* collective.c - all ranks of a group at once, by an operation of the method's library.
 *
 * A path within nodes makes a group of the ranks of each node. Between nodes all ranks of the
 * job are one group, or with `collective-places` those at the same place of each node: the
 * first ranks, the second ones and so on. All groups go at the same time. With nodes of ranks
 * 0 and 1, 2 and 3, 4 and 5 these are 01, 23 and 45 within nodes, and between them 012345, or
 * by place 024 and 135.
 *
 * The lanes of a group are a ring over its ranks: each rank's source buffer belongs to the lane
 * that leaves it and its destination to the one that comes in. Bus bandwidth is that of one
 * link of such a ring, so the lanes of a group count once. */
#include "model/plan/job_lanes.h"
#include "model/plan/patterns/patterns.h"

/* How the ranks are grouped: rank k of group g. */
struct groups {
    struct xb_node_ranks by;
    int count, members;
    bool by_node, by_place;
};

static int rank_of(const struct groups *g, int group, int k)
{
    if (g->by_place)
        return g->by.rank[g->by.first[k] + group];
    return g->by_node ? g->by.rank[g->by.first[group] + k] : k;
}

/* The nodes with the fewest and the most ranks. */
static void count_ranks(const struct xb_node_ranks *by, int *fewest, int *most)
{
    *fewest = *most = xb_node_ranks_count(by, 0);
    for (int node = 1; node < by->nodes; node++) {
        int n = xb_node_ranks_count(by, node);
        *fewest = n < *fewest ? n : *fewest;
        *most = n > *most ? n : *most;
    }
}

static int open_groups(const struct xb_path *path, const struct xb_job *job, bool by_place,
                       struct groups *out, struct xb_error *err)
{
    int fewest, most, rc = xb_job_lanes_open(path, job, &out->by, err);

    if (rc != 0)
        return rc;
    count_ranks(&out->by, &fewest, &most);
    out->by_node = path->locality == XB_NODE;
    out->by_place = by_place;
    out->count = out->by_node ? out->by.nodes : by_place ? fewest : 1;
    out->members = out->by_node ? most : by_place ? out->by.nodes : job->nranks;
    if (out->by_node && by_place) {
        xb_fail(err, "places are of several nodes; the path says %s",
                xb_locality_name(path->locality));
        rc = 1;
    } else if (out->by_node && fewest != most) {
        xb_fail(err, "needs as many ranks on each node; this job has %d to %d", fewest, most);
        rc = 1;
    }
    if (rc != 0)
        xb_node_ranks_close(&out->by);
    return rc;
}

static int count_rounds(const struct xb_path *path, const struct xb_job *job, bool by_place,
                        size_t *count, struct xb_error *err)
{
    struct groups groups;
    int rc = open_groups(path, job, by_place, &groups, err);

    *count = 1;
    if (rc == 0)
        xb_node_ranks_close(&groups.by);
    return rc;
}

static int add_groups(const struct xb_path *path, const struct xb_job *job, bool by_place,
                      struct xb_round *out)
{
    struct groups groups;
    struct xb_error err;
    int rc = open_groups(path, job, by_place, &groups, &err);

    if (rc != 0)
        return rc;
    for (int g = 0; rc == 0 && g < groups.count; g++)
        for (int k = 0; rc == 0 && k < groups.members; k++) {
            struct xb_lane lane =
                xb_job_lane(path, job, rank_of(&groups, g, k),
                            rank_of(&groups, g, (k + 1) % groups.members), out);
            lane.group = g * groups.members;
            lane.members = groups.members;
            rc = xb_round_add(out, &lane);
        }
    xb_node_ranks_close(&groups.by);
    return rc;
}

static int collective_rounds(const struct xb_path *path, const struct xb_job *job,
                             size_t *count, struct xb_error *err)
{
    return count_rounds(path, job, false, count, err);
}

static int collective_round(const struct xb_path *path, const struct xb_job *job, size_t i,
                            struct xb_round *out)
{
    (void)i;
    return add_groups(path, job, false, out);
}

static int places_rounds(const struct xb_path *path, const struct xb_job *job, size_t *count,
                         struct xb_error *err)
{
    return count_rounds(path, job, true, count, err);
}

static int places_round(const struct xb_path *path, const struct xb_job *job, size_t i,
                        struct xb_round *out)
{
    (void)i;
    return add_groups(path, job, true, out);
}

const struct xb_pattern xb_pattern_collective = {
    .name = "collective",
    .summary = "all ranks of each node, or of the job, by a collective of the method",
    .metric = XB_METRIC_BANDWIDTH,
    .kind = XB_KIND_COLLECTIVE,
    .one_operation = true,
    .rounds = collective_rounds,
    .round = collective_round,
};

const struct xb_pattern xb_pattern_collective_places = {
    .name = "collective-places",
    .summary = "the first ranks of all nodes, the second ones and so on, by a collective",
    .metric = XB_METRIC_BANDWIDTH,
    .kind = XB_KIND_COLLECTIVE,
    .one_operation = true,
    .rounds = places_rounds,
    .round = places_round,
};
