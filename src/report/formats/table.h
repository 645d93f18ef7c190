/* SPDX-License-Identifier: BSD-3-Clause */
/* table.h - tables of text, for people and for spreadsheets. Of a long one the first rows wait
 * in a file without a name, so that its length takes no memory. */
#ifndef XB_REPORT_FORMATS_TABLE_H
#define XB_REPORT_FORMATS_TABLE_H

#include <stdbool.h>
#include <stdio.h>

/* A left- or right-aligned text table that sizes its columns to their content. */
struct xb_table;

/* New table with the NULL-terminated column titles, one at least. What a title starts with says
 * how its column is: '>' right-aligned, '.' numbers with their points below one another, and
 * before these '?' one that is left out first where there is no room for all (xb_table_fit).
 * NULL when out of memory. The caller frees it. */
struct xb_table *xb_table_new(const char *const *titles);
void xb_table_free(struct xb_table *table);

/* Add a row with one cell for each column, NULL-terminated; the texts are copied. Returns 0, or
 * -1 when out of memory or with another number of cells; the table is then as before. */
int xb_table_add(struct xb_table *table, const char *const *cells);

/* Leave out all columns but the first n when it is printed. */
void xb_table_narrow(struct xb_table *table, size_t n);

/* Print titles, a rule and the rows to out. Widths are columns of a terminal; control
 * characters are printed as question marks. */
void xb_table_print(const struct xb_table *table, FILE *out);

/* How a table is made to fit. */
struct xb_table_fit {
    size_t columns; /* that a line may take */
    size_t least; /* columns that a column of text keeps: more of it is left out, in its middle,
                     before columns go that may be left out; 0: text stays
                       whole */
    bool colours;
    size_t tint; /* index of a hidden column whose cells say how the row is tinted: "r" red, "y"
                    yellow; 0: none is */
};

/* The same in lines that fit: text is elided; then columns go that may be left out; a table
 * that is still too wide is printed in several, one below the other, each with the first
 * column. */
void xb_table_print_fit(const struct xb_table *table, const struct xb_table_fit *fit,
                        FILE *out);

/* The same as a Markdown table and as CSV, whose lines end in CR LF (table_cell.h). */
void xb_table_print_markdown(const struct xb_table *table, FILE *out);
void xb_table_print_csv(const struct xb_table *table, FILE *out);

/* The same as an element of HTML, whose class says which columns are right-aligned: "r2 r3" for
 * the second and the third. With `between`, which prints what stands between them, a long table
 * becomes several of so many rows at most, each with the titles. -1 when out of memory. */
int xb_table_print_html(const struct xb_table *table, size_t most, void (*between)(FILE *out),
                        FILE *out);

#endif
