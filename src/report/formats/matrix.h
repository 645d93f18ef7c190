/* SPDX-License-Identifier: BSD-3-Clause */
/* matrix.h - the lanes of a case as a table of sources and destinations. */
#ifndef XB_REPORT_FORMATS_MATRIX_H
#define XB_REPORT_FORMATS_MATRIX_H

#include <stdbool.h>

#include "report/formats/format.h"

/* Has a case several lanes with times of their own? */
bool xb_matrix_has(const struct xb_report_case *c);

/* Print it: what the case measures, a row for each source, a column for each destination, and
 * the extremes. In lines as wide as they become, or where there is a page, no wider than that
 * says. -1 when out of memory. */
int xb_matrix_print(const struct xb_report *report, const struct xb_report_case *c,
                    const struct xb_page *page, FILE *out);

#endif
