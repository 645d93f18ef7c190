/* SPDX-License-Identifier: BSD-3-Clause */
/* charts_fixture.h - made reports, their charts, and what holds for every chart. */
#ifndef XB_TESTS_REPORT_CHARTS_CHARTS_FIXTURE_H
#define XB_TESTS_REPORT_CHARTS_CHARTS_FIXTURE_H

#include "report/charts/chart.h"

#include <stdlib.h>
#include <string.h>

#include "report/charts/draft.h"
#include "tests/report/made_report.h"
#include "tests/tap.h"

/* ---- reports ---- */

/* Say what a made case gave: of a method and a size. */
static inline struct xb_report_case *find(struct xb_report *report, const char *method,
                                          int64_t bytes)
{
    for (size_t i = 0; i < report->cases.n; i++) {
        struct xb_report_case *c = xb_report_case_at(report, i);
        if (strcmp(c->key.method, method) == 0 && c->key.bytes == bytes)
            return c;
    }
    return NULL;
}

static inline void gave(struct xb_report *report, const char *method, int64_t bytes,
                        double median, double half)
{
    find(report, method, bytes)->bandwidth =
        (struct xb_report_rate){true, median, median - half, median + half};
}

static inline void ceiling(struct xb_report *report, double gb_per_s)
{
    for (size_t i = 0; i < report->cases.n; i++)
        xb_report_case_at(report, i)->ceiling_gb_per_s = gb_per_s;
}

static inline void make(const struct made *m, struct xb_report *report)
{
    struct xb_error err;

    if (made_report(m, report, &err) < 0)
        printf("Bail out! %s\n", err.text);
}

static inline struct xb_charts charts_of(const struct xb_report *report)
{
    const struct xb_format_source source = {.report = report, .name = "a/r.json"};
    const struct xb_format_set set = {.source = &source, .n = 1};
    struct xb_charts charts;
    struct xb_error err;

    if (xb_charts_of(&set, &charts, &err) < 0)
        printf("Bail out! %s\n", err.text);
    return charts;
}

/* ---- charts ---- */

static const struct xb_chart *chart_at(const struct xb_charts *charts, const char *id)
{
    for (size_t i = 0; i < charts->n; i++)
        if (strcmp(charts->chart[i].id, id) == 0)
            return &charts->chart[i];
    return NULL;
}

static inline size_t count_rows(const struct xb_chart *chart)
{
    return chart ? (size_t)cJSON_GetArraySize(chart->rows) : 0;
}

/* The row in which members have these texts; the second may be NULL. */
static const cJSON *row_of(const struct xb_chart *chart, const char *name, const char *text,
                           const char *other, const char *value)
{
    const cJSON *row;

    if (!chart)
        return NULL;
    cJSON_ArrayForEach(row, chart->rows)
    {
        const char *got = cJSON_GetStringValue(cJSON_GetObjectItem(row, name));
        const char *more = other ? cJSON_GetStringValue(cJSON_GetObjectItem(row, other)) : NULL;
        if (got && strcmp(got, text) == 0 && (!other || (more && strcmp(more, value) == 0)))
            return row;
    }
    return NULL;
}

static inline double number(const cJSON *row, const char *name)
{
    return cJSON_GetNumberValue(cJSON_GetObjectItem(row, name));
}

static const char *text(const cJSON *row, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(row, name));
}

/* ---- what holds for every chart ---- */

/* Is there a transform in the specification that makes this member? */
static inline bool is_made(const cJSON *spec, const char *name)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, spec)
    {
        if (item->string && strcmp(item->string, "as") == 0) {
            const cJSON *one;
            if (cJSON_IsString(item) && strcmp(item->valuestring, name) == 0)
                return true;
            cJSON_ArrayForEach(one, item)
            {
                if (strcmp(one->valuestring, name) == 0)
                    return true;
            }
        } else if (is_made(item, name)) {
            return true;
        }
    }
    return false;
}

static inline bool is_in_rows(const struct xb_chart *chart, const char *name)
{
    const cJSON *row;

    cJSON_ArrayForEach(row, chart->rows)
    {
        if (cJSON_HasObjectItem(row, name))
            return true;
    }
    return false;
}

/* Members that rows may lack altogether: what was not there to be seen. */
static inline bool may_lack(const char *name)
{
    static const char *const names[] = {"lo",   "hi",       "chunk",     "depth",
                                        "rule", "crossing", "overtakes", "rule_text",
                                        "link", "ceiling",  "bottleneck"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* The first field that an encoding names and no row has, or NULL. */
static const char *unknown_field(const struct xb_chart *chart, const cJSON *spec)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, spec)
    {
        const char *name = item->string && strcmp(item->string, "field") == 0
                               ? cJSON_GetStringValue(item)
                               : NULL;
        if (name && !is_in_rows(chart, name) && !is_made(chart->spec, name) && !may_lack(name))
            return name;
        const char *below = unknown_field(chart, item);
        if (below)
            return below;
    }
    return NULL;
}

/* Members are numbers of 4 digits, whole ones, and texts; columns are members. */
static inline bool has_flat_rows(const struct xb_chart *chart)
{
    const cJSON *row, *member;

    cJSON_ArrayForEach(row, chart->rows)
    {
        cJSON_ArrayForEach(member, row)
        {
            double v = member->valuedouble;
            if (!cJSON_IsNumber(member) && !cJSON_IsString(member))
                return false;
            if (cJSON_IsNumber(member) && v != xb_chart_round(v) && v != floor(v))
                return false;
        }
    }
    for (size_t i = 0; i < chart->ncolumns; i++)
        if (!is_in_rows(chart, chart->columns[i].name) && !may_lack(chart->columns[i].name))
            return false;
    return true;
}

static inline void check_all(const struct xb_charts *charts, const char *of)
{
    int last = 0;

    for (size_t i = 0; i < charts->n; i++) {
        const struct xb_chart *chart = &charts->chart[i];
        char name[200];
        size_t same = 0;
        for (size_t k = 0; k < charts->n; k++)
            same += strcmp(charts->chart[k].id, chart->id) == 0;
        snprintf(name, sizeof name, "%s, %s: its own id, fields that rows have, flat rows", of,
                 chart->id);
        ok(same == 1 && !unknown_field(chart, chart->spec) && has_flat_rows(chart) &&
               chart->title[0] && chart->description[0] && !strchr(chart->title, '\n') &&
               (int)chart->section >= last && !chart->svg,
           name);
        if (unknown_field(chart, chart->spec))
            printf("# no row has %s\n", unknown_field(chart, chart->spec));
        last = (int)chart->section;
    }
}

#endif
