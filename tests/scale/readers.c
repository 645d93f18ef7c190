/* SPDX-License-Identifier: BSD-3-Clause */
/* readers.c - who reads the report of a job that never was: what each does is a stage. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/anonymize.h"
#include "report/compare.h"
#include "report/expect_check.h"
#include "report/expect_learn.h"
#include "report/formats/check_format.h"
#include "report/formats/format.h"
#include "report/outliers.h"
#include "tests/catalog_fixture.h"
#include "tests/scale/job.h"

/* What no lane of these keeps. */
#define TOO_MUCH                                                                               \
    "{\"schema\": {\"name\": \"xferbench-expectations\", \"version\": 1}, \"name\": "          \
    "\"too-much\", "                                                                           \
    "\"match\": {\"device\": \"cuda\"}, \"require\": {\"pcie_gen\": 6}, \"bounds\": "          \
    "[{\"cases\": "                                                                            \
    "{\"method\": \"mpi\"}, \"gb_per_s\": {\"below\": {\"warning\": 9000, \"critical\": "      \
    "8000}}}]}"

static struct xb_report_case *only_case(const struct job *j)
{
    return xb_report_case_at(&j->report, 0);
}

static size_t lanes_of(const struct job *j)
{
    return only_case(j)->lanes.n;
}

static FILE *nowhere(void)
{
    FILE *out = fopen("/dev/null", "w");

    must(out ? 0 : -1, "/dev/null", &(struct xb_error){"it cannot be opened"});
    return out;
}

/* ---- who is slow ---- */

static size_t find_outliers(struct job *j)
{
    const struct xb_outlier_limits limits = {.off = 0.03};
    struct xb_outliers o = {.list = {0}};
    struct xb_error err = {""};

    must(xb_outliers_look(&o, &j->report, only_case(j), 0, &limits, &err), "outliers", &err);
    cJSON *json = xb_outliers_json(&o, &j->report);
    must(json ? 0 : -1, "outliers", &err);
    cJSON_Delete(json);
    xb_outliers_release(&o);
    return lanes_of(j);
}

static void slow_down(struct xb_report_lane *lane)
{
    lane->time_us.median *= 2;
    lane->time_us.ci_lo *= 2;
    lane->time_us.ci_hi *= 2;
}

/* Every eighth node, and every hundredth lane. */
static void make_slow(struct job *j)
{
    for (size_t i = 0; i < lanes_of(j); i++) {
        const struct xb_report_step *step = xb_report_step_of(&j->report, only_case(j), i);
        if (xb_report_rank_of(&j->report, step->src_rank)->node % 8 == 7 || i % 100 == 0)
            slow_down(xb_report_lane_at(only_case(j), i));
    }
}

/* ---- as it is shown ---- */

static size_t show(struct job *j, const char *name, bool lanes)
{
    const struct xb_format *format = xb_format_find(name);
    const struct xb_format_source source = {.report = &j->report, .name = j->file};
    const struct xb_format_set set = {
        .source = &source, .n = 1, .lanes = lanes, .catalog = &fixture_catalog};
    FILE *out = nowhere();

    must(format ? xb_format_write(format, &set, out) : -1, name,
         &(struct xb_error){"it could not be written"});
    fclose(out);
    return lanes_of(j);
}

static size_t show_table(struct job *j)
{
    return show(j, "table", false);
}

static size_t show_markdown(struct job *j)
{
    return show(j, "markdown", false);
}

static size_t show_lanes(struct job *j)
{
    return show(j, "csv", true);
}

/* ---- compare ---- */

static void turn_round(struct xb_list *list, size_t size)
{
    char *item = list->item, *kept = room(1, size);

    for (size_t i = 0; i < list->n / 2; i++) {
        char *a = item + i * size, *b = item + (list->n - 1 - i) * size;
        memcpy(kept, a, size);
        memcpy(a, b, size);
        memcpy(b, kept, size);
    }
    free(kept);
}

/* Its lanes in the other order; twice, as they were. */
static void turn_lanes(struct job *j)
{
    struct xb_report_schedule *schedules = j->report.schedules.item;

    turn_round(&only_case(j)->lanes, sizeof(struct xb_report_lane));
    turn_round(&schedules[only_case(j)->schedule].steps, sizeof(struct xb_report_step));
}

