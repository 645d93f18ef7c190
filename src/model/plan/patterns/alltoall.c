/* SPDX-License-Identifier: BSD-3-Clause */
/* alltoall.c - every rank to every other, all at once. Each lane moves the case's bytes: a rank
 * of four sends three times as many.
 *
 * Ranks begin with different partners, as they would in an exchange that is written well: each
 * first sends to the next one, then to the one behind that. */
#include "model/plan/job_lanes.h"
#include "model/plan/patterns/patterns.h"

static int alltoall_rounds(const struct xb_path *path, const struct xb_job *job, size_t *count,
                           struct xb_error *err)
{
    struct xb_node_ranks by;
    int rc = xb_job_lanes_open(path, job, &by, err);

    *count = 1;
    if (rc == 0)
        xb_node_ranks_close(&by);
    return rc;
}

static int alltoall_round(const struct xb_path *path, const struct xb_job *job, size_t i,
                          struct xb_round *out)
{
    const bool within = path->locality == XB_NODE;
    const int n = job->nranks;
    int rc = 0;

    (void)i;
    for (int shift = 1; shift < n; shift++)
        for (int rank = 0; rc == 0 && rank < n; rank++) {
            int to = (rank + shift) % n;
            if (within == (job->node_of_rank[rank] == job->node_of_rank[to]))
                rc = xb_job_lanes_add(path, job, rank, to, out);
        }
    return rc;
}

const struct xb_pattern xb_pattern_alltoall = {
    .name = "alltoall",
    .summary = "every rank to every other, all at the same time",
    .metric = XB_METRIC_BANDWIDTH,
    .rounds = alltoall_rounds,
    .round = alltoall_round,
};
