/* report_fixture.h - cases of every status, and how their JSON shall look, for the tests of the
 * report. */
#ifndef XB_TESTS_REPORT_REPORT_FIXTURE_H
#define XB_TESTS_REPORT_REPORT_FIXTURE_H

#include "report/report.h"

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
        .pattern = xb_pattern_find(row->pattern),
        .method = row->method,
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

static inline void fill_result(const struct row *row, const struct xb_case *c,
                               struct xb_result *r)
{
    static const int nodes[] = {0, 0};
    static const struct xb_job job = {.nranks = 2, .node_of_rank = nodes};

    *r = (struct xb_result){
        .status = row->status,
        .ops_per_sample = row->ops,
        .stop = row->stop,
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
        c->pattern->lanes(&c->path, &job, &r->lanes, NULL);
        r->samples_us = copy_samples(row->samples_us, row->nsamples);
    }
    if (row->ops > 1) {
        r->nop_samples = sizeof(single_us) / sizeof(single_us[0]);
        r->op_samples_us = copy_samples(single_us, r->nop_samples);
    }
}

static inline cJSON *entry_of(const struct row *row)
{
    struct xb_case c;
    struct xb_result r;

    fill_case(row, &c);
    fill_result(row, &c, &r);
    cJSON *entry = xb_report_case(&c, &r);
    xb_result_release(&r);
    return entry;
}

/* The entries of all rows; NULL when out of memory. */
static inline cJSON *all_entries(void)
{
    cJSON *cases = cJSON_CreateArray();

    for (size_t i = 0; cases && i < ROWS; i++) {
        cJSON *entry = entry_of(&rows[i]);

        if (!entry) {
            cJSON_Delete(cases);
            return NULL;
        }
        cJSON_AddItemToArray(cases, entry);
    }
    return cases;
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

#endif
