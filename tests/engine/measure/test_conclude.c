/* SPDX-License-Identifier: BSD-3-Clause */
/* test_conclude.c - the status, the time and the sums that a case comes to where its lanes came
 * to this and that. */
#include "engine/measure/conclude.h"

#include "tests/engine/measure/conclude_fixture.h"

#define OVER (1000 / 500.0) /* us: more than NVLink can carry */
#define JUST (1000 / 455.0) /* more by less than clocks and links are rounded by */

/* ---- time and status ---- */

#define TOGETHER                                                                               \
    {                                                                                          \
        "stream", "gpu->gpu@node", XB_PAIRS_TOGETHER, 4, 1, &copy                              \
    }

static const struct row {
    const char *name;
    struct setting set;
    struct lane lanes[MOST];
    double whole_us; /* what one clock saw of all */
    enum xb_status status;
    const char *reason;
    double us; /* 0: not timed */
    enum xb_case_time time_of;
    double concurrent;
    size_t slowest;
    double ceiling;
} rows[] = {
    {"the lane in the middle",
     EACH_OF_THREE,
     {{0, 10}, {0, 30}, {0, 20}, {0, 40}, {0, 60}, {0, 50}},
     0,
     XB_OK,
     "",
     40,
     XB_TIME_OF_MEDIAN_LANE,
     1,
     4,
     NVLINK},
    {"of those that were measured",
     EACH_OF_THREE,
     {{0, 10}, {XB_SKIPPED, 0}, {0, 20}, {XB_SKIPPED, 0}, {0, 60}, {XB_SKIPPED, 0}},
     0,
     XB_OK,
     "",
     20,
     XB_TIME_OF_MEDIAN_LANE,
     1,
     4,
     NVLINK},
    {"skipped only where all are",
     EACH_OF_THREE,
     {{XB_SKIPPED, 0},
      {XB_SKIPPED, 0},
      {XB_SKIPPED, 0},
      {XB_SKIPPED, 0},
      {XB_SKIPPED, 0},
      {XB_SKIPPED, 0}},
     0,
     XB_SKIPPED,
     "skipped",
     0,
     XB_TIME_OF_SCHEDULE,
     0,
     0,
     0},
    {"one that failed, by its ranks",
     EACH_OF_THREE,
     {{0, 10}, {XB_SKIPPED, 0}, {XB_FAILED, 0}, {0, 20}, {0, 30}, {XB_TIMEOUT, 0}},
     0,
     XB_FAILED,
     "1->0: failed",
     20,
     XB_TIME_OF_MEDIAN_LANE,
     1,
     4,
     NVLINK},
    {"all that failed, without",
     EACH_OF_THREE,
     {{XB_FAILED, 0},
      {XB_FAILED, 0},
      {XB_FAILED, 0},
      {XB_FAILED, 0},
      {XB_FAILED, 0},
      {XB_FAILED, 0}},
     0,
     XB_FAILED,
     "failed",
     0,
     XB_TIME_OF_SCHEDULE,
     0,
     0,
     0},
    {"corrupt is the worst, and has no time",
     EACH_OF_THREE,
     {{0, 10}, {XB_FAILED, 0}, {XB_CORRUPT, 5}, {XB_TIMEOUT, 0}, {XB_IMPLAUSIBLE, 1}, {0, 30}},
     0,
     XB_CORRUPT,
     "1->0: corrupt",
     30,
     XB_TIME_OF_MEDIAN_LANE,
     1,
     5,
     NVLINK},
    {"a lane that is too fast",
     EACH_OF_THREE,
     {{0, 10}, {0, OVER}, {0, 10}, {0, 20}, {0, 30}, {0, 30}},
     0,
     XB_IMPLAUSIBLE,
     "0->2: 500.0 GB/s are more than the 450.0 GB/s that the hardware",
     20,
     XB_TIME_OF_MEDIAN_LANE,
     1,
     4,
     NVLINK},
    {"a lane that is just not",
     EACH_OF_THREE,
     {{0, JUST}, {0, JUST}, {0, JUST}, {0, JUST}, {0, JUST}, {0, JUST}},
     0,
     XB_OK,
     "",
     JUST,
     XB_TIME_OF_MEDIAN_LANE,
     1,
     0,
     NVLINK},
    {"what moves nothing has no ceiling",
     {"stream", "gpu->gpu@node", XB_PAIRS_EACH, 2, 1, &nothing},
     {{0, OVER}, {0, OVER}},
     0,
     XB_OK,
     "",
     OVER,
     XB_TIME_OF_MEDIAN_LANE,
     1,
     0,
     0},
    {"in rounds, too, a lane of them",
     {"stream", "gpu->gpu@node", XB_PAIRS_ROUNDS, 4, 1, &copy},
     {{0, 10},
      {0, 11},
      {0, 12},
      {0, 13},
      {0, 14},
      {0, 99},
      {0, 16},
      {0, 17},
      {0, 18},
      {0, 19},
      {0, 20},
      {0, 21}},
     0,
     XB_OK,
     "",
     17,
     XB_TIME_OF_MEDIAN_LANE,
     1,
     5,
     NVLINK},
    {"both directions count",
     {"bidirectional", "gpu->gpu@node", XB_PAIRS_EACH, 2, 1, &copy},
     {{0, 10}, {0, 20}, {0, 30}, {0, 40}},
     0,
     XB_OK,
     "",
     30,
     XB_TIME_OF_MEDIAN_LANE,
     2,
     3,
     2 * NVLINK},
    {"there and back count once",
     {"pingpong", "gpu->gpu@node", XB_PAIRS_EACH, 2, 1, &copy},
     {{0, 10}, {0, 99}, {0, 30}, {0, 99}},
     0,
     XB_OK,
     "",
     30,
     XB_TIME_OF_MEDIAN_LANE,
     1,
     2,
     NVLINK},
    {"one pair is timed as a whole",
     FIRST,
     {{0, 10}},
     12,
     XB_OK,
     "",
     12,
     XB_TIME_OF_SCHEDULE,
     1,
     0,
     NVLINK},
    {"both directions of one pair",
     {"bidirectional", "gpu->gpu@node", XB_PAIRS_FIRST, 4, 1, &copy},
     {{0, 3}, {0, 4}},
     4,
     XB_OK,
     "",
     4,
     XB_TIME_OF_SCHEDULE,
     2,
     1,
     2 * NVLINK},
    {"there and back of one pair",
     {"pingpong", "gpu->gpu@node", XB_PAIRS_FIRST, 4, 1, &copy},
     {{0, 3}, {0, 3}},
     3,
     XB_OK,
     "",
     3,
     XB_TIME_OF_SCHEDULE,
     1,
     0,
     NVLINK},
    {"pairs together add up",
     TOGETHER,
     {{0, 10}, {0, 20}},
     21,
     XB_OK,
     "",
     21,
     XB_TIME_OF_SCHEDULE,
     2,
     1,
     2 * NVLINK},
    {"but for one that was skipped, which moved nothing",
     TOGETHER,
     {{XB_SKIPPED, 0}, {0, 20}},
     21,
     XB_OK,
     "",
     21,
     XB_TIME_OF_SCHEDULE,
     1,
     1,
     NVLINK},
    {"nor did one that failed before it was measured",
     TOGETHER,
     {{XB_FAILED, 0}, {0, 20}},
     21,
     XB_FAILED,
     "0->1: failed",
     21,
     XB_TIME_OF_SCHEDULE,
     1,
     1,
     NVLINK},
    {"and may be too fast as a whole alone",
     TOGETHER,
     {{0, 3}, {0, 3}},
     OVER,
     XB_IMPLAUSIBLE,
     "1000.0 GB/s are more than the 900.0 GB/s",
     OVER,
     XB_TIME_OF_SCHEDULE,
     2,
     0,
     2 * NVLINK},
    {"one pair that failed has no time",
     FIRST,
     {{XB_FAILED, 0}},
     0,
     XB_FAILED,
     "failed",
     0,
     XB_TIME_OF_SCHEDULE,
     1,
     0,
     NVLINK},
    {"of unlike classes each has its lane",
     {"stream", "gpu->gpu@remote", XB_PAIRS_EACH, 4, 2, &copy},
     {{0, 100}, {0, 100}, {0, 100}, {0, 100}, {0, 100}, {0, 100}, {0, 100}, {0, 200}},
     0,
     XB_OK,
     "",
     100,
     XB_TIME_OF_MEDIAN_LANE,
     1,
     7,
     NIC},
};

