/* SPDX-License-Identifier: BSD-3-Clause */
/* compare_json.c - a comparison as JSON: a head, then a line for each case. */
#include "report/compare_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/report_json.h"
#include "report/compare_print.h"

#define NAME    "xferbench-comparison"
#define VERSION 1

static cJSON *us(double value)
{
    return xb_report_number(xb_round_us(value));
}

static cJSON *ratio(double value)
{
    return xb_report_number(xb_round_ratio(value));
}

/* Two ends of an interval, or null. */
static cJSON *interval(cJSON *lo, cJSON *hi)
{
    cJSON *object = cJSON_CreateObject();
    bool none = cJSON_IsNull(lo) || cJSON_IsNull(hi);
    bool good = xb_report_put(object, "lo", lo);

    good = xb_report_put(object, "hi", hi) && good;
    if (!good || !none)
        return xb_report_done(object, good);
    cJSON_Delete(object);
    return cJSON_CreateNull();
}

/* A change: the ratio of times, its interval, and what is made of it. */
static bool put_change(cJSON *object, const struct xb_change *change)
{
    double lo = change->log_ratio - change->half, hi = change->log_ratio + change->half;

    return xb_report_put(object, "verdict",
                         cJSON_CreateString(xb_verdict_name(change->verdict))) &&
           xb_report_put(object, "reason", xb_report_text(change->reason)) &&
           xb_report_put(object, "time_ratio", ratio(exp(change->log_ratio))) &&
           xb_report_put(object, "interval", interval(ratio(exp(lo)), ratio(exp(hi)))) &&
           xb_report_put(object, "base_launches", cJSON_CreateNumber((double)change->n[0])) &&
           xb_report_put(object, "launches", cJSON_CreateNumber((double)change->n[1]));
}

static cJSON *texts(const struct xb_texts *list)
{
    cJSON *array = cJSON_CreateArray();
    bool good = array != NULL;

    for (size_t i = 0; good && i < list->n; i++)
        good = xb_report_push(array, cJSON_CreateString(list->value[i]));
    return xb_report_done(array, good);
}

/* ---- cases ---- */

static cJSON *value_json(const struct xb_comparison *c, size_t row, size_t side)
{
    const struct xb_side_value *v = xb_value_at(c, row, side);
    cJSON *object = cJSON_CreateObject();
    bool good =
        xb_report_put(object, "side", cJSON_CreateString(c->grouping.sides.value[side])) &&
        xb_report_put(object, "launches", cJSON_CreateNumber((double)v->n)) &&
        xb_report_put(object, "of_launches", cJSON_CreateNumber((double)v->all)) &&
        xb_report_put(object, "time_us", us(exp(v->log_us))) &&
        xb_report_put(object, "gb_per_s", ratio(v->gb_per_s)) &&
        xb_report_put(object, "median_us", us(v->median_us)) &&
        xb_report_put(object, "median_interval_us",
                      interval(us(v->ci_lo_us), us(v->ci_hi_us))) &&
        xb_report_put(object, "next_launch_us",
                      interval(us(v->next_lo_us), us(v->next_hi_us))) &&
        xb_report_put(object, "carried_by", xb_report_text(v->carried)) &&
        xb_report_put(object, "reason", xb_report_text(v->reason)) &&
        xb_report_put(object, "corrupt", cJSON_CreateBool(v->corrupt));

    return xb_report_done(object, good);
}

static cJSON *lane_json(const struct xb_comparison *c, const struct xb_lane_change *lane)
{
    cJSON *object = cJSON_CreateObject();
    bool good = xb_report_put(object, "lane", cJSON_CreateString(c->lanes.value[lane->lane])) &&
                put_change(object, &lane->change);

    return xb_report_done(object, good);
}

