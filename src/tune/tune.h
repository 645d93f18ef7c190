/* SPDX-License-Identifier: BSD-3-Clause */
/* tune.h - what tune found, on the way to a policy. Every rank holds the same. */
#ifndef XB_TUNE_TUNE_H
#define XB_TUNE_TUNE_H

#include <stdint.h>

#include "model/policy/policy.h"
#include "report/tuned.h"
#include "tune/choice.h"
#include "tune/tuner.h"
#include "tune/tuning.h"

/* The trial that was chosen at a point. */
struct xb_pick {
    const struct xb_case *point;
    size_t trial;
};

#define XB_NO_TRIAL SIZE_MAX

/* What two policies choose at a point and the best trial there, or XB_NO_TRIAL. */
struct xb_contest {
    size_t a, b, best;
};

struct xb_tune {
    struct xb_tuner tuner;
    struct xb_case *cases; /* those of the plan, and parts of them, which own their lists */
    size_t ncases;
    struct xb_case *points; /* one for each point, in the order of the plan */
    size_t npoints;
    struct xb_contest *contests; /* one for each point, of the policies that were compared */
    struct xb_pick *picks; /* of points where anything is ok; ordered by line, then size */
    size_t npicks;
    struct xb_range *ranges; /* ordered by line, then size; of these come rules and text */
    size_t nranges;
};

/* Called by all ranks: collect the cases of a plan, as xb_tune_split makes them, and their
 * points. -1 on all of them when out of memory. */
int xb_tune_points(struct xb_tune *tune, const struct xb_plan *plan, struct xb_error *err);

/* Append the cases of a plan. One whose pairs take turns and are of several link classes
 * becomes a case for each, from the nearest to the farthest: with the lowest pair of that class
 * as its list, of pairs that are a list with all of that class. Pairs that are busy at the same
 * time, `each`, and paths that stand for several GPUs stay as they are. The same on all ranks,
 * but for -1 when out of memory. */
int xb_tune_split(struct xb_tune *tune, const struct xb_plan *plan, struct xb_error *err);

/* Called by all ranks when all candidates were measured: the best of them at each point are
 * measured in passes, and become finalists, where there are none yet. They get less than their
 * share of time where that would take more than about two fifths of what the search took. */
int xb_tune_finals(struct xb_tune *tune, struct xb_error *err);

/* Called by all ranks, then: who wins in which range of sizes, by the trials that are ok now.
 * Where one method gives way to another, both are measured at sizes between, in passes where
 * the tuner makes them; there the new one begins where it is first faster beyond doubt. */
int xb_tune_ranges(struct xb_tune *tune, struct xb_error *err);

/* "gpu->gpu@node, 64KiB: p2p[engine=ce] does not part from nccl: the simpler one is kept", of a
 * pick that has rivals, into buf, which is returned; NULL where it has none. */
const char *xb_undecided_format(const struct xb_tune *tune, const struct xb_pick *pick,
                                char *buf, size_t len);

/* [{a point, "kept", "does_not_part_from"}] of all such picks, and
 * what ranges say of crossovers. The caller owns them; NULL when out of memory. */
cJSON *xb_undecided_json(const struct xb_tune *tune);
cJSON *xb_crossovers_json(const struct xb_tune *tune);

/* The policy of the ranges; source says where it comes from and is taken over. Behind the rules
 * of a path's link classes those of the farthest stand once more without a class: for lanes
 * that are not joined alike, and for other classes. What works over the farthest link mostly
 * works over nearer ones. The caller owns it; NULL when out of memory. */
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

/* What the second of the policies that were compared chooses at each point, with the regrets of
 * both, the first of which is `static`, and what ranges say of crossovers, into *out, which the
 * caller releases by its fields. -1 when out of memory; then there is nothing in it. */
int xb_tune_outcome(const struct xb_tune *tune, struct xb_report_tuned *out,
                    struct xb_error *err);

void xb_tune_release(struct xb_tune *tune);

#endif
