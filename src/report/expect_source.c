/* SPDX-License-Identifier: BSD-3-Clause */
/* expect_source.c - what reports that expectations are learnt from say of where they come from.
 */
#include "report/expect_source.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text_set.h"
#include "report/report_json.h"

/* ---- nodes ---- */

static const char *text_at(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static bool is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static const char *first_gpu(const struct xb_report *report)
{
    const cJSON *nodes = cJSON_GetObjectItemCaseSensitive(report->topology, "nodes");
    const cJSON *gpus = cJSON_GetObjectItemCaseSensitive(nodes ? nodes->child : NULL, "gpus");
    const char *uuid = gpus ? text_at(gpus->child, "uuid") : NULL;
    const struct xb_report_rank *rank = report->ranks.n ? xb_report_rank_at(report, 0) : NULL;

    return uuid || !rank ? uuid : rank->gpu.uuid;
}

static bool is_same_node(const struct xb_report *a, const struct xb_report *b)
{
    return is_same_text(xb_expect_trait_first(a, XB_TRAIT_HOST),
                        xb_expect_trait_first(b, XB_TRAIT_HOST)) &&
           is_same_text(first_gpu(a), first_gpu(b));
}

size_t xb_source_node(const struct xb_report *reports, size_t n, size_t i)
{
    size_t first = 0;

    while (first < n && first < i && !is_same_node(&reports[first], &reports[i]))
        first++;
    return first;
}

size_t xb_source_nodes(const struct xb_report *reports, size_t n)
{
    size_t nodes = 0;

    for (size_t i = 0; i < n; i++)
        nodes += xb_source_node(reports, n, i) == i;
    return nodes;
}

/* ---- kinds of machines ---- */

static bool has_trait(const struct xb_report *report, enum xb_expect_trait trait,
                      const char *value)
{
    struct xb_trait_walk walk = {.report = report, .trait = trait};
    const char *text;

    while ((text = xb_expect_trait_next(&walk)))
        if (strcmp(text, value) == 0)
            return true;
    return false;
}

static int check_trait(const struct xb_report *first, const struct xb_report *other,
                       enum xb_expect_trait trait, struct xb_error *err)
{
    struct xb_trait_walk walk = {.report = other, .trait = trait};
    const char *a, *b;

    while ((b = xb_expect_trait_next(&walk)))
        if (!has_trait(first, trait, b)) {
            a = xb_expect_trait_first(first, trait);
            return xb_fail(err,
                           "reports of machines of several kinds: the %s \"%s\" and \"%s\", "
                           "expected one",
                           xb_expect_trait_name(trait), a ? a : "none", b);
        }
    return 0;
}

/* A run that is named twice would look like two launches that agree. */
static int check_once(const struct xb_report *reports, size_t n, struct xb_error *err)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; reports[i].run.id && k < i; k++)
            if (is_same_text(reports[k].run.id, reports[i].run.id))
                return xb_fail(err,
                               "reports %zu and %zu are of the same run, %s: expected each "
                               "launch once",
                               k + 1, i + 1, reports[i].run.id);
    return 0;
}

int xb_source_check(const struct xb_report *reports, size_t n, struct xb_error *err)
{
    static const enum xb_expect_trait traits[] = {XB_TRAIT_DEVICE, XB_TRAIT_GPU};

    if (check_once(reports, n, err) < 0)
        return -1;
    for (size_t i = 1; i < n; i++)
        for (size_t t = 0; t < sizeof traits / sizeof traits[0]; t++)
            if (check_trait(&reports[0], &reports[i], traits[t], err) < 0 ||
                check_trait(&reports[i], &reports[0], traits[t], err) < 0)
                return -1;
    return 0;
}

/* ---- lists of different texts ---- */

static bool holds(const cJSON *list, const char *text)
{
    const cJSON *one;

    cJSON_ArrayForEach(one, list)
    {
        if (strcmp(one->valuestring, text) == 0)
            return true;
    }
    return false;
}

static bool push_new(cJSON *list, const char *text)
{
    return !text || !text[0] || holds(list, text) ||
           xb_report_push(list, cJSON_CreateString(text));
}

static cJSON *traits_json(const struct xb_report *reports, size_t n, enum xb_expect_trait trait)
{
    cJSON *list = cJSON_CreateArray();
    bool good = list != NULL;
    const char *text;

    for (size_t r = 0; r < n; r++) {
        struct xb_trait_walk walk = {.report = &reports[r], .trait = trait};
        while (good && (text = xb_expect_trait_next(&walk)))
            good = push_new(list, text);
    }
    return xb_report_done(list, good);
}

