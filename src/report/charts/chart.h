/* SPDX-License-Identifier: BSD-3-Clause */
/* chart.h - what is drawn of reports: rows under named columns, and how they are drawn.
 *
 * A chart is its rows first: whoever shows it prints them as a table too, so that nothing is
 * said by a picture alone. The picture is a Vega-Lite specification over the same rows;
 * render.h draws it. A kind of chart is one file here and one row in charts.c.
 */
#ifndef XB_REPORT_CHARTS_CHART_H
#define XB_REPORT_CHARTS_CHART_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "report/formats/format.h"

/* Where a chart stands on a page; sections come in this order. */
enum xb_chart_section {
    XB_CHART_CURVES,     /* bandwidth and latency by size, with the ceiling and crossovers */
    XB_CHART_MATRICES,   /* sources by destinations */
    XB_CHART_COMPANY,    /* contention and interference */
    XB_CHART_PIPELINE,   /* chunk by depth, the model beside what was measured */
    XB_CHART_CARRIED,    /* which wire carried the bytes */
    XB_CHART_COMPARISON, /* several reports: ratios with their intervals, curves side by side */
    XB_CHART_SECTIONS
};

struct xb_chart_column {
    const char *name;  /* the member of a row that holds it: a number or a text, or absent */
    const char *title; /* "Bandwidth" */
    const char *unit;  /* "GB/s", NULL without one */
};

struct xb_chart {
    enum xb_chart_section section;
    char *id;          /* "curve-1": letters, digits and hyphens; one of its own in a page */
    char *title;       /* "Bandwidth by size, gpu->gpu@node" */
    char *description; /* one or two sentences for those who do not see the picture */
    const struct xb_chart_column *columns; /* as its table shows them; lives for ever */
    size_t ncolumns;
    cJSON *rows; /* an array of objects */
    cJSON *spec; /* Vega-Lite over {"name": "rows"}: whoever draws it puts the rows in */
    char *svg;   /* NULL until it is drawn; ids within it begin with the chart's own */
};

struct xb_charts {
    struct xb_chart *chart;
    size_t n;
};

/* All charts that there are to draw of these reports, by section, each with its rows; none is
 * drawn yet. One report gets its own charts, several also those of the comparison, in which the
 * first is what the others are held against. The caller releases them. -1 when a case cannot be
 * read back, or out of memory. */
int xb_charts_of(const struct xb_format_set *set, struct xb_charts *out, struct xb_error *err);
void xb_charts_release(struct xb_charts *charts);

/* The name that a section has as a heading: "Bandwidth and latency by size". */
const char *xb_chart_section_title(enum xb_chart_section section);

#endif
