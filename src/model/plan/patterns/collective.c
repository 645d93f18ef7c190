/* collective.c - all ranks of the job at once, by an operation of the method's library.
 *
 * Its lanes are a ring over all ranks: each rank's source buffer belongs to the lane that
 * leaves it and its destination to the one that comes in. Bus bandwidth is that of one link of
 * such a ring, so the chains count once. */
#include "model/plan/patterns/patterns.h"

#include <stdbool.h>

/* What is left in a destination is checked against the sum of so many ranks' bytes at most. */
#define MAX_RANKS 64

static bool on_one_node(const struct xb_job *job)
{
    for (int r = 1; r < job->nranks; r++)
        if (job->node_of_rank[r] != job->node_of_rank[0])
            return false;
    return true;
}

static int collective_rounds(const struct xb_path *path, const struct xb_job *job,
                             size_t *count, struct xb_error *err)
{
    bool one = on_one_node(job);

    *count = 1;
    if (job->nranks < 2 || job->nranks > MAX_RANKS)
        xb_fail(err, "needs 2 to %d ranks; this job has %d", MAX_RANKS, job->nranks);
    else if (path->locality == XB_SELF || one != (path->locality == XB_NODE))
        xb_fail(err, "a collective is of all ranks, which are %s here; the path says %s",
                one ? "on one node" : "on several nodes", xb_locality_name(path->locality));
    else
        return 0;
    return 1;
}

static int collective_round(const struct xb_path *path, const struct xb_job *job, size_t i,
                            struct xb_round *out)
{
    (void)i;
    for (int r = 0; r < job->nranks; r++) {
        struct xb_lane lane = {.chain = r,
                               .path = *path,
                               .src_rank = r,
                               .dst_rank = (r + 1) % job->nranks,
                               .link_class = XB_LINK_UNKNOWN};
        if (job->link)
            lane.link_class = job->link(job->machine, path, lane.src_rank, lane.dst_rank);
        if (xb_round_add(out, &lane) < 0)
            return -1;
    }
    return 0;
}

const struct xb_pattern xb_pattern_collective = {
    .name = "collective",
    .summary = "all ranks at once, by a collective operation of the method",
    .metric = XB_METRIC_BANDWIDTH,
    .kind = XB_KIND_COLLECTIVE,
    .one_operation = true,
    .rounds = collective_rounds,
    .round = collective_round,
};
