/* SPDX-License-Identifier: BSD-3-Clause */
/* read.c - reports and their cases from JSON, of this version and the one before. */
#include "report/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/bars.h"
#include "report/tables.h"

static int out_of_memory(struct xb_error *err)
{
    return xb_fail(err, "out of memory for a report");
}

/* ---- what version 1 had in another form ---- */

/* Version 1 had no chains and steps, but how many chains there were. A collective's lanes are
 * all busy at once, as parts of one operation. */
static void number_steps(const struct xb_report_case *c, struct xb_list *steps)
{
    int64_t chains = c->concurrent >= 1 ? (int64_t)c->concurrent : 0;

    if (chains == 0 || strcmp(c->key.pattern, "collective") == 0)
        chains = (int64_t)steps->n;
    int64_t length = chains > 0 ? (int64_t)steps->n / chains : 1;
    for (size_t i = 0; i < steps->n; i++) {
        struct xb_report_step *step = (struct xb_report_step *)steps->item + i;
        step->round = 0;
        step->chain = (int64_t)i / (length > 0 ? length : 1);
        step->step = (int64_t)i % (length > 0 ? length : 1);
    }
}

/* One clock took the times of all lanes. */
static int add_lane(struct xb_report_case *c, bool single, struct xb_error *err)
{
    struct xb_report_lane *lane = xb_list_add(&c->lanes, sizeof(*lane));
    const struct xb_report_time *t = &c->time_us;

    if (!lane)
        return out_of_memory(err);
    xb_fields_clear(xb_report_lane_fields, lane);
    lane->status = c->status;
    lane->transfers = c->timing.there ? c->timing.n * c->timing.ops_per_sample : 0;
    if (t->there) {
        lane->time_us = (struct xb_report_lane_time){.there = true,
                                                     .median = t->median,
                                                     .ci_lo = t->ci_lo,
                                                     .ci_hi = t->ci_hi,
                                                     .min = t->min,
                                                     .max = t->max,
                                                     .mean = t->mean};
        lane->gb_per_s = c->bandwidth.median / c->concurrent;
    }
    if (single) {
        lane->ceiling_gb_per_s = c->ceiling_gb_per_s;
        lane->fraction_of_ceiling = c->fraction_of_ceiling;
        lane->carried_by = c->carried_by;
        lane->verify = c->verify;
    }
    return xb_text_dup(c->reason, &lane->reason) < 0 ? out_of_memory(err) : 0;
}

/* Lanes of version 1 become the steps of a schedule, and lanes with the case's times. */
static int adopt_lanes(const struct xb_node *lanes, struct xb_report_case *c,
                       struct xb_report_schedule *schedule, struct xb_error *err)
{
    struct xb_node child;

    if (xb_node_expect_array(lanes, 0, err) < 0)
        return -1;
    for (bool more = xb_node_first(lanes, &child); more; more = xb_node_next(lanes, &child)) {
        struct xb_report_step *step = xb_list_add(&schedule->steps, sizeof(*step));
        if (!step)
            return out_of_memory(err);
        if (xb_fields_read(xb_report_lane_1_fields, &child, 1, step, err) < 0)
            return -1;
    }
    number_steps(c, &schedule->steps);
    for (size_t i = 0; i < schedule->steps.n; i++)
        if (add_lane(c, schedule->steps.n == 1, err) < 0)
            return -1;
    return 0;
}

static int adopt_case(const struct xb_node *node, struct xb_report *report,
                      struct xb_report_case *c, struct xb_error *err)
{
    struct xb_report_schedule schedule = {.steps = {NULL, 0, 0}};
    struct xb_node lanes;
    int rc = 0;

    c->key.pairs = cJSON_CreateString("first");
    if (!c->key.pairs || (c->timing.there && xb_text_dup("samples", &c->timing.interval) < 0))
        return out_of_memory(err);
    if (xb_node_member(node, "lanes", &lanes))
        rc = adopt_lanes(&lanes, c, &schedule, err);
    if (rc == 0 && schedule.steps.n > 0) {
        c->schedule = xb_report_schedule(report, &schedule);
        rc = c->schedule < 0 ? out_of_memory(err) : 0;
    }
    if (rc < 0)
        xb_fields_release(xb_report_schedule_fields, &schedule);
    return rc;
}

