/* SPDX-License-Identifier: BSD-3-Clause */
/* lane.c - a job in words. */
#include "model/plan/lane.h"

int xb_job_unfit(const struct xb_job *job, const char *needs, struct xb_error *err)
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

int xb_job_alike(const struct xb_job *job, int rank)
{
    return job->alike ? job->alike(job->machine, rank) : rank;
}
