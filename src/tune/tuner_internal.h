/* SPDX-License-Identifier: BSD-3-Clause */
/* tuner_internal.h - what measuring once and measuring in passes share. */
#ifndef XB_TUNE_TUNER_INTERNAL_H
#define XB_TUNE_TUNER_INTERNAL_H

#include "tune/tuner.h"

/* What every rank must know of a result. */
struct xb_trial_outcome {
    int ok;
    double us, ci_lo_us, ci_hi_us;
    double wall_us; /* that it took, all its steps */
    struct xb_pipeline_times pipeline;
};

/* Called by all ranks: measure a case under the watchdog, as the tuner's exec does; out is the
 * caller's to release. Returns the time that passed, in microseconds. */
double xb_tuner_carry_out(struct xb_tuner *tuner, const struct xb_case *c,
                          const struct xb_exec_options *options, struct xb_result *out);

/* On rank 0. Of fewer than six passes there is no interval: their extremes stand for it. Of one
 * measurement without an interval it is the median. */
void xb_trial_outcome_of(const struct xb_result *result, double wall_us,
                         struct xb_trial_outcome *out);

#endif
