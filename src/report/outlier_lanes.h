/* SPDX-License-Identifier: BSD-3-Clause */
/* outlier_lanes.h - which lanes of a case can be compared, and with which others. For
 * outliers*.c.
 */
#ifndef XB_REPORT_OUTLIER_LANES_H
#define XB_REPORT_OUTLIER_LANES_H

#include <stdbool.h>
#include <stddef.h>

#include "model/figures/suspects.h"
#include "report/report.h"

/* Is this endpoint a GPU, "gpu" or "gpu+1"? */
bool xb_outlier_is_gpu(const char *end);

/* Is lane i one that was measured in full company, first in its chain, between ranks that are
 * known? */
bool xb_outlier_is_compared(const struct xb_report *report, const struct xb_report_case *c,
                            size_t i);

/* Do two lanes of a round begin, or end, at the same end? -1 when out of memory. */
int xb_outlier_shares_ends(const struct xb_report *report, const struct xb_report_case *c);

/* Lanes of a case with the same kind of ends, link class and bytes. */
struct xb_outlier_group {
    const struct xb_report_step *first;
    double bytes; /* of one transfer; 0 for a method that moves none */
    struct xb_like_lane *lanes;
    size_t n;
    double ceiling_gb_per_s; /* NAN where a lane has none */
};

struct xb_outlier_groups {
    struct xb_outlier_group *group; /* in the order of their first lanes */
    size_t n;
    struct xb_like_lane *lanes; /* of all groups */
};

/* The lanes of a case that can be compared, in groups. Borrows from the report; the caller
 * releases it, on failure too. -1 when out of memory. */
int xb_outlier_groups_make(const struct xb_report *report, const struct xb_report_case *c,
                           struct xb_outlier_groups *out);
void xb_outlier_groups_release(struct xb_outlier_groups *groups);

#endif
