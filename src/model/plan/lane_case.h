/* SPDX-License-Identifier: BSD-3-Clause */
/* lane_case.h - a case as one of its lanes has it, where lanes have bytes of their own. */
#ifndef XB_MODEL_PLAN_LANE_CASE_H
#define XB_MODEL_PLAN_LANE_CASE_H

#include "model/plan/plan.h"

/* Bytes of one transfer of a lane: its own, or the case's. */
uint64_t xb_lane_bytes(const struct xb_case *c, const struct xb_lane *lane);

/* The case as it would be if all lanes had the bytes of this one: c itself where the lane has
 * none of its own, or a copy of it in room, whose chunk is no larger than the lane. */
const struct xb_case *xb_lane_case(const struct xb_case *c, const struct xb_lane *lane,
                                   struct xb_case *room);

#endif
