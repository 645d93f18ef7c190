/* SPDX-License-Identifier: BSD-3-Clause */
/* sampling.h - how long a batch must last, and when samples suffice: pure decisions, which
 * whoever measures asks after each batch. */
#ifndef XB_MODEL_FIGURES_SAMPLING_H
#define XB_MODEL_FIGURES_SAMPLING_H

#include <stddef.h>

#include "model/scenario/scenario.h"

enum xb_stop {
    XB_STOP_NONE,        /* no samples were taken, or they do not suffice yet */
    XB_STOP_TARGET,      /* the interval was within its target: "target" */
    XB_STOP_MAX_TIME,    /* "max_time" */
    XB_STOP_MAX_SAMPLES, /* "max_samples" */
};

/* Time that a batch lasts at least, in microseconds: what the scenario says, or 1000 times the
 * step of the clock, in nanoseconds, where that is longer. */
double xb_sampling_least_batch_us(const struct xb_sampling *s, double resolution_ns);

/* Do these n samples suffice, whose batches took spent_us together, and whole_us with what lies
 * between them? XB_STOP_NONE, or the reason to stop. target is the half-width of the median's
 * interval over the median that is asked for: s->bandwidth_ci or s->latency_ci; where it is
 * negative no interval ends it. From min_samples on max_time ends it, counted with what lies
 * between samples: pages that must go back before each may take ten times as long as it. Before
 * only four times max_time of the batches alone ends it, since an interval has not begun to
 * converge there. */
enum xb_stop xb_sampling_decide(const struct xb_sampling *s, double target,
                                const double *samples, size_t n, double spent_us,
                                double whole_us);

/* What each of a run's passes has of a case's sampling: its share of the time and, rounded up,
 * of the samples, but at least two where the case may have two. No slice ends by the interval
 * of its samples, which is not the one that is reported. With one pass all of it. */
struct xb_sampling xb_sampling_share(const struct xb_sampling *s);

/* Passes that a run makes at least: those that are asked for, and of one that goes on for a
 * time two, since its figures are those of passes. */
int xb_sampling_passes(const struct xb_sampling *s);

#endif
