/* SPDX-License-Identifier: BSD-3-Clause */
/* test_chart_kinds.c - what stands in the rows of charts of company, pipelines, wires and
 * comparisons. */
#include "tests/report/charts/charts_fixture.h"

/* A lane alone in one round, and the same in company in the next. */
static void test_contention(void)
{
    struct xb_report report;

    make(&(struct made){.cases = 1, .lanes = 12}, &report);
    struct xb_report_case *c = xb_report_case_at(&report, 0);
    struct xb_report_step *alone = xb_report_step_of(&report, c, 0);
    struct xb_report_step *full = xb_report_step_of(&report, c, 1);
    xb_text_dup("alone", &alone->company);
    full->src_rank = alone->src_rank;
    full->dst_rank = alone->dst_rank;
    xb_report_lane_at(c, 0)->gb_per_s = 40;
    xb_report_lane_at(c, 1)->gb_per_s = 10;
    xb_report_lane_at(c, 1)->contention = (struct xb_report_rate){true, 4, 3.9, 4.1};
    struct xb_charts charts = charts_of(&report);
    const struct xb_chart *chart = chart_at(&charts, "contention-1");
    is_int((long long)count_rows(chart), 1, "a row for the lane that was in company");
    const cJSON *row = chart ? cJSON_GetArrayItem(chart->rows, 0) : NULL;
    is_str(text(row, "lane"), "0->1 01:00.0->02:00.0", "named by its GPUs");
    is_near(number(row, "alone"), 40, 1e-9, "its rate alone");
    is_near(number(row, "company"), 10, 1e-9, "and in company");
    is_near(number(row, "times"), 4, 1e-9, "and how much longer it takes");
    check_all(&charts, "contention");
    xb_charts_release(&charts);
    xb_report_release(&report);
}

static void add_figure(struct xb_report_case *c, const char *name, double value)
{
    c->figures.item = realloc(c->figures.item, (c->figures.n + 1) * sizeof *c->figures.item);
    c->figures.item[c->figures.n].name = strdup(name);
    c->figures.item[c->figures.n++].value = value;
}

static void test_interference(void)
{
    struct xb_report report;

    make(&(struct made){.cases = 1, .lanes = 1}, &report);
    struct xb_report_case *c = xb_report_case_at(&report, 0);
    cJSON_AddStringToObject(c->key.options, "beside", "memory");
    add_figure(c, "transfer_alone_gb_per_s", 387.5);
    add_figure(c, "transfer_kept", 0.72345);
    add_figure(c, "work_kept", 0.9);
    struct xb_charts charts = charts_of(&report);
    const struct xb_chart *chart = chart_at(&charts, "interference-1");
    const cJSON *row = row_of(chart, "beside", "memory", NULL, NULL);
    is_near(number(row, "transfer_kept"), 0.7235, 1e-9, "what the transfer keeps");
    is_near(number(row, "work_kept"), 0.9, 1e-9, "and the work");
    ok(row && !strstr(text(row, "transfer"), "beside"),
       "the transfer is named without what is beside it");
    check_all(&charts, "interference");
    xb_charts_release(&charts);
    xb_report_release(&report);
}

static void test_pipeline(void)
{
    struct xb_report report;
    int n = 0;

    make(&(struct made){.cases = 24, .lanes = 1}, &report);
    for (size_t i = 0; i < report.cases.n; i++) {
        struct xb_report_case *c = xb_report_case_at(&report, i);
        if (strcmp(c->key.method, "host-staged") != 0)
            continue;
        c->key.bytes = 1 << 20;
        c->key.chunk_bytes = 4096 << (n / 3);
        c->key.depth = 1 + n % 3;
        c->bandwidth.median = n == 4 ? 99 : 10 + n;
        c->pipeline.there = true;
        c->pipeline.model_us = c->time_us.median / 2;
        n++;
    }
    /* as tune has chosen: the second chunk's third depth, which is not the fastest */
    struct xb_tuned_point *point = xb_list_add(&report.tuned.points, sizeof *point);
    report.tuned.there = point->chosen.there = true;
    for (size_t i = 0; i < report.cases.n && !point->chosen.id; i++) {
        const struct xb_report_case *c = xb_report_case_at(&report, i);
        if (c->key.chunk_bytes == 8192 && c->key.depth == 3)
            point->chosen.id = strdup(c->id);
    }
    struct xb_charts charts = charts_of(&report);
    const struct xb_chart *grid = chart_at(&charts, "pipeline-1");
    is_int((long long)count_rows(grid), 6, "a cell for each chunk and depth");
    const cJSON *chosen = row_of(grid, "mark", "chosen by the policy", NULL, NULL);
    is_str(text(chosen, "chunk"), "8 KiB", "what tune chose is marked, with its chunk");
    is_near(number(chosen, "depth"), 3, 1e-9, "and its depth");
    const cJSON *best = row_of(grid, "mark", "fastest", NULL, NULL);
    is_near(number(best, "gbps"), 99, 1e-9, "the fastest is marked");
    is_str(text(best, "chunk"), "8 KiB", "with its chunk");
    is_near(number(best, "depth"), 2, 1e-9, "and depth");
    const struct xb_chart *model = chart_at(&charts, "model-1");
    is_int((long long)count_rows(model), 6, "a point for each case that has a model");
    is_near(number(model ? cJSON_GetArrayItem(model->rows, 3) : NULL, "over"), 2, 1e-3,
            "how much longer it took");
    check_all(&charts, "pipeline");
    xb_charts_release(&charts);
    xb_report_release(&report);
}

