/* test_report_case.c - the report's entries of single cases, and their totals. */
#include "tests/report/report_fixture.h"

static void test_plain_case(void)
{
    cJSON *entry = entry_of(&rows[PLAIN]);

    is_json(entry,
            "{\"id\":\"plain\","
            "\"key\":{\"pattern\":\"stream\",\"method\":\"p2p\","
            "\"options\":{\"engine\":\"ce\",\"side\":\"push\"},\"src\":\"gpu\",\"dst\":\"gpu\","
            "\"locality\":\"node\",\"bytes\":7000,\"size_class\":1,\"chunk_bytes\":null,"
            "\"depth\":null,\"window\":1,\"src_offset\":0,\"dst_offset\":0},"
            "\"chosen\":null,\"status\":\"ok\",\"reason\":null,\"warning\":null,"
            "\"lanes\":[{\"src_rank\":0,\"dst_rank\":1,\"src\":\"gpu\",\"dst\":\"gpu\"}],"
            "\"concurrent\":1,\"transfer_bytes\":7000,"
            "\"timing\":{\"clock\":\"host_monotonic_raw\",\"ops_per_sample\":1,\"n\":6,"
            "\"stop_reason\":\"target\"},"
            "\"time_us\":{\"min\":1,\"median\":4,\"ci_lo\":1,\"ci_hi\":7,\"p90\":7,\"p99\":7,"
            "\"max\":7,\"mean\":4,\"cv\":0.5,"
            "\"device_median\":2.25},"
            "\"bandwidth_gb_per_s\":{\"median\":1.75,\"ci_lo\":1,\"ci_hi\":7},"
            "\"op_time_us\":{\"n\":6,\"min\":1,\"median\":4,\"p90\":7,\"p99\":7,\"max\":7},"
            "\"ceiling_gb_per_s\":3.5,\"fraction_of_ceiling\":0.5,\"carried_by\":null,"
            "\"figures\":null,\"pipeline\":null,"
            "\"verify\":{\"checked_bytes\":7000,\"wrong_bytes\":0,\"first_bad_offset\":null},"
            "\"samples_us\":[7,1,5,3,4,4],\"op_samples_us\":[]}",
            "a measured case");
    cJSON_Delete(entry);
}

#define GPUS_BOTH_WAYS                                                                         \
    "[{\"src_rank\":0,\"dst_rank\":1,\"src\":\"gpu\",\"dst\":\"gpu\"},"                        \
    "{\"src_rank\":1,\"dst_rank\":0,\"src\":\"gpu\",\"dst\":\"gpu\"}]"

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
    is_json(at(both, "lanes", NULL), GPUS_BOTH_WAYS, "ranks and endpoints of each lane");
    is_json(at(both, "concurrent", NULL), "2", "two chains");
    is_json(at(both, "ceiling_gb_per_s", NULL), "null", "an unknown ceiling");
    is_json(at(both, "fraction_of_ceiling", NULL), "null", "and nothing to compare with it");
    is_json(at(way, "bandwidth_gb_per_s", "median"), "0.05", "one way of a ping-pong");
    is_json(at(way, "lanes", NULL), GPUS_BOTH_WAYS, "both ways of a ping-pong");
    is_json(at(way, "concurrent", NULL), "1", "follow one another");
    cJSON_Delete(both);
    cJSON_Delete(way);
}

static void test_single_transfers(void)
{
    struct row slow = rows[TIMEOUT];
    struct xb_case c;
    struct xb_result r;
    cJSON *both = entry_of(&rows[BOTH_WAYS]);

    is_json(at(both, "op_time_us", NULL),
            "{\"n\":4,\"min\":11,\"median\":12.5,\"p90\":40,\"p99\":40,\"max\":40}",
            "percentiles of transfers timed one by one");
    is_json(at(both, "op_samples_us", NULL), "[40,12,11,13]", "which are in the report");
    is_json(at(both, "samples_us", NULL), "[10,20,30]", "apart from the batches");
    cJSON_Delete(both);

    fill_case(&rows[BOTH_WAYS], &c);
    fill_result(&rows[BOTH_WAYS], &c, &r);
    r.nop_samples = 0;
    both = xb_report_case(&c, &r);
    is_json(at(both, "op_time_us", NULL), "null", "batches alone have no such percentiles");
    is_json(at(both, "op_samples_us", NULL), "[]", "and no such samples");
    is_json(at(both, "time_us", "median"), "20", "but their own times");
    xb_result_release(&r);
    cJSON_Delete(both);

    slow.nsamples = 0;
    slow.samples_us = NULL;
    both = entry_of(&slow);
    is_json(at(both, "op_time_us", NULL), "null", "nor has a case whose first sample hung");
    cJSON_Delete(both);
}

