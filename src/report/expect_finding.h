/* SPDX-License-Identifier: BSD-3-Clause */
/* expect_finding.h - making the findings of a check. For the files that make them. */
#ifndef XB_REPORT_EXPECT_FINDING_H
#define XB_REPORT_EXPECT_FINDING_H

#include "report/expect_check.h"

/* Add a finding with this text to those of a report, whose level becomes the worst of both.
 * What it owns is taken over, also on failure. -1 when out of memory. */
__attribute__((format(printf, 3, 4))) int
xb_finding_add(struct xb_checked *checked, struct xb_finding *made, const char *fmt, ...);
void xb_finding_release(struct xb_finding *finding);

/* Say where lane i of a case is: its ends, link class and host, and in `where` its ends;
 * between two hosts both stand with them. -1 when out of memory; the caller releases the
 * finding. */
int xb_finding_place(const struct xb_report *report, const struct xb_report_case *c, size_t i,
                     struct xb_finding *finding);

/* The host of a case where all of its ranks are on one, else NULL. Belongs to the report. */
const char *xb_finding_host(const struct xb_report *report, const struct xb_report_case *c);

/* What of a case or lane a bound can be about; NAN where it is not known. */
struct xb_finding_figures {
    double us, gb_per_s, ceiling, fraction;
};
struct xb_finding_figures xb_finding_of_case(const struct xb_report_case *c);
struct xb_finding_figures xb_finding_of_lane(const struct xb_report_lane *lane);

/* Have the lanes of a case figures of their own, that a bound can be about? Those of a
 * collective are each rank's part of one operation, and experiments have none. */
bool xb_finding_by_lane(const struct xb_report_case *c);

/* Hold figures against the bound of a finding: its level, value and limits. */
void xb_finding_hold(struct xb_finding *finding, const struct xb_finding_figures *figures);

/* Add that nothing was measured for a bound that is required, or for any at all, as the
 * findings so far have it. -1 when out of memory. */
int xb_finding_add_unmet(struct xb_checked *checked);

/* Add a finding that was held, in words. As xb_finding_add. */
int xb_finding_add_held(struct xb_checked *checked, struct xb_finding *finding);

/* "210.3 GB/s, expected 379.0 GB/s or more", into buf, or what a finding without a figure says.
 */
#define XB_FINDING_WORDS 300
const char *xb_finding_words(const struct xb_finding *finding, char buf[XB_FINDING_WORDS]);

/* How far a figure is towards the nearest of its limits: 1 lies on it, more beyond it; infinite
 * without a figure. */
double xb_finding_strain(const struct xb_finding *finding);

#endif
