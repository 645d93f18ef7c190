/* SPDX-License-Identifier: BSD-3-Clause */
/* conclude_rounds.h - what rounds came to as a whole, of a case that has several. On rank 0,
 * without messages. */
#ifndef XB_ENGINE_MEASURE_CONCLUDE_ROUNDS_H
#define XB_ENGINE_MEASURE_CONCLUDE_ROUNDS_H

#include <stdbool.h>

#include "engine/runtime/session.h"
#include "model/plan/plan.h"
#include "model/plan/schedule.h"
#include "report/result.h"

/* Over its ceiling a result is wrong, but for what clocks and link rates are rounded by. */
#define XB_CEILING_TOLERANCE 1.02

/* The place in the schedule that a lane's result is of. */
struct xb_lane xb_lane_of_result(const struct xb_lane_result *r);

/* Lanes that were skipped moved nothing, nor did those that failed: what fails while a round is
 * measured ends it for all of its lanes. */
bool xb_lane_has_moved(const struct xb_lane_result *lane);

/* The lanes of a round that were busy, their chains numbered anew; where none was, what the
 * round would have been. out is empty before, and the caller's to release. -1 when out of
 * memory. */
int xb_busy_lanes(const struct xb_schedule *schedule, const struct xb_result *result, int round,
                  struct xb_round *out);

/* Ceilings of the rounds in out, and what exceeds its own; the slowest of those in full
 * company. take_time: the case's time is that of the round in the middle of these, or where its
 * pattern says so, of the slowest. Of two rounds that is the slower which completes fewer
 * transfers in a second. */
void xb_conclude_rounds(const struct xb_session *session, const struct xb_case *c,
                        const struct xb_schedule *schedule, bool take_time,
                        struct xb_result *out);

#endif