static void test_lanes_back(void)
{
    cJSON *both = entry_of(&rows[BOTH_APART]), *way = entry_of(&rows[BACK_APART]);

    is_json(at(both, "lanes", NULL),
            "[{\"src_rank\":0,\"dst_rank\":0,\"src\":\"host\",\"dst\":\"gpu\"},"
            "{\"src_rank\":0,\"dst_rank\":0,\"src\":\"gpu\",\"dst\":\"host\"}]",
            "the lane back goes from the GPU to the host");
    is_json(at(both, "ceiling_gb_per_s", NULL), "126", "the ceiling of both lanes");
    is_near(at(both, "fraction_of_ceiling", NULL)->valuedouble, 0.8 / 126, 1e-12,
            "is compared with the bandwidth of both");
    is_json(at(way, "lanes", NULL),
            "[{\"src_rank\":0,\"dst_rank\":1,\"src\":\"host\",\"dst\":\"gpu\"},"
            "{\"src_rank\":1,\"dst_rank\":0,\"src\":\"gpu\",\"dst\":\"host\"}]",
            "also of a ping-pong between ranks");
    cJSON_Delete(both);
    cJSON_Delete(way);
}

static void test_skipped_case(void)
{
    static const char *const null_keys[] = {
        "timing", "time_us", "bandwidth_gb_per_s", "op_time_us", "fraction_of_ceiling",
        "verify", "warning"};
    struct row row = rows[SKIPPED];

    row.ceiling = 63;
    cJSON *entry = entry_of(&row);

    for (size_t i = 0; i < sizeof(null_keys) / sizeof(null_keys[0]); i++)
        is_json(at(entry, null_keys[i], NULL), "null", null_keys[i]);
    is_json(at(entry, "reason", NULL), "\"no GPU\"", "why it was skipped");
    is_json(at(entry, "ceiling_gb_per_s", NULL), "63", "what could have been");
    is_json(at(entry, "lanes", NULL), "[]", "no lanes");
    is_json(at(entry, "concurrent", NULL), "0", "no chains");
    is_json(at(entry, "samples_us", NULL), "[]", "no samples");
    is_json(at(entry, "op_samples_us", NULL), "[]", "no single transfers");
    cJSON_Delete(entry);
}