static void test_carried(void)
{
    struct xb_report report;

    make(&(struct made){.cases = 8, .lanes = 1, .wire = "nvlink", .wired = "*p2p*"}, &report);
    find(&report, "p2p", 8192)->carried_by.by[XB_NVLINK_RX] = 0.5;
    struct xb_charts charts = charts_of(&report);
    const struct xb_chart *chart = chart_at(&charts, "carried-1");
    is_int((long long)count_rows(chart), 2, "of what a counter saw, both sides");
    const cJSON *row = row_of(chart, "side", "sent at the source", "size", "8 KiB");
    is_near(number(row, "nvlink"), 1.02, 1e-9, "what went over NVLink, of the largest size");
    is_near(number(row_of(chart, "side", "received at the destination", NULL, NULL), "nvlink"),
            0.5, 1e-9, "and what came over it");
    is_near(number(row, "pcie"), 0, 1e-9, "and what did not go over PCIe");
    check_all(&charts, "carried");
    xb_charts_release(&charts);
    xb_report_release(&report);
}

/* Six launches a side, told apart by their labels; mpi takes twice as long in the second. */
static void test_comparison(void)
{
    enum { LAUNCHES = 12 };
    struct xb_report report[LAUNCHES];
    struct xb_format_source source[LAUNCHES];
    const struct xb_format_set set = {.source = source, .n = LAUNCHES};
    struct xb_charts charts;

    for (int i = 0; i < LAUNCHES; i++) {
        bool after = i >= LAUNCHES / 2;
        make(&(struct made){.cases = 8,
                            .lanes = 1,
                            .seed = 1,
                            .launch = (uint64_t)i,
                            .common = 0.001,
                            .slow = after ? "*mpi*" : NULL,
                            .factor = 2,
                            .label = after ? "after" : "before"},
             &report[i]);
        source[i] = (struct xb_format_source){.report = &report[i], .name = "r.json"};
    }
    is_int(xb_charts_of(&set, &charts, NULL), 0, "twelve reports are compared");
    const struct xb_chart *forest = chart_at(&charts, "comparison-1");
    is_str(forest ? forest->title : NULL, "after against before", "by their labels");
    is_int((long long)count_rows(forest), 8, "a row for each case");
    const cJSON *row;
    size_t slower = 0, right = 0;
    if (forest)
        cJSON_ArrayForEach(row, forest->rows)
        {
            bool mpi = strstr(text(row, "name"), "mpi") != NULL;
            slower += strcmp(text(row, "verdict"), "slower") == 0;
            right += fabs(number(row, "ratio") - (mpi ? 2 : 1)) < 0.02 &&
                     number(row, "lo") < number(row, "ratio") &&
                     number(row, "ratio") < number(row, "hi");
        }
    is_int((long long)slower, 2, "two are slower, as compare says");
    is_int((long long)right, 8, "all have their ratios within intervals");
    const struct xb_chart *beside = chart_at(&charts, "beside-1");
    is_int((long long)count_rows(beside), 16, "curves of both sides stand beside each other");
    ok(row_of(beside, "side", "before", "size", "4 KiB") &&
           row_of(beside, "side", "after", "size", "4 KiB"),
       "under their labels");
    ok(!chart_at(&charts, "comparison-2"), "the launches of a side are none of their own");
    check_all(&charts, "comparison");
    xb_charts_release(&charts);
    for (int i = 0; i < LAUNCHES; i++)
        xb_report_release(&report[i]);
}

int main(void)
{
    test_contention();
    test_interference();
    test_pipeline();
    test_carried();
    test_comparison();
    return done_testing();
}
