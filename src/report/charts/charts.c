/* SPDX-License-Identifier: BSD-3-Clause */
/* charts.c - the table of kinds of chart, and all charts of reports. */
#include "report/charts/chart.h"

#include <stdlib.h>
#include <string.h>

#include "report/charts/kinds.h"

#define OWN_CHARTS 2 /* reports of several that get charts of their own */

/* In the order of sections. */
static const struct xb_chart_kind *const kinds[] = {
    &xb_chart_curves,   &xb_chart_matrices, &xb_chart_company,
    &xb_chart_pipeline, &xb_chart_carried,  &xb_chart_comparison,
};
#define KINDS (sizeof kinds / sizeof kinds[0])

const char *xb_chart_section_title(enum xb_chart_section section)
{
    static const char *const titles[XB_CHART_SECTIONS] = {
        [XB_CHART_CURVES] = "Bandwidth and latency by size",
        [XB_CHART_MATRICES] = "Sources by destinations",
        [XB_CHART_COMPANY] = "Contention and interference",
        [XB_CHART_PIPELINE] = "Pipelines: chunk and depth",
        [XB_CHART_CARRIED] = "What carried the bytes",
        [XB_CHART_COMPARISON] = "Comparison",
    };

    return titles[section];
}

/* The file's own name, which tells reports apart in titles; "" where there is one report. */
static const char *short_name(const struct xb_format_set *set, size_t i)
{
    const char *name = set->source[i].name ? set->source[i].name : "";
    const char *slash = strrchr(name, '/');

    return set->n < 2 ? "" : slash ? slash + 1 : name;
}

int xb_charts_of(const struct xb_format_set *set, struct xb_charts *out, struct xb_error *err)
{
    int rc = 0;

    *out = (struct xb_charts){NULL, 0};
    for (size_t k = 0; rc == 0 && k < KINDS; k++) {
        size_t own = kinds[k]->first_only ? 1 : OWN_CHARTS;
        for (size_t i = 0; rc == 0 && kinds[k]->of_report && i < set->n && i < own; i++) {
            const struct xb_chart_source source = {set->source[i].report, short_name(set, i)};
            rc = kinds[k]->of_report(&source, out, err);
        }
        if (rc == 0 && kinds[k]->of_set && set->n > 1)
            rc = kinds[k]->of_set(set, out, err);
    }
    if (rc < 0)
        xb_charts_release(out);
    return rc;
}
