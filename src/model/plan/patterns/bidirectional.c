/* SPDX-License-Identifier: BSD-3-Clause */
/* bidirectional.c - a path and its reverse at the same time. */
#include "model/plan/patterns/patterns.h"

static size_t bidirectional_of_pair(const struct xb_lane *pair,
                                    struct xb_lane out[XB_PAIR_LANES])
{
    out[0] = *pair;
    out[1] = xb_lane_back(pair);
    out[1].chain = 1;
    return 2;
}

const struct xb_pattern xb_pattern_bidirectional = {
    .name = "bidirectional",
    .summary = "one path in both directions at the same time",
    .metric = XB_METRIC_BANDWIDTH,
    .of_pair = bidirectional_of_pair,
};
