/* SPDX-License-Identifier: BSD-3-Clause */
/* test_drift.c - what the report says of cases that do not stay where they are from pass to
 * pass, and of ranks that take more and more. */
#include "report/drift.h"

#include "model/figures/trend.h"
#include "report/use.h"
#include "tests/report/report_fixture.h"

#define PASSES 30
#define START  "2026-01-31T12:00:00Z"

/* 2026-01-31T12:00:00Z in seconds since 1970 */
static const double start_s = 1769860800;

/* Medians about 100 us, every 10 s from the run's start on, that change at a pass. */
static double *passes_us(int at, double after)
{
    double *us = calloc(PASSES, sizeof *us);

    for (int i = 0; i < PASSES; i++)
        us[i] = (i < at ? 100 : after) + (i * 7 % 10) * 0.1;
    return us;
}

static void make_result(struct xb_result *r, struct xb_case *c)
{
    fill_each(c, r);
    r->status = XB_OK;
    r->reason[0] = '\0';
    r->passes = r->passes_asked = PASSES;
    r->passes_us = passes_us(PASSES, 0);
    r->passes_s = calloc(PASSES, sizeof *r->passes_s);
    r->npasses = r->npasses_s = PASSES;
    for (int i = 0; i < PASSES; i++)
        r->passes_s[i] = start_s + 10 * i;
}

static void begin(struct xb_report *report)
{
    xb_report_empty(report);
    xb_text_dup(START, &report->run.start_utc);
    report->run.plan_cases = 5;
}

static void test_case(void)
{
    struct xb_report report;
    struct xb_result r;
    struct xb_case c;
    char text[XB_DRIFT_TEXT_LEN];

    begin(&report);
    make_result(&r, &c);
    free(r.passes_us);
    r.passes_us = passes_us(18, 200);
    is_int(xb_report_add(&report, &c, &r, false, NULL), 0, "a case that steps");
    const struct xb_report_case *got = xb_report_case_at(&report, 0);
    ok(xb_drift_told(&got->drift), "is told");
    ok(xb_report_noted(got, "steps") && !xb_report_noted(got, "drifts"), "has its note");
    is_str(xb_drift_text(&got->drift, text), "99.6 % slower from 2026-01-31T12:03:00Z on",
           "and a sentence that says since when");
    cJSON *json = case_json(&report, 0);
    const cJSON *step = cJSON_GetArrayItem(at(json, "drift", "steps"), 0);
    is_near(cJSON_GetObjectItem(step, "since_s")->valuedouble, 180, 0, "in seconds");
    is_near(cJSON_GetObjectItem(step, "before_us")->valuedouble, 100.45, 1e-3, "from");
    is_near(cJSON_GetObjectItem(step, "after_us")->valuedouble, 200.45, 1e-3, "to");
    is_near(cJSON_GetArrayItem(at(json, "passes_s", NULL), 29)->valuedouble, 290, 0,
            "each pass has its time");
    is_json(at(at(json, "lanes", NULL)->child, "drift", NULL), "null", "its lanes stay");
    struct xb_json doc = {.name = (char[]){"case"}, .root = json};
    struct xb_report again;
    begin(&again);
    is_int(read_into(&doc, &again, NULL), 0, "it is read");
    cJSON *second = case_json(&again, 0);
    xb_report_release(&report);
    begin(&report);
    xb_report_add(&report, &c, &r, false, NULL);
    cJSON *first = case_json(&report, 0);
    ok(cJSON_Compare(at(first, "drift", NULL), at(second, "drift", NULL), true) &&
           cJSON_Compare(at(first, "passes_s", NULL), at(second, "passes_s", NULL), true),
       "as it was written");
    cJSON_Delete(first);
    cJSON_Delete(second);
    cJSON_Delete(json);
    xb_report_release(&again);
    xb_report_release(&report);
    xb_result_release(&r);
}

/* The lane in the middle has the case's time: the slow one is another. */
static void test_lane(void)
{
    struct xb_report report;
    struct xb_result r;
    struct xb_case c;

    begin(&report);
    make_result(&r, &c);
    free(r.lanes[4].passes_us);
    r.lanes[4].passes_us = passes_us(10, 150);
    r.lanes[4].npasses = PASSES;
    is_int(xb_report_add(&report, &c, &r, false, NULL), 0, "a lane that steps");
    const struct xb_report_case *got = xb_report_case_at(&report, 0);
    is_int(got->drift.there, true, "its case was looked at");
    is_str(xb_trend_name((enum xb_trend_kind)got->drift.kind), "steady", "and stays");
    ok(xb_drift_told(&xb_report_lane_at(got, 4)->drift), "the lane does not");
    ok(!xb_report_lane_at(got, 5)->drift.there, "others do");
    ok(xb_report_noted(got, "steps"), "of which the case has the note");
    xb_report_release(&report);
    xb_result_release(&r);
}

static void test_not_looked_at(void)
{
    struct xb_report report;
    struct xb_result r;
    struct xb_case c;

    begin(&report);
    make_result(&r, &c);
    r.passes_s[3] = 0;
    xb_report_add(&report, &c, &r, false, NULL);
    r.passes_s[3] = start_s + 30;
    r.npasses = r.npasses_s = 11;
    xb_report_add(&report, &c, &r, false, NULL);
    ok(!xb_report_case_at(&report, 0)->drift.there, "nothing is said where a time is unknown");
    is_int((long long)xb_report_case_at(&report, 0)->passes_s.n, 0, "no times then");
    ok(!xb_report_case_at(&report, 1)->drift.there, "nor of few passes");
    is_int((long long)xb_report_case_at(&report, 1)->passes_s.n, 11, "which have their times");
    xb_report_release(&report);
    xb_result_release(&r);
}

