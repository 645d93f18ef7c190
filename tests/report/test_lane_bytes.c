/* SPDX-License-Identifier: BSD-3-Clause */
/* test_lane_bytes.c - lanes with bytes of their own: in the report, in its totals, in a
 * journal, and beside lanes of other sizes. */
#include "report/outliers.h"

#include <math.h>

#include "model/topology/link_class.h"
#include "report/slice_file.h"
#include "report/slices.h"
#include "tests/report/report_fixture.h"

#define LANES 7
#define RANKS (2 * LANES)

/* Three of 1 MB, one of which takes twice as long, and four of 1000 bytes. Each rank is in one,
 * for lanes that share an end are not compared. */
static const struct {
    uint64_t bytes;
    double us;
} places[LANES] = {{1000000, 100}, {1000000, 100}, {1000000, 200}, {1000, 2},
                   {1000, 2},      {1000, 2},      {1000, 2}};

static void fill(struct xb_case *c, struct xb_result *r)
{
    static struct xb_traffic_lane lane[] = {{0, 1, 1000000}, {1, 0, 1000}};
    static const struct xb_traffic traffic = {lane, 2, 0};

    fill_case(&(struct row){.id = "own",
                            .pattern = "neighbour",
                            .path = "gpu->gpu@node",
                            .method = &fixture_p2p,
                            .bytes = 1000000},
              c);
    c->traffic = &traffic;
    *r = (struct xb_result){
        .status = XB_OK, .overhead_us = NAN, .ops_per_sample = 1, .concurrent = 3.004};
    xb_result_lanes(r, LANES);
    for (size_t i = 0; i < LANES; i++) {
        struct xb_lane_result *l = &r->lanes[i];
        const double us[] = {places[i].us, places[i].us, places[i].us};
        l->chain = (int)i;
        l->src_rank = 2 * (int)i;
        l->dst_rank = 2 * (int)i + 1;
        l->bytes = places[i].bytes;
        l->path = c->path;
        l->link_class = XB_LINK_NVLINK;
        l->status = XB_OK;
        l->ops_per_sample = 1;
        l->samples_us = copy_samples(us, 3);
        l->nsamples = 3;
        xb_stats_compute(us, 3, &l->time);
    }
    r->time = r->lanes[2].time;
}

static struct xb_report begin(void)
{
    struct xb_rank_info ranks[RANKS] = {{.rank = 0}};
    const struct xb_report_head head = {.device = "cpu", .ranks = ranks, .nranks = RANKS};
    struct xb_report report;

    for (int r = 0; r < RANKS; r++) {
        ranks[r].rank = r;
        snprintf(ranks[r].host, sizeof ranks[r].host, "n1");
    }

    xb_report_begin(&report, &head, NULL);
    return report;
}

static void test_report(void)
{
    struct xb_report report = begin();
    struct xb_case c;
    struct xb_result r;

    fill(&c, &r);
    is_int(xb_report_add(&report, &c, &r, false, NULL), 0, "a case");
    const struct xb_report_case *made = xb_report_case_at(&report, 0);
    is_str(made->key.traffic, "0-1:1000000B,1-0:1000B", "its traffic");
    is_near(made->transfer_bytes, 1000000, 0, "a transfer is one of the largest lane");
    is_near(made->bandwidth.median, 15.02, 1e-9, "all bytes over the time of the slowest");
    is_int(xb_report_lane_at(made, 3)->bytes, 1000, "a lane's own bytes");
    is_near(xb_report_lane_at(made, 3)->gb_per_s, 0.5, 1e-9, "and its rate, which is of them");
    is_near(xb_report_lane_at(made, 0)->gb_per_s, 10, 1e-9, "and that of another");

    xb_report_total(&report, NULL);
    is_int((long long)report.paths.n, 2, "totals of two size classes");
    is_int(xb_report_path_at(&report, 0)->size_class, 2, "of the large lanes");
    is_near(xb_report_path_at(&report, 0)->total_bytes, 9000000, 0, "with their bytes");
    is_int(xb_report_path_at(&report, 1)->size_class, 0, "of the small ones");
    is_near(xb_report_path_at(&report, 1)->total_bytes, 12000, 0, "with theirs");
    is_near(xb_report_path_at(&report, 1)->best_gb_per_s, 0.5, 1e-9, "and their rate");
    xb_result_release(&r);
    xb_report_release(&report);
}

/* Lanes of other sizes are not its like: among those of 1 MB one is slow. */
static void test_outliers(void)
{
    const struct xb_outlier_limits limits = {.off = 0.03, .mads = 3.5};
    struct xb_report report = begin();
    struct xb_outliers o = {.list = {NULL, 0, 0}};
    struct xb_error err = {""};
    struct xb_case c;
    struct xb_result r;

    fill(&c, &r);
    for (int i = 0; i < 3; i++) /* each size by itself is alike */
        xb_stats_compute((const double[]){100, 100, 100}, 3, &r.lanes[i].time);
    xb_report_add(&report, &c, &r, false, NULL);
    is_int(xb_outliers_look(&o, &report, xb_report_case_at(&report, 0), 0, &limits, &err), 0,
           "looked at");
    is_int((long long)o.list.n, 0, "large lanes are not slow beside small ones");
    xb_outliers_release(&o);
    xb_result_release(&r);
    xb_report_release(&report);
}

static void test_journal(void)
{
    struct xb_slice_entry entry;
    struct xb_result r, sum = {.status = XB_OK};
    struct xb_error err = {""};
    struct xb_json doc;
    struct xb_case c;

    fill(&c, &r);
    r.lanes[1].group = 4;
    r.lanes[1].members = 3;
    cJSON *json = xb_slice_json("id", 0, &r);
    char *text = cJSON_PrintUnformatted(json);
    is_int(xb_json_parse("line", text, strlen(text), &doc, &err), 0, "a line of a journal");
    struct xb_node root = xb_json_root(&doc);
    is_int(xb_slice_read(&root, &entry, &err), 0, "is read back");
    is_int(xb_slices_add(&sum, &entry.result, 2), 0, "and taken into the passes");
    is_int((long long)sum.lanes[3].bytes, 1000, "with a lane's bytes");
    is_int(sum.lanes[1].group, 4, "its group");
    is_int(sum.lanes[1].members, 3, "and that group's size");
    is_int(sum.lanes[0].members, 0, "where it is in one");
    xb_slice_entry_release(&entry);
    xb_json_release(&doc);
    cJSON_free(text);
    cJSON_Delete(json);
    xb_result_release(&r);
    xb_result_release(&sum);
}

int main(void)
{
    test_report();
    test_outliers();
    test_journal();
    return done_testing();
}
