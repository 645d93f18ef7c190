/* SPDX-License-Identifier: BSD-3-Clause */
/* check_json.c - verdicts as JSON: results/schema/check-v1.schema.json. */
#include "report/formats/check_format.h"

#include <math.h>
#include <stdlib.h>

#include "report/expect_reason.h"
#include "report/report_json.h"

#define CHECK_NAME    "xferbench-check"
#define CHECK_VERSION 1

static cJSON *limits_json(const struct xb_expect_limits *limits)
{
    if (isnan(limits->warning) && isnan(limits->critical))
        return cJSON_CreateNull();

    cJSON *object = cJSON_CreateObject();
    bool good =
        xb_report_put(object, "warning", xb_report_number(xb_round_ratio(limits->warning))) &&
        xb_report_put(object, "critical", xb_report_number(xb_round_ratio(limits->critical)));

    return xb_report_done(object, good);
}

/* What was measured, in the unit of the bound. */
static cJSON *figure_json(const struct xb_finding *f)
{
    if (!f->has_figure)
        return cJSON_CreateNull();

    cJSON *object = cJSON_CreateObject();
    bool good = xb_report_put(object, "unit", cJSON_CreateString(f->is_time ? "us" : "GB/s")) &&
                xb_report_put(object, "value", xb_report_number(xb_round_ratio(f->value))) &&
                xb_report_put(object, "fraction_of_ceiling",
                              xb_report_number(xb_round_ratio(f->fraction))) &&
                xb_report_put(object, "below", limits_json(&f->below)) &&
                xb_report_put(object, "above", limits_json(&f->above));

    return xb_report_done(object, good);
}

static cJSON *finding_json(const struct xb_checked *k, const struct xb_finding *f)
{
    const struct xb_checked_case *c = xb_finding_case(k, f);
    bool is_lane = f->of == XB_FINDING_LANE, is_bound = f->by && f->of != XB_FINDING_MACHINE;
    cJSON *object = cJSON_CreateObject();
    bool good =
        xb_report_put(object, "status", cJSON_CreateString(xb_level_name(f->level))) &&
        xb_report_put(object, "of", cJSON_CreateString(xb_finding_of_name(f->of))) &&
        xb_report_put(object, "case", xb_report_text(c ? c->id : NULL)) &&
        xb_report_put(object, "host", xb_report_text(f->host)) &&
        xb_report_put(object, "where", xb_report_text(f->where)) &&
        xb_report_put(object, "src_rank",
                      xb_report_number(is_lane ? (double)f->src.rank : NAN)) &&
        xb_report_put(object, "dst_rank",
                      xb_report_number(is_lane ? (double)f->dst.rank : NAN)) &&
        xb_report_put(object, "link_class", xb_report_text(f->link_class)) &&
        xb_report_put(object, "lanes", xb_report_number(is_lane ? (double)f->lanes : NAN)) &&
        xb_report_put(object, "figure", figure_json(f)) &&
        xb_report_put(object, "text", xb_report_text(f->text)) &&
        xb_report_put(object, "earlier", xb_report_text(c ? c->earlier : NULL)) &&
        xb_report_put(object, "expectations", xb_report_text(f->by ? f->by->name : NULL)) &&
        xb_report_put(object, "bound", xb_report_number(is_bound ? (double)f->bound : NAN)) &&
        xb_report_put(
            object, "need",
            xb_report_text(f->by && !is_bound ? xb_expect_needs[f->bound].name : NULL));

    return xb_report_done(object, good);
}

static cJSON *counts_json(const struct xb_checked *k)
{
    cJSON *object = cJSON_CreateObject();
    bool good = xb_report_put(object, "without_bound", xb_report_number((double)k->free_cases));

    for (int i = 0; good && i < XB_LEVELS; i++)
        good = xb_report_put(object, xb_level_name((enum xb_level)i),
                             xb_report_number((double)k->count[i]));
    return xb_report_done(object, good);
}

