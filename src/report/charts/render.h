/* SPDX-License-Identifier: BSD-3-Clause */
/* render.h - pictures of charts, drawn by Vega-Lite in a process of its own: the script
 * render-charts.py and the package vl-convert-python. Without them there are no pictures; rows
 * and tables need neither.
 */
#ifndef XB_REPORT_CHARTS_RENDER_H
#define XB_REPORT_CHARTS_RENDER_H

#include <stddef.h>

#include "base/error.h"
#include "report/charts/chart.h"

/* Draw every chart into its `svg`. With `bundle` the JavaScript that makes charts on a page
 * answer to the pointer is given too, as one text that holds no "</script"; the caller frees
 * it. 0; 1 when there is nothing to draw with, and err says what is missing and how it is had;
 * -1 when drawing failed. */
int xb_render_svg(struct xb_charts *charts, char **bundle, struct xb_error *err);

/* Draw every chart as PNG, at twice the pixels of its SVG, into out[charts->n], whose pictures
 * the caller frees, also on failure. As above. */
struct xb_picture {
    unsigned char *png;
    size_t size;
};
int xb_render_png(const struct xb_charts *charts, struct xb_picture *out, struct xb_error *err);

#endif
