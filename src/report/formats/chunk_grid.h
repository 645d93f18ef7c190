/* SPDX-License-Identifier: BSD-3-Clause */
/* chunk_grid.h - cases that differ in chunk and depth alone, as a grid of both. */
#ifndef XB_REPORT_FORMATS_CHUNK_GRID_H
#define XB_REPORT_FORMATS_CHUNK_GRID_H

#include "report/formats/case_groups.h"

/* Find the grids of a group: cases of one method with the same options and conditions and one
 * size, six or more, that have several chunks, several depths and at least half of all pairs.
 * Each gets XB_MARK_GRID, and the best of each grid XB_MARK_GRID_BEST. -1 when out of memory.
 */
int xb_chunk_grids_mark(struct xb_case_group *group);

/* Print them, a table each: a row for each chunk, a column for each depth. -1 when out of
 * memory, or where a case cannot be read back. */
int xb_chunk_grids_print(const struct xb_case_groups *groups, const struct xb_case_group *group,
                         const struct xb_page *page, FILE *out);

/* The signs of a case as a table shows them, "*~": what stands behind its figure. */
const char *xb_mark_signs(unsigned marks, char buf[8]);

/* Microseconds with four significant digits; "-" where not known. */
const char *xb_figure_us(double us, double unit_us, char buf[XB_CELL_LEN]);

#endif