/* What the clock of the one round saw. */
static void add_samples(struct concluded *k, double us)
{
    k->out.nsamples = us > 0 ? 6 : 0;
    k->out.samples_us = us > 0 ? calloc(6, sizeof(double)) : NULL;
    for (size_t i = 0; i < k->out.nsamples; i++)
        k->out.samples_us[i] = us;
}

static void test_rows(void)
{
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct row *row = &rows[i];
        struct concluded k;
        begin(&row->set, row->lanes, &k);
        add_samples(&k, row->whole_us);
        conclude(&k);
        is_str(xb_status_name(k.out.status), xb_status_name(row->status), row->name);
        if (row->reason[0])
            ok(strncmp(k.out.reason, row->reason, strlen(row->reason)) == 0, "its reason");
        else
            is_str(k.out.reason, "", "no reason");
        is_near(k.out.time.n ? k.out.time.median : 0, row->us, 1e-9, "its time");
        is_int(k.out.time_of, row->time_of, "of what");
        is_near(k.out.concurrent, row->concurrent, 0, "lanes that add up");
        is_int((long long)k.out.slowest_lane, (long long)row->slowest, "the slowest lane");
        is_near(k.out.ceiling_gb_per_s, row->ceiling, 1e-9, "the ceiling");
        ok(isnan(k.out.overhead_us), "what an empty transfer takes is not known");
        end(&k);
    }
}

