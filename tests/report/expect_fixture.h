/* SPDX-License-Identifier: BSD-3-Clause */
/* expect_fixture.h - a report of a node with GPUs and the lanes between them, in a few words,
 * for the tests of expectations. */
#ifndef XB_TESTS_REPORT_EXPECT_FIXTURE_H
#define XB_TESTS_REPORT_EXPECT_FIXTURE_H

#include "report/expect.h"

#include <math.h>
#include <stdlib.h>

#include "report/tables.h"
#include "tests/catalog_fixture.h"
#include "tests/tap.h"

#define CEILING 400.0 /* GB/s of every lane that has one */

static inline void add_rank(struct xb_report *report, const char *host, const char *bus_id)
{
    struct xb_report_rank *rank = xb_list_add(&report->ranks, sizeof *rank);
    char uuid[32];

    snprintf(uuid, sizeof uuid, "GPU-%s-%s", host, bus_id ? bus_id : "");
    rank->rank = (int64_t)report->ranks.n - 1;
    rank->host = strdup(host);
    rank->gpu.there = bus_id != NULL;
    if (bus_id) {
        rank->gpu.pci_bus_id = strdup(bus_id);
        rank->gpu.uuid = strdup(uuid);
        rank->gpu.name = strdup("Test GPU");
    }
}

/* The topology of a rank: its GPU, of which these members are known besides. */
static inline cJSON *rank_json(const struct xb_report_rank *rank, const char *gpu)
{
    char text[1024];

    snprintf(text, sizeof text, "{%s}", gpu);
    cJSON *object = cJSON_CreateObject(), *members = cJSON_Parse(text);
    cJSON_AddNumberToObject(object, "rank", (double)rank->rank);
    cJSON_AddNumberToObject(object, "node", 0);
    cJSON_AddStringToObject(object, "host", rank->host);
    cJSON_AddItemToObject(object, "gpu", members);
    cJSON_AddStringToObject(members, "uuid", rank->gpu.uuid);
    cJSON_AddStringToObject(members, "pci_bus_id", rank->gpu.pci_bus_id);
    return object;
}

/* Three GPUs of one host, of each of which the topology has these members. */
static inline struct xb_report make_report(const char *host, const char *gpu)
{
    static const char *const bus[] = {"0000:0a:00.0", "0000:1b:00.0", "0000:2c:00.0"};
    struct xb_report report;

    xb_report_empty(&report);
    report.run.device = strdup("cuda");
    report.run.start_utc = strdup("2026-01-31T12:00:00Z");
    report.run.end_utc = strdup("2026-01-31T12:00:10Z");
    report.run.plan_cases = 1;
    report.topology = cJSON_Parse("{\"nodes\": [{\"node\": 0}], \"warnings\": []}");
    cJSON *ranks = cJSON_AddArrayToObject(report.topology, "ranks");
    cJSON *node = cJSON_GetArrayItem(cJSON_GetObjectItem(report.topology, "nodes"), 0);
    cJSON_AddStringToObject(node, "host", host);
    for (int i = 0; i < 3; i++) {
        add_rank(&report, host, bus[i]);
        cJSON_AddItemToArray(ranks, rank_json(xb_report_rank_at(&report, (size_t)i), gpu));
    }
    return report;
}

static inline struct xb_report_case *add_case(struct xb_report *report, const char *id,
                                              const char *pattern, const char *method,
                                              int64_t bytes, enum xb_status status)
{
    struct xb_report_schedule *schedule = xb_list_add(&report->schedules, sizeof *schedule);
    struct xb_report_case *c = xb_list_add(&report->cases, sizeof *c);

    xb_fields_clear(xb_report_schedule_fields, schedule);
    xb_fields_clear(xb_report_case_fields, c);
    c->id = strdup(id);
    c->key.pattern = strdup(pattern);
    c->key.method = strdup(method);
    c->key.options = cJSON_CreateObject();
    c->key.pairs = cJSON_CreateString("each");
    c->key.src = strdup("gpu");
    c->key.dst = strdup("gpu");
    c->key.locality = strdup("node");
    c->key.bytes = bytes;
    c->key.size_class = 5;
    c->key.window = 1;
    c->status = status;
    c->concurrent = 1;
    c->transfer_bytes = (double)bytes;
    return c;
}

/* A lane of the case that was added last; a rate below 0 is one that is not there, with the
 * status. */
static inline void add_lane(struct xb_report *report, int src, int dst, const char *link_class,
                            double gb_per_s, enum xb_status status)
{
    struct xb_report_case *c = xb_report_case_at(report, report->cases.n - 1);
    struct xb_report_schedule *s =
        (struct xb_report_schedule *)report->schedules.item + report->cases.n - 1;
    struct xb_report_step *step = xb_list_add(&s->steps, sizeof *step);
    struct xb_report_lane *lane = xb_list_add(&c->lanes, sizeof *lane);

    xb_fields_clear(xb_report_lane_fields, lane);
    c->schedule = (int64_t)report->cases.n - 1;
    *step = (struct xb_report_step){.round = (int64_t)c->lanes.n - 1,
                                    .src_rank = src,
                                    .dst_rank = dst,
                                    .src = strdup("gpu"),
                                    .dst = strdup("gpu"),
                                    .link_class = strdup(link_class)};
    lane->status = status;
    lane->ceiling_gb_per_s = CEILING;
    if (gb_per_s < 0) {
        lane->reason = strdup("out of handles");
        return;
    }
    double us = (double)c->key.bytes / gb_per_s * 1e-3;
    lane->time_us = (struct xb_report_lane_time){true, us, NAN, NAN, us, us, us};
    lane->gb_per_s = gb_per_s;
    lane->fraction_of_ceiling = gb_per_s / CEILING;
    c->time_us.there = c->bandwidth.there = true;
    c->time_us.median = us;
    c->bandwidth.median = gb_per_s;
    c->ceiling_gb_per_s = CEILING;
    c->fraction_of_ceiling = gb_per_s / CEILING;
}

/* All six lanes between three GPUs, with so many GB/s, but for those of one rank (-1: none). */
static inline void add_matrix(struct xb_report *report, const char *id, double gb_per_s,
                              int slow_rank, double slow_gb_per_s)
{
    add_case(report, id, "stream", "p2p", 1 << 28, XB_OK);
    for (int src = 0; src < 3; src++)
        for (int dst = 0; dst < 3; dst++)
            if (src != dst)
                add_lane(report, src, dst, "nvlink",
                         src == slow_rank || dst == slow_rank ? slow_gb_per_s : gb_per_s,
                         XB_OK);
}

/* Expectations with these members behind name and match. */
static inline struct xb_expectations make_expectations(const char *members)
{
    struct xb_expectations expect;
    struct xb_error err = {""};
    char text[4096];

    snprintf(text, sizeof text,
             "{\"schema\": {\"name\": \"xferbench-expectations\", \"version\": 1}, \"name\": "
             "\"mine\", \"match\": {\"device\": \"cuda\"}, %s}",
             members);
    if (!ok(xb_expect_parse("x.json", text, &fixture_catalog, &expect, &err) == 0,
            "the expectations are read"))
        printf("# %s\n", err.text);
    return expect;
}

#endif
