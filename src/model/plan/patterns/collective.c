/* collective.c - all ranks of the job at once, by an operation of the method's library.
 *
 * Its lanes are a ring over all ranks: each rank's source buffer belongs to the lane that
 * leaves it and its destination to the one that comes in. Bus bandwidth is that of one link of
 * such a ring, so the chains count once. */
#include "model/plan/patterns/patterns.h"

#include <stdbool.h>

static bool one_node(const struct xb_job *job)
{
    for (int r = 1; r < job->nranks; r++)
        if (job->node_of_rank[r] != job->node_of_rank[0])
            return false;
    return true;
}

static int collective_lanes(const struct xb_path *path, const struct xb_job *job,
                            struct xb_lanes *out, struct xb_error *err)
{
    int n = job->nranks;

    if (n < 2 || n > XB_MAX_LANES) {
        xb_fail(err, "needs 2 to %d ranks; this job has %d", XB_MAX_LANES, n);
        return 1;
    }
    if (path->locality == XB_SELF || one_node(job) != (path->locality == XB_NODE)) {
        xb_fail(err, "a collective is of all ranks, which are %s here; the path says %s",
                one_node(job) ? "on one node" : "on several nodes",
                xb_locality_name(path->locality));
        return 1;
    }
    out->count = (size_t)n;
    out->chains = n;
    out->together = true;
    for (int r = 0; r < n; r++)
        out->lane[r] =
            (struct xb_lane){.chain = r, .path = *path, .src_rank = r, .dst_rank = (r + 1) % n};
    return 0;
}

const struct xb_pattern xb_pattern_collective = {
    .name = "collective",
    .summary = "all ranks at once, by a collective operation of the method",
    .metric = XB_METRIC_BANDWIDTH,
    .kind = XB_KIND_COLLECTIVE,
    .lanes = collective_lanes,
};
