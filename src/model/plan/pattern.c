/* pattern.c - the choice of ranks that the patterns share. */
#include "model/plan/pattern.h"

#include <stdbool.h>

#include "model/plan/patterns/patterns.h"

double xb_lanes_concurrent(const struct xb_lanes *lanes)
{
    return lanes->together ? 1 : lanes->chains;
}

/* Find the lowest pair of ranks that share a node, or that do not. */
static bool find_pair(const struct xb_job *job, bool same_node, struct xb_lane *out)
{
    for (int a = 0; a < job->nranks; a++) {
        for (int b = a + 1; b < job->nranks; b++) {
            if ((job->node_of_rank[a] == job->node_of_rank[b]) == same_node) {
                out->src_rank = a;
                out->dst_rank = b;
                return true;
            }
        }
    }
    return false;
}

int xb_pattern_unfit(const struct xb_job *job, const char *needs, struct xb_error *err)
{
    int nodes = 0;

    for (int r = 0; r < job->nranks; r++) {
        if (job->node_of_rank[r] >= nodes)
            nodes = job->node_of_rank[r] + 1;
    }
    xb_fail(err, "%s; this job has %d rank%s on %d node%s", needs, job->nranks,
            job->nranks == 1 ? "" : "s", nodes, nodes == 1 ? "" : "s");
    return 1;
}

int xb_pattern_first_lane(const struct xb_path *path, const struct xb_job *job,
                          struct xb_lane *out, struct xb_error *err)
{
    struct xb_lane lane = {.path = *path};

    if (path->locality == XB_NODE && !find_pair(job, true, &lane))
        return xb_pattern_unfit(job, "needs two ranks on one node", err);
    if (path->locality == XB_REMOTE && !find_pair(job, false, &lane))
        return xb_pattern_unfit(job, "needs two ranks on two nodes", err);
    *out = lane;
    return 0;
}

struct xb_lane xb_pattern_lane_back(const struct xb_lane *lane)
{
    return (struct xb_lane){
        .path = xb_path_reverse(&lane->path),
        .src_rank = lane->dst_rank,
        .dst_rank = lane->src_rank,
    };
}