static int adopt_cases(const struct xb_node *cases, struct xb_report *report,
                       struct xb_error *err)
{
    struct xb_node node;
    size_t i = 0;

    for (bool more = xb_node_first(cases, &node); more; more = xb_node_next(cases, &node))
        if (adopt_case(&node, report, xb_report_case_at(report, i++), err) < 0)
            return -1;
    return 0;
}

/* Its totals were those of a method with any options, and it had no lists of nodes and
 * outliers.
 */
static int adopt_report(const struct xb_node *cases, struct xb_report *report,
                        struct xb_error *err)
{
    if (adopt_cases(cases, report, err) < 0)
        return -1;
    if (!report->environment.nodes)
        report->environment.nodes = cJSON_CreateArray();
    if (!report->outliers)
        report->outliers = cJSON_CreateArray();
    return report->environment.nodes && report->outliers ? xb_report_total(report, err)
                                                         : out_of_memory(err);
}

/* The first reports had Slurm's variables by their names. */
static int adopt_slurm(const struct xb_node *root, struct xb_report_slurm *slurm,
                       struct xb_error *err)
{
    struct xb_node run, named, child;
    const char *value;

    if (!slurm->there || !xb_node_member(root, "run", &run) ||
        !xb_node_member(&run, "slurm", &named))
        return 0;
    for (bool more = xb_node_first(&named, &child); more; more = xb_node_next(&named, &child))
        if ((value = cJSON_GetStringValue(child.item)) &&
            xb_report_slurm_take(slurm, child.item->string, value) < 0)
            return out_of_memory(err);
    return 0;
}

/* ---- what rows cannot say ---- */

/* A schedule that is there, with a step for each lane; a slowest lane that is one. */
static int check_case(const struct xb_node *node, const struct xb_report *report,
                      const struct xb_report_case *c, struct xb_error *err)
{
    const struct xb_report_schedule *schedules = report->schedules.item;
    struct xb_node at = *node;

    if (c->schedule >= (int64_t)report->schedules.n) {
        xb_node_member(node, "schedule", &at);
        return xb_node_fail(
            &at, err, "found schedule %lld, expected one of the %zu that are there, from 0",
            (long long)c->schedule, report->schedules.n);
    }
    size_t steps = c->schedule < 0 ? 0 : schedules[c->schedule].steps.n;
    xb_node_member(node, "lanes", &at);
    if (c->lanes.n != steps)
        return xb_node_fail(&at, err, "found %zu lanes, expected the %zu of the schedule",
                            c->lanes.n, steps);
    xb_node_member(node, "slowest_lane", &at);
    if (c->slowest_lane >= (int64_t)c->lanes.n)
        return xb_node_fail(&at, err,
                            "found lane %lld, expected one of the %zu that are there, from 0",
                            (long long)c->slowest_lane, c->lanes.n);
    xb_node_member(node, "slowest_round", &at);
    if (c->slowest_round >= (int64_t)c->rounds.n)
        return xb_node_fail(&at, err,
                            "found round %lld, expected one of the %zu that are there, from 0",
                            (long long)c->slowest_round, c->rounds.n);
    return 0;
}

static int check_cases(const struct xb_node *cases, const struct xb_report *report,
                       struct xb_error *err)
{
    struct xb_node node;
    size_t i = 0;

    for (bool more = xb_node_first(cases, &node); more; more = xb_node_next(cases, &node))
        if (check_case(&node, report, xb_report_case_at(report, i++), err) < 0)
            return -1;
    return 0;
}

/* ---- reports ---- */

static int read_version(const struct xb_node *root, int64_t *version, struct xb_error *err)
{
    struct xb_node schema, name, number;
    const char *text;

    if (xb_node_require(root, "schema", &schema, err) < 0 ||
        xb_node_require(&schema, "name", &name, err) < 0 ||
        xb_node_string(&name, &text, err) < 0)
        return -1;
    if (strcmp(text, XB_REPORT_NAME) != 0)
        return xb_node_fail(&name, err, "found \"%s\", expected \"%s\"", text, XB_REPORT_NAME);
    if (xb_node_require(&schema, "version", &number, err) < 0)
        return -1;
    return xb_node_int(&number, 1, XB_REPORT_VERSION, version, err);
}

