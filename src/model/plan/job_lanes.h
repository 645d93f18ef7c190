/* SPDX-License-Identifier: BSD-3-Clause */
/* job_lanes.h - what patterns of the whole job have in common: who belongs together, and the
 * lanes between them.
 *
 * A path within a node makes a group of the ranks of each node, and all nodes go at the same
 * time. A path between nodes makes lanes between ranks of different nodes alone. On 2 nodes of
 * 2 ranks, 0 and 1, 2 and 3, a ring is 0 -> 1 -> 0 and 2 -> 3 -> 2 within nodes, and between
 * nodes 0 -> 2 -> 0 and 1 -> 3 -> 1.
 */
#ifndef XB_MODEL_PLAN_JOB_LANES_H
#define XB_MODEL_PLAN_JOB_LANES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "model/plan/lane.h"
#include "model/plan/node_ranks.h"
#include "model/plan/schedule.h"

/* The ranks of a job for a pattern over this path: 0, and the caller closes them; 1 with the
 * reason in err where the path is within ranks, or the job has no such ranks, -1 when out of
 * memory. */
int xb_job_lanes_open(const struct xb_path *path, const struct xb_job *job,
                      struct xb_node_ranks *out, struct xb_error *err);

/* A lane from one rank to another, in a chain of its own behind those of the round. */
struct xb_lane xb_job_lane(const struct xb_path *path, const struct xb_job *job, int src,
                           int dst, const struct xb_round *round);

/* Append such a lane. -1 when out of memory. */
int xb_job_lanes_add(const struct xb_path *path, const struct xb_job *job, int src, int dst,
                     struct xb_round *round);

/* Rounds in each of which one rank exchanges with all others, each rank once: as many as the
 * largest node has ranks, where each node has its own such rank at the same time, or as the job
 * has, for a path between nodes. 0, 1 with the reason in err, or -1 when out of memory. */
int xb_job_star_rounds(const struct xb_path *path, const struct xb_job *job, size_t *count,
                       struct xb_error *err);

/* The lanes of round i of these: from the others to that rank, or from it to them. -1 when out
 * of memory. */
int xb_job_star_round(const struct xb_path *path, const struct xb_job *job, size_t i,
                      bool inward, struct xb_round *out);

#endif
