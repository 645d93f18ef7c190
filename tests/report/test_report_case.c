/* SPDX-License-Identifier: BSD-3-Clause */
/* test_report_case.c - the report's entries of single cases, and their totals. */
#include "tests/report/report_fixture.h"

static void test_plain_case(void)
{
    cJSON *entry = entry_of(&rows[PLAIN]);

    is_json(
        entry,
        "{\"id\":\"plain\","
        "\"key\":{\"pattern\":\"stream\",\"pairs\":\"classes\",\"method\":\"p2p\","
        "\"options\":{\"engine\":\"ce\",\"side\":\"push\"},\"src\":\"gpu\",\"dst\":\"gpu\","
        "\"locality\":\"node\",\"bytes\":7000,\"size_class\":1,\"chunk_bytes\":null,"
        "\"depth\":null,\"window\":1,\"cache\":\"warm\",\"allocator\":\"malloc\","
        "\"contention\":\"none\",\"traffic\":null,\"src_offset\":0,\"dst_offset\":0},"
        "\"chosen\":null,\"status\":\"ok\",\"reason\":null,\"warning\":null,"
        "\"measured_utc\":null,\"notes\":[\"noisy\"],"
        "\"timing\":{\"clock\":\"host_monotonic_raw\",\"ops_per_sample\":1,\"n\":6,\"passes\":"
        "null,"
        "\"interval\":\"samples\",\"stop_reason\":\"target\"},"
        "\"setup_us\":null,\"overhead_us\":null,\"post_us\":null,\"slowest_lane\":null,"
        "\"slowest_round\":null,"
        "\"concurrent\":1,\"transfer_bytes\":7000,"
        "\"time_us\":{\"min\":1,\"median\":4,\"ci_lo\":1,\"ci_hi\":7,\"p90\":null,\"p99\":null,"
        "\"max\":7,\"mean\":4,\"cv\":0.5,\"device_median\":2.25},"
        "\"bandwidth_gb_per_s\":{\"median\":1.75,\"ci_lo\":1,\"ci_hi\":7},"
        "\"op_time_us\":{\"n\":6,\"min\":1,\"median\":4,\"p90\":null,\"p99\":null,\"max\":7},"
        "\"ceiling_gb_per_s\":3.5,\"fraction_of_ceiling\":0.5,\"carried_by\":null,"
        "\"figures\":null,\"pipeline\":null,"
        "\"verify\":{\"checked_bytes\":7000,\"stamped_batches\":0,\"wrong_bytes\":0,\"first_"
        "bad_offset\":null},"
        "\"passes_us\":[],\"passes_s\":null,\"drift\":null,\"schedule\":[{\"round\":0,"
        "\"chain\":0,\"step\":0,\"src_rank\":0,"
        "\"dst_rank\":1,"
        "\"src\":\"gpu\",\"dst\":\"gpu\",\"link_class\":null,\"company\":null}],"
        "\"lanes\":[{\"status\":\"ok\",\"reason\":null,\"transfers\":6,"
        "\"time_us\":{\"median\":4,\"ci_lo\":1,\"ci_hi\":7,\"min\":1,\"max\":7,\"mean\":4},"
        "\"gb_per_s\":1.75,"
        "\"ceiling_gb_per_s\":null,\"fraction_of_ceiling\":null,\"carried_by\":null,\"verify\":"
        "null,\"contention\":null,\"drift\":null,\"bytes\":null,\"samples_us\":null}],"
        "\"rounds\":[],"
        "\"samples_us\":null,\"op_samples_us\":null}",
        "a measured case");
    cJSON_Delete(entry);
}

#define STEP(chain, step, from, to, src, dst)                                                  \
    "{\"round\":0,\"chain\":" chain ",\"step\":" step ",\"src_rank\":" from                    \
    ",\"dst_rank\":" to ",\"src\":\"" src "\",\"dst\":\"" dst                                  \
    "\",\"link_class\":null,\"company\":null}"