/* Which of two statuses is the case's: the first column is worse than all after it. */
static void test_worst(void)
{
    static const enum xb_status order[] = {XB_CORRUPT,     XB_FAILED, XB_TIMEOUT,
                                           XB_IMPLAUSIBLE, XB_OK,     XB_SKIPPED};
    static const struct setting two = {"stream", "gpu->gpu@node", XB_PAIRS_EACH, 2, 1, &copy};

    for (size_t worse = 0; worse < ROWS(order); worse++)
        for (size_t better = worse; better < ROWS(order); better++)
            for (int turned = 0; turned < 2; turned++) {
                const struct lane lanes[2] = {{turned ? order[better] : order[worse], 0},
                                              {turned ? order[worse] : order[better], 0}};
                struct concluded k;
                begin(&two, lanes, &k);
                conclude(&k);
                is_str(xb_status_name(k.out.status), xb_status_name(order[worse]),
                       xb_status_name(order[better]));
                end(&k);
            }
}

/* A lane that is too fast says so itself. */
static void test_implausible_lane(void)
{
    static const struct lane lanes[] = {{0, 10}, {0, OVER}, {0, 10}, {0, 10}, {0, 10}, {0, 10}};
    static const struct setting set = EACH_OF_THREE;
    struct concluded k;

    begin(&set, lanes, &k);
    conclude(&k);
    for (size_t i = 0; i < k.out.nlanes; i++) {
        const struct xb_lane_result *lane = &k.out.lanes[i];
        is_int(lane->status, i == 1 ? XB_IMPLAUSIBLE : XB_OK, "a lane");
        ok((lane->reason != NULL) == (i == 1), "has a reason where it is too fast");
        is_near(lane->ceiling_gb_per_s, NVLINK, 1e-9, "and its ceiling");
    }
    end(&k);
}

