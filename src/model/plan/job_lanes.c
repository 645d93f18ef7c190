/* SPDX-License-Identifier: BSD-3-Clause */
/* job_lanes.c - what patterns of the whole job have in common. */
#include "model/plan/job_lanes.h"

int xb_job_lanes_open(const struct xb_path *path, const struct xb_job *job,
                      struct xb_node_ranks *out, struct xb_error *err)
{
    const char *needs = NULL;

    *out = (struct xb_node_ranks){0};
    if (path->locality == XB_SELF) {
        xb_fail(err,
                "the pattern is of several ranks; the path says %s, expected node or remote",
                xb_locality_name(path->locality));
        return 1;
    }
    if (xb_node_ranks_open(job, out, err) < 0) {
        xb_node_ranks_close(out);
        return -1;
    }
    if (path->locality == XB_NODE && out->most < 2)
        needs = "needs two ranks on one node";
    else if (path->locality == XB_REMOTE && out->nodes < 2)
        needs = "needs two ranks on two nodes";
    if (!needs)
        return 0;
    xb_node_ranks_close(out);
    return xb_job_unfit(job, needs, err);
}

struct xb_lane xb_job_lane(const struct xb_path *path, const struct xb_job *job, int src,
                           int dst, const struct xb_round *round)
{
    return (struct xb_lane){.chain = round->chains,
                            .path = *path,
                            .src_rank = src,
                            .dst_rank = dst,
                            .link_class = job->link ? job->link(job->machine, path, src, dst)
                                                    : XB_LINK_UNKNOWN};
}

int xb_job_lanes_add(const struct xb_path *path, const struct xb_job *job, int src, int dst,
                     struct xb_round *round)
{
    const struct xb_lane lane = xb_job_lane(path, job, src, dst, round);

    return xb_round_add(round, &lane);
}

int xb_job_star_rounds(const struct xb_path *path, const struct xb_job *job, size_t *count,
                       struct xb_error *err)
{
    struct xb_node_ranks by;
    int rc = xb_job_lanes_open(path, job, &by, err);

    if (rc != 0)
        return rc;
    *count = (size_t)(path->locality == XB_NODE ? by.most : job->nranks);
    xb_node_ranks_close(&by);
    return 0;
}

/* Is this rank in the middle in round i? */
static bool is_centre(const struct xb_node_ranks *by, const struct xb_path *path,
                      const struct xb_job *job, int rank, size_t i)
{
    int first = by->first[job->node_of_rank[rank]];
    int count = xb_node_ranks_count(by, job->node_of_rank[rank]);

    if (path->locality == XB_REMOTE)
        return rank == (int)i;
    return (int)i < count && by->rank[first + (int)i] == rank;
}

int xb_job_star_round(const struct xb_path *path, const struct xb_job *job, size_t i,
                      bool inward, struct xb_round *out)
{
    struct xb_node_ranks by;
    struct xb_error err;
    const bool within = path->locality == XB_NODE;
    int rc = xb_job_lanes_open(path, job, &by, &err);

    for (int centre = 0; rc == 0 && centre < job->nranks; centre++) {
        if (!is_centre(&by, path, job, centre, i))
            continue;
        for (int shift = 1; rc == 0 && shift < job->nranks; shift++) {
            int other = (centre + shift) % job->nranks;
            if (within == (job->node_of_rank[other] == job->node_of_rank[centre]))
                rc = inward ? xb_job_lanes_add(path, job, other, centre, out)
                            : xb_job_lanes_add(path, job, centre, other, out);
        }
    }
    xb_node_ranks_close(&by);
    return rc;
}
