/* SPDX-License-Identifier: BSD-3-Clause */
/* report_fixture.h - cases of every status, and how their JSON shall look, for the tests of the
 * report. */
#ifndef XB_TESTS_REPORT_REPORT_FIXTURE_H
#define XB_TESTS_REPORT_REPORT_FIXTURE_H

#include "report/report.h"

#include <math.h>
#include <stdlib.h>

#include "tests/catalog_fixture.h"
#include "tests/tap.h"

/* Chosen so that all figures made from them come out round. */
static const double six_us[] = {7, 1, 5, 3, 4, 4};
static const double three_us[] = {10, 20, 30};
static const double fast_us[] = {0.001};
static const double single_us[] = {40, 12, 11, 13};

/* A case and its result, in words. */
struct row {
    const char *id, *pattern, *path;
    const struct xb_method_spec *method;
    uint64_t bytes;
    enum xb_status status;
    const char *reason;
    const double *samples_us;
    size_t nsamples;
    int64_t ops;
    enum xb_stop stop;
    uint64_t wrong_bytes;
    double ceiling;
};

enum {
    PLAIN,
    BOTH_WAYS,
    ONE_WAY,
    BOTH_APART,
    BACK_APART,
    SKIPPED,
    CORRUPT,
    FAILED,
    TIMEOUT,
    IMPLAUSIBLE,
    NO_BYTES,
    SKIPPED_BESIDE,
    ROWS,
};

#define PATH_ROWS 8 /* what their totals come to */

static const struct row rows[ROWS] = {
    [PLAIN] = {"plain", "stream", "gpu->gpu@node", &fixture_p2p, 7000, XB_OK, "", six_us, 6, 1,
               XB_STOP_TARGET, 0, 3.5},
    [BOTH_WAYS] = {"both", "bidirectional", "gpu->gpu@node", &fixture_p2p, 12000, XB_OK, "",
                   three_us, 3, 4, XB_STOP_MAX_SAMPLES, 0, 0},
    [ONE_WAY] = {"way", "pingpong", "gpu->gpu@node", &fixture_mpi, 1000, XB_OK, "", three_us, 3,
                 5, XB_STOP_MAX_TIME, 0, 0},
    [BOTH_APART] = {"apart", "bidirectional", "host->gpu", &fixture_direct, 8000, XB_OK, "",
                    three_us, 3, 2, XB_STOP_MAX_TIME, 0, 126},
    [BACK_APART] = {"back", "pingpong", "host->gpu@node", &fixture_mpi, 8000, XB_OK, "",
                    three_us, 3, 2, XB_STOP_MAX_TIME, 0, 0},
    [SKIPPED] = {"skip", "stream", "gpu->host", &fixture_direct, 4096, XB_SKIPPED, "no GPU",
                 NULL, 0, 0, XB_STOP_NONE, 0, 0},
    [CORRUPT] = {"bad", "stream", "host->gpu", &fixture_host_staged, 7500, XB_CORRUPT,
                 "wrong bytes", three_us, 3, 1, XB_STOP_MAX_TIME, 9, 0},
    [FAILED] = {"fail", "stream", "host->gpu", &fixture_host_staged, 7500, XB_FAILED,
                "no memory", NULL, 0, 0, XB_STOP_NONE, 0, 0},
    [TIMEOUT] = {"slow", "stream", "host->gpu", &fixture_host_staged, 7500, XB_TIMEOUT,
                 "took 1 s", three_us, 2, 1, XB_STOP_NONE, 0, 0},
    [IMPLAUSIBLE] = {"fast", "stream", "host->gpu", &fixture_host_staged, 7500, XB_IMPLAUSIBLE,
                     "31 TB/s", fast_us, 1, 1, XB_STOP_MAX_TIME, 0, 63},
    [NO_BYTES] = {"none", "stream", "host->host", &fixture_null, 4096, XB_OK, "", three_us, 3,
                  1, XB_STOP_MAX_TIME, 0, 0},
    [SKIPPED_BESIDE] = {"beside", "stream", "gpu->gpu@node", &fixture_p2p, 6500, XB_SKIPPED,
                        "not here", NULL, 0, 0, XB_STOP_NONE, 0, 0},
};

static inline void fill_case(const struct row *row, struct xb_case *c)
{
    bool chunked = row->method->flags & XB_METHOD_CHUNKED;

    *c = (struct xb_case){
        .pattern = xb_pattern_find(row->pattern, NULL),
        .method = row->method,
        .options = xb_options_default(row->method->options),
        .bytes = row->bytes,
        .chunk = chunked ? 2048 : 0,
        .depth = chunked ? 3 : 0,
        .window = 1,
    };
    snprintf(c->id, sizeof(c->id), "%s", row->id);
    xb_path_parse(row->path, &c->path, NULL);
}

/* A result owns its samples. */
static inline double *copy_samples(const double *samples, size_t n)
{
    double *copy = malloc(n * sizeof(double));

    return memcpy(copy, samples, n * sizeof(double));
}

/* Which ranks move what, in the order of the schedule; returns the chains. */
static inline double fill_lanes(const struct xb_case *c, struct xb_result *r)
{
    bool back = strcmp(c->pattern->name, "stream") != 0;
    bool turns = strcmp(c->pattern->name, "pingpong") == 0;
    int far = c->path.locality == XB_SELF ? 0 : 1;

    xb_result_lanes(r, back ? 2 : 1);
    for (int i = 0; i < (int)r->nlanes; i++) {
        struct xb_lane_result *l = &r->lanes[i];
        l->chain = turns ? 0 : i;
        l->step = turns ? i : 0;
        l->src_rank = i == 0 ? 0 : far;
        l->dst_rank = i == 0 ? far : 0;
        l->path = i == 0 ? c->path : xb_path_reverse(&c->path);
        l->status = r->status;
        l->reason = r->reason[0] ? strdup(r->reason) : NULL;
        l->time = r->time;
        l->ops_per_sample = r->ops_per_sample;
    }
    return turns || !back ? 1 : 2;
}

