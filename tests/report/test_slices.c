/* SPDX-License-Identifier: BSD-3-Clause */
/* test_slices.c - what the passes of a case come to, lane by lane, and what a journal keeps of
 * them. */
#include "report/slices.h"

#include <stdlib.h>

#include "report/slice_file.h"
#include "tests/report/report_fixture.h"

#define LANES 2
#define ALL   6 /* passes that a test asks for where it says nothing else */

/* What one pass gave: two lanes, whose samples are about these times. */
struct pass {
    double us[LANES];
    enum xb_status status[LANES];
    double carried;
};

/* Three samples about a time, whose median it is. */
static double *around(double us, size_t *n)
{
    const double samples[] = {us * 3, us, us / 2};

    *n = 3;
    return copy_samples(samples, 3);
}

static struct xb_result slice_of(const struct pass *p)
{
    struct xb_result r = {.status = XB_OK, .ops_per_sample = 1, .stop = XB_STOP_MAX_TIME};

    xb_result_lanes(&r, LANES);
    for (int i = 0; i < LANES; i++) {
        struct xb_lane_result *lane = &r.lanes[i];
        lane->round = i;
        lane->dst_rank = 1 + i;
        xb_path_parse("gpu->host@node", &lane->path, NULL);
        lane->status = p->status[i];
        if (lane->status != XB_OK) {
            lane->reason = strdup(xb_status_name(lane->status));
            if (xb_status_is_worse(lane->status, r.status)) {
                r.status = lane->status;
                snprintf(r.reason, sizeof r.reason, "%s", lane->reason);
            }
            continue;
        }
        lane->samples_us = around(p->us[i], &lane->nsamples);
        xb_stats_compute(lane->samples_us, lane->nsamples, &lane->time);
        lane->ops_per_sample = 1;
        lane->verify = (struct xb_verify){.done = true, .checked_bytes = 100};
        lane->has_carried = true;
        for (int w = 0; w < XB_WIRES; w++)
            lane->carried[w] = w == XB_NVLINK_TX ? p->carried : -1;
        lane->setup = (struct xb_setup){5, 3, 0, 0, 2, NAN};
    }
    if (p->status[0] == XB_OK) {
        r.samples_us = around(p->us[0] + 1, &r.nsamples);
        xb_stats_compute(r.samples_us, r.nsamples, &r.time);
    }
    return r;
}

static void add_pass(struct xb_result *sum, const struct pass *p, int asked)
{
    struct xb_result slice = slice_of(p);

    is_int(xb_slices_add(sum, &slice, asked), 0, "a pass is added");
    ok(slice.nlanes == 0 && !slice.lanes && !slice.samples_us, "and emptied");
}

/* Passes whose first lane takes these times. */
static struct xb_result sum_of(const double *us, size_t n, int asked)
{
    struct xb_result sum = {.status = XB_OK};

    for (size_t i = 0; i < n; i++)
        add_pass(&sum, &(struct pass){.us = {us[i], 100}}, asked);
    return sum;
}

static const double six[] = {10, 12, 11, 19, 13, 14};

static void test_times(void)
{
    struct xb_result sum = sum_of(six, 6, ALL);
    const struct xb_stats *lane = &sum.lanes[0].time, *whole = &sum.time;

    is_int(sum.passes, 6, "six passes were made");
    is_int((long long)lane->n, 18, "samples of all passes");
    is_near(lane->median, 12.5, 1e-12, "the median of the passes' medians");
    ok(lane->has_ci, "six passes have an interval");
    is_near(lane->ci_lo, 10, 0, "from the least median");
    is_near(lane->ci_hi, 19, 0, "to the largest");
    is_near(lane->min, 5, 0, "the least sample of any pass");
    is_near(lane->max, 57, 0, "and the largest");
    is_near(lane->mean, (10 + 12 + 11 + 19 + 13 + 14) * 4.5 / 18, 1e-12, "their mean");
    is_near(sum.lanes[1].time.ci_hi, 100, 0, "each lane by itself");
    is_near(whole->median, 13.5, 1e-12, "the whole has its own medians");
    is_near(whole->ci_hi, 20, 0, "and its own interval");
    is_int((long long)sum.npasses, 6, "all of which are kept");
    is_near(sum.passes_us[3], 20, 0, "in the order of the passes");
    xb_result_release(&sum);
}

static void test_few(void)
{
    struct xb_result five = sum_of(six, 5, 5), one = sum_of(six, 1, 1);

    ok(!five.time.has_ci && !five.lanes[0].time.has_ci, "five passes have no interval");
    is_near(five.time.median, 13, 1e-12, "but a median");
    is_int(one.passes, 1, "a single pass is one");
    is_near(one.time.median, 11, 0, "with the time of its samples");
    is_int((long long)one.npasses, 1, "which is kept like others");
    xb_result_release(&five);
    xb_result_release(&one);
}