static void test_batched_cases(void)
{
    cJSON *both = entry_of(&rows[BOTH_WAYS]), *way = entry_of(&rows[ONE_WAY]);

    is_json(at(both, "time_us", NULL),
            "{\"min\":10,\"median\":20,\"ci_lo\":null,\"ci_hi\":null,\"p90\":null,\"p99\":null,"
            "\"max\":30,\"mean\":20,\"cv\":0.5,"
            "\"device_median\":null}",
            "few samples have no interval, batches no percentiles");
    is_json(at(both, "bandwidth_gb_per_s", NULL),
            "{\"median\":1.2,\"ci_lo\":null,\"ci_hi\":null}", "chains add up");
    is_json(at(both, "schedule", NULL),
            "[" STEP("0", "0", "0", "1", "gpu", "gpu") "," STEP("1", "0", "1", "0", "gpu",
                                                                "gpu") "]",
            "ranks and endpoints of each lane");
    is_json(at(both, "concurrent", NULL), "2", "two chains");
    is_json(at(both, "ceiling_gb_per_s", NULL), "null", "an unknown ceiling");
    is_json(at(both, "fraction_of_ceiling", NULL), "null", "and nothing to compare with it");
    is_json(at(way, "bandwidth_gb_per_s", "median"), "0.05", "one way of a ping-pong");
    is_json(at(way, "schedule", NULL),
            "[" STEP("0", "0", "0", "1", "gpu", "gpu") "," STEP("0", "1", "1", "0", "gpu",
                                                                "gpu") "]",
            "both ways of a ping-pong");
    is_json(at(way, "concurrent", NULL), "1", "follow one another");
    cJSON_Delete(both);
    cJSON_Delete(way);
}

static void test_single_transfers(void)
{
    struct row slow = rows[TIMEOUT];
    struct xb_case c;
    struct xb_result r;
    struct xb_report report;
    cJSON *both = entry_of(&rows[BOTH_WAYS]);

    is_json(at(both, "op_time_us", NULL),
            "{\"n\":4,\"min\":11,\"median\":12.5,\"p90\":null,\"p99\":null,\"max\":40}",
            "transfers timed one by one, too few for percentiles");
    is_json(at(both, "op_samples_us", NULL), "null", "which are not in the report");
    cJSON_Delete(both);

    fill_case(&rows[BOTH_WAYS], &c);
    fill_result(&rows[BOTH_WAYS], &c, &r);
    xb_report_empty(&report);
    is_int(xb_report_add(&report, &c, &r, true, NULL), 0, "unless they are asked for");
    r.nop_samples = 0;
    is_int(xb_report_add(&report, &c, &r, true, NULL), 0, "or there are none");
    both = case_json(&report, 0);
    is_json(at(both, "op_samples_us", NULL), "[40,12,11,13]", "single transfers");
    is_json(at(both, "samples_us", NULL), "[10,20,30]", "apart from the batches");
    cJSON_Delete(both);
    both = case_json(&report, 1);
    is_json(at(both, "op_time_us", NULL), "null", "batches alone have no such percentiles");
    is_json(at(both, "op_samples_us", NULL), "null", "and no such samples");
    is_json(at(both, "time_us", "median"), "20", "but their own times");
    xb_report_release(&report);
    xb_result_release(&r);
    cJSON_Delete(both);

    slow.nsamples = 0;
    slow.samples_us = NULL;
    both = entry_of(&slow);
    is_json(at(both, "op_time_us", NULL), "null", "nor has a case whose first sample hung");
    cJSON_Delete(both);
}

/* p90 needs ten single transfers and p99 a hundred. Samples that are means of batches have
 * none; transfers timed apart from them do. */
