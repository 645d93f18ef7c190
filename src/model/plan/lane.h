/* SPDX-License-Identifier: BSD-3-Clause */
/* lane.h - one path between two concrete ranks, and the job that the ranks are of. */
#ifndef XB_MODEL_PLAN_LANE_H
#define XB_MODEL_PLAN_LANE_H

#include <stdint.h>

#include "base/error.h"
#include "model/plan/contention.h"
#include "model/plan/path.h"

/* Where a lane stands: rounds follow one another; the chains of a round are busy at the same
 * time; the lanes of a chain follow one another, each when the last byte of the one before is
 * there. All three count from 0. */
struct xb_lane {
    int round, chain, step;
    struct xb_path path;     /* its own: swapped on a way back, without wildcards */
    int src_rank, dst_rank;  /* equal where the locality is self */
    int link_class;          /* enum xb_link_class; XB_LINK_UNKNOWN where nobody can tell */
    enum xb_company company; /* who is busy in its round */
    uint64_t bytes;          /* of one transfer, where it has its own; 0: the case's size */
    int group, members; /* of parts of one operation: the chain that its group's lanes begin
                           with, and how many there are; else members is 0 */
};

#define XB_LINK_UNKNOWN (-1)

/* What a lane counts for beside one of so many bytes, the case's size. */
static inline double xb_lane_weight(const struct xb_lane *lane, uint64_t bytes)
{
    return lane->bytes > 0 && bytes > 0 ? (double)lane->bytes / (double)bytes : 1;
}

/* The shape of a job. What stands behind a pointer is the caller's; the functions may be NULL.
 */
struct xb_job {
    int nranks;
    const int *node_of_rank; /* nranks entries, nodes numbered from 0 by their lowest rank */
    const void *machine;     /* for the functions */
    /* How many other GPUs a rank sees; without it none. */
    int (*others)(const void *machine, int rank);
    /* What joins the ends of a path between two ranks, an enum xb_link_class; without it all
     * pairs of a locality are alike. */
    int (*link)(const void *machine, const struct xb_path *path, int src_rank, int dst_rank);
    /* The lowest rank of the same node that is joined to all others as this one is; without it
     * no two are taken to be. */
    int (*alike)(const void *machine, int rank);
};

/* The lowest rank of the same node that is known to be joined to all others as this one is. */
int xb_job_alike(const struct xb_job *job, int rank);

/* Say in err what somebody asks of the job ("needs two ranks on one node") and what the job
 * has. Always returns 1, to be passed on. */
int xb_job_unfit(const struct xb_job *job, const char *needs, struct xb_error *err);

#endif