/* Percentiles are of single transfers, those of all passes together. */
static void test_pooled(void)
{
    struct xb_result sum = {.status = XB_OK};

    for (int pass = 0; pass < ALL; pass++) {
        struct xb_result slice = slice_of(&(struct pass){.us = {10, 10}});
        slice.op_samples_us = malloc(2 * sizeof(double));
        slice.op_samples_us[0] = pass;
        slice.op_samples_us[1] = 100;
        slice.nop_samples = 2;
        xb_slices_add(&sum, &slice, ALL);
    }
    is_int((long long)sum.nop_samples, 12, "single transfers of all passes");
    is_near(sum.op_samples_us[10], 5, 0, "behind each other");
    xb_result_release(&sum);
}

/* Of a run without end a bound holds for what is kept of each lane, the whole and single
 * transfers, while all are counted and each pass has its median and its time. */
static void test_endless(void)
{
    const struct pass one = {.us = {10, 100}};
    struct xb_result sum = {.most_samples = 20};

    for (int pass = 0; pass < 1000; pass++) {
        struct xb_result slice = slice_of(&one);
        slice.measured_s = 1000 + pass;
        slice.op_samples_us = malloc(sizeof(double));
        slice.op_samples_us[0] = pass;
        slice.nop_samples = 1;
        xb_slices_add(&sum, &slice, ALL);
    }
    is_int((long long)sum.time.n, 0, "no figures of all passes are made behind each of them");
    is_int(xb_slices_time(&sum), 0, "but when they are asked for");
    is_int((long long)sum.time.n, 3000, "all samples are counted");
    is_int((long long)sum.lanes[1].time.n, 3000, "those of each lane");
    is_near(sum.lanes[1].time.mean, 150, 1e-9, "and are in the mean");
    is_near(sum.lanes[1].time.max, 300, 0, "and in the largest");
    ok(sum.nsamples <= 20 && sum.lanes[0].nsamples <= 20 && sum.nop_samples <= 20, "few stay");
    ok(sum.nsamples >= 10 && sum.lanes[0].nsamples >= 10 && sum.nop_samples >= 10, "but some");
    ok(sum.op_samples_us[sum.nop_samples - 1] > 900, "from first to last");
    is_int((long long)sum.npasses, 1000, "the median of every pass");
    is_int((long long)sum.lanes[0].npasses, 1000, "of every lane too");
    is_int((long long)sum.npasses_s, 1000, "and its time");
    is_near(sum.passes_s[999], 1999, 0, "which is the pass's");
    is_int(sum.passes, 1000, "more than were asked for");
    ok(sum.time.has_ci, "with an interval between them");
    xb_result_release(&sum);
}

static void test_status(void)
{
    static const struct {
        const char *name;
        struct pass first, second;
        enum xb_status status, lane;
        const char *reason;
    } statuses[] = {
        {"both are ok", {{1, 1}, {0, 0}, 1}, {{1, 1}, {0, 0}, 1}, XB_OK, XB_OK, ""},
        {"a failure later",
         {{1, 1}, {0, 0}, 1},
         {{1, 1}, {0, XB_FAILED}, 1},
         XB_FAILED,
         XB_FAILED,
         "failed"},
        {"wrong bytes in the first",
         {{1, 1}, {0, XB_CORRUPT}, 1},
         {{1, 1}, {0, 0}, 1},
         XB_CORRUPT,
         XB_CORRUPT,
         "corrupt"},
        {"a lane that cannot be",
         {{1, 1}, {0, XB_SKIPPED}, 1},
         {{1, 1}, {0, XB_SKIPPED}, 1},
         XB_OK,
         XB_SKIPPED,
         ""},
        {"a lane that can no longer be",
         {{1, 1}, {0, 0}, 1},
         {{1, 1}, {0, XB_SKIPPED}, 1},
         XB_OK,
         XB_OK,
         ""},
    };

    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        struct xb_result sum = {.status = XB_OK};

        add_pass(&sum, &statuses[i].first, ALL);
        add_pass(&sum, &statuses[i].second, ALL);
        is_str(xb_status_name(sum.status), xb_status_name(statuses[i].status),
               statuses[i].name);
        is_str(sum.reason, statuses[i].reason, "and its reason");
        is_int(sum.lanes[1].status, statuses[i].lane, "the lane");
        ok((sum.lanes[1].reason != NULL) == (statuses[i].lane != XB_OK),
           "with a reason or none");
        xb_result_release(&sum);
    }
}

