/* SPDX-License-Identifier: BSD-3-Clause */
/* page_parts.h - the parts of a page, in their order. For page*.c, and for no other. */
#ifndef XB_REPORT_PAGE_PAGE_PARTS_H
#define XB_REPORT_PAGE_PAGE_PARTS_H

#include <stdbool.h>
#include <stdio.h>

#include "report/charts/chart.h"
#include "report/compare.h"
#include "report/formats/format.h"
#include "report/formats/table.h"

/* What a page is made from. */
struct xb_html_page {
    const struct xb_format_set *set;
    const struct xb_comparison *comparison; /* NULL of one report, and where there is none: */
    const char *incomparable;               /* why not */
    const struct xb_charts *charts;
    const char *undrawn; /* why charts have no pictures, and how they are had; NULL otherwise */
    const char *bundle;  /* the library that draws them by scripts; NULL without pictures */
};

/* How each report came out, and what is slow, odd, noisy, drifting or skipped, and why. -1 when
 * a case cannot be read back, or out of memory, as all below. */
int xb_page_verdict(const struct xb_html_page *page, FILE *out);

/* Nodes with their GPUs, NICs and ranks, what joins GPUs, versions and settings. */
int xb_page_machine(const struct xb_html_page *page, FILE *out);

/* What tune chose at each point, against the best and `static`, and where methods change. */
int xb_page_tuned(const struct xb_html_page *page, FILE *out);

/* The boxes and tables of one report's nodes, which the above is made of; and of how its GPUs
 * are joined. */
int xb_page_nodes(const struct xb_report *report, FILE *out);
int xb_page_links(const struct xb_report *report, FILE *out);

/* What a comparison of several reports finds: in a sentence, and all of it. */
void xb_page_comparison_sum(const struct xb_html_page *page, FILE *out);
int xb_page_comparison(const struct xb_html_page *page, FILE *out);

/* Compare reports, the first one's set as the base. The caller frees it; NULL with an error. */
struct xb_comparison *xb_page_compare(const struct xb_format_set *set, struct xb_error *err);

/* All charts but those of the comparison, by section; and those of a section. */
int xb_page_charts(const struct xb_html_page *page, FILE *out);
int xb_page_section_charts(const struct xb_html_page *page, enum xb_chart_section section,
                           FILE *out);

/* A row for each measured case of each report. */
int xb_page_cases(const struct xb_html_page *page, FILE *out);

/* The style of a page: what stands between <style> and its end. */
extern const char *const xb_page_style;

/* What makes pictures answer to the pointer: JavaScript that finds the bundle's names. */
extern const char *const xb_page_script;

/* ---- what they share ---- */

/* What one of several reports is called: its file's last part and its set's name. */
void xb_page_name(const struct xb_format_source *source, FILE *out);

/* An element of a title, or a paragraph, with a text that may be any. */
void xb_page_element(const char *element, const char *text, FILE *out);

/* A table, which is freed, in a box that scrolls by itself where it is too wide; `what` says
 * what it shows to who does not see it. NULL is out of memory: -1. */
int xb_page_table(struct xb_table *table, const char *what, FILE *out);

/* The same for what prints one itself: begin and end the box. */
void xb_page_box_begin(const char *what, FILE *out);
void xb_page_box_end(FILE *out);

/* A member of an object as text, NULL where it is none; and as a number, NAN where it is none.
 */
const char *xb_page_text_of(const cJSON *object, const char *key);
double xb_page_number_of(const cJSON *object, const char *key);

#endif
