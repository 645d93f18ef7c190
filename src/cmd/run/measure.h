/* measure.h - a plan from its first case to the report. */
#ifndef XB_CMD_RUN_MEASURE_H
#define XB_CMD_RUN_MEASURE_H

#include <stdbool.h>

#include "base/error.h"
#include "engine/runtime/session.h"
#include "model/plan/plan.h"
#include "model/policy/policy.h"
#include "model/scenario/scenario.h"
#include "report/formats/format.h"

struct xb_run_options {
    const char *output;             /* report file */
    const char *resume;             /* report or journal to take results from, or NULL */
    const char *trace;              /* file for a timeline of the pipelined cases, or NULL */
    bool samples;                   /* those of every batch go into the report */
    const struct xb_format *format; /* what is printed of the report */
    double case_timeout_s;
    struct xb_policy *policy; /* for cases of the method auto; NULL where there are none */
    char **argv;              /* of the command, for the report */
};

/* Called by all ranks after MPI_Init with what each came to over its arguments, 0 or -1 with
 * err filled. Returns 0 on all ranks if all are well, else -1 on all, with the reason in err: a
 * rank's own where it has one, else with the rank that it is from. */
int xb_arguments_agree(int rc, struct xb_error *err);

/* Called by all ranks: are they about to measure the same, by the hash of what they were told,
 * and with the same seed? 0 on all, or -1 on all with the ranks that differ in err. */
int xb_plans_agree(const struct xb_session *session, uint64_t hash, struct xb_error *err);

/* Called by all ranks after MPI_Init: a scenario, by file or name, with its overrides, and its
 * plan; a policy. All have them, or none has, and rank 0 the reason in err. */
int xb_read_scenario(const char *given, const char *const *sets, struct xb_scenario *scenario,
                     struct xb_plan *plan, struct xb_error *err);
int xb_read_policy(const char *given, struct xb_policy *policy, struct xb_error *err);

/* Called by all ranks: measure every case in order; rank 0 keeps the journal, writes the report
 * and prints the table. Returns the exit status, the same on all ranks; err is filled where
 * there is something to say beyond the report. On a signal or a hang rank 0 writes a partial
 * report and the process ends here. */
int xb_measure(struct xb_session *session, const struct xb_scenario *scenario,
               const struct xb_plan *plan, const struct xb_run_options *options,
               struct xb_error *err);

#endif
