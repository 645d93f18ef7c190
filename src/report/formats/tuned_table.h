/* SPDX-License-Identifier: BSD-3-Clause */
/* tuned_table.h - what tune chose, as tables and lines for people. */
#ifndef XB_REPORT_FORMATS_TUNED_TABLE_H
#define XB_REPORT_FORMATS_TUNED_TABLE_H

#include <stdio.h>

#include "report/formats/format.h"
#include "report/formats/table.h"
#include "report/tuned.h"

/* A row for each point where anything works: path, size and blocks, how many candidates were
 * measured, what the policy chooses there and what `static` does ("the same"), with their
 * regrets, the best, and from what the choice does not part. `all_columns` is with those that
 * have nothing to show. The caller frees it; NULL when out of memory. */
struct xb_table *xb_tuned_points(const struct xb_report_tuned *tuned, bool all_columns);

/* The other points in a line, where there are any: "nothing works at 18 points:
 * gpu->gpu@remote, gpu->host@remote". -1 when out of memory. */
int xb_tuned_print_nothing(const struct xb_report_tuned *tuned, FILE *out);

/* A row for each size above which another method is chosen. As above. */
struct xb_table *xb_tuned_crossovers(const struct xb_report_tuned *tuned);

/* A line each: "regret of static: worst 3.97 (gpu->gpu@node, 64MiB), above 1.05 at 2 of 12
 * points"; where one has no answer, at how many. */
void xb_tuned_print_regrets(const struct xb_report_tuned *tuned, FILE *out);

/* The points as a table that fits, and crossovers and regrets as lines: "gpu->gpu@node: above
 * 304KiB nccl, which is faster than mpi". -1 when out of memory. */
int xb_tuned_print(const struct xb_report_tuned *tuned, const struct xb_page *page, FILE *out);

#endif
