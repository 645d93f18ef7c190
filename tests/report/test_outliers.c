/* SPDX-License-Identifier: BSD-3-Clause */
/* test_outliers.c - who is slow over the cases of a run, in its JSON and as lines. */
#include "report/outliers.h"

#include <math.h>
#include <stdlib.h>

#include "model/topology/link_class.h"
#include "report/formats/format.h"
#include "report/result.h"
#include "tests/report/report_fixture.h"

#define RANKS 4

static const struct xb_rank_info ranks[RANKS] = {
    {.rank = 0, .host = "n1", .place = {.has_gpu = true, .pci = "0000:3b:00.0", .nic = "m0"}},
    {.rank = 1, .host = "n1", .place = {.has_gpu = true, .pci = "0000:5e:00.0", .nic = "m1"}},
    {.rank = 2, .host = "n1", .place = {.has_gpu = true, .pci = "0000:86:00.0", .nic = "m2"}},
    {.rank = 3, .host = "n1", .place = {.has_gpu = true, .pci = "0001:af:00.0"}},
};
static const struct xb_outlier_limits usual = {.off = 0.03, .mads = 3.5, .again = 3};

/* How often as long a lane takes in a job. */
typedef double times_fn(int src, int dst);

static double alike(int src, int dst)
{
    (void)src, (void)dst;
    return 1;
}

static double slow_two(int src, int dst)
{
    (void)src;
    return dst == 2 ? 2 : 1;
}

static double slow_link(int src, int dst)
{
    return (src == 3 && dst == 0) || (src == 0 && dst == 3) ? 1.25 : 1;
}

static double slow_host(int src, int dst)
{
    return src == 1 && dst == 1 ? 4 : 1;
}

/* Add a case of all ordered pairs of ranks, or of each rank with itself, of 1 MB in 100 us. */
static void add_case(struct xb_report *report, const char *id, const char *path,
                     times_fn *times)
{
    struct xb_case c;
    struct xb_result r = {.status = XB_OK, .overhead_us = NAN, .ops_per_sample = 1};
    bool self = !strstr(path, "@");
    size_t n = 0;

    fill_case(&(struct row){.id = id,
                            .pattern = "stream",
                            .path = path,
                            .method = &fixture_p2p,
                            .bytes = 1000000},
              &c);
    xb_result_lanes(&r, self ? RANKS : RANKS * (RANKS - 1));
    for (int a = 0; a < RANKS; a++)
        for (int b = 0; b < RANKS; b++) {
            if ((a == b) != self)
                continue;
            struct xb_lane_result *l = &r.lanes[n];
            const double us[] = {100 * times(a, b), 100 * times(a, b), 100 * times(a, b)};
            l->round = (int)n++;
            l->src_rank = a;
            l->dst_rank = b;
            l->path = c.path;
            l->link_class = (int)(self ? XB_LINK_PCIE_SWITCH : XB_LINK_NVLINK);
            l->status = XB_OK;
            l->ceiling_gb_per_s = 12.5;
            l->ops_per_sample = 1;
            xb_stats_compute(us, 3, &l->time);
        }
    r.time = r.lanes[0].time;
    r.concurrent = 1;
    is_int(xb_report_add(report, &c, &r, false, NULL), 0, "a case");
    xb_result_release(&r);
}

static struct xb_report begin(void)
{
    const struct xb_report_head head = {.device = "cpu", .ranks = ranks, .nranks = RANKS};
    struct xb_report report;

    xb_report_begin(&report, &head, NULL);
    return report;
}

static void look_at_all(struct xb_outliers *o, const struct xb_report *report,
                        const struct xb_outlier_limits *limits)
{
    struct xb_error err = {""};

    *o = (struct xb_outliers){.list = {NULL, 0, 0}};
    for (size_t i = 0; i < report->cases.n; i++)
        is_int(xb_outliers_look(o, report, xb_report_case_at(report, i), i, limits, &err), 0,
               "looked at");
}

/* The JSON and the lines that a report shows of its outliers. */
static void shows(struct xb_report *report, const struct xb_outliers *o, const char *json,
                  const char *lines)
{
    char *text = NULL;
    size_t len;

    cJSON_Delete(report->outliers);
    report->outliers = xb_outliers_json(o, report);
    char *printed = cJSON_PrintUnformatted(report->outliers);
    if (json)
        is_str(printed, json, "as JSON");
    cJSON_free(printed);
    FILE *out = open_memstream(&text, &len);
    xb_format_outliers(report, out);
    fclose(out);
    is_str(text, lines, "as lines");
    is_int(xb_format_has_outliers(report), lines[0] != '\0', "there are some, or none");
    free(text);
}

