/* SPDX-License-Identifier: BSD-3-Clause */
/* test_charts.c - which charts a report gives, and what stands in their rows. */
#include "report/charts/chart.h"

#include <stdlib.h>
#include <string.h>

#include "report/charts/draft.h"
#include "tests/report/made_report.h"
#include "tests/tap.h"

/* ---- reports ---- */

/* Say what a made case gave: of a method and a size. */
static struct xb_report_case *find(struct xb_report *report, const char *method, int64_t bytes)
{
    for (size_t i = 0; i < report->cases.n; i++) {
        struct xb_report_case *c = xb_report_case_at(report, i);
        if (strcmp(c->key.method, method) == 0 && c->key.bytes == bytes)
            return c;
    }
    return NULL;
}

static void gave(struct xb_report *report, const char *method, int64_t bytes, double median,
                 double half)
{
    find(report, method, bytes)->bandwidth =
        (struct xb_report_rate){true, median, median - half, median + half};
}

static void ceiling(struct xb_report *report, double gb_per_s)
{
    for (size_t i = 0; i < report->cases.n; i++)
        xb_report_case_at(report, i)->ceiling_gb_per_s = gb_per_s;
}

static void make(const struct made *m, struct xb_report *report)
{
    struct xb_error err;

    if (made_report(m, report, &err) < 0)
        printf("Bail out! %s\n", err.text);
}

static struct xb_charts charts_of(const struct xb_report *report)
{
    const struct xb_format_source source = {.report = report, .name = "a/r.json"};
    const struct xb_format_set set = {.source = &source, .n = 1};
    struct xb_charts charts;
    struct xb_error err;

    if (xb_charts_of(&set, &charts, &err) < 0)
        printf("Bail out! %s\n", err.text);
    return charts;
}

/* ---- charts ---- */

static const struct xb_chart *chart_at(const struct xb_charts *charts, const char *id)
{
    for (size_t i = 0; i < charts->n; i++)
        if (strcmp(charts->chart[i].id, id) == 0)
            return &charts->chart[i];
    return NULL;
}

static size_t count_rows(const struct xb_chart *chart)
{
    return chart ? (size_t)cJSON_GetArraySize(chart->rows) : 0;
}

/* The row in which members have these texts; the second may be NULL. */
static const cJSON *row_of(const struct xb_chart *chart, const char *name, const char *text,
                           const char *other, const char *value)
{
    const cJSON *row;

    if (!chart)
        return NULL;
    cJSON_ArrayForEach(row, chart->rows)
    {
        const char *got = cJSON_GetStringValue(cJSON_GetObjectItem(row, name));
        const char *more = other ? cJSON_GetStringValue(cJSON_GetObjectItem(row, other)) : NULL;
        if (got && strcmp(got, text) == 0 && (!other || (more && strcmp(more, value) == 0)))
            return row;
    }
    return NULL;
}

static double number(const cJSON *row, const char *name)
{
    return cJSON_GetNumberValue(cJSON_GetObjectItem(row, name));
}

static const char *text(const cJSON *row, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(row, name));
}

/* ---- what holds for every chart ---- */

/* Is there a transform in the specification that makes this member? */
static bool is_made(const cJSON *spec, const char *name)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, spec)
    {
        if (item->string && strcmp(item->string, "as") == 0) {
            const cJSON *one;
            if (cJSON_IsString(item) && strcmp(item->valuestring, name) == 0)
                return true;
            cJSON_ArrayForEach(one, item)
            {
                if (strcmp(one->valuestring, name) == 0)
                    return true;
            }
        } else if (is_made(item, name)) {
            return true;
        }
    }
    return false;
}

static bool is_in_rows(const struct xb_chart *chart, const char *name)
{
    const cJSON *row;

    cJSON_ArrayForEach(row, chart->rows)
    {
        if (cJSON_HasObjectItem(row, name))
            return true;
    }
    return false;
}

/* Members that rows may lack altogether: what was not there to be seen. */
static bool may_lack(const char *name)
{
    static const char *const names[] = {"lo",   "hi",       "chunk",     "depth",
                                        "rule", "crossing", "overtakes", "rule_text",
                                        "link", "ceiling",  "bottleneck"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* The first field that an encoding names and no row has, or NULL. */
static const char *unknown_field(const struct xb_chart *chart, const cJSON *spec)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, spec)
    {
        const char *name = item->string && strcmp(item->string, "field") == 0
                               ? cJSON_GetStringValue(item)
                               : NULL;
        if (name && !is_in_rows(chart, name) && !is_made(chart->spec, name) && !may_lack(name))
            return name;
        const char *below = unknown_field(chart, item);
        if (below)
            return below;
    }
    return NULL;
}