static void test_sums(void)
{
    struct xb_result sum = {.status = XB_OK},
                     slice = slice_of(&(struct pass){{1, 1}, {0}, 0.5});

    snprintf(slice.warning, sizeof slice.warning, "the first");
    slice.lanes[0].verify = (struct xb_verify){.done = true,
                                               .checked_bytes = 50,
                                               .wrong_bytes = 3,
                                               .first_bad = 9,
                                               .stamped_batches = 7};
    slice.has_device_time = true;
    slice.device_time_us = 4;
    xb_slices_add(&sum, &slice, ALL);
    slice = slice_of(&(struct pass){{1, 1}, {0}, 0.8});
    snprintf(slice.warning, sizeof slice.warning, "the second");
    slice.lanes[0].verify = (struct xb_verify){.done = true,
                                               .checked_bytes = 70,
                                               .wrong_bytes = 2,
                                               .first_bad = 4,
                                               .stamped_batches = 5};
    slice.device_time_us = 7;
    slice.has_device_time = true;
    slice.lanes[0].ops_per_sample = 2; /* so it counts twice */
    slice.lanes[0].carried[XB_PCIE_TX] = 1;
    slice.stop = XB_STOP_MAX_SAMPLES;
    xb_slices_add(&sum, &slice, ALL);
    const struct xb_lane_result *lane = &sum.lanes[0];
    is_str(sum.warning, "the first", "the first warning");
    is_int((long long)lane->verify.checked_bytes, 120, "bytes add up");
    is_int((long long)lane->verify.wrong_bytes, 5, "wrong ones too");
    is_int((long long)lane->verify.stamped_batches, 12, "and batches whose stamps were there");
    is_int((long long)lane->verify.first_bad, 4, "the first of them");
    is_near(lane->carried[XB_NVLINK_TX], 0.7, 1e-12, "counters by the transfers of each pass");
    ok(lane->carried[XB_PCIE_TX] < 0, "what one pass does not know is not known");
    is_near(sum.device_time_us, 4, 0, "what is looked into once, of the first");
    is_int(sum.stop, XB_STOP_MAX_SAMPLES, "the last reason to stop");
    xb_result_release(&sum);
}

/* ---- in a report ---- */

/* A case of the report that has so many of its passes. */
static cJSON *entry_with(const double *us, size_t n, int asked)
{
    struct xb_result sum = sum_of(us, n, asked);
    struct xb_report report;
    struct xb_case c;

    fill_case(&rows[PLAIN], &c);
    sum.concurrent = 1;
    sum.overhead_us = NAN;
    xb_report_empty(&report);
    xb_report_add(&report, &c, &sum, false, NULL);
    cJSON *entry = case_json(&report, 0);
    xb_report_release(&report);
    xb_result_release(&sum);
    return entry;
}

static void test_report(void)
{
    static const double alike[] = {10, 10.1, 10.2, 9.9, 9.8, 10};
    static const struct {
        const char *name;
        const double *us;
        size_t n;
        int asked;
        const char *notes, *interval, *passes, *ci_lo;
    } rows_of[] = {
        {"all alike", alike, 6, 6, "[]", "\"passes\"", "6", "10.8"},
        {"far apart", six, 6, 6, "[\"noisy\"]", "\"passes\"", "6", "11"},
        {"not all of them", six, 4, 6, "[\"partial\"]", "\"passes\"", "4", "null"},
        {"enough of more", six, 6, 8, "[\"noisy\",\"partial\"]", "\"passes\"", "6", "11"},
        {"too few to be asked for", six, 3, 3, "[]", "\"passes\"", "3", "null"},
        {"a single one", six, 1, 1, "[]", "\"samples\"", "1", "null"},
    };

    for (size_t i = 0; i < sizeof rows_of / sizeof rows_of[0]; i++) {
        cJSON *entry = entry_with(rows_of[i].us, rows_of[i].n, rows_of[i].asked);
        is_json(at(entry, "notes", NULL), rows_of[i].notes, rows_of[i].name);
        is_json(at(entry, "timing", "interval"), rows_of[i].interval, "what an interval is of");
        is_json(at(entry, "timing", "passes"), rows_of[i].passes, "how many passes");
        is_json(at(entry, "time_us", "ci_lo"), rows_of[i].ci_lo, "the interval");
        is_int(cJSON_GetArraySize(at(entry, "passes_us", NULL)), (int)rows_of[i].n,
               "a median of each");
        cJSON_Delete(entry);
    }
}

