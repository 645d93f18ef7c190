/* tune.h - what tune found, on the way to a policy. Every rank holds the same. */
#ifndef XB_TUNE_TUNE_H
#define XB_TUNE_TUNE_H

#include "model/policy/policy.h"
#include "tune/tuner.h"
#include "tune/tuning.h"

struct xb_tune {
    struct xb_tuner tuner;
    struct xb_case *points; /* one for each path and size, in the order of the plan */
    size_t npoints;
    struct xb_range *ranges; /* ordered by path, then size */
    size_t nranges;
    struct xb_crossover *crossovers;
    size_t ncrossovers;
};

/* Called by all ranks: collect the points of a plan. -1 when out of memory. */
int xb_tune_points(struct xb_tune *tune, const struct xb_plan *plan, struct xb_error *err);

/* Called by all ranks when all candidates were measured: who wins in which range of sizes, by
 * the trials that are ok now. Where one method gives way to another, sizes between are
 * measured. */
int xb_tune_ranges(struct xb_tune *tune, struct xb_error *err);

/* The policy of the ranges; source says where it comes from and is taken over. The caller owns
 * it; NULL when out of memory. */
cJSON *xb_tune_policy(const struct xb_tune *tune, const char *name, cJSON *source);

/* Called by all ranks: what a policy chooses at every point becomes a trial, if it is none yet.
 */
int xb_tune_try(struct xb_tune *tune, struct xb_policy *policy, struct xb_error *err);

/* Called by all ranks: measure once more what two policies choose at every point, and the best
 * trial there. A way to carry out a transfer has the smaller of its two times, whoever chose
 * it: a disturbance of one measurement counts for none. The regret of a choice is its time over
 * the smallest of the point; 1 where it is that one. */
int xb_tune_regrets(struct xb_tune *tune, struct xb_policy *a, struct xb_policy *b,
                    struct xb_regret *a_out, struct xb_regret *b_out, struct xb_error *err);

void xb_tune_release(struct xb_tune *tune);

#endif
