/* SPDX-License-Identifier: BSD-3-Clause */
/* table.h - tables of text, for people and for spreadsheets. Of a long one the first rows wait
 * in a file without a name, so that its length takes no memory. */
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

/* Leave out all columns but the first n when it is printed. */
void xb_table_narrow(struct xb_table *table, size_t n);

/* Print titles, a rule and the rows to out. Widths count UTF-8 characters, not bytes. */
void xb_table_print(const struct xb_table *table, FILE *out);

/* The same as a Markdown table ("|" in a cell is escaped), and as CSV (RFC 4180: lines end in
 * CR LF; cells with a comma, quote or line's end are quoted). */
void xb_table_print_markdown(const struct xb_table *table, FILE *out);
void xb_table_print_csv(const struct xb_table *table, FILE *out);

/* The same as an element of HTML, whose class says which columns are right-aligned: "r2 r3" for
 * the second and the third. */
void xb_table_print_html(const struct xb_table *table, FILE *out);

#endif
