/* SPDX-License-Identifier: BSD-3-Clause */
/* pingpong.c - a path there and back, each transfer waiting for the one before. */
#include "model/plan/patterns/patterns.h"

static size_t pingpong_of_pair(const struct xb_lane *pair, struct xb_lane out[XB_PAIR_LANES])
{
    out[0] = *pair;
    out[1] = xb_lane_back(pair);
    out[1].step = 1;
    return 2;
}

const struct xb_pattern xb_pattern_pingpong = {
    .name = "pingpong",
    .summary = "there and back in turn, for the time of one way",
    .metric = XB_METRIC_LATENCY,
    .of_pair = pingpong_of_pair,
};
