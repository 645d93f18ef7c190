/* SPDX-License-Identifier: BSD-3-Clause */
/* test_expect_learn.c - expectations that are learnt from reports. */
#include "report/expect_learn.h"

#include "report/expect_check.h"
#include "tests/report/expect_fixture.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* Medians, MADs and bands worked out by hand. */
static const struct {
    double figures[8];
    size_t n;
    double median, mad, band;
} bands[] = {
    {{100}, 1, 100, 0, 0.03},
    {{100, 100.1, 99.9, 100.2, 99.8, 100}, 6, 100, 0.1, 0.03},
    /* deviations 0 1 2 3 30: MAD 2, 4 x 1.4826 x 2 / 100 */
    {{98, 99, 100, 103, 130}, 5, 100, 2, 0.118608},
    {{1, 2, 3, 4}, 4, 2.5, 1, 2.37216},
};

static void test_bands(void)
{
    for (size_t i = 0; i < ROWS(bands); i++) {
        double median, mad, band;
        is_int(xb_learn_band(bands[i].figures, bands[i].n, &median, &mad, &band), 0, "a band");
        is_near(median, bands[i].median, 1e-12, "the median");
        is_near(mad, bands[i].mad, 1e-9, "the MAD");
        is_near(band, bands[i].band, 1e-9, "the band");
    }
}

#define LAUNCHES 4

/* Launches of two nodes: lanes of 390 GB/s and a little more each time, a ping-pong, a case of
 * one launch alone. */
static void make_launches(struct xb_report reports[LAUNCHES])
{
    char gpu[128];

    for (int i = 0; i < LAUNCHES; i++) {
        snprintf(gpu, sizeof gpu,
                 "\"nvlink\": {\"links\": 18, \"gb_per_s\": %d}, \"state\": {\"ecc\": true}",
                 400 + i);
        reports[i] = make_report(i % 2 ? "n1" : "n2", gpu);
        add_matrix(&reports[i], "m", 390 + i, -1, 0);
        add_case(&reports[i], "p", "pingpong", "p2p", 8, XB_OK);
        add_lane(&reports[i], 0, 1, "nvlink", 0.008, XB_OK);
        add_case(&reports[i], "c", "collective", "nccl", 1 << 28, XB_OK);
        add_lane(&reports[i], 0, 1, "nvlink", 300, XB_OK);
        add_case(&reports[i], "b", "bidirectional", "p2p", 1 << 28, XB_OK);
        add_lane(&reports[i], 0, 1, "nvlink", 380, XB_OK);
        xb_report_case_at(&reports[i], 3)->concurrent = 2;
    }
    add_case(&reports[0], "once", "stream", "p2p", 1 << 28, XB_OK);
    add_lane(&reports[0], 0, 1, "nvlink", 390, XB_OK);
    add_case(&reports[1], "bad", "stream", "p2p", 1 << 28, XB_CORRUPT);
}

static void release_launches(struct xb_report reports[LAUNCHES])
{
    for (int i = 0; i < LAUNCHES; i++)
        xb_report_release(&reports[i]);
}

static const cJSON *row_of(const cJSON *file, const char *id, bool of_case)
{
    const cJSON *row;

    cJSON_ArrayForEach(row, cJSON_GetObjectItem(file, "bounds"))
    {
        const cJSON *its = cJSON_GetObjectItem(cJSON_GetObjectItem(row, "cases"), "id");
        if (strcmp(its->valuestring, id) == 0 &&
            (cJSON_GetObjectItem(row, "of") != NULL) == of_case)
            return row;
    }
    return NULL;
}

static double number(const cJSON *row, const char *a, const char *b, const char *c)
{
    return cJSON_GetNumberValue(
        cJSON_GetObjectItem(cJSON_GetObjectItem(cJSON_GetObjectItem(row, a), b), c));
}