/* Members are numbers of 4 digits, whole ones, and texts; columns are members. */
static bool has_flat_rows(const struct xb_chart *chart)
{
    const cJSON *row, *member;

    cJSON_ArrayForEach(row, chart->rows)
    {
        cJSON_ArrayForEach(member, row)
        {
            double v = member->valuedouble;
            if (!cJSON_IsNumber(member) && !cJSON_IsString(member))
                return false;
            if (cJSON_IsNumber(member) && v != xb_chart_round(v) && v != floor(v))
                return false;
        }
    }
    for (size_t i = 0; i < chart->ncolumns; i++)
        if (!is_in_rows(chart, chart->columns[i].name) && !may_lack(chart->columns[i].name))
            return false;
    return true;
}

static void check_all(const struct xb_charts *charts, const char *of)
{
    int last = 0;

    for (size_t i = 0; i < charts->n; i++) {
        const struct xb_chart *chart = &charts->chart[i];
        char name[200];
        size_t same = 0;
        for (size_t k = 0; k < charts->n; k++)
            same += strcmp(charts->chart[k].id, chart->id) == 0;
        snprintf(name, sizeof name, "%s, %s: its own id, fields that rows have, flat rows", of,
                 chart->id);
        ok(same == 1 && !unknown_field(chart, chart->spec) && has_flat_rows(chart) &&
               chart->title[0] && chart->description[0] && !strchr(chart->title, '\n') &&
               (int)chart->section >= last && !chart->svg,
           name);
        if (unknown_field(chart, chart->spec))
            printf("# no row has %s\n", unknown_field(chart, chart->spec));
        last = (int)chart->section;
    }
}

/* ---- one kind after the other ---- */

static void test_curves(void)
{
    struct xb_report report;

    make(&(struct made){.cases = 8, .lanes = 1}, &report);
    gave(&report, "p2p", 4096, 10.123456, 1);
    gave(&report, "p2p", 8192, 20, 1);
    gave(&report, "mpi", 4096, 5, 1);
    gave(&report, "mpi", 8192, 40, 1);
    gave(&report, "nccl", 4096, 2, 0.5);
    gave(&report, "nccl", 8192, 3, 0.5);
    gave(&report, "host-staged", 4096, 1, 0.1);
    gave(&report, "host-staged", 8192, 1, 0.1);
    ceiling(&report, 48);
    struct xb_charts charts = charts_of(&report);
    const struct xb_chart *curve = chart_at(&charts, "curve-1");
    char *p2p = NULL, *mpi = NULL;
    if (curve) {
        p2p = strdup(text(cJSON_GetArrayItem(curve->rows, 0), "method"));
        mpi = strdup(text(cJSON_GetArrayItem(curve->rows, 2), "method"));
        is_str(curve->title, "Bandwidth by size: stream, gpu->gpu@node", "it names the path");
        is_int((long long)count_rows(curve), 8, "a row for each method and size");
        const cJSON *row = row_of(curve, "method", p2p, "size", "4 KiB");
        is_near(number(row, "gbps"), 10.12, 1e-9, "a rate of four digits");
        is_near(number(row, "lo"), 9.123, 1e-9, "with its interval");
        is_near(number(row, "bytes"), 4096, 1e-9, "and bytes to the last");
        is_near(number(row, "ceiling"), 48, 1e-9, "and the ceiling");
        is_str(text(row_of(curve, "method", mpi, "size", "8 KiB"), "overtakes"), p2p,
               "where another method becomes the fastest, that is marked");
        ok(!text(row_of(curve, "method", mpi, "size", "4 KiB"), "overtakes"), "and only there");
        contains(curve->description, "From 8 KiB on mpi", "and said");
        ok(is_in_rows(curve, "rule"), "the ceiling is drawn");
    }
    ok(chart_at(&charts, "latency-1") != NULL, "small sizes have a chart of times");
    check_all(&charts, "curves");
    xb_charts_release(&charts);

    ceiling(&report, 4800);
    gave(&report, "p2p", 8192, 39, 1.5);
    charts = charts_of(&report);
    curve = chart_at(&charts, "curve-1");
    ok(curve && !is_in_rows(curve, "rule"), "a ceiling far above all is not drawn");
    contains(curve ? curve->description : "", "ceiling of 4800 GB/s lies beyond", "but told");
    ok(curve && !is_in_rows(curve, "overtakes"),
       "where intervals meet nobody overtakes anybody");
    xb_charts_release(&charts);
    xb_report_release(&report);
    free(p2p);
    free(mpi);
}