static void test_percentiles(void)
{
    static const struct {
        size_t n;
        const char *p90, *p99;
    } least[] = {{9, "null", "null"}, {10, "9", "null"}, {99, "90", "null"}, {100, "90", "99"}};
    double us[100];

    for (size_t i = 0; i < 100; i++)
        us[i] = (double)(i + 1);
    for (size_t i = 0; i < sizeof least / sizeof least[0]; i++) {
        struct row row = rows[PLAIN];
        row.samples_us = us;
        row.nsamples = least[i].n;
        cJSON *single = entry_of(&row);
        row.ops = 2;
        cJSON *batched = entry_of(&row);
        is_json(at(single, "time_us", "p90"), least[i].p90, "p90 of samples");
        is_json(at(single, "time_us", "p99"), least[i].p99, "p99 of samples");
        is_json(at(single, "op_time_us", "p90"), least[i].p90, "p90 of transfers");
        is_json(at(single, "op_time_us", "p99"), least[i].p99, "p99 of transfers");
        is_json(at(batched, "time_us", "p90"), "null", "no p90 of batches");
        is_json(at(batched, "time_us", "p99"), "null", "no p99 of batches");
        cJSON_Delete(single);
        cJSON_Delete(batched);
    }
}

static void test_lanes_back(void)
{
    cJSON *both = entry_of(&rows[BOTH_APART]), *way = entry_of(&rows[BACK_APART]);

    is_json(at(both, "schedule", NULL),
            "[" STEP("0", "0", "0", "0", "host", "gpu") "," STEP("1", "0", "0", "0", "gpu",
                                                                 "host") "]",
            "the lane back goes from the GPU to the host");
    is_json(at(both, "ceiling_gb_per_s", NULL), "126", "the ceiling of both lanes");
    is_near(at(both, "fraction_of_ceiling", NULL)->valuedouble, 0.8 / 126, 1e-5,
            "is compared with the bandwidth of both");
    is_json(at(way, "schedule", NULL),
            "[" STEP("0", "0", "0", "1", "host", "gpu") "," STEP("0", "1", "1", "0", "gpu",
                                                                 "host") "]",
            "also of a ping-pong between ranks");
    cJSON_Delete(both);
    cJSON_Delete(way);
}

static void test_skipped_case(void)
{
    static const char *const null_keys[] = {
        "timing",   "time_us",    "bandwidth_gb_per_s", "op_time_us",  "fraction_of_ceiling",
        "verify",   "warning",    "setup_us",           "overhead_us", "slowest_lane",
        "schedule", "samples_us", "op_samples_us"};
    struct row row = rows[SKIPPED];

    row.ceiling = 63;
    cJSON *entry = entry_of(&row);

    for (size_t i = 0; i < sizeof(null_keys) / sizeof(null_keys[0]); i++)
        is_json(at(entry, null_keys[i], NULL), "null", null_keys[i]);
    is_json(at(entry, "reason", NULL), "\"no GPU\"", "why it was skipped");
    is_json(at(entry, "ceiling_gb_per_s", NULL), "63", "what could have been");
    is_json(at(entry, "lanes", NULL), "[]", "no lanes");
    is_json(at(entry, "concurrent", NULL), "0", "no chains");
    cJSON_Delete(entry);
}

static void test_odd_cases(void)
{
    cJSON *bad = entry_of(&rows[CORRUPT]), *none = entry_of(&rows[NO_BYTES]);
    cJSON *slow = entry_of(&rows[TIMEOUT]);

    is_json(at(bad, "status", NULL), "\"corrupt\"", "a corrupt case");
    is_json(at(bad, "verify", NULL),
            "{\"checked_bytes\":7500,\"stamped_batches\":0,\"wrong_bytes\":9,\"first_bad_"
            "offset\":77}",
            "says what was wrong");
    is_json(at(bad, "time_us", "median"), "20", "and keeps its times");
    is_json(at(bad, "key", "chunk_bytes"), "2048", "chunk");
    is_json(at(bad, "key", "depth"), "3", "depth");
    is_json(at(none, "key", "bytes"), "4096", "a case that moves nothing keeps its size");
    is_json(at(none, "transfer_bytes", NULL), "0", "says that nothing moved");
    is_json(at(none, "bandwidth_gb_per_s", "median"), "0", "and has no bandwidth");
    is_json(at(slow, "timing", "stop_reason"), "null", "a timeout has no stop reason");
    cJSON_Delete(bad);
    cJSON_Delete(none);
    cJSON_Delete(slow);
}