cJSON *xb_source_match(const struct xb_report *reports, size_t n)
{
    bool gpus = xb_expect_trait_first(&reports[0], XB_TRAIT_GPU) != NULL;
    enum xb_expect_trait what = gpus ? XB_TRAIT_GPU : XB_TRAIT_CPU;
    cJSON *match = cJSON_CreateObject(), *values = traits_json(reports, n, what);
    bool good = values && xb_report_put(match, xb_expect_trait_name(XB_TRAIT_DEVICE),
                                        xb_report_text(reports[0].run.device));

    if (good && cJSON_GetArraySize(values) > 0)
        good = xb_report_put(match, xb_expect_trait_name(what), values);
    else
        cJSON_Delete(values);
    return xb_report_done(match, good);
}

/* ---- needs ---- */

/* The value that all have; NAN where they differ, or one does not tell: then it would be
 * unknown of machines like these. */
static double agreed(const struct xb_list *gpus, size_t need)
{
    double value = NAN;
    bool asked;

    for (size_t i = 0; i < gpus->n; i++) {
        double its =
            xb_expect_need_of((const struct xb_expect_gpu *)gpus->item + i, need, &asked);
        if (!asked)
            continue;
        if (isnan(its) || (!isnan(value) && its != value))
            return NAN;
        value = its;
    }
    return value;
}

cJSON *xb_source_needs(const struct xb_report *reports, size_t n,
                       const struct xb_expectations *like)
{
    struct xb_list gpus = {NULL, 0, 0}; /* of all reports */
    cJSON *needs = cJSON_CreateObject();
    bool good = needs != NULL;

    for (size_t r = 0; good && r < n; r++)
        good = xb_expect_gpus(&reports[r], &gpus) == 0;
    for (size_t i = 0; good && i < XB_EXPECT_NEEDS; i++) {
        const struct xb_expect_need *need = &xb_expect_needs[i];
        bool asked = like ? !isnan(like->need[i]) : need->learnt;
        double value = asked ? agreed(&gpus, i) : NAN;
        if (!isnan(value) && (value > 0 || need->is_flag))
            good = xb_report_put(needs, need->name,
                                 need->is_flag ? cJSON_CreateBool(value > 0)
                                               : xb_report_number(value));
    }
    free(gpus.item);
    return xb_report_done(needs, good);
}

/* ---- where it comes from ---- */

static cJSON *builds_json(const struct xb_report *reports, size_t n)
{
    cJSON *list = cJSON_CreateArray();
    bool good = list != NULL;
    char text[160];

    for (size_t r = 0; good && r < n; r++) {
        const struct xb_report_build *b = &reports[r].build;
        snprintf(text, sizeof text, "%.60s%s%.60s", b->version ? b->version : "",
                 b->version && b->git ? " " : "", b->git ? b->git : "");
        good = push_new(list, text);
    }
    return xb_report_done(list, good);
}

static cJSON *scenarios_json(const struct xb_report *reports, size_t n)
{
    cJSON *list = cJSON_CreateArray();
    bool good = list != NULL;

    for (size_t r = 0; good && r < n; r++)
        good = push_new(list, text_at(reports[r].run.scenario, "name"));
    return xb_report_done(list, good);
}

/* GPUs of all ranks, each counted once; -1 when out of memory. */
static int count_gpus(const struct xb_report *reports, size_t n, size_t *count)
{
    struct xb_text_set seen = {.n = 0};
    int64_t rc = 0;

    for (size_t r = 0; r < n; r++)
        for (size_t i = 0; rc >= 0 && i < reports[r].ranks.n; i++) {
            const char *uuid = xb_report_rank_at(&reports[r], i)->gpu.uuid;
            rc = uuid ? xb_text_set_add(&seen, uuid) : 0;
        }
    *count = seen.n;
    xb_text_set_release(&seen);
    return rc < 0 ? -1 : 0;
}

/* The first or last start of all; texts of one form, so that letters tell. */
static const char *start_of(const struct xb_report *reports, size_t n, bool last)
{
    const char *found = NULL;

    for (size_t r = 0; r < n; r++) {
        const char *start = reports[r].run.start_utc;
        if (start && (!found || (strcmp(start, found) > 0) == last))
            found = start;
    }
    return found;
}

cJSON *xb_source_json(const struct xb_report *reports, size_t n)
{
    cJSON *source = cJSON_CreateObject();
    size_t gpus;
    bool good =
        count_gpus(reports, n, &gpus) == 0 &&
        xb_report_put(source, "made_by", cJSON_CreateString("xferbench check --learn")) &&
        xb_report_put(source, "reports", xb_report_number((double)n)) &&
        xb_report_put(source, "nodes", xb_report_number((double)xb_source_nodes(reports, n))) &&
        xb_report_put(source, "gpus", xb_report_number((double)gpus)) &&
        xb_report_put(source, "first_start_utc", xb_report_text(start_of(reports, n, false))) &&
        xb_report_put(source, "last_start_utc", xb_report_text(start_of(reports, n, true))) &&
        xb_report_put(source, "scenarios", scenarios_json(reports, n)) &&
        xb_report_put(source, "builds", builds_json(reports, n));

    return xb_report_done(source, good);
}
