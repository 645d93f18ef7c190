/* SPDX-License-Identifier: BSD-3-Clause */
/* draft.h - a chart while it is made: for the files of kinds of chart, and for no other.
 *
 *     struct xb_draft d = xb_draft_begin(XB_CHART_CURVES, columns, N);
 *     xb_draft_title(&d, "Bandwidth by size, %s", path);
 *     xb_draft_describe(&d, "...");
 *     xb_draft_row(&d);                          once a row, then its members
 *     xb_draft_text(&d, "method", method);
 *     xb_draft_number(&d, "gbps", 382.6142);     382.6
 *     xb_draft_spec(&d, "{'mark':'line','height':%d}", 300);
 *     return xb_draft_end(&d, "curve", charts);
 *
 * Want of memory is found at the end. What a report says goes into rows, titles and
 * descriptions alone: a specification is made of the program's own words and of numbers, so
 * that no text from outside is ever read as an expression or a field's name.
 */
#ifndef XB_REPORT_CHARTS_DRAFT_H
#define XB_REPORT_CHARTS_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/charts/chart.h"
#include "report/report.h"

#define XB_CHART_SERIES 8   /* that are told apart by colour, shape and dash */
#define XB_CHART_ROWS   160 /* of a chart at most: a page holds them twice */
#define XB_CHART_SIZE   32  /* of the text of a size */

/* A report as charts show it; its name ends titles where there are several, or is "". */
struct xb_chart_source {
    const struct xb_report *report;
    const char *name;
};

/* A kind of chart that is drawn of one report, or of all together: adds what charts there are
 * of it. -1 when a case cannot be read back, or out of memory. */
struct xb_chart_kind {
    int (*of_report)(const struct xb_chart_source *source, struct xb_charts *out,
                     struct xb_error *err);
    int (*of_set)(const struct xb_format_set *set, struct xb_charts *out, struct xb_error *err);
    bool first_only; /* of several reports only the first gets it: a comparison shows all */
};

struct xb_draft {
    struct xb_chart chart;
    cJSON *row;
    char *subtitle; /* lines below the title of the picture */
    bool failed;
};

struct xb_draft xb_draft_begin(enum xb_chart_section section,
                               const struct xb_chart_column *columns, size_t ncolumns);

/* The title, and where the source has a name, that behind it. What follows an end of line
 * stands in the picture below the title, and elsewhere behind a semicolon. */
void xb_draft_title(struct xb_draft *d, const struct xb_chart_source *source, const char *fmt,
                    ...) __attribute__((format(printf, 3, 4)));

/* Add to the description, which is made of sentences, or a line to the subtitle. */
void xb_draft_describe(struct xb_draft *d, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void xb_draft_subtitle(struct xb_draft *d, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Begin a row, and give it members: numbers to 4 significant digits, whole numbers and texts as
 * they are, sizes as "64 KiB". What is not known (not finite, below 0, NULL) is left out. */
void xb_draft_row(struct xb_draft *d);
void xb_draft_number(struct xb_draft *d, const char *name, double value);
void xb_draft_whole(struct xb_draft *d, const char *name, int64_t value);
void xb_draft_text(struct xb_draft *d, const char *name, const char *text);
void xb_draft_size(struct xb_draft *d, const char *name, int64_t bytes);

/* How many rows there are so far. */
size_t xb_draft_rows(const struct xb_draft *d);

/* The specification as JSON in which ' stands for " and ` for ', so that C can hold it, printed
 * by the format. Data, title, colours and sizes of letters are added. */
void xb_draft_spec(struct xb_draft *d, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Add the chart to the others, with an id that begins with the kind: 0, or -1 when out of
 * memory. xb_draft_drop lets go of one that is not wanted. */
int xb_draft_end(struct xb_draft *d, const char *kind, struct xb_charts *out);
void xb_draft_drop(struct xb_draft *d);

/* ---- what kinds share ---- */

/* A value with 4 significant digits. */
double xb_chart_round(double value);

/* "64 KiB". */
const char *xb_chart_size(int64_t bytes, char buf[XB_CHART_SIZE]);

/* An axis of sizes from least to most bytes as a member x of an encoding, of the field "bytes",
 * at powers of two that leave room for their labels where so many axes stand beside each other;
 * the caller frees it. NULL when out of memory. */
char *xb_chart_size_axis(int64_t least, int64_t most, size_t beside);

/* A legend without a title, of names of which the longest has so many letters: two beside each
 * other, or one below the other where they have no room. A constant string. */
const char *xb_chart_legend(size_t longest);

/* Members of an axis of names: long ones are elided in the middle, since ends tell them apart.
 */
#define XB_CHART_NAMES                                                                         \
    "'labelLimit':400,'labelFontSize':10,'labelExpr':'length(datum.label)>74?"                 \
    "slice(datum.label,0,22)+`…`+slice(datum.label,-51):datum.label'"

/* "stream each, gpu->gpu@node", with what else sets cases apart that no curve has together. */
#define XB_CHART_ABOUT_LEN 512
const char *xb_chart_about(const struct xb_report_case *c, char buf[XB_CHART_ABOUT_LEN]);

/* The method with its options; of `auto` not what was picked. */
const char *xb_chart_method(const struct xb_report_case *c, char *buf, size_t len);

/* Is it a case of transfers that follow a pattern, as opposed to an experiment? And one that
 * was measured and has a rate? */
bool xb_chart_has_rate(const struct xb_report_case *c);

#endif