/* The paths of these rows' totals; the caller owns them. */
static cJSON *paths_of(const struct row *some, size_t n)
{
    struct xb_report report;

    xb_report_empty(&report);
    for (size_t i = 0; i < n; i++)
        add_row(&report, &some[i]);
    xb_report_total(&report, NULL);
    cJSON *json = xb_report_json(&report);
    cJSON *paths = cJSON_DetachItemFromObject(json, "paths");
    cJSON_Delete(json);
    xb_report_release(&report);
    return paths;
}

/* By hand from the rows. p2p: 6 transfers in 24 us, and 3 samples of 4 transfers on each of two
 * lanes at once, each busy for 4 * 60 us. mpi: 3 samples of 5 transfers there and back, 60 us
 * one way. */
static void test_paths(void)
{
    cJSON *paths = paths_of(rows, ROWS);

    is_int(cJSON_GetArraySize(paths), PATH_ROWS, "a row for each method, path and class");
    is_json(cJSON_GetArrayItem(paths, 0),
            "{\"method\":\"p2p\",\"options\":{\"engine\":\"ce\",\"side\":\"push\"},"
            "\"src\":\"gpu\",\"dst\":\"gpu\",\"locality\":\"node\","
            "\"size_class\":1,\"total_transfers\":30,\"total_bytes\":330000,"
            "\"total_time_us\":504,\"failures\":0,\"best_gb_per_s\":7,"
            "\"avg_gb_per_s\":0.654762}",
            "cases and lanes of one row add up");
    is_json(cJSON_GetArrayItem(paths, 1),
            "{\"method\":\"mpi\",\"options\":{\"transfer\":\"send\",\"memory\":\"device\"},"
            "\"src\":\"gpu\",\"dst\":\"gpu\",\"locality\":\"node\","
            "\"size_class\":0,\"total_transfers\":30,\"total_bytes\":30000,"
            "\"total_time_us\":600,\"failures\":0,\"best_gb_per_s\":0.1,"
            "\"avg_gb_per_s\":0.05}",
            "one-way times count for both ways");
    is_json(cJSON_GetArrayItem(paths, 6),
            "{\"method\":\"host-staged\",\"options\":{\"memory\":\"pinned\"},"
            "\"src\":\"host\",\"dst\":\"gpu\","
            "\"locality\":\"self\",\"size_class\":1,\"total_transfers\":0,"
            "\"total_bytes\":0,\"total_time_us\":0,\"failures\":3,"
            "\"best_gb_per_s\":null,\"avg_gb_per_s\":null}",
            "failures count, samples of cases that are not ok do not");
    is_json(at(cJSON_GetArrayItem(paths, 7), "total_bytes", NULL), "0", "nothing moved");
    cJSON_Delete(paths);
}

/* 3 samples of 2 transfers of 8000 bytes on each lane, busy for 2 * 60 us, at best in 10 us,
 * whether the lane back runs at the same time or in turn. */
static void is_apart(const cJSON *row, const char *method, const char *src, const char *dst,
                     const char *locality)
{
    is_str(at(row, "method", NULL)->valuestring, method, "a lane's method");
    is_str(at(row, "src", NULL)->valuestring, src, "source");
    is_str(at(row, "dst", NULL)->valuestring, dst, "destination");
    is_str(at(row, "locality", NULL)->valuestring, locality, "and locality");
    is_json(at(row, "total_transfers", NULL), "6", "a lane counts for its own path");
    is_json(at(row, "total_bytes", NULL), "48000", "bytes");
    is_json(at(row, "total_time_us", NULL), "120", "time");
    is_json(at(row, "best_gb_per_s", NULL), "0.8", "best");
    is_json(at(row, "avg_gb_per_s", NULL), "0.4", "average");
}

static void test_paths_back(void)
{
    cJSON *paths = paths_of(rows, ROWS);

    is_apart(cJSON_GetArrayItem(paths, 2), "direct", "host", "gpu", "self");
    is_apart(cJSON_GetArrayItem(paths, 3), "direct", "gpu", "host", "self");
    is_apart(cJSON_GetArrayItem(paths, 4), "mpi", "host", "gpu", "node");
    is_apart(cJSON_GetArrayItem(paths, 5), "mpi", "gpu", "host", "node");
    cJSON_Delete(paths);
}

