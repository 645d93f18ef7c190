/* SPDX-License-Identifier: BSD-3-Clause */
/* run_experiment.h - measures one case of an experiment, from probe to result. */
#ifndef XB_LAB_RUN_EXPERIMENT_H
#define XB_LAB_RUN_EXPERIMENT_H

#include "engine/measure/exec.h"
#include "engine/runtime/session.h"
#include "model/plan/plan.h"
#include "report/result.h"

/* Seconds that such a case gets on top of its own time before it counts as hung: every bounded
 * wait has ended by then. */
#define XB_EXPERIMENT_GRACE_S 5.0

/* Called by all ranks with the same case, one that xb_case_is_experiment. Rank 0 runs it:
 * probe, memory, a round whose results are looked at, warm-up, batch size, samples, results,
 * clean-up; the others wait without spinning. All agree before it begins and when it is over.
 * Every way it can go is a result: nothing is returned. On rank 0 out holds the result, on
 * other ranks its status alone. The caller releases it. */
void xb_run_experiment(const struct xb_session *session, const struct xb_case *c,
                       const struct xb_exec_options *options, struct xb_result *out);

#endif
