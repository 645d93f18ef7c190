/* SPDX-License-Identifier: BSD-3-Clause */
/* tuner.h - measures one way to carry out a transfer after another, and looks for the chunk and
 * depth of pipelined ones, starting from what the model says of their stages.
 *
 * All ranks call these functions alike: what rank 0 measured decides, and every rank is told.
 */
#ifndef XB_TUNE_TUNER_H
#define XB_TUNE_TUNER_H

#include "engine/measure/exec.h"
#include "engine/runtime/session.h"
#include "model/figures/pipeline_model.h"
#include "tune/tuning.h"

/* What the stages of a method on a path cost, fitted once. */
struct xb_stage_fit {
    struct xb_case like; /* path, link class, method and options that it is of */
    int nstages;         /* 0 where it could not be observed */
    struct xb_stage_cost cost[XB_MAX_STAGE_TIMES];
    bool has_way;
    struct xb_way way; /* there and back, where ranks share a clock */
};
#define XB_MAX_FITS  64
#define XB_MAX_FOUND 1024

enum xb_measured {
    XB_MEASURED_FIRST,
    XB_MEASURED_AGAIN,  /* once more, for it was ok before */
    XB_MEASURED_PASSES, /* the result is of several passes, and says more than any before */
};

/* Is told of every result on rank 0, for a report. 0 or -1, which ends the tuning. */
typedef int (*xb_tuner_sink)(void *arg, const struct xb_case *c, const struct xb_result *result,
                             enum xb_measured which, struct xb_error *err);

/* Is told on rank 0 that what is being measured in passes has ended early, as long as
 * xb_tuner_partial still gives it. */
typedef void (*xb_tuner_sink_rest)(void *arg);

struct xb_in_passes; /* passes.c */

/* As xb_exec_case. */
typedef void (*xb_tuner_exec)(const struct xb_session *session, const struct xb_case *c,
                              const struct xb_exec_options *options, struct xb_result *out);

struct xb_tuner {
    const struct xb_session *session;
    struct xb_exec_options exec;
    xb_tuner_exec carry_out;      /* NULL means xb_exec_case; a test makes times up */
    xb_tuner_sink sink;           /* or NULL */
    xb_tuner_sink_rest sink_rest; /* the same */
    void *arg;
    int passes;                /* for finalists; at most 1: nothing is measured in passes */
    struct xb_sampling in_all; /* of a case in all its passes together */
    const struct xb_case
        *current;            /* what is being measured; changes under the watchdog's lock */
    struct xb_trials trials; /* the same on all ranks, in the order of measuring */
    struct xb_stage_fit fits[XB_MAX_FITS];
    size_t nfits;
    size_t found[XB_MAX_FOUND]; /* trials that searches ended with */
    size_t nfound;
    size_t spoiled;                 /* trials that were ok at first only */
    struct xb_in_passes *in_passes; /* being measured; changes under the watchdog's lock */
    size_t nin_passes;
};

/* All ranks come with 0, or -1 and the reason in err, and leave alike, with the reason of the
 * lowest rank that has one. */
int xb_tuner_agree(const struct xb_tuner *tuner, int rc, struct xb_error *err);

/* Measure a case, or remember it: *index is that of its trial, which may not be ok. c's id is
 * made anew. Returns 0, or -1 on all ranks when the run cannot go on. */
int xb_tuner_measure(struct xb_tuner *tuner, const struct xb_case *c, size_t *index,
                     struct xb_error *err);

/* Measure the case of a trial that is ok once more, others not: its best_us becomes the smaller
 * time. If it is not ok this time, neither is the trial any more, and `spoiled` counts it. 0 or
 * -1 like measure. */
int xb_tuner_again(struct xb_tuner *tuner, size_t index, struct xb_error *err);

/* Make a case a trial that is to be measured in passes, if it is none yet: it is not ok before.
 * Without passes it is measured at once. As measure otherwise. */
int xb_tuner_ask(struct xb_tuner *tuner, const struct xb_case *c, size_t *index,
                 struct xb_error *err);

/* Measure these trials in passes, in an order that the seed shuffles anew for each, as far as
 * they are ok or asked for and have not been: they become finalists, whose time is that between
 * passes. All passes of a case take about as
 * long as its first measurement did, times share, which is above 0; where there was none they
 * have the scenario's time. What is not ok in one
 * pass is not ok; `spoiled` counts what was before. Nothing to do without passes. 0 or -1 like
 * measure. */
int xb_tuner_in_passes(struct xb_tuner *tuner, const size_t *index, size_t n, double share,
                       struct xb_error *err);

/* On rank 0, with the watchdog's lock held, while trials are measured in passes: case i of them
 * and the result of its passes so far, NULL before the first. Both stay the tuner's. NULL
 * behind the last. */
const struct xb_case *xb_tuner_partial(struct xb_tuner *tuner, size_t i,
                                       struct xb_result **sum);

/* Find chunk and depth for a case of a chunked method, whose own are only where it starts when
 * its stages cannot be observed: all that was tried is among the trials. */
int xb_tuner_search(struct xb_tuner *tuner, const struct xb_case *c, struct xb_error *err);

#endif
