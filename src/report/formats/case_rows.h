/* SPDX-License-Identifier: BSD-3-Clause */
/* case_rows.h - what tables show of a report: a row for each measured case, and what kept
 * others from it. It is collected while the cases go by, one at a time.
 */
#ifndef XB_REPORT_FORMATS_CASE_ROWS_H
#define XB_REPORT_FORMATS_CASE_ROWS_H

#include <stdbool.h>
#include <stdio.h>

#include "report/case_walk.h"
#include "report/formats/format.h"
#include "report/formats/table.h"

struct xb_case_rows;

/* NULL when out of memory; the caller frees it. */
struct xb_case_rows *xb_case_rows_new(const struct xb_report *report);
void xb_case_rows_free(struct xb_case_rows *rows);

/* Take the case that a walk of the report gave last: what there is to note of it, and with
 * `row` a row where it was measured. -1 when out of memory. */
int xb_case_rows_add(struct xb_case_rows *rows, const struct xb_case_walk *walk,
                     const struct xb_report_case *c, bool row);

/* All cases of a report, each with a row; NULL when one cannot be read back, or out of memory.
 */
struct xb_case_rows *xb_case_rows_of(const struct xb_report *report);

/* How many rows there are. */
size_t xb_case_rows_count(const struct xb_case_rows *rows);

/* Print the rows, by one of the functions of table.h: pattern, method with options, path, size,
 * chunk x depth, median time, GB/s, half-width of the interval in %, status and notes, and,
 * where cases have several lanes, the slowest one. A sentence where there are none. */
void xb_case_rows_print(const struct xb_case_rows *rows,
                        void (*print)(const struct xb_table *table, FILE *out), FILE *out);

/* The table of these rows, which stays theirs, or NULL where there are none. */
const struct xb_table *xb_case_rows_table(const struct xb_case_rows *rows);

/* Is there anything to print below them? */
bool xb_case_rows_has_notes(const struct xb_case_rows *rows);

/* Print, below an empty line, each reason for which cases were skipped or failed, once, with
 * the number of cases (and the ids of failed ones), each warning once, how many cases are
 * noisy, and which of them or their lanes drift or step, and since when; and which ranks take
 * more and more memory. Reasons and ids are read back. -1 when they cannot be, or when out of
 * memory. */
int xb_case_rows_print_notes(const struct xb_case_rows *rows, FILE *out);

/* The same in sentences that are no wider than the page says, and where it is verbose with the
 * ids of skipped cases. */
int xb_case_rows_tell_notes(const struct xb_case_rows *rows, const struct xb_page *page,
                            FILE *out);

/* For a form that shows some cases in its own way: print the rows of the others as a table,
 * behind the gap, where there are any, and the notes. An empty gap says that it has shown none:
 * then no rows are said in a sentence. As xb_case_rows_print_notes. */
int xb_case_rows_print_others(const struct xb_case_rows *rows, const char *gap, FILE *out);

#endif
