/* SPDX-License-Identifier: BSD-3-Clause */
/* node_ranks.h - the ranks of a job, node by node. */
#ifndef XB_MODEL_PLAN_NODE_RANKS_H
#define XB_MODEL_PLAN_NODE_RANKS_H

#include "base/error.h"
#include "model/plan/lane.h"

struct xb_node_ranks {
    int nodes, most; /* most: ranks of the largest node */
    int *first;      /* of each node, into rank; one more for the end */
    int *rank;       /* by node, then number */
};

/* Sort the ranks of a job; the caller closes, in any case. -1 when out of memory. */
int xb_node_ranks_open(const struct xb_job *job, struct xb_node_ranks *out,
                       struct xb_error *err);
void xb_node_ranks_close(struct xb_node_ranks *ranks);

/* How many ranks a node has. */
int xb_node_ranks_count(const struct xb_node_ranks *ranks, int node);

#endif