static void test_gpu(void)
{
    struct xb_report report = begin();
    struct xb_outliers o;
    size_t *places;

    add_case(&report, "a", "gpu->gpu@node", slow_two);
    add_case(&report, "b", "gpu->gpu@node", alike);
    add_case(&report, "c", "gpu->gpu@node", slow_two);
    look_at_all(&o, &report, &usual);
    is_int((long long)o.list.n, 1, "one GPU");
    is_int(xb_outliers_choose(&o, 1, &places), 1, "one case is measured again");
    ok(places && places[0] == 0, "the first of those that are alike");
    free(places);
    is_int(xb_outliers_choose(&o, 0, &places), 0, "none where none is asked for");
    ok(!places, "without a list");
    is_int(xb_outliers_choose(&o, 3, &places), 2, "no more than there are");
    free(places);
    shows(&report, &o, NULL,
          "slow: GPU 86:00.0 (rank 2, n1, m2), receiving: over nvlink at 0.500 of what others "
          "reach (5.000, 10.00 GB/s), in 2 of 3 cases, not measured again\n");

    /* both are measured again: one is seen, which is not more than half */
    const struct xb_report_case *seen = xb_report_case_at(&report, 2),
                                *not_seen = xb_report_case_at(&report, 1);
    is_int(xb_outliers_again(&o, &report, seen, 2, &usual, NULL), 0, "again");
    ok(!xb_outlier_is_gone(xb_outlier_at(&o, 0)), "seen in one of one");
    shows(&report, &o,
          "[{\"kind\":\"gpu\",\"direction\":\"receive\",\"link_class\":\"nvlink\","
          "\"than\":\"others\",\"ends\":[{\"host\":\"n1\",\"rank\":2,\"gpu\":\"0000:86:00.0\","
          "\"nic\":\"m2\"}],\"cases_compared\":3,\"cases\":[{\"id\":\"a\",\"gb_per_s\":5,"
          "\"usual_gb_per_s\":10,\"ratio\":0.5,\"again_ratio\":null},{\"id\":\"c\","
          "\"gb_per_s\":5,\"usual_gb_per_s\":10,\"ratio\":0.5,\"again_ratio\":0.5}],"
          "\"measured_again\":1,\"seen_again\":1}]",
          "slow: GPU 86:00.0 (rank 2, n1, m2), receiving: over nvlink at 0.500 of what others "
          "reach (5.000, 10.00 GB/s), in 2 of 3 cases, again in 1 of 1\n");
    is_int(xb_outliers_again(&o, &report, not_seen, 0, &usual, NULL), 0, "again");
    ok(xb_outlier_is_gone(xb_outlier_at(&o, 0)), "seen in one of two");
    shows(&report, &o, "[]", "");
    xb_outliers_release(&o);
    xb_report_release(&report);
}

static void test_links(void)
{
    struct xb_report report = begin();
    struct xb_outliers o;

    add_case(&report, "a", "gpu->gpu@node", slow_link);
    add_case(&report, "own", "host->gpu", slow_host);
    look_at_all(&o, &report, &usual);
    shows(
        &report, &o, NULL,
        "slow: link 3b:00.0 (rank 0, n1, m0) <-> 0001:af:00.0 (rank 3, n1): over nvlink at "
        "0.800 of what others reach (8.000, 10.00 GB/s), in 1 of 1 cases, not measured again\n"
        "slow: GPU 5e:00.0 (rank 1, n1, m1): over pcie-switch at 0.250 of what others reach "
        "(2.500, 10.00 GB/s), in 1 of 1 cases, not measured again\n");
    xb_outliers_release(&o);
    xb_report_release(&report);
}

/* Lanes of 10 GB/s, and 5 to rank 2, below a ceiling of 12.5. */
static void test_ceiling(void)
{
    struct xb_report report = begin();
    struct xb_outliers o;
    const struct xb_outlier_limits most = {.off = 10, .mads = 3.5, .ceiling = 0.9},
                                   some = {.off = 10, .mads = 3.5, .ceiling = 0.6},
                                   less = {.off = 10, .mads = 3.5, .ceiling = 0.39};

    add_case(&report, "a", "gpu->gpu@node", slow_two);
    look_at_all(&o, &report, &most);
    shows(&report, &o, NULL,
          "slow: every lane: over nvlink at 0.889 of what it is to reach (10.00, 11.25 GB/s), "
          "in 1 of 1 cases, not measured again\n");
    xb_outliers_release(&o);
    look_at_all(&o, &report, &some);
    shows(
        &report, &o, NULL,
        "slow: GPU 86:00.0 (rank 2, n1, m2), receiving: over nvlink at 0.667 of what it is to "
        "reach (5.000, 7.500 GB/s), in 1 of 1 cases, not measured again\n");
    xb_outliers_release(&o);
    look_at_all(&o, &report, &less);
    shows(&report, &o, "[]", "");
    xb_outliers_release(&o);
    xb_report_release(&report);
}

/* Reports of others may have anything there. */
static void test_foreign(void)
{
    struct xb_report report = begin();
    char *text = NULL;
    size_t len;

    cJSON_Delete(report.outliers);
    report.outliers = cJSON_Parse("[1, {}, {\"kind\": 3, \"cases\": [{\"ratio\": 0.5}]}]");
    FILE *out = open_memstream(&text, &len);
    xb_format_outliers(&report, out);
    fclose(out);
    is_str(text,
           "slow: every lane: over - at 0.500 of what others reach, in 1 of -1 cases, not "
           "measured again\n",
           "what is there is said");
    free(text);
    xb_report_release(&report);
}

int main(void)
{
    test_gpu();
    test_links();
    test_ceiling();
    test_foreign();
    return done_testing();
}