static void test_odd_cases(void)
{
    cJSON *bad = entry_of(&rows[CORRUPT]), *none = entry_of(&rows[NO_BYTES]);
    cJSON *slow = entry_of(&rows[TIMEOUT]);

    is_json(at(bad, "status", NULL), "\"corrupt\"", "a corrupt case");
    is_json(at(bad, "verify", NULL),
            "{\"checked_bytes\":7500,\"wrong_bytes\":9,\"first_bad_offset\":77}",
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

/* By hand from the rows. p2p: 6 transfers in 24 us, and 3 samples of 4 transfers on each of two
 * lanes at once, each busy for 4 * 60 us. mpi: 3 samples of 5 transfers there and back, 60 us
 * one way. */
static void test_paths(void)
{
    cJSON *cases = all_entries(), *paths = xb_report_paths(cases);

    is_int(cJSON_GetArraySize(paths), PATH_ROWS, "a row for each method, path and class");
    is_json(cJSON_GetArrayItem(paths, 0),
            "{\"method\":\"p2p\",\"src\":\"gpu\",\"dst\":\"gpu\",\"locality\":\"node\","
            "\"size_class\":1,\"total_transfers\":30,\"total_bytes\":330000,"
            "\"total_time_us\":504,\"failures\":0,\"best_gb_per_s\":7,"
            "\"avg_gb_per_s\":0.65476190476190477}",
            "cases and lanes of one row add up");
    is_json(cJSON_GetArrayItem(paths, 1),
            "{\"method\":\"mpi\",\"src\":\"gpu\",\"dst\":\"gpu\",\"locality\":\"node\","
            "\"size_class\":0,\"total_transfers\":30,\"total_bytes\":30000,"
            "\"total_time_us\":600,\"failures\":0,\"best_gb_per_s\":0.1,"
            "\"avg_gb_per_s\":0.05}",
            "one-way times count for both ways");
    is_json(cJSON_GetArrayItem(paths, 6),
            "{\"method\":\"host-staged\",\"src\":\"host\",\"dst\":\"gpu\","
            "\"locality\":\"self\",\"size_class\":1,\"total_transfers\":0,"
            "\"total_bytes\":0,\"total_time_us\":0,\"failures\":3,"
            "\"best_gb_per_s\":null,\"avg_gb_per_s\":null}",
            "failures count, samples of cases that are not ok do not");
    is_json(at(cJSON_GetArrayItem(paths, 7), "total_bytes", NULL), "0", "nothing moved");
    cJSON_Delete(paths);
    cJSON_Delete(cases);
}

/* 3 samples of 2 transfers of 8000 bytes on each lane, busy for 2 * 60 us, at best in 10 us,
 * whether the lane back runs at the same time or in turn. */
static void is_apart(const cJSON *row, const char *method, const char *src, const char *dst,
                     const char *locality)
{
    char want[512];

    snprintf(want, sizeof(want),
             "{\"method\":\"%s\",\"src\":\"%s\",\"dst\":\"%s\",\"locality\":\"%s\","
             "\"size_class\":1,\"total_transfers\":6,\"total_bytes\":48000,"
             "\"total_time_us\":120,\"failures\":0,\"best_gb_per_s\":0.8,\"avg_gb_per_s\":0.4}",
             method, src, dst, locality);
    is_json(row, want, "a lane counts for its own path");
}

static void test_paths_back(void)
{
    cJSON *cases = all_entries(), *paths = xb_report_paths(cases);

    is_apart(cJSON_GetArrayItem(paths, 2), "direct", "host", "gpu", "self");
    is_apart(cJSON_GetArrayItem(paths, 3), "direct", "gpu", "host", "self");
    is_apart(cJSON_GetArrayItem(paths, 4), "mpi", "host", "gpu", "node");
    is_apart(cJSON_GetArrayItem(paths, 5), "mpi", "gpu", "host", "node");
    cJSON_Delete(paths);
    cJSON_Delete(cases);
}

/* A case of two lanes that went wrong is one failure, and the way back had none. */
static void test_paths_failed_both(void)
{
    struct row bad = rows[BOTH_APART];
    cJSON *cases = cJSON_CreateArray();

    bad.status = XB_CORRUPT;
    bad.reason = "wrong bytes";
    cJSON_AddItemToArray(cases, entry_of(&bad));
    cJSON *paths = xb_report_paths(cases);
    is_int(cJSON_GetArraySize(paths), 1, "one row");
    is_json(at(cJSON_GetArrayItem(paths, 0), "src", NULL), "\"host\"", "of the first lane");
    is_json(at(cJSON_GetArrayItem(paths, 0), "failures", NULL), "1", "one failure");
    cJSON_Delete(paths);
    cJSON_Delete(cases);
}

/* What is measured for a case of the method auto is what the policy chose. */
static void test_chosen(void)
{
    struct row row = rows[PLAIN];
    struct xb_case c;
    struct xb_result r;

    row.method = &fixture_auto;
    fill_case(&row, &c);
    fill_result(&row, &c, &r);
    r.chosen = (struct xb_choice){.method = &fixture_host_staged, .chunk = 512, .depth = 2};
    cJSON *entry = xb_report_case(&c, &r);
    is_json(at(entry, "key", "method"), "\"auto\"", "the key names the method asked for");
    is_json(at(entry, "key", "chunk_bytes"), "null", "which has no chunk");
    is_json(at(entry, "chosen", NULL),
            "{\"method\":\"host-staged\",\"options\":{\"memory\":\"pinned\"},"
            "\"chunk_bytes\":512,\"depth\":2}",
            "and chosen says what was measured");
    is_json(at(entry, "transfer_bytes", NULL), "7000", "with its bytes");
    cJSON_Delete(entry);

    r.chosen = (struct xb_choice){.method = &fixture_null};
    entry = xb_report_case(&c, &r);
    is_json(at(entry, "transfer_bytes", NULL), "0", "or none, where it moves none");
    cJSON_Delete(entry);
    xb_result_release(&r);
}

static void test_paths_untimed(void)
{
    cJSON *cases = cJSON_CreateArray();

    cJSON_AddItemToArray(cases, entry_of(&rows[SKIPPED]));
    cJSON *paths = xb_report_paths(cases);
    is_json(paths, "[]", "a skipped case makes no row");
    cJSON_Delete(paths);

    cJSON_AddItemToArray(cases, entry_of(&rows[FAILED]));
    paths = xb_report_paths(cases);
    is_json(paths,
            "[{\"method\":\"host-staged\",\"src\":\"host\",\"dst\":\"gpu\","
            "\"locality\":\"self\",\"size_class\":1,\"total_transfers\":0,\"total_bytes\":0,"
            "\"total_time_us\":0,\"failures\":1,\"best_gb_per_s\":null,"
            "\"avg_gb_per_s\":null}]",
            "a failed one makes a row without rates");
    cJSON_Delete(paths);
    cJSON_Delete(cases);
}

/* Rows that differ in one thing only from the first do not add up with it. */
static void test_paths_apart(void)
{
    struct row apart[6];
    cJSON *cases = cJSON_CreateArray();

    for (size_t i = 0; i < 6; i++)
        apart[i] = rows[FAILED];
    apart[1].method = &fixture_direct;
    apart[2].path = "gpu->gpu";
    apart[3].path = "host->host";
    apart[4].path = "host->gpu@node";
    apart[5].bytes = 100000;
    for (size_t i = 0; i < 6; i++)
        cJSON_AddItemToArray(cases, entry_of(&apart[i]));

    cJSON *paths = xb_report_paths(cases);
    is_int(cJSON_GetArraySize(paths), 6,
           "method, source, destination, locality and size class make a row");
    cJSON_Delete(paths);
    cJSON_Delete(cases);
}

int main(void)
{
    test_plain_case();
    test_batched_cases();
    test_single_transfers();
    test_lanes_back();
    test_skipped_case();
    test_odd_cases();
    test_chosen();
    test_paths();
    test_paths_back();
    test_paths_failed_both();
    test_paths_untimed();
    test_paths_apart();
    return done_testing();
}