static void test_file(void)
{
    struct xb_report reports[LAUNCHES];
    struct xb_learn_options options = {.name = "t", .launches = 2};
    struct xb_learnt learnt;
    struct xb_error err = {""};

    make_launches(reports);
    cJSON *file = xb_expect_learn(reports, LAUNCHES, &options, &learnt, &err);
    ok(file != NULL, "expectations are learnt");
    is_int((long long)learnt.nodes, 2, "of two nodes");
    is_int((long long)learnt.bounds, 5, "five bounds");
    is_int((long long)learnt.seldom, 1, "a case that one launch has is left out");
    is_int((long long)learnt.broken, 1, "and one that is corrupt");
    const cJSON *row = row_of(file, "m", false);
    is_near(number(row, "fraction_of_ceiling", "below", "warning"), 0.97 * 391.5 / 400, 1e-5,
            "a warning beyond the band");
    is_near(number(row, "fraction_of_ceiling", "below", "critical"), 0.94 * 391.5 / 400, 1e-5,
            "critical beyond twice the band");
    is_near(number(row, "fraction_of_ceiling", "above", "warning"), 1.06 * 391.5 / 400, 1e-5,
            "too good beyond twice the band");
    ok(isnan(number(row, "fraction_of_ceiling", "above", "critical")), "which is not critical");
    is_near(cJSON_GetNumberValue(
                cJSON_GetObjectItem(cJSON_GetObjectItem(row, "learnt"), "figures")),
            24, 0, "all lanes are taken together");
    row = row_of(file, "p", false);
    is_near(number(row, "time_us", "above", "warning"), 1.03, 1e-5, "a ping-pong by its time");
    is_near(number(row, "time_us", "below", "warning"), 0.94, 1e-5, "which may not be short");
    ok(row_of(file, "c", false) != NULL, "a collective as a whole, without saying so");
    ok(row_of(file, "b", true) && row_of(file, "b", false),
       "both ways at once: each, and the sum");
    is_near(cJSON_GetNumberValue(
                cJSON_GetObjectItem(cJSON_GetObjectItem(file, "require"), "nvlinks")),
            18, 0, "what all GPUs have is required");
    ok(!cJSON_GetObjectItem(cJSON_GetObjectItem(file, "require"), "nvlink_gb_per_s"),
       "what they have not all alike is not");
    ok(!cJSON_GetObjectItem(cJSON_GetObjectItem(file, "require"), "mig"),
       "nor what nobody tells");
    cJSON_Delete(file);
    release_launches(reports);
}

/* What is learnt holds for what it is learnt from, and not for a slow GPU. */
static void test_round_trip(void)
{
    struct xb_report reports[LAUNCHES], slow = make_report("n9", "");
    struct xb_learn_options options = {.name = "t", .launches = 2};
    struct xb_expectations expect;
    struct xb_learnt learnt;
    struct xb_error err = {""};

    make_launches(reports);
    cJSON *file = xb_expect_learn(reports, LAUNCHES, &options, &learnt, &err);
    char *text = cJSON_Print(file);
    is_int(xb_expect_parse("t", text, &fixture_catalog, &expect, &err), 0, "it can be read");
    for (int i = 0; i < LAUNCHES; i++) {
        struct xb_check check = {.level = XB_LEVEL_GOOD};
        xb_check_add(&check, "r", &reports[i], &expect, 1, NULL);
        is_int(check.level, i == 1 ? XB_LEVEL_CRITICAL : XB_LEVEL_GOOD,
               "good, but for the corrupt case");
        xb_check_release(&check);
    }
    struct xb_check check = {.level = XB_LEVEL_GOOD};
    add_matrix(&slow, "m", 390, 2, 300);
    xb_check_add(&check, "r", &slow, &expect, 1, NULL);
    is_int(check.level, XB_LEVEL_CRITICAL, "a slow GPU");
    xb_check_release(&check);
    xb_expect_release(&expect);
    cJSON_free(text);
    cJSON_Delete(file);
    release_launches(reports);
    xb_report_release(&slow);
}

/* Lanes of two link classes have a row each. */
static void test_links(void)
{
    struct xb_report reports[2];
    struct xb_learn_options options = {.name = "t", .launches = 1};
    struct xb_learnt learnt;

    for (int i = 0; i < 2; i++) {
        reports[i] = make_report(i ? "n1" : "n2", "");
        add_case(&reports[i], "m", "stream", "p2p", 1 << 28, XB_OK);
        add_lane(&reports[i], 0, 1, "nvlink", 390, XB_OK);
        add_lane(&reports[i], 0, 2, "host-bridge", 20, XB_OK);
    }
    cJSON *file = xb_expect_learn(reports, 2, &options, &learnt, NULL);
    is_int((long long)learnt.bounds, 2, "a bound for each");
    const cJSON *row = cJSON_GetArrayItem(cJSON_GetObjectItem(file, "bounds"), 0);
    is_str(cJSON_GetStringValue(
               cJSON_GetObjectItem(cJSON_GetObjectItem(row, "cases"), "link_class")),
           "host-bridge", "which says for which");
    cJSON_Delete(file);
    for (int i = 0; i < 2; i++)
        xb_report_release(&reports[i]);
}

/* The bounds of a file made anew: one for both kinds of cases, of another figure than a case's
 * own would be; one that nothing is known for. */
