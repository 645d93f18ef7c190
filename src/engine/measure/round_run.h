/* SPDX-License-Identifier: BSD-3-Clause */
/* round_run.h - one round of a case, from probing its lanes to what they gave. */
#ifndef XB_ENGINE_MEASURE_ROUND_RUN_H
#define XB_ENGINE_MEASURE_ROUND_RUN_H

#include "engine/measure/case_run.h"
#include "engine/measure/lane_report.h"
#include "report/result.h"

/* A round to measure, the same on all its ranks. */
struct xb_round_task {
    const struct xb_session *session;
    const struct xb_case *c;
    const struct xb_exec_options *options;
    const struct xb_round *round;
    int epoch;
    bool alone; /* the case has no other round */
};

/* Called by every rank with a role in the round: probe each lane, leave out the chains that
 * cannot be, measure the others together. *reports (the caller's to free) gets an entry for
 * each lane that this rank starts, in order; how many is returned. On the rank with the clock
 * *leads is true and out gets what is known of the round as a whole: samples, stop, pipeline,
 * device time; it must be empty before, and is the caller's to release. */
size_t xb_round_run(const struct xb_round_task *task, struct xb_lane_report **reports,
                    struct xb_result *out, bool *leads);

/* Which rank has the clock of a round: the starter of its first lane that is not left out. */
int xb_round_clock(const struct xb_case *c, const struct xb_lane *first);

#endif
