/* SPDX-License-Identifier: BSD-3-Clause */
/* test_charts.c - which charts a report gives, and what stands in the rows of curves and
 * matrices. */
#include "tests/report/charts/charts_fixture.h"

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
        cJSON_AddNumberToObject(c->key.options, "n", floor((double)i / 8));
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
    test_hostile();
    test_nothing();
    for (int s = 0; s < XB_CHART_SECTIONS; s++)
        ok(xb_chart_section_title((enum xb_chart_section)s) != NULL, "sections have names");
    return done_testing();
}
