/* SPDX-License-Identifier: BSD-3-Clause */
/* run_again.h - run --check: a case that is not good is measured once more before it counts, at
 * the end, when the others are done.
 *
 * The second look is a run of its own over those cases, in the same session, with a report of
 * its own beside the first one: r.json, r-again.json. So both results are kept.
 */
#ifndef XB_CMD_RUN_RUN_AGAIN_H
#define XB_CMD_RUN_RUN_AGAIN_H

#include "base/error.h"
#include "cmd/run/measure.h"
#include "cmd/run/run_check.h"
#include "engine/runtime/session.h"
#include "model/plan/plan.h"
#include "model/scenario/scenario.h"

/* Called by all ranks behind xb_measure, which ended with this status: measure cases again that
 * are not good, say on rank 0 what is found, and return the status that the run ends with, the
 * same on all: 1 unless all is good, and what is neither 0 nor 1 as it is. */
int xb_run_again(struct xb_run_check *check, struct xb_session *session,
                 const struct xb_scenario *scenario, const struct xb_plan *plan,
                 const struct xb_run_options *options, int status, struct xb_error *err);

#endif
