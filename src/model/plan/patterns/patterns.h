/* SPDX-License-Identifier: BSD-3-Clause */
/* patterns.h - what the files of patterns share. */
#ifndef XB_MODEL_PLAN_PATTERNS_PATTERNS_H
#define XB_MODEL_PLAN_PATTERNS_PATTERNS_H

#include "model/plan/pattern.h"
#include "model/plan/schedule.h"

/* The lane that carries the same bytes back: reversed path, ranks swapped. */
static inline struct xb_lane xb_lane_back(const struct xb_lane *lane)
{
    struct xb_lane back = *lane;

    back.path = xb_path_reverse(&lane->path);
    back.src_rank = lane->dst_rank;
    back.dst_rank = lane->src_rank;
    return back;
}

#endif
