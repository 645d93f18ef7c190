/* SPDX-License-Identifier: BSD-3-Clause */
/* conclude.h - from what the lanes came to, to what the case came to. On rank 0, without
 * messages. */
#ifndef XB_ENGINE_MEASURE_CONCLUDE_H
#define XB_ENGINE_MEASURE_CONCLUDE_H

#include "engine/runtime/session.h"
#include "model/plan/plan.h"
#include "model/plan/schedule.h"
#include "report/result.h"

/* Add what is known of a round as a whole. Of a case with one round (alone) the samples and
 * what was looked into are the case's; of one with several the samples are those of a round
 * that stands in out like `place`, which is NULL where only one chain of it was measured, whose
 * lanes have the time. They are taken from whole, which is released. */
void xb_conclude_round(struct xb_result *out, struct xb_result *whole,
                       const struct xb_round_result *place, bool alone);

/* When all lanes are there: ceilings and what must have carried the bytes, lane by lane; then
 * the case's status, time, slowest lane and sums. The time is that of the whole schedule where
 * it has one pair, or pairs that are to be added up (`together`), or is no pattern of pairs;
 * else that of the lane in the middle. Of a pattern of the whole job with several rounds it is
 * that of the round in the middle, or of the slowest where the pattern says so. Where
 * contention is looked for, only what has full company counts. */
void xb_conclude_case(const struct xb_session *session, const struct xb_case *c,
                      const struct xb_schedule *schedule, struct xb_result *out);

/* The same of what several passes gave, lane by lane (report/slices.h), each of whose slices
 * was concluded: the counters' shares are known. A pass that was worse than the whole counts.
 */
void xb_conclude_slices(const struct xb_session *session, const struct xb_case *c,
                        const struct xb_schedule *schedule, struct xb_result *sum);

#endif
