/* SPDX-License-Identifier: BSD-3-Clause */
/* page.h - reports as one HTML file, to be read in a browser or on paper.
 *
 * What the file shows stands in it: tables, and pictures as SVG. So it needs no network, no
 * scripts and no colours. Scripts, where pictures were drawn, only make these answer to the
 * pointer. Nothing that a report says becomes markup (markup.h).
 */
#ifndef XB_REPORT_PAGE_PAGE_H
#define XB_REPORT_PAGE_PAGE_H

#include <stdio.h>

#include "report/formats/format.h"

/* Write the page of one report or several: of several also what `compare` makes of them, the
 * first one's set as the base. Without the means to draw the page has no pictures, and says so.
 * 0, or -1 when a case cannot be read back, or out of memory. */
int xb_page_write(const struct xb_format_set *set, FILE *out);

#endif