static void test_like(void)
{
    struct xb_report reports[LAUNCHES];
    struct xb_expectations like = make_expectations(
        "\"description\": \"d\", \"require\": {\"ecc\": false}, \"bounds\": [{\"cases\": "
        "{\"method\": \"mpi\"}, \"gb_per_s\": {\"above\": {\"warning\": 9}}}, {\"cases\": "
        "{\"method\": \"p2p\", \"bytes\": \"256MiB\"}, \"gb_per_s\": {\"below\": "
        "{\"warning\": 1}}, \"learnt\": \"old\", \"skipped\": \"critical\"}]");
    struct xb_learn_options options = {.name = "t", .launches = 2, .like = &like};
    struct xb_learnt learnt;

    make_launches(reports);
    cJSON *file = xb_expect_learn(reports, LAUNCHES, &options, &learnt, NULL);
    is_str(cJSON_GetStringValue(cJSON_GetObjectItem(file, "description")), "d",
           "it keeps what it says of itself");
    ok(cJSON_IsTrue(cJSON_GetObjectItem(cJSON_GetObjectItem(file, "require"), "ecc")),
       "what it requires is as the machines are");
    ok(!cJSON_GetObjectItem(cJSON_GetObjectItem(file, "require"), "nvlinks"),
       "and nothing else is required");
    const cJSON *rows = cJSON_GetObjectItem(file, "bounds"), *row = cJSON_GetArrayItem(rows, 0);
    is_int(cJSON_GetArraySize(rows), 1, "a bound for what was measured");
    is_int((long long)learnt.bounds, 1, "it is counted");
    /* 24 lanes of 390 to 393 GB/s, 4 of 380, one of 390: the median is 391 */
    is_near(number(row, "gb_per_s", "below", "warning"), 0.97 * 391, 1e-4,
            "of the same figure");
    is_near(cJSON_GetNumberValue(
                cJSON_GetObjectItem(cJSON_GetObjectItem(row, "learnt"), "figures")),
            29, 0, "of all cases that it is about");
    is_str(cJSON_GetStringValue(cJSON_GetObjectItem(row, "skipped")), "critical",
           "the rest of the row stays");
    cJSON_Delete(file);
    xb_expect_release(&like);
    release_launches(reports);
}

static void refuse(struct xb_report *reports, size_t n, const struct xb_learn_options *options,
                   const char *why)
{
    struct xb_learnt learnt;
    struct xb_error err = {""};
    cJSON *file = xb_expect_learn(reports, n, options, &learnt, &err);

    ok(!file, "nothing is learnt");
    contains(err.text, why, "and it says why");
    cJSON_Delete(file);
}

static void test_refused(void)
{
    struct xb_report reports[LAUNCHES];
    struct xb_learn_options options = {.name = "t", .launches = 5};

    make_launches(reports);
    refuse(reports, LAUNCHES, &options,
           "no case with figures that is ok in at least 5 of these 4 reports");
    options.launches = 1;
    refuse(reports, 1, &options, "all 1 reports are of one node");
    options.one_node = true;
    struct xb_learnt learnt;
    cJSON *file = xb_expect_learn(reports, 1, &options, &learnt, NULL);
    ok(file != NULL, "unless told that it may be one");
    cJSON_Delete(file);
    free(xb_report_rank_at(&reports[2], 0)->gpu.name);
    xb_report_rank_at(&reports[2], 0)->gpu.name = strdup("Other GPU");
    refuse(reports, LAUNCHES, &options,
           "reports of machines of several kinds: the gpu \"Test GPU\" and \"Other GPU\"");
    release_launches(reports);
}

/* A glob that meets a file twice would make of one launch two that agree. */
static void test_same_run(void)
{
    struct xb_report reports[LAUNCHES];
    struct xb_learn_options options = {.name = "t", .launches = 2};
    struct xb_learnt learnt;
    struct xb_error err = {""};

    make_launches(reports);
    reports[1].run.id = strdup("2026-01-31T12:00:00Z-01234567");
    reports[3].run.id = strdup("2026-01-31T12:00:00Z-01234567");
    cJSON *file = xb_expect_learn(reports, LAUNCHES, &options, &learnt, &err);
    ok(!file, "no launch counts twice");
    is_str(err.text,
           "reports 2 and 4 are of the same run, 2026-01-31T12:00:00Z-01234567: expected each "
           "launch once",
           "and it says which");
    cJSON_Delete(file);
    release_launches(reports);
}

int main(void)
{
    test_same_run();
    test_bands();
    test_file();
    test_round_trip();
    test_links();
    test_like();
    test_refused();
    return done_testing();
}