/* A case of two lanes that went wrong is one failure, and the way back had none. */
static void test_paths_failed_both(void)
{
    struct row bad = rows[BOTH_APART];

    bad.status = XB_CORRUPT;
    bad.reason = "wrong bytes";
    cJSON *paths = paths_of(&bad, 1);
    is_int(cJSON_GetArraySize(paths), 1, "one row");
    is_json(at(cJSON_GetArrayItem(paths, 0), "src", NULL), "\"host\"", "of the first lane");
    is_json(at(cJSON_GetArrayItem(paths, 0), "failures", NULL), "1", "one failure");
    cJSON_Delete(paths);
}

/* What is measured for a case of the method auto is what the policy chose. */
static void test_chosen(void)
{
    struct row row = rows[PLAIN];
    struct xb_report report;
    struct xb_case c;
    struct xb_result r;

    row.method = &fixture_auto;
    fill_case(&row, &c);
    fill_result(&row, &c, &r);
    xb_report_empty(&report);
    r.chosen = (struct xb_choice){.method = &fixture_host_staged,
                                  .options = xb_options_default(fixture_host_staged.options),
                                  .chunk = 512,
                                  .depth = 2};
    xb_report_add(&report, &c, &r, false, NULL);
    r.chosen = (struct xb_choice){.method = &fixture_null};
    xb_report_add(&report, &c, &r, false, NULL);
    xb_result_release(&r);

    cJSON *entry = case_json(&report, 0);
    is_json(at(entry, "key", "method"), "\"auto\"", "the key names the method asked for");
    is_json(at(entry, "key", "chunk_bytes"), "null", "which has no chunk");
    is_json(at(entry, "chosen", NULL),
            "{\"method\":\"host-staged\",\"options\":{\"memory\":\"pinned\"},"
            "\"chunk_bytes\":512,\"depth\":2}",
            "and chosen says what was measured");
    is_json(at(entry, "transfer_bytes", NULL), "7000", "with its bytes");
    cJSON_Delete(entry);
    entry = case_json(&report, 1);
    is_json(at(entry, "transfer_bytes", NULL), "0", "or none, where it moves none");
    cJSON_Delete(entry);

    xb_report_total(&report, NULL);
    is_str(xb_report_path_at(&report, 0)->method, "host-staged", "totals are of what moved");
    is_str(xb_report_path_at(&report, 1)->method, "null", "each by itself");
    xb_report_release(&report);
}

static void test_paths_untimed(void)
{
    const struct row some[] = {rows[SKIPPED], rows[FAILED]};
    cJSON *paths = paths_of(some, 1);

    is_json(paths, "[]", "a skipped case makes no row");
    cJSON_Delete(paths);
    paths = paths_of(some, 2);
    is_int(cJSON_GetArraySize(paths), 1, "a failed one makes a row");
    is_json(at(cJSON_GetArrayItem(paths, 0), "failures", NULL), "1", "with its failure");
    is_json(at(cJSON_GetArrayItem(paths, 0), "avg_gb_per_s", NULL), "null", "without rates");
    cJSON_Delete(paths);
}

/* Rows that differ in one thing only from the first do not add up with it. */
static void test_paths_apart(void)
{
    struct row apart[6];

    for (size_t i = 0; i < 6; i++)
        apart[i] = rows[FAILED];
    apart[1].method = &fixture_direct;
    apart[2].path = "gpu->gpu";
    apart[3].path = "host->host";
    apart[4].path = "host->gpu@node";
    apart[5].bytes = 100000;
    cJSON *paths = paths_of(apart, 6);
    is_int(cJSON_GetArraySize(paths), 6,
           "method, source, destination, locality and size class make a row");
    cJSON_Delete(paths);
}

