/* table.h - text tables for people. */
#ifndef XB_REPORT_FORMATS_TABLE_H
#define XB_REPORT_FORMATS_TABLE_H

#include <stdio.h>

/* A left- or right-aligned text table that sizes its columns to their content. */
struct xb_table;

/* New table with the NULL-terminated column titles, one at least; a title that starts with '>'
 * makes its column right-aligned. NULL when out of memory. The caller frees it. */
struct xb_table *xb_table_new(const char *const *titles);
void xb_table_free(struct xb_table *table);

/* Add a row with one cell for each column, NULL-terminated; the texts are copied. Returns 0, or
 * -1 when out of memory or with another number of cells; the table is then as before. */
int xb_table_add(struct xb_table *table, const char *const *cells);

/* Print titles, a rule and the rows to out. Widths count UTF-8 characters, not bytes. */
void xb_table_print(const struct xb_table *table, FILE *out);

struct xb_report;

/* The two halves of a report's table; -1 when out of memory. A row for each measured case:
 * pattern, method with options, path, size, chunk x depth, median time, GB/s, half-width of the
 * interval in %, status and notes, and, where cases have several lanes, the slowest one; then
 * each reason for which cases were skipped or failed, once, with the number of cases (and the
 * ids of failed ones), each warning once, how many cases are noisy, and which of them or their
 * lanes drift or step, and since when; and which ranks take more and more memory. */
int xb_table_print_cases(const struct xb_report *report, FILE *out);
int xb_table_print_notes(const struct xb_report *report, FILE *out);

#endif