static cJSON *outcome_json(const struct xb_comparison *c, size_t row, size_t side)
{
    const struct xb_outcome *outcome = xb_outcome_at(c, row, side);
    cJSON *object = cJSON_CreateObject(), *lanes = cJSON_CreateArray();
    bool good =
        lanes &&
        xb_report_put(object, "side", cJSON_CreateString(c->grouping.sides.value[side])) &&
        put_change(object, &outcome->change);

    for (size_t i = 0; good && i < outcome->lanes.n; i++) {
        const struct xb_lane_change *lane =
            (const struct xb_lane_change *)outcome->lanes.item + i;
        if (xb_lane_is_there(lane))
            good = xb_report_push(lanes, lane_json(c, lane));
    }
    good = xb_report_put(object, "lanes", lanes) && good;
    return xb_report_done(object, good);
}

static cJSON *row_json(const struct xb_comparison *c, size_t row)
{
    const struct xb_row *r = xb_row_at(c, row);
    cJSON *object = cJSON_CreateObject(), *sides = cJSON_CreateArray(),
          *changes = cJSON_CreateArray();
    bool good = object && sides && changes;

    for (size_t side = 0; good && side < xb_sides(c); side++)
        good = xb_report_push(sides, value_json(c, row, side)) &&
               (side == 0 || xb_report_push(changes, outcome_json(c, row, side)));
    good = good && xb_report_put(object, "id", cJSON_CreateString(r->id)) &&
           xb_report_put(object, "column", xb_report_text(r->col)) &&
           xb_report_put(object, "method", cJSON_CreateString(r->method)) &&
           xb_report_put(object, "bytes", cJSON_CreateNumber((double)r->bytes)) &&
           xb_report_put(object, "size_class", cJSON_CreateNumber((double)r->size_class));
    good = xb_report_put(object, "sides", sides) && good;
    good = xb_report_put(object, "changes", changes) && good;
    return xb_report_done(object, good);
}

/* ---- what stands before and behind them ---- */

static cJSON *fact_json(const struct xb_comparison *c, const struct xb_side_fact *fact)
{
    cJSON *object = cJSON_CreateObject(), *sides = cJSON_CreateArray();
    bool good = sides && xb_report_put(object, "key", cJSON_CreateString(fact->name));

    for (size_t side = 0; good && side < xb_sides(c); side++) {
        cJSON *values = cJSON_CreateArray();
        for (size_t i = 0; good && i < fact->values[side].n; i++)
            good = xb_report_push(values, cJSON_CreateRaw(fact->values[side].value[i]));
        good = xb_report_push(sides, values) && good;
    }
    good = xb_report_put(object, "sides", sides) && good;
    return xb_report_done(object, good);
}

static cJSON *differing_json(const struct xb_comparison *c)
{
    cJSON *array = cJSON_CreateArray();
    bool good = array != NULL;

    for (size_t i = 0; good && i < c->differing.n; i++)
        good = xb_report_push(array,
                              fact_json(c, (const struct xb_side_fact *)c->differing.item + i));
    return xb_report_done(array, good);
}

static cJSON *shared_json(const struct xb_comparison *c)
{
    cJSON *object = cJSON_CreateObject();
    bool good = object != NULL;

    for (size_t i = 0; good && i < c->shared.n; i++) {
        const struct xb_side_fact *fact = (const struct xb_side_fact *)c->shared.item + i;
        for (size_t side = 0; side < xb_sides(c); side++)
            if (fact->values[side].n > 0) {
                good = xb_report_put(object, fact->name,
                                     cJSON_CreateRaw(fact->values[side].value[0]));
                break;
            }
    }
    return xb_report_done(object, good);
}

static cJSON *sides_json(const struct xb_comparison *c)
{
    cJSON *array = cJSON_CreateArray();
    bool good = array != NULL;

    for (size_t side = 0; good && side < xb_sides(c); side++) {
        cJSON *object = cJSON_CreateObject();
        bool whole =
            xb_report_put(object, "name", cJSON_CreateString(c->grouping.sides.value[side])) &&
            xb_report_put(object, "launches", cJSON_CreateNumber((double)c->launches[side]));
        good = xb_report_push(array, xb_report_done(object, whole));
    }
    return xb_report_done(array, good);
}

