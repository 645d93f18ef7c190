/* SPDX-License-Identifier: BSD-3-Clause */
/* exec.h - measures one case: its schedule round by round, and what its lanes came to.
 *
 * Rank 0 lets the ranks of each round begin and hears from each lane when the round is over; a
 * rank without a role in a round does nothing for it. What one round must do is in round_run.h.
 */
#ifndef XB_ENGINE_MEASURE_EXEC_H
#define XB_ENGINE_MEASURE_EXEC_H

#include "engine/measure/case_run.h"
#include "engine/runtime/session.h"
#include "model/plan/plan.h"
#include "report/result.h"

/* Called by all ranks once before the cases of a plan: what is large enough for the largest of
 * them is allocated at once. */
void xb_exec_expect(const struct xb_session *session, const struct xb_plan *plan);

/* Called by all ranks with the same case. Every way it can go is a result: nothing is returned.
 * On rank 0 out holds the result, on other ranks its status alone is set, to XB_OK. The caller
 * releases it. */
void xb_exec_case(const struct xb_session *session, const struct xb_case *c,
                  const struct xb_exec_options *options, struct xb_result *out);

/* What a case comes to that was measured in several slices: their sum is given its status,
 * times, ceilings and sums. On rank 0, without messages. Experiments have one slice and no
 * lanes for it: not for them. */
void xb_exec_conclude(const struct xb_session *session, const struct xb_case *c,
                      struct xb_result *sum);

/* Free what a slice has come to own, and zero it. */
void xb_slice_release(struct xb_slice *slice);

#endif