static inline void fill_result(const struct row *row, const struct xb_case *c,
                               struct xb_result *r)
{
    *r = (struct xb_result){
        .status = row->status,
        .ops_per_sample = row->ops,
        .stop = row->stop,
        .overhead_us = NAN,
        .setup = {NAN, NAN, NAN, NAN, NAN, NAN},
        .nsamples = row->nsamples,
        .has_device_time = row->method == &fixture_p2p && row->nsamples == 6,
        .device_time_us = 2.25,
        .verify = {.done = row->nsamples > 0,
                   .checked_bytes = row->bytes,
                   .wrong_bytes = row->wrong_bytes,
                   .first_bad = 77},
        .ceiling_gb_per_s = row->ceiling,
    };
    snprintf(r->reason, sizeof(r->reason), "%s", row->reason);
    if (row->nsamples) {
        xb_stats_compute(row->samples_us, row->nsamples, &r->time);
        r->samples_us = copy_samples(row->samples_us, row->nsamples);
        r->concurrent = fill_lanes(c, r);
    }
    if (row->ops > 1) {
        r->nop_samples = sizeof(single_us) / sizeof(single_us[0]);
        r->op_samples_us = copy_samples(single_us, r->nop_samples);
    }
}

static inline int add_row(struct xb_report *report, const struct row *row)
{
    struct xb_case c;
    struct xb_result r;

    fill_case(row, &c);
    fill_result(row, &c, &r);
    int rc = xb_report_add(report, &c, &r, false, NULL);
    xb_result_release(&r);
    return rc;
}

/* Case i of a report's list, as a journal has it. */
static inline cJSON *case_json(const struct xb_report *report, size_t i)
{
    return xb_report_case_json(report, xb_report_case_at(report, i));
}

/* The case as it stands in a journal: with the steps of its schedule. */
static inline cJSON *entry_of(const struct row *row)
{
    struct xb_report report;

    xb_report_empty(&report);
    cJSON *entry = add_row(&report, row) == 0 ? case_json(&report, 0) : NULL;
    xb_report_release(&report);
    return entry;
}

static inline int add_all(struct xb_report *report)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < ROWS; i++)
        rc = add_row(report, &rows[i]);
    return rc;
}

/* A case of every ordered pair of three ranks, each alone: lane i takes 10, 20, 40, ... us for
 * 100000 bytes, but one was skipped and one failed. The caller releases the result. */
static inline void fill_each(struct xb_case *c, struct xb_result *r)
{
    static const int pairs[][2] = {{0, 1}, {0, 2}, {1, 0}, {1, 2}, {2, 0}, {2, 1}};
    double us = 10;

    fill_case(&(struct row){.id = "each",
                            .pattern = "stream",
                            .path = "gpu->gpu@node",
                            .method = &fixture_p2p,
                            .bytes = 100000},
              c);
    *r = (struct xb_result){.status = XB_FAILED,
                            .ops_per_sample = 2,
                            .stop = XB_STOP_TARGET,
                            .concurrent = 1,
                            .time_of = XB_TIME_OF_MEDIAN_LANE,
                            .slowest_lane = 5,
                            .overhead_us = 0.75,
                            .setup = {100, 40, 30.00004, NAN, 12.5, 25},
                            .ceiling_gb_per_s = 50};
    snprintf(r->reason, sizeof(r->reason), "out of handles");
    xb_result_lanes(r, 6);
    for (int i = 0; i < 6; i++, us *= 2) {
        struct xb_lane_result *l = &r->lanes[i];
        l->round = i;
        l->src_rank = pairs[i][0];
        l->dst_rank = pairs[i][1];
        l->path = c->path;
        l->link_class = i % 2 ? 3 : 1;
        l->status = i == 2 ? XB_SKIPPED : i == 3 ? XB_FAILED : XB_OK;
        if (i == 2 || i == 3) {
            l->reason = strdup(i == 2 ? "not there" : "out of handles");
            continue;
        }
        const double samples[] = {us, us, us};
        xb_stats_compute(samples, 3, &l->time);
        l->ops_per_sample = 2;
        l->ceiling_gb_per_s = 50;
        l->has_carried = i == 0;
        for (int w = 0; w < XB_WIRES; w++)
            l->carried[w] = w == XB_NVLINK_TX ? 1.0234567 : -1;
        l->verify = (struct xb_verify){.done = true, .checked_bytes = 100000};
    }
    r->time = r->lanes[1].time;
}

/* Compare a tree with the text it shall print as, number by number as written. */
static inline void is_json(const cJSON *got, const char *want, const char *name)
{
    char *text = got ? cJSON_PrintUnformatted(got) : NULL;

    is_str(text, want, name);
    cJSON_free(text);
}

static inline const cJSON *at(const cJSON *object, const char *group, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, group);

    return key ? cJSON_GetObjectItemCaseSensitive(item, key) : item;
}

/* Read a case into a report's list. */
static inline int read_into(struct xb_json *doc, struct xb_report *report, struct xb_error *err)
{
    struct xb_report_case c;

    if (xb_report_read_case(doc, report, &c, err) < 0)
        return -1;
    struct xb_report_case *added = xb_list_add(&report->cases, sizeof(*added));
    *added = c;
    return 0;
}

#endif