/* A run that is resumed on a machine whose clock was set back meanwhile, or whose clock jumps
 * back. */
static void test_times_that_fall(void)
{
    struct xb_report report;
    struct xb_result r;
    struct xb_case c;

    begin(&report);
    make_result(&r, &c);
    for (int i = 0; i < PASSES; i++) {
        r.passes_us[i] = 100 + i;
        r.passes_s[i] -= i < 20 ? 0 : 1000;
    }
    xb_report_add(&report, &c, &r, false, NULL);
    const struct xb_report_case *got = xb_report_case_at(&report, 0);
    ok(!got->drift.there, "of passes whose times do not follow one another nothing is said");
    ok(!xb_report_noted(got, "drifts") && !xb_report_noted(got, "steps"), "no note either");
    is_int((long long)got->passes_s.n, 0, "they are not known");
    xb_report_release(&report);
    xb_result_release(&r);
}

static void test_texts(void)
{
    struct xb_report_drift_step steps[4] = {{.since_utc = (char[]){"T1"}, .change = 0.1},
                                            {.since_utc = (char[]){"T2"}, .change = -0.5},
                                            {.since_utc = (char[]){"T3"}, .change = 0.2},
                                            {.since_utc = (char[]){"T4"}, .change = 0.3}};
    struct xb_report_drift drift = {
        .there = true, .kind = XB_TREND_DRIFTS, .change = -0.042, .within_s = 598.2};
    char text[XB_DRIFT_TEXT_LEN];

    is_str(xb_drift_text(&drift, text), "4.2 % faster within 598 s, steadily", "a drift");
    drift.kind = XB_TREND_STEPPED;
    drift.steps = (struct xb_list){steps, 2, 4};
    is_str(xb_drift_text(&drift, text), "10 % slower from T1 on, 50 % faster from T2 on",
           "few steps one by one");
    steps[0].change = 39;
    steps[1].change = -39.0 / 40;
    is_str(xb_drift_text(&drift, text),
           "40 times slower from T1 on, 40 times faster from T2 on", "large ones as multiples");
    steps[0].change = 0.1;
    steps[1].change = -0.5;
    drift.steps.n = 4;
    is_str(xb_drift_text(&drift, text),
           "4 steps from T1 on, the largest 50 % faster from T2 on, at the end 4.2 % faster",
           "of more the largest");
}

/* ---- what ranks take ---- */

#define RANKS 3
#define MIB   1048576.0

static struct xb_report_use *use_of(struct xb_report *report, size_t rank)
{
    return (struct xb_report_use *)report->run.resources.item + rank;
}

/* So many passes, in which rank 1 loses bytes and descriptors, and rank 2 gets what it needs
 * later than others. */
static void fill_log(struct xb_use_log *log, int passes)
{
    for (int i = 0; i < passes; i++) {
        const struct xb_use ranks[RANKS] = {
            {{100 * MIB + 1e4 * (i % 3), 20, NAN}},
            {{100 * MIB + 1 * MIB * i, 20 + i, 1e9}},
            {{(i < passes / 2 ? 100 : 150) * MIB, 30 - i % 2, 2e9 - 1e6 * i}},
        };
        xb_use_log_add(log, 100 + i, ranks);
    }
}

static void test_uses(int passes)
{
    struct xb_report report;
    struct xb_use_log log;

    begin(&report);
    for (int r = 0; r < RANKS; r++) {
        struct xb_report_rank *rank = xb_list_add(&report.ranks, sizeof *rank);
        rank->host = strdup(r == 1 ? "n1" : "n0");
    }
    xb_use_log_open(&log, RANKS);
    is_int(xb_report_uses(&report, &log, NULL), 0, "before any pass");
    is_int((long long)report.run.resources.n, 0, "there is nothing");
    fill_log(&log, passes);
    xb_report_uses(&report, &log, NULL);
    is_int(xb_report_uses(&report, &log, NULL), 0, "twice");
    is_int((long long)report.run.resources.n, RANKS, "is as good as once");
    is_near(use_of(&report, 1)->rss_bytes.first, 100 * MIB, 0, "the first");
    is_near(use_of(&report, 1)->rss_bytes.last, (99 + passes) * MIB, 0, "the last");
    is_near(use_of(&report, 2)->descriptors.most, 30, 0, "the most");
    ok(isnan(use_of(&report, 0)->gpu_bytes.first), "what is not known");
    ok(!use_of(&report, 0)->warning, "what comes and goes is no leak");
    contains(use_of(&report, 1)->warning, "its memory grows", "what is lost is one");
    contains(use_of(&report, 1)->warning, "open descriptors grows", "of each kind");
    contains(use_of(&report, 1)->warning, "(rank 1 on n1)", "by rank and host");
    ok(!use_of(&report, 2)->warning, "what is needed once, or given back, is none");
    xb_use_log_release(&log);
    xb_report_release(&report);
}

static void test_few_passes(void)
{
    struct xb_report report;
    struct xb_use_log log;

    begin(&report);
    xb_use_log_open(&log, RANKS);
    fill_log(&log, 13);
    xb_report_uses(&report, &log, NULL);
    ok(!use_of(&report, 1)->warning, "few passes tell nothing");
    xb_use_log_release(&log);
    xb_report_release(&report);
}

int main(void)
{
    test_case();
    test_lane();
    test_not_looked_at();
    test_times_that_fall();
    test_texts();
    test_uses(20);
    test_uses(5000);
    test_few_passes();
    return done_testing();
}
