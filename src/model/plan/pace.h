/* SPDX-License-Identifier: BSD-3-Clause */
/* pace.h - how much time the rest of a run takes, and how much of it a slice may have, so that
 * a run with a limit ends by then.
 *
 * What slices are estimated to take (estimate.h) is corrected by what those so far have taken.
 * Where the limit leaves less than all of that, slices are made shorter, each as much as the
 * others, down to an eighth of their samples' time; where that is too much still, passes are
 * left out, and in the first pass cases. Times are in seconds since the run began; nothing here
 * reads a clock.
 */
#ifndef XB_MODEL_PLAN_PACE_H
#define XB_MODEL_PLAN_PACE_H

#include "model/plan/estimate.h"

struct xb_pace {
    const struct xb_plan *plan;
    const struct xb_sampling *whole;
    struct xb_sampling share; /* of a slice */
    int passes;
    double limit_s;             /* when measuring must end; 0: there is no limit */
    struct xb_case_cost *cost;  /* of each case */
    double full_s, least_s;     /* estimates of all that is left: as asked for, and shortest */
    double taken_s, expected_s; /* by slices so far, and what was estimated of them */
};

/* Begin with all slices of a plan ahead. limit_s: the whole run's, 0 for none; the report's
 * time is taken off. 0, or -1 when out of memory; the caller releases in either case. */
int xb_pace_open(struct xb_pace *p, const struct xb_plan *plan, const struct xb_sampling *whole,
                 const struct xb_job *job, bool on_host, double limit_s, struct xb_error *err);
void xb_pace_release(struct xb_pace *p);

/* How long the samples of a slice of case i in this pass may take, in ns, at this time: what
 * the scenario says, or less; 0 where there is no time for the slice. */
int64_t xb_pace_slice(const struct xb_pace *p, size_t i, int pass, double now_s);

/* A slice is over, whose samples had so much time; took_s 0: it was skipped, failed or taken
 * over from an earlier run, and tells nothing of the others. */
void xb_pace_took(struct xb_pace *p, size_t i, int pass, int64_t max_time_ns, double took_s);

/* Case i has no slice from this pass on. */
void xb_pace_done(struct xb_pace *p, size_t i, int from);

/* Seconds that the rest takes, at most until the limit. */
double xb_pace_left_s(const struct xb_pace *p, double now_s);

#endif
