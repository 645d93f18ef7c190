/* SPDX-License-Identifier: BSD-3-Clause */
/* test_contention.c - what lanes lose in company: in the report, in the table, and in what a
 * pass leaves in a journal. */
#include "report/formats/format.h"

#include <math.h>
#include <stdlib.h>

#include "report/slice_file.h"
#include "report/slices.h"
#include "tests/report/report_fixture.h"

#define PASSES 6
#define LANES  9 /* of three lanes: alone, each two, and all */

static const struct xb_rank_info ranks[] = {
    {.rank = 0, .host = "n1", .place = {.has_gpu = true, .pci = "0000:3b:00.0"}},
    {.rank = 1, .host = "n1", .place = {.has_gpu = true, .pci = "0000:5e:00.0"}},
    {.rank = 2, .host = "n1", .place = {.has_gpu = true, .pci = "0000:86:00.0"}},
};

/* Hosts to GPUs: 0 and 1 share what carries 50 GB/s, 2 has its own. */
static const struct place {
    int round, chain, rank;
    enum xb_company company;
    double us;
} places[LANES + 3] = {
    {0, 0, 0, XB_COMPANY_ALONE, 20}, {1, 0, 1, XB_COMPANY_ALONE, 20},
    {2, 0, 2, XB_COMPANY_ALONE, 20}, {3, 0, 0, XB_COMPANY_TWO, 40},
    {3, 1, 1, XB_COMPANY_TWO, 40},   {4, 0, 0, XB_COMPANY_TWO, 20},
    {4, 1, 2, XB_COMPANY_TWO, 20},   {5, 0, 1, XB_COMPANY_TWO, 20},
    {5, 1, 2, XB_COMPANY_TWO, 20},   {6, 0, 0, XB_COMPANY_ALL, 40},
    {6, 1, 1, XB_COMPANY_ALL, 42},   {6, 2, 2, XB_COMPANY_ALL, 25},
};

static double *copies_of(double us, size_t n)
{
    double *all = calloc(n, sizeof *all);

    for (size_t i = 0; i < n; i++)
        all[i] = us;
    return all;
}

/* One pass of the case, in which everything took so many times as long. */
static void fill_pass(double slower, struct xb_result *r)
{
    static const double round_us[] = {0, 0, 0, 40, 20, 20, 42};

    *r = (struct xb_result){.status = XB_OK, .overhead_us = NAN, .ops_per_sample = 1};
    xb_result_lanes(r, sizeof places / sizeof places[0]);
    for (size_t i = 0; i < r->nlanes; i++) {
        struct xb_lane_result *lane = &r->lanes[i];
        lane->round = places[i].round;
        lane->chain = places[i].chain;
        lane->src_rank = lane->dst_rank = places[i].rank;
        lane->company = places[i].company;
        lane->status = XB_OK;
        lane->ops_per_sample = 1;
        xb_path_parse("host->gpu", &lane->path, NULL);
        lane->samples_us = copies_of(places[i].us * slower, 6);
        lane->nsamples = 6;
        xb_stats_compute(lane->samples_us, 6, &lane->time);
    }
    for (int n = 3; n < 7; n++) {
        struct xb_round_result *round = xb_result_add_round(r);
        round->round = n;
        round->company = n < 6 ? XB_COMPANY_TWO : XB_COMPANY_ALL;
        round->concurrent = n < 6 ? 2 : 3;
        round->ops_per_sample = 1;
        round->samples_us = copies_of(round_us[n] * slower, 6);
        round->nsamples = 6;
        xb_stats_compute(round->samples_us, 6, &round->time);
    }
}

/* Through the text of a journal, as a run takes over what an earlier one has left. */
static void through_journal(struct xb_result *slice, int pass)
{
    cJSON *json = xb_slice_json("id", pass, slice);
    char *text = cJSON_PrintUnformatted(json);
    struct xb_slice_entry entry;
    struct xb_json doc;
    struct xb_error err = {""};

    xb_result_release(slice);
    is_int(xb_json_parse("line", text, strlen(text), &doc, &err), 0, "a line of a journal");
    struct xb_node root = xb_json_root(&doc);
    is_int(xb_slice_read(&root, &entry, &err), 0, "is read back");
    is_str(err.text, "", "without a word");
    *slice = entry.result;
    entry.result = (struct xb_result){.status = XB_OK};
    xb_slice_entry_release(&entry);
    xb_json_release(&doc);
    cJSON_free(text);
    cJSON_Delete(json);
}