/* Twelve methods, of which a picture has eight. */
static void test_many_series(void)
{
    struct xb_report report;
    size_t drawn = 0;
    const cJSON *row;

    make(&(struct made){.cases = 24, .lanes = 1}, &report);
    for (size_t i = 0; i < report.cases.n; i++) {
        struct xb_report_case *c = xb_report_case_at(&report, i);
        cJSON_AddNumberToObject(c->key.options, "n", (double)(i / 8));
        c->key.bytes = i / 4 % 2 ? 8192 : 4096;
        c->bandwidth = (struct xb_report_rate){true, 1 + (double)i, (double)i, 2 + (double)i};
    }
    struct xb_charts charts = charts_of(&report);
    const struct xb_chart *curve = chart_at(&charts, "curve-1");
    is_int((long long)count_rows(curve), 24, "the table has all of twelve methods");
    if (curve)
        cJSON_ArrayForEach(row, curve->rows)
        {
            drawn += cJSON_HasObjectItem(row, "drawn") ? 1 : 0;
        }
    is_int((long long)drawn, 16, "the picture has eight");
    contains(curve ? curve->description : "", "has 8 of them", "which is said");
    xb_charts_release(&charts);
    xb_report_release(&report);
}

static void test_matrices(void)
{
    struct xb_report report;

    make(&(struct made){.cases = 8, .lanes = 12, .host = "n<1>"}, &report);
    struct xb_report_case *c = find(&report, "p2p", 8192);
    xb_report_lane_at(c, 0)->gb_per_s = 123.456;
    struct xb_charts charts = charts_of(&report);
    const struct xb_chart *matrix = chart_at(&charts, "matrix-1");
    is_int((long long)count_rows(matrix), 12, "a cell for each lane");
    const cJSON *row =
        row_of(matrix, "source", "0 n<1> 01:00.0", "destination", "1 n<1> 02:00.0");
    is_near(number(row, "gbps"), 123.5, 1e-9, "the rate of the lane between two GPUs");
    is_str(text(row, "cell"), "123", "as its cell shows it");
    contains(matrix ? matrix->title : "", "8 KiB", "of the largest size");
    ok(chart_at(&charts, "matrix-4") && !chart_at(&charts, "matrix-5"), "one for each method");
    check_all(&charts, "matrices");
    xb_charts_release(&charts);
    xb_report_release(&report);
}

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
    struct xb_charts charts = charts_of(&report);
    const struct xb_chart *grid = chart_at(&charts, "pipeline-1");
    is_int((long long)count_rows(grid), 6, "a cell for each chunk and depth");
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
    struct xb_charts charts = charts_of(&report);
    const struct xb_chart *chart = chart_at(&charts, "carried-1");
    is_int((long long)count_rows(chart), 2, "of what a counter saw, both sides");
    const cJSON *row = row_of(chart, "side", "sent at the source", "size", "8 KiB");
    is_near(number(row, "nvlink"), 1.02, 1e-9, "what went over NVLink, of the largest size");
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

/* Text from outside is in rows, and in no specification but as a title. */
static void test_hostile(void)
{
    static const char host[] = "datum[\"x\"]</script><svg onload=alert(1)>";
    struct xb_report report;
    size_t found = 0;

    make(&(struct made){.cases = 8, .lanes = 12, .host = host, .label = host}, &report);
    struct xb_charts charts = charts_of(&report);
    for (size_t i = 0; i < charts.n; i++) {
        char *spec = cJSON_PrintUnformatted(charts.chart[i].spec);
        found += spec && strstr(spec, "onload");
        cJSON_free(spec);
    }
    is_int((long long)found, 0, "no specification holds a host's name");
    contains(text(cJSON_GetArrayItem(chart_at(&charts, "matrix-1")->rows, 0), "source"), host,
             "the rows have it whole");
    xb_charts_release(&charts);
    xb_report_release(&report);
}

static void test_nothing(void)
{
    struct xb_report report;

    make(&(struct made){.cases = 8, .lanes = 1, .skipped = "*"}, &report);
    struct xb_charts charts = charts_of(&report);
    is_int((long long)charts.n, 0, "where nothing was measured there is no chart");
    xb_charts_release(&charts);
    xb_report_release(&report);
}

int main(void)
{
    char size[XB_CHART_SIZE];

    is_near(xb_chart_round(382.6142), 382.6, 1e-12, "numbers have four digits");
    is_str(xb_chart_size(65536, size), "64 KiB", "sizes are written with a gap");
    is_str(xb_chart_size(1000, size), "1000 B", "bytes too");
    test_curves();
    test_many_series();
    test_matrices();
    test_contention();
    test_interference();
    test_pipeline();
    test_carried();
    test_comparison();
    test_hostile();
    test_nothing();
    for (int s = 0; s < XB_CHART_SECTIONS; s++)
        ok(xb_chart_section_title((enum xb_chart_section)s) != NULL, "sections have names");
    return done_testing();
}