static cJSON *means_json(const struct xb_comparison *c)
{
    cJSON *array = cJSON_CreateArray();
    bool good = array != NULL;

    for (size_t side = 1; good && side < xb_sides(c); side++)
        for (size_t i = 0; good && i < c->means[side].n; i++) {
            const struct xb_class_mean *mean =
                (const struct xb_class_mean *)c->means[side].item + i;
            cJSON *object = cJSON_CreateObject();
            bool whole =
                xb_report_put(object, "side",
                              cJSON_CreateString(c->grouping.sides.value[side])) &&
                xb_report_put(object, "method", cJSON_CreateString(mean->method)) &&
                xb_report_put(object, "size_class",
                              cJSON_CreateNumber((double)mean->size_class)) &&
                xb_report_put(object, "cases", cJSON_CreateNumber((double)mean->cases)) &&
                put_change(object, &mean->change);
            good = xb_report_push(array, xb_report_done(object, whole));
        }
    return xb_report_done(array, good);
}

static cJSON *counts_json(const struct xb_comparison *c)
{
    cJSON *object = cJSON_CreateObject();
    bool good = object != NULL;

    for (int v = 0; good && v < XB_VERDICTS; v++)
        good = xb_report_put(
            object, xb_verdict_name((enum xb_verdict)v),
            cJSON_CreateNumber((double)xb_comparison_count(c, (enum xb_verdict)v)));
    return xb_report_done(object, good);
}

static cJSON *schema_json(void)
{
    cJSON *object = cJSON_CreateObject();
    bool good = xb_report_put(object, "name", cJSON_CreateString(NAME)) &&
                xb_report_put(object, "version", cJSON_CreateNumber(VERSION));

    return xb_report_done(object, good);
}

/* A member of the document; the value is freed. */
static int print_member(const char *name, cJSON *value, const char *before, FILE *out)
{
    char *text = value ? xb_json_print(value, false) : NULL;

    cJSON_Delete(value);
    if (text)
        fprintf(out, "%s\"%s\": %s", before, name, text);
    free(text);
    return text ? 0 : -1;
}

int xb_compare_print_json(const struct xb_comparison *c, FILE *out)
{
    if (print_member("schema", schema_json(), "{\n", out) < 0 ||
        print_member("threshold", ratio(c->threshold), ",\n", out) < 0 ||
        print_member("confidence", ratio(c->confidence), ",\n", out) < 0 ||
        print_member("seed", cJSON_CreateNumber((double)c->seed), ",\n", out) < 0 ||
        print_member("row", xb_report_text(c->row), ",\n", out) < 0 ||
        print_member("col", xb_report_text(c->col), ",\n", out) < 0 ||
        print_member("files", texts(&c->files), ",\n", out) < 0 ||
        print_member("sides", sides_json(c), ",\n", out) < 0 ||
        print_member("paired", cJSON_CreateBool(c->grouping.by_case), ",\n", out) < 0 ||
        print_member("warnings", texts(&c->warnings), ",\n", out) < 0 ||
        print_member("shared", shared_json(c), ",\n", out) < 0 ||
        print_member("differing", differing_json(c), ",\n", out) < 0)
        return -1;
    fputs(",\n\"cases\": [", out);
    for (size_t row = 0; row < xb_rows(c); row++) {
        cJSON *json = row_json(c, row);
        char *text = json ? xb_json_print(json, false) : NULL;
        cJSON_Delete(json);
        if (!text)
            return -1;
        fprintf(out, "%s\n%s", row ? "," : "", text);
        free(text);
    }
    fputs("\n]", out);
    if (print_member("means", means_json(c), ",\n", out) < 0 ||
        print_member("counts", counts_json(c), ",\n", out) < 0 ||
        print_member("exit_status", cJSON_CreateNumber(xb_comparison_exit(c)), ",\n", out) < 0)
        return -1;
    fputs("\n}\n", out);
    return 0;
}
