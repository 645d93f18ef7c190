/* SPDX-License-Identifier: BSD-3-Clause */
/* build_rounds.h - what the rounds of a case came to, and what its lanes lost in company, as
 * they stand in a report. */
#ifndef XB_REPORT_BUILD_ROUNDS_H
#define XB_REPORT_BUILD_ROUNDS_H

#include "report/report.h"
#include "report/result.h"

/* "alone" or "two"; NULL for all, which needs no saying. A constant string. */
const char *xb_build_company(enum xb_company company);

/* Times in a report's struct. */
struct xb_report_lane_time xb_build_time(const struct xb_stats *s);

/* Fill `rounds` and `slowest_round` of a case whose transfer_bytes and lanes are there. -1 when
 * out of memory. */
int xb_build_rounds(const struct xb_result *result, struct xb_report_case *out);

/* Fill the contention of its lanes: of one in company its time over that of the same lane
 * alone, in the round that was measured before it. With several passes it is the median of the
 * passes' ratios, each of two times of one pass, with the interval between passes. -1 when out
 * of memory. */
int xb_build_contention(const struct xb_result *result, struct xb_report_case *out);

#endif
