/* SPDX-License-Identifier: BSD-3-Clause */
/* test_conclude_slices.c - what a case comes to that was measured in several passes. */
#include "engine/measure/conclude.h"

#include "report/slices.h"
#include "tests/engine/measure/conclude_fixture.h"

#define PASSES 6
#define OVER   (1000 / 500.0) /* us: more than NVLink can carry */

/* Conclude a pass, whose lanes and whole have samples, and add it to the sum of the others. */
static void add_pass(struct concluded *k, struct xb_result *sum, const struct setting *set,
                     const struct lane *lanes, double whole_us)
{
    begin(set, lanes, k);
    for (size_t i = 0; i < k->out.nlanes; i++) {
        struct xb_lane_result *lane = &k->out.lanes[i];
        if (lane->time.n == 0)
            continue;
        lane->samples_us = malloc(2 * sizeof *lane->samples_us);
        lane->samples_us[0] = lane->samples_us[1] = lane->time.median;
        lane->nsamples = 2;
        lane->verify = (struct xb_verify){.done = true, .checked_bytes = BYTES};
    }
    if (whole_us > 0) {
        k->out.samples_us = malloc(2 * sizeof *k->out.samples_us);
        k->out.samples_us[0] = k->out.samples_us[1] = whole_us;
        k->out.nsamples = 2;
    }
    conclude(k);
    xb_slices_add(sum, &k->out, PASSES);
}

static void conclude_all(struct concluded *k, struct xb_result *sum)
{
    xb_conclude_slices(&k->session, &k->c, &k->schedule, sum);
    end(k);
}

/* In each pass another lane is in the middle; of all passes it is the third. */
static void test_median_lane(void)
{
    static const struct setting set = EACH_OF_THREE;
    struct concluded k;
    struct xb_result sum = {.status = XB_OK};

    for (int pass = 0; pass < PASSES; pass++) {
        double odd = pass == 0 ? 100 : 0;
        const struct lane lanes[MOST] = {{0, 10 + odd}, {0, 20}, {0, 40.0 + pass},
                                         {0, 30},       {0, 60}, {0, 50}};
        add_pass(&k, &sum, &set, lanes, 0);
        if (pass < PASSES - 1)
            xb_schedule_close(&k.schedule);
    }
    conclude_all(&k, &sum);
    is_int(sum.status, XB_OK, "all passes are ok");
    is_int(sum.time_of, XB_TIME_OF_MEDIAN_LANE, "the time of one lane");
    is_near(sum.time.median, 42.5, 1e-12, "of that in the middle by its passes' medians");
    is_near(sum.time.ci_lo, 40, 0, "its interval is between passes");
    is_near(sum.time.ci_hi, 45, 0, "up to the last one");
    is_int((long long)sum.npasses, PASSES, "it has the medians of that lane");
    is_near(sum.passes_us[5], 45, 0, "in their order");
    is_int((long long)sum.slowest_lane, 4, "the slowest over all passes");
    is_int((long long)sum.verify.checked_bytes, 6 * PASSES * BYTES, "bytes of all passes");
    is_near(sum.ceiling_gb_per_s, NVLINK, 0, "its ceiling");
    xb_result_release(&sum);
}

/* As fast as it cannot be in one pass alone: the others do not make that good. */
static void test_one_implausible(void)
{
    static const struct setting set = FIRST;
    static const double us[] = {10, 11, OVER};
    struct concluded k;
    struct xb_result sum = {.status = XB_OK};

    for (int pass = 0; pass < 3; pass++) {
        const struct lane lanes[MOST] = {{0, 10}};
        add_pass(&k, &sum, &set, lanes, us[pass]);
        if (pass < 2)
            xb_schedule_close(&k.schedule);
    }
    conclude_all(&k, &sum);
    is_str(xb_status_name(sum.status), "implausible", "one pass is over the ceiling");
    contains(sum.reason, "500.0 GB/s", "with its rate");
    is_near(sum.time.median, 10, 0, "though the median of all is not");
    ok(!sum.time.has_ci, "three passes have no interval");
    is_int(sum.passes, 3, "they are counted");
    xb_result_release(&sum);
}

/* A case that fails in its second pass. */
static void test_failed_later(void)
{
    static const struct setting set = EACH_OF_THREE;
    struct concluded k;
    struct xb_result sum = {.status = XB_OK};
    const struct lane good[MOST] = {{0, 10}, {0, 20}, {0, 30}, {0, 40}, {0, 50}, {0, 60}};
    const struct lane bad[MOST] = {{0, 10}, {XB_FAILED, 0}, {0, 30}, {0, 40}, {0, 50}, {0, 60}};

    add_pass(&k, &sum, &set, good, 0);
    xb_schedule_close(&k.schedule);
    add_pass(&k, &sum, &set, bad, 0);
    conclude_all(&k, &sum);
    is_str(xb_status_name(sum.status), "failed", "one lane of one pass failed");
    is_str(sum.reason, "0->2: failed", "by its ranks");
    is_near(sum.time.median, 40, 0, "the middle of those that did not");
    xb_result_release(&sum);
}

int main(void)
{
    test_median_lane();
    test_one_implausible();
    test_failed_later();
    return done_testing();
}