/* A launch whose ranks were placed otherwise. */
static void write_other(struct job *j)
{
    struct xb_error err = {""};

    turn_lanes(j);
    must(xb_report_save(&j->report, j->other, true, &err), "the other report", &err);
    turn_lanes(j);
}

static size_t compare(struct job *j)
{
    const struct xb_compare_ask ask = XB_COMPARE_ASK;
    struct xb_launches *launches = xb_launches_new();
    struct xb_error err = {""};
    FILE *out = nowhere();

    must(launches ? 0 : -1, "launches", &(struct xb_error){"out of memory"});
    must(xb_launches_add(launches, "base", j->file, &err), "a launch", &err);
    must(xb_launches_add(launches, "new", j->other, &err), "a launch", &err);
    struct xb_comparison *c = xb_compare(launches, &ask, &err);
    must(c ? 0 : -1, "the comparison", &err);
    must(xb_comparison_print(c, XB_COMPARE_TABLE, true, out), "the comparison", &err);
    xb_comparison_free(c);
    xb_launches_free(launches);
    fclose(out);
    return lanes_of(j);
}

/* ---- check ---- */

static size_t learn(struct job *j)
{
    const struct xb_learn_options options = {.name = "scale", .one_node = true, .launches = 1};
    struct xb_learnt learnt;
    struct xb_error err = {""};
    cJSON *file = xb_expect_learn(&j->report, 1, &options, &learnt, &err);

    must(file ? 0 : -1, "what is learnt", &err);
    char *text = xb_json_print(file, false);
    must(text ? xb_expect_parse("learnt", text, &fixture_catalog, &j->learnt, &err) : -1,
         "what was learnt", &err);
    free(text);
    cJSON_Delete(file);
    return lanes_of(j);
}

static size_t check_against(struct job *j, const struct xb_expectations *expect)
{
    struct xb_check check = {.level = XB_LEVEL_GOOD};
    struct xb_error err = {""};
    FILE *out = nowhere();

    must(xb_check_add(&check, j->file, &j->report, expect, 1, &err), "the check", &err);
    for (size_t i = 0; xb_check_formats[i]; i++)
        must(xb_check_formats[i]->write(&check, out), xb_check_formats[i]->name, &err);
    xb_check_release(&check);
    fclose(out);
    return lanes_of(j);
}

static size_t check(struct job *j)
{
    return check_against(j, &j->learnt);
}

/* Lanes go to the next node from now on, so that all of them are between hosts. */
static void send_away(struct job *j)
{
    for (size_t i = 0; i < lanes_of(j); i++) {
        struct xb_report_step *step = xb_report_step_of(&j->report, only_case(j), i);
        step->dst_rank = (step->dst_rank + PER_NODE) % j->n;
    }
}

static size_t check_bad(struct job *j)
{
    struct xb_expectations expect;
    struct xb_error err = {""};

    must(xb_expect_parse("too-much", TOO_MUCH, &fixture_catalog, &expect, &err), "too much",
         &err);
    size_t n = check_against(j, &expect);
    xb_expect_release(&expect);
    return n;
}

/* ---- anonymize ---- */

static size_t anonymize(struct job *j)
{
    struct xb_error err = {""};

    must(xb_anonymize(&j->report, 1, &err), "an anonymous report", &err);
    return (size_t)j->n;
}

const struct stage reader_stages[] = {
    {.name = "outliers", .of = "looked for in it", .run = find_outliers},
    {.name = "outliers, many",
     .of = "every eighth node, 1 % of lanes",
     .prepare = make_slow,
     .run = find_outliers},
    {.name = "report, shown", .of = "as a table", .run = show_table},
    {.name = "report, markdown", .of = "the same", .run = show_markdown},
    {.name = "report, lanes", .of = "as CSV", .run = show_lanes},
    {.name = "compare",
     .of = "two launches, with all lanes",
     .prepare = write_other,
     .run = compare},
    {.name = "check --learn", .of = "from one report", .run = learn},
    {.name = "check", .of = "against that, in all forms", .run = check},
    {.name = "check, all bad",
     .of = "between hosts, in all forms",
     .prepare = send_away,
     .run = check_bad},
    {.name = "anonymize", .of = "the report", .run = anonymize},
    {.name = NULL},
};
