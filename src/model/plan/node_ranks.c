/* SPDX-License-Identifier: BSD-3-Clause */
/* node_ranks.c - the ranks of a job, node by node. */
#include "model/plan/node_ranks.h"

#include <stdlib.h>

int xb_node_ranks_count(const struct xb_node_ranks *ranks, int node)
{
    return ranks->first[node + 1] - ranks->first[node];
}

int xb_node_ranks_open(const struct xb_job *job, struct xb_node_ranks *out,
                       struct xb_error *err)
{
    *out = (struct xb_node_ranks){0};
    for (int r = 0; r < job->nranks; r++)
        if (job->node_of_rank[r] >= out->nodes)
            out->nodes = job->node_of_rank[r] + 1;
    out->first = calloc((size_t)out->nodes + 2, sizeof *out->first);
    out->rank = calloc((size_t)job->nranks, sizeof *out->rank);
    if (!out->first || !out->rank)
        return xb_fail(err, "out of memory for the pairs of %d ranks", job->nranks);
    for (int r = 0; r < job->nranks; r++)
        out->first[job->node_of_rank[r] + 2]++; /* counted one too far, to be shifted back */
    for (int n = 2; n <= out->nodes; n++)
        out->first[n + 1] += out->first[n];
    for (int r = 0; r < job->nranks; r++)
        out->rank[out->first[job->node_of_rank[r] + 1]++] = r;
    for (int n = 0; n < out->nodes; n++)
        if (xb_node_ranks_count(out, n) > out->most)
            out->most = xb_node_ranks_count(out, n);
    return 0;
}

void xb_node_ranks_close(struct xb_node_ranks *ranks)
{
    free(ranks->first);
    free(ranks->rank);
    *ranks = (struct xb_node_ranks){0};
}
