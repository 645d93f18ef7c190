/* SPDX-License-Identifier: BSD-3-Clause */
/* table_cell.h - texts as cells of tables whose form has marks of its own. */
#ifndef XB_REPORT_FORMATS_TABLE_CELL_H
#define XB_REPORT_FORMATS_TABLE_CELL_H

#include <stdio.h>

/* Of Markdown: a bar would end the cell, a line's end the row, and markup would count. Control
 * characters are printed as question marks. */
void xb_cell_print_markdown(const char *text, FILE *out);

/* Of CSV (RFC 4180): quoted where it holds a comma, a quote or a line's end; else as it is. */
void xb_cell_print_csv(const char *text, FILE *out);

#endif