/* Two ways to use a method are two rows. */
static void test_paths_options(void)
{
    struct xb_report report;
    struct xb_case c;
    struct xb_result r;

    xb_report_empty(&report);
    fill_case(&rows[PLAIN], &c);
    fill_result(&rows[PLAIN], &c, &r);
    xb_report_add(&report, &c, &r, false, NULL);
    xb_option_set(&c.method->options[0], &c.options, 1); /* engine=sm */
    xb_report_add(&report, &c, &r, false, NULL);
    xb_report_add(&report, &c, &r, false, NULL);
    xb_report_total(&report, NULL);
    is_int((long long)report.paths.n, 2, "options make a row");
    is_int(xb_report_path_at(&report, 0)->total_transfers, 6, "one has a case");
    is_int(xb_report_path_at(&report, 1)->total_transfers, 12, "the other two");
    xb_result_release(&r);
    xb_report_release(&report);
}

/* Lanes have times, rates and statuses of their own, rounded to what the clock tells. */
static void test_each(void)
{
    struct xb_report report;
    struct xb_case c;
    struct xb_result r;

    xb_report_empty(&report);
    fill_each(&c, &r);
    is_int(xb_report_add(&report, &c, &r, false, NULL), 0, "a case of six lanes");
    is_int(xb_report_add(&report, &c, &r, false, NULL), 0, "and another of the same");
    cJSON *entry = case_json(&report, 0);
    is_json(cJSON_GetArrayItem(at(entry, "lanes", NULL), 0),
            "{\"status\":\"ok\",\"reason\":null,\"transfers\":6,"
            "\"time_us\":{\"median\":10,\"ci_lo\":null,\"ci_hi\":null,\"min\":10,"
            "\"max\":10,\"mean\":10},\"gb_per_s\":10,\"ceiling_gb_per_s\":50,"
            "\"fraction_of_ceiling\":0.2,\"carried_by\":{\"nvlink_tx\":1.02346,"
            "\"nvlink_rx\":null,\"pcie_tx\":null,\"pcie_rx\":null,\"nic_tx\":null,"
            "\"nic_rx\":null},\"verify\":{\"checked_bytes\":100000,"
            "\"stamped_batches\":0,\"wrong_bytes\":0,\"first_bad_offset\":null},"
            "\"contention\":null,\"drift\":null,\"bytes\":null,\"samples_us\":null}",
            "a lane that is ok");
    is_json(cJSON_GetArrayItem(at(entry, "lanes", NULL), 2),
            "{\"status\":\"skipped\",\"reason\":\"not there\",\"transfers\":0,"
            "\"time_us\":null,\"gb_per_s\":null,\"ceiling_gb_per_s\":null,"
            "\"fraction_of_ceiling\":null,\"carried_by\":null,\"verify\":null,"
            "\"contention\":null,\"drift\":null,\"bytes\":null,\"samples_us\":null}",
            "one that was skipped");
    is_json(cJSON_GetArrayItem(at(entry, "schedule", NULL), 3),
            "{\"round\":3,\"chain\":0,\"step\":0,\"src_rank\":1,\"dst_rank\":2,"
            "\"src\":\"gpu\",\"dst\":\"gpu\",\"link_class\":\"pcie-switch\",\"company\":null}",
            "a step of the schedule");
    is_json(at(entry, "slowest_lane", NULL), "5", "who is slowest");
    is_json(at(entry, "overhead_us", NULL), "0.75", "what nothing costs");
    is_json(
        at(entry, "setup_us", NULL),
        "{\"total\":100,\"start\":25,\"open\":40,\"register\":30,\"map\":null,\"first\":12.5}",
        "what was needed before");
    is_int((long long)report.schedules.n, 1, "the schedule stands once");
    xb_report_total(&report, NULL);
    is_int(xb_report_path_at(&report, 0)->total_transfers, 48, "lanes that are ok add up");
    is_int(xb_report_path_at(&report, 0)->failures, 2, "and a case fails once");
    cJSON_Delete(entry);
    xb_result_release(&r);
    xb_report_release(&report);
}

int main(void)
{
    test_plain_case();
    test_batched_cases();
    test_single_transfers();
    test_percentiles();
    test_lanes_back();
    test_skipped_case();
    test_odd_cases();
    test_chosen();
    test_paths();
    test_paths_back();
    test_paths_failed_both();
    test_paths_untimed();
    test_paths_apart();
    test_paths_options();
    test_each();
    return done_testing();
}