/* Of all passes, each slower than the one before by a tenth; that changes no ratio. */
static void fill_passes(struct xb_result *sum)
{
    *sum = (struct xb_result){.status = XB_OK};
    for (int pass = 0; pass < PASSES; pass++) {
        struct xb_result slice;
        fill_pass(1 + 0.1 * pass, &slice);
        through_journal(&slice, pass);
        is_int(xb_slices_add(sum, &slice, PASSES), 0, "a pass");
    }
    sum->time = sum->rounds[3].time;
    sum->time_of = XB_TIME_OF_ROUND;
    sum->ops_per_sample = 1;
    sum->concurrent = 3;
}

static struct xb_report report_of(struct xb_result *r)
{
    const struct xb_report_head head = {.device = "cpu", .ranks = ranks, .nranks = 3};
    static struct xb_case c;
    struct xb_report report;
    struct xb_result each;

    fill_each(&c, &each);
    xb_result_release(&each);
    c.bytes = 1000000;
    c.pairs.kind = XB_PAIRS_TOGETHER;
    c.contention = XB_CONTENTION_PAIRS;
    xb_path_parse("host->gpu", &c.path, NULL);
    xb_report_begin(&report, &head, NULL);
    is_int(xb_report_add(&report, &c, r, false, NULL), 0, "a case");
    xb_result_release(r);
    return report;
}

static void test_report(void)
{
    struct xb_result r;
    fill_passes(&r);
    struct xb_report report = report_of(&r);
    const struct xb_report_case *c = xb_report_case_at(&report, 0);
    static const struct {
        size_t lane;
        double contention; /* 0: none */
        const char *company;
    } want[] = {{0, 0, "alone"}, {2, 0, "alone"}, {3, 2, "two"},   {6, 1, "two"},
                {9, 2, NULL},    {10, 2.1, NULL}, {11, 1.25, NULL}};

    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        const struct xb_report_lane *lane = xb_report_lane_at(c, want[i].lane);
        const struct xb_report_step *step = xb_report_step_of(&report, c, want[i].lane);
        is_int(lane->contention.there, want[i].contention > 0, "a contention or none");
        is_str(step->company, want[i].company, "in this company");
        ok(xb_report_lane_is_full(&report, c, want[i].lane) == !want[i].company, "full or not");
        if (!lane->contention.there)
            continue;
        is_near(lane->contention.median, want[i].contention, 1e-9, "over the time alone");
        is_near(lane->contention.ci_hi - lane->contention.ci_lo, 0, 1e-9,
                "pass by pass, so that what slows both down does not count");
    }
    is_int((long long)c->rounds.n, 4, "rounds with several lanes");
    is_str(xb_report_round_at(c, 0)->company, "two", "of two");
    is_str(xb_report_round_at(c, 3)->company, NULL, "and of all");
    is_near(xb_report_round_at(c, 3)->gb_per_s, 3000 / (42 * 1.25), 1e-6, "bytes of all lanes");
    is_int(c->slowest_round, -1, "there is one in full company");
    xb_report_release(&report);
}

static void test_table(void)
{
    struct xb_result r;
    char *text = NULL;
    size_t len;

    fill_passes(&r);
    struct xb_report report = report_of(&r);
    FILE *out = open_memstream(&text, &len);
    is_int(xb_format_find("contention")->write(&report, out), 0, "written");
    fclose(out);
    is_str(
        text,
        "stream together, p2p[engine=ce,side=push,contention=pairs] host->gpu@self 1000000B\n"
        "round  lane                alone GB/s  in company  contention  +-%  most with\n"
        "-------------------------------------------------------------------------------------"
        "-------\n"
        "    6  0->0 host->3b:00.0       40.00       20.00       2.000  0.0  2.000 1->1 "
        "host->5e:00.0\n"
        "    6  1->1 host->5e:00.0       40.00       19.05       2.100  0.0  2.000 0->0 "
        "host->3b:00.0\n"
        "    6  2->2 host->86:00.0       40.00       32.00       1.250  0.0  1.000 1->1 "
        "host->5e:00.0\n"
        "round 6: 57.14 GB/s together, 120.0 as the sum of each alone: 0.476 of it\n\nnoisy: 1 "
        "of 1 cases have intervals wider than 10 %\n",
        "as a table");
    free(text);
    xb_report_release(&report);
}

int main(void)
{
    test_report();
    test_table();
    return done_testing();
}