static int read_ranks(const struct xb_node *root, int version, struct xb_report *report,
                      struct xb_error *err)
{
    struct xb_node topology, ranks, node;

    if (!xb_node_member(root, "topology", &topology) || !cJSON_IsObject(topology.item))
        return 0;
    if (xb_node_require(&topology, "ranks", &ranks, err) < 0 ||
        xb_node_expect_array(&ranks, 0, err) < 0)
        return -1;
    for (bool more = xb_node_first(&ranks, &node); more; more = xb_node_next(&ranks, &node)) {
        struct xb_report_rank *rank = xb_list_add(&report->ranks, sizeof(*rank));
        if (!rank)
            return out_of_memory(err);
        if (xb_fields_read(xb_report_rank_fields, &node, version, rank, err) < 0)
            return -1;
    }
    return 0;
}

int xb_report_read(const struct xb_node *root, struct xb_report *out, struct xb_error *err)
{
    struct xb_node cases;
    int64_t version;

    xb_report_empty(out);
    if (read_version(root, &version, err) < 0)
        return -1;
    int rc = xb_fields_read(xb_report_fields, root, (int)version, out, err);
    if (rc == 0)
        rc = adopt_slurm(root, &out->run.slurm, err);
    if (rc == 0)
        rc = read_ranks(root, (int)version, out, err);
    if (rc == 0)
        rc = xb_node_require(root, "cases", &cases, err);
    if (rc == 0)
        rc = version == 1 ? adopt_report(&cases, out, err) : check_cases(&cases, out, err);
    if (rc == 0 && out->status < 0) /* of a run that has not ended */
        out->status = (int)xb_report_status(out);
    if (rc < 0)
        xb_report_release(out);
    return rc;
}

int xb_report_load(const char *file, struct xb_report *out, struct xb_error *err)
{
    struct xb_json doc;

    xb_report_empty(out);
    if (xb_json_load(file, XB_REPORT_MAX_BYTES, &doc, err) < 0)
        return -1;
    struct xb_node root = xb_json_root(&doc);
    int rc = xb_report_read(&root, out, err);
    xb_json_release(&doc);
    return rc;
}

/* ---- a case by itself ---- */

/* Take the steps that stand in place of an index, which is null from then on. */
static int read_steps(struct xb_json *doc, struct xb_report_schedule *out, struct xb_error *err)
{
    struct xb_node root = xb_json_root(doc), node;

    if (!cJSON_IsObject(root.item) || !xb_node_member(&root, "schedule", &node) ||
        cJSON_IsNull(node.item))
        return 0;
    if (xb_fields_read(xb_report_schedule_fields, &node, XB_REPORT_VERSION, out, err) < 0)
        return -1;
    cJSON *null = cJSON_CreateNull();
    if (null && cJSON_ReplaceItemInObjectCaseSensitive(doc->root, "schedule", null))
        return 0;
    cJSON_Delete(null);
    return out_of_memory(err);
}

int xb_report_read_case(struct xb_json *doc, struct xb_report *report,
                        struct xb_report_case *out, struct xb_error *err)
{
    struct xb_report_schedule schedule = {.steps = {NULL, 0, 0}};
    struct xb_node root = xb_json_root(doc);
    int rc = read_steps(doc, &schedule, err);

    xb_report_case_clear(out);
    if (rc == 0)
        rc = xb_fields_read(xb_report_case_fields, &root, XB_REPORT_VERSION, out, err);
    if (rc == 0)
        rc = xb_bars_read(&root, &out->bars, &out->nbars, err);
    if (rc == 0 && schedule.steps.n > 0 &&
        (out->schedule = xb_report_schedule(report, &schedule)) < 0)
        rc = out_of_memory(err);
    if (rc == 0)
        rc = check_case(&root, report, out, err);
    if (rc < 0) {
        xb_fields_release(xb_report_schedule_fields, &schedule);
        xb_report_case_release(out);
    }
    return rc;
}