/* What the device's own clock saw is held to the ceiling as well. */
static void test_device_time(void)
{
    static const struct {
        const char *name;
        double us;
        enum xb_status status;
        const char *reason;
    } times[] = {
        {"as long as by the host's clock", 10, XB_OK, ""},
        {"just not too fast", JUST, XB_OK, ""},
        {"too fast", OVER, XB_IMPLAUSIBLE,
         "500.0 GB/s by the device's clock are more than the 450.0 GB/s"},
    };
    static const struct setting set = FIRST;

    for (size_t i = 0; i < ROWS(times); i++) {
        struct concluded k;
        begin(&set, (const struct lane[MOST]){{0, 10}}, &k);
        add_samples(&k, 10);
        k.out.has_device_time = true;
        k.out.device_time_us = times[i].us;
        conclude(&k);
        is_str(xb_status_name(k.out.status), xb_status_name(times[i].status), times[i].name);
        ok(strncmp(k.out.reason, times[i].reason, strlen(times[i].reason)) == 0, k.out.reason);
        end(&k);
    }
}

/* ---- sums ---- */

static void test_sums(void)
{
    static const struct lane lanes[] = {{0, 10},          {0, 10}, {XB_CORRUPT, 0},
                                        {XB_CORRUPT, 10}, {0, 10}, {XB_SKIPPED, 0}};
    static const struct setting set = EACH_OF_THREE;
    struct concluded k;

    begin(&set, lanes, &k);
    for (size_t i = 0; i < 5; i++)
        k.out.lanes[i].verify = (struct xb_verify){.done = true, .checked_bytes = 100};
    k.out.lanes[2].verify = (struct xb_verify){true, 100, 3, 50, 0};
    k.out.lanes[3].verify = (struct xb_verify){true, 100, 4, 20, 0};
    k.out.lanes[0].setup = (struct xb_setup){7, 1, 2, 3, 4, NAN};
    k.out.lanes[1].setup = (struct xb_setup){70, 10, NAN, 30, 40, NAN};
    k.out.setup.start = 1000;
    conclude(&k);
    ok(k.out.verify.done, "all were verified");
    is_int((long long)k.out.verify.checked_bytes, 500, "checked bytes add up");
    is_int((long long)k.out.verify.wrong_bytes, 7, "and wrong ones");
    is_int((long long)k.out.verify.first_bad, 20, "the lowest of the first is the first");
    is_near(k.out.setup.total, 1077, 1e-9, "setup adds up, and what the method took to start");
    is_near(k.out.setup.start, 1000, 1e-9, "which is known by itself");
    is_near(k.out.setup.register_, 2, 1e-9, "as far as it is known");
    is_near(k.out.setup.first, 44, 1e-9, "all of it");
    end(&k);
}

/* ---- rounds ---- */

/* What one clock saw belongs to the case where there is one round alone. */
static void test_round(void)
{
    for (int alone = 0; alone < 2; alone++) {
        struct xb_result out = {.stop = XB_STOP_TARGET};
        struct xb_result whole = {.stop = XB_STOP_MAX_TIME,
                                  .ops_per_sample = 8,
                                  .samples_us = calloc(2, sizeof(double)),
                                  .nsamples = 2,
                                  .has_device_time = true,
                                  .device_time_us = 3};
        xb_conclude_round(&out, &whole, NULL, alone);
        is_int((long long)out.nsamples, alone ? 2 : 0, alone ? "one round" : "one of several");
        is_int(out.has_device_time, alone, "has what was looked into");
        is_int((long long)out.ops_per_sample, 8, "transfers of a sample");
        is_int(out.stop, XB_STOP_MAX_TIME, "and what ended the last");
        ok(!whole.samples_us && whole.nsamples == 0, "the round keeps nothing");
        xb_result_release(&out);
    }
}

int main(void)
{
    test_rows();
    test_worst();
    test_implausible_lane();
    test_device_time();
    test_sums();
    test_round();
    return done_testing();
}
