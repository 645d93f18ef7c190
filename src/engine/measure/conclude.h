/* conclude.h - from what the lanes came to, to what the case came to. On rank 0, without
 * messages. */
#ifndef XB_ENGINE_MEASURE_CONCLUDE_H
#define XB_ENGINE_MEASURE_CONCLUDE_H

#include "engine/runtime/session.h"
#include "model/plan/plan.h"
#include "model/plan/schedule.h"
#include "report/result.h"

/* Add what is known of a round as a whole. Of a case with one round the samples and what was
 * looked into are the case's; they are taken from whole, which is released. */
void xb_conclude_round(struct xb_result *out, struct xb_result *whole, bool alone);

/* When all lanes are there: ceilings and what must have carried the bytes, lane by lane; then
 * the case's status, time, slowest lane and sums. The time is that of the whole schedule where
 * it has one pair, or pairs that are to be added up (`together`), or is no pattern of pairs;
 * else that of the lane in the middle. */
void xb_conclude_case(const struct xb_session *session, const struct xb_case *c,
                      const struct xb_schedule *schedule, struct xb_result *out);

/* The same of what several passes gave, lane by lane (report/slices.h), each of whose slices
 * was concluded: the counters' shares are known. A pass that was worse than the whole counts.
 */
void xb_conclude_slices(const struct xb_session *session, const struct xb_case *c,
                        const struct xb_schedule *schedule, struct xb_result *sum);

#endif