/* ---- in a journal ---- */

static void test_file(void)
{
    struct xb_result slice = slice_of(&(struct pass){{10, 20}, {0, XB_SKIPPED}, 0.25});
    struct xb_json doc = {.name = (char[]){"line"}};
    struct xb_slice_entry back;
    struct xb_error err = {""};

    slice.lanes[0].link_class = 1;
    snprintf(slice.warning, sizeof slice.warning, "a word");
    snprintf(slice.measured_utc, sizeof slice.measured_utc, "2026-01-31T12:00:00Z");
    slice.measured_s = 1769860800.1234;
    slice.repeating_s = 12.5;
    slice.op_samples_us = copy_samples(three_us, 3);
    slice.nop_samples = 3;
    slice.has_device_time = true;
    slice.device_time_us = 7.25;
    slice.pipeline =
        (struct xb_pipeline_times){.nstages = 2,
                                   .stage = {{"in", 0, 1.5, 2}, {"out", 1, 2.5, 3}},
                                   .chunks = 4,
                                   .model_us = 7,
                                   .bottleneck = 1,
                                   .saturating_depth = 2};
    slice.bars = calloc(1, sizeof *slice.bars);
    slice.nbars = 1;
    slice.bars[0] = (struct xb_bar){"in", 1, 0, 3, 1769860800123450, 1769860800123456.5, 4};
    doc.root = xb_slice_json("a/case", 4, &slice);
    struct xb_node root = xb_json_root(&doc);
    is_int(xb_slice_read(&root, &back, &err), 0, "a slice is read back");
    is_str(err.text, "", "without an error");
    is_str(back.id, "a/case", "its case");
    is_int(back.pass, 4, "its pass");
    is_int(back.result.status, XB_OK, "it was ok");
    is_near(back.result.device_time_us, 7.25, 0, "what a device's clock said");
    is_int(back.result.pipeline.nstages, 2, "what a pipeline spent its time on");
    is_str(back.result.pipeline.stage[1].name, "out", "in each stage");
    is_near(back.result.pipeline.stage[1].first_us, 3, 0, "also at first");
    is_int(back.result.pipeline.bottleneck, 1, "which of them is the slowest");
    ok(!back.result.pipeline.has_way, "what was not seen of it");
    is_near(back.result.pipeline.model_us, 7, 0, "and what the model says");
    is_int((long long)back.result.nbars, 1, "a trace");
    is_str(back.result.bars[0].stage, "in", "of a stage");
    is_near(back.result.bars[0].done_us, 1769860800123456.5, 0,
            "with every digit of its clock");
    is_str(back.result.warning, "a word", "its warning");
    is_str(back.result.measured_utc, slice.measured_utc, "its time");
    is_near(back.result.measured_s, 1769860800.123, 1e-15, "to a millisecond");
    is_near(back.result.repeating_s, 12.5, 0, "and since when passes go on");
    is_int(back.result.stop, XB_STOP_MAX_TIME, "why it stopped");
    is_near(back.result.time.median, slice.time.median, 1e-9, "its samples");
    is_int((long long)back.result.nop_samples, 3, "its single transfers");
    is_int((long long)back.result.nlanes, LANES, "its lanes");
    const struct xb_lane_result *lane = &back.result.lanes[0], *was = &slice.lanes[0];
    ok(xb_path_equal(&lane->path, &was->path), "their paths");
    is_int(lane->dst_rank, was->dst_rank, "their ranks");
    is_int(lane->link_class, 1, "a link class");
    is_near(lane->time.median, 10, 0, "their samples");
    is_near(lane->carried[XB_NVLINK_TX], 0.25, 0, "what a counter saw");
    ok(lane->carried[XB_PCIE_TX] < 0, "or did not");
    is_int((long long)lane->verify.checked_bytes, 100, "bytes that were compared");
    is_near(lane->setup.first, 2, 0, "what was set up");
    is_int(back.result.lanes[1].status, XB_SKIPPED, "one that cannot be");
    is_str(back.result.lanes[1].reason, "skipped", "with its reason");
    is_int(back.result.lanes[1].link_class, -1, "whose class is not known");
    xb_slice_entry_release(&back);

    cJSON_DeleteItemFromObject(doc.root, "lanes");
    is_int(xb_slice_read(&root, &back, &err), -1, "one without lanes is none");
    contains(err.text, "lanes", "the error says what is missing");
    cJSON_Delete(doc.root);
    xb_result_release(&slice);
}

int main(void)
{
    test_times();
    test_few();
    test_pooled();
    test_endless();
    test_status();
    test_sums();
    test_report();
    test_file();
    return done_testing();
}
