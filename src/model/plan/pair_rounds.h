/* SPDX-License-Identifier: BSD-3-Clause */
/* pair_rounds.h - the rounds of pairs that a kind of pairs makes of a job; pairs.h says which.
 */
#ifndef XB_MODEL_PLAN_PAIR_ROUNDS_H
#define XB_MODEL_PLAN_PAIR_ROUNDS_H

#include <stddef.h>

#include "base/error.h"
#include "model/plan/lane.h"
#include "model/plan/node_ranks.h"
#include "model/plan/pairs.h"

/* Rounds of pairs, to be walked. It holds O(ranks), whatever the number of pairs. */
struct xb_pair_rounds {
    const struct xb_job *job;
    struct xb_path path;
    struct xb_pairs pairs;
    size_t rounds;
    struct xb_node_ranks by;
    size_t *before; /* rounds before those of a rank (each) or of a meeting (rounds, remote) */
    struct xb_lane *chosen; /* of classes: a pair each */
};

/* Find the rounds for a path in a job, which must stay as long as they are walked. 0; 1 with
 * the reason in err where the job has no such pairs ("needs two ranks on one node; this job has
 * 1 rank on 1 node"); -1 when out of memory. Except with 0 there is nothing to close. */
int xb_pair_rounds_open(const struct xb_path *path, const struct xb_pairs *pairs,
                        const struct xb_job *job, struct xb_pair_rounds *out,
                        struct xb_error *err);
void xb_pair_rounds_close(struct xb_pair_rounds *rounds);

/* Call take with every pair of a round, in an order that all ranks share: a lane with path and
 * ranks, its place not filled. Ends early, with what take returned, where that is not 0. */
int xb_pair_rounds_walk(const struct xb_pair_rounds *rounds, size_t round,
                        int (*take)(void *arg, const struct xb_lane *pair), void *arg);

#endif
