/* SPDX-License-Identifier: BSD-3-Clause */
/* stream.c - one path, one direction, one transfer after another. */
#include "model/plan/patterns/patterns.h"

static size_t stream_of_pair(const struct xb_lane *pair, struct xb_lane out[XB_PAIR_LANES])
{
    out[0] = *pair;
    return 1;
}

const struct xb_pattern xb_pattern_stream = {
    .name = "stream",
    .summary = "one path in one direction",
    .metric = XB_METRIC_BANDWIDTH,
    .of_pair = stream_of_pair,
};
