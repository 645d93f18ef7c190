/* SPDX-License-Identifier: BSD-3-Clause */
/* measure.h - a plan from its first case to the report. */
#ifndef XB_CMD_RUN_MEASURE_H
#define XB_CMD_RUN_MEASURE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "engine/runtime/session.h"
#include "model/plan/plan.h"
#include "model/policy/policy.h"
#include "model/scenario/scenario.h"
#include "report/formats/format.h"

struct xb_run_check;

struct xb_run_options {
    const char *output;             /* report file, or NULL for one of */
    const char *stem;               /* a name that begins so, which no other run has */
    const char *resume;             /* report or journal to take results from, or NULL */
    int resume_anyway;              /* not 0: also from another build or environment */
    int retry_hung;                 /* not 0: cases that ended that run are measured again */
    int force;                      /* not 0: files that are there may go, */
    bool replace;                   /* or the report alone, which is resumed, */
    bool replace_trace;             /* and the trace of that run */
    const char *trace;              /* file for a timeline of the pipelined cases, or NULL */
    int samples;                    /* not 0: those of every batch go into the report */
    const struct xb_format *format; /* what is printed of the report */
    double case_timeout_s;
    double max_time_s;           /* of the whole run, from the program's start; 0: no limit */
    struct xb_policy *policy;    /* for cases of the method auto; NULL where there are none */
    char **argv;                 /* of the command, for the report */
    const char *const *required; /* filters of cases that must be measured; NULL for none */
    const char *label;           /* what the user calls the run; NULL: what a resumed one has */
    struct xb_run_check *check;  /* run_check.h; NULL: nothing is held against expectations */
    bool verbose;                /* people want to see more */
    FILE *people;                /* where tables go; NULL: where the report does not */
};

/* Called by all ranks: measure every case in order; rank 0 keeps the journal, writes the report
 * and prints the table. Returns the exit status, the same on all ranks; err is filled where
 * there is something to say beyond the report. On a signal or a hang rank 0 writes a partial
 * report and the process ends here. */
int xb_measure(struct xb_session *session, const struct xb_scenario *scenario,
               const struct xb_plan *plan, const struct xb_run_options *options,
               struct xb_error *err);

#endif