static cJSON *names_json(const struct xb_checked *k)
{
    cJSON *array = cJSON_CreateArray();
    bool good = array != NULL;

    for (size_t e = 0; good && e < k->by.n; e++)
        good = xb_report_push(array, cJSON_CreateString(xb_checked_by(k, e)->name));
    return xb_report_done(array, good);
}

static cJSON *findings_json(const struct xb_checked *k)
{
    cJSON *array = cJSON_CreateArray();
    bool good = array != NULL;

    for (size_t f = 0; good && f < k->findings.n; f++)
        good = xb_report_push(array, finding_json(k, xb_finding_at(k, f)));
    return xb_report_done(array, good);
}

static cJSON *report_json(const struct xb_checked *k)
{
    cJSON *object = cJSON_CreateObject();
    bool good = xb_report_put(object, "file", xb_report_text(k->file)) &&
                xb_report_put(object, "run_id", xb_report_text(k->run_id)) &&
                xb_report_put(object, "start_utc", xb_report_text(k->start_utc)) &&
                xb_report_put(object, "status", cJSON_CreateString(xb_level_name(k->level))) &&
                xb_report_put(object, "expectations", names_json(k)) &&
                xb_report_put(object, "cases", counts_json(k)) &&
                xb_report_put(object, "findings", findings_json(k));

    return xb_report_done(object, good);
}

static cJSON *reasons_json(const struct xb_check *check)
{
    struct xb_reason *reasons;
    size_t n;

    if (xb_check_reasons(check, &reasons, &n) < 0)
        return NULL;
    cJSON *array = cJSON_CreateArray();
    bool good = array != NULL;
    for (size_t i = 0; good && i < n; i++) {
        cJSON *object = cJSON_CreateObject();
        bool complete = xb_report_put(object, "host", xb_report_text(reasons[i].host)) &&
                        xb_report_put(object, "status",
                                      cJSON_CreateString(xb_level_name(reasons[i].level))) &&
                        xb_report_put(object, "text", cJSON_CreateString(reasons[i].text));
        good = xb_report_push(array, xb_report_done(object, complete));
    }
    free(reasons);
    return xb_report_done(array, good);
}

static cJSON *schema_json(void)
{
    cJSON *schema = cJSON_CreateObject();
    bool good = xb_report_put(schema, "name", cJSON_CreateString(CHECK_NAME)) &&
                xb_report_put(schema, "version", xb_report_number(CHECK_VERSION));

    return xb_report_done(schema, good);
}

static cJSON *reports_json(const struct xb_check *check)
{
    cJSON *array = cJSON_CreateArray();
    bool good = array != NULL;

    for (size_t i = 0; good && i < check->reports.n; i++)
        good = xb_report_push(array, report_json(xb_checked_at(check, i)));
    return xb_report_done(array, good);
}

static int write_json(const struct xb_check *check, FILE *out)
{
    enum xb_level level = check->reports.n > 0 ? check->level : XB_LEVEL_UNKNOWN;
    char line[XB_CHECK_LINE];

    if (!xb_check_line(check, line))
        return -1;
    cJSON *root = cJSON_CreateObject();
    bool good = xb_report_put(root, "schema", schema_json()) &&
                xb_report_put(root, "status", cJSON_CreateString(xb_level_name(level))) &&
                xb_report_put(root, "exit_status", xb_report_number(xb_level_exit(level))) &&
                xb_report_put(root, "line", cJSON_CreateString(line)) &&
                xb_report_put(root, "reasons", reasons_json(check)) &&
                xb_report_put(root, "reports", reports_json(check));
    root = xb_report_done(root, good);
    char *text = root ? xb_json_print(root, true) : NULL;
    if (text)
        fprintf(out, "%s\n", text);
    free(text);
    cJSON_Delete(root);
    return text ? 0 : -1;
}

const struct xb_check_format xb_check_format_json = {
    .name = "json",
    .summary = "JSON, with every figure that was looked at",
    .write = write_json,
};
