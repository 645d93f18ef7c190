/* SPDX-License-Identifier: BSD-3-Clause */
/* case_walk.h - the cases of a report, one after the other, wherever they are: in its list, as
 * those of a report that was read, or with who made it (struct xb_case_store), as those of a
 * run, which come back from its journal. So no more than one is in memory for whoever looks at
 * them.
 *
 *     struct xb_case_walk walk = xb_cases(report);
 *     const struct xb_report_case *c;
 *     while ((c = xb_cases_next(&walk)))
 *         ...
 *     if (xb_cases_end(&walk) < 0)
 *         one could not be read back
 */
#ifndef XB_REPORT_CASE_WALK_H
#define XB_REPORT_CASE_WALK_H

#include "report/report.h"

struct xb_case_walk {
    const struct xb_report *report;
    size_t place, next;         /* of the case that was given last, and from where to look on */
    struct xb_report_case held; /* the one that was read back */
    bool holds, failed;
};

/* Begin before the first case. The report stays as it is until the walk has ended. */
struct xb_case_walk xb_cases(const struct xb_report *report);

/* The next case, which lives until the walk is asked again; NULL behind the last, or from one
 * on that cannot be read back. walk->place is where it stands. */
const struct xb_report_case *xb_cases_next(struct xb_case_walk *walk);

/* The case at a place that a walk of the same report gave; as above. The walk goes on behind
 * it. */
const struct xb_report_case *xb_cases_at(struct xb_case_walk *walk, size_t place);

/* Let go of what the walk holds. 0, or -1 where a case could not be read back, for want of
 * memory or since the store could not. */
int xb_cases_end(struct xb_case_walk *walk);

#endif
