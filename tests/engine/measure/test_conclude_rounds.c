/* SPDX-License-Identifier: BSD-3-Clause */
/* test_conclude_rounds.c - what a case comes to that has several rounds with several lanes. */
#include "engine/measure/conclude.h"

#include "report/slices.h"
#include "tests/engine/measure/conclude_fixture.h"

#define MOST_ROUNDS 6

#define SETTING(pattern, pairs)                                                                \
    {                                                                                          \
        pattern, "gpu->gpu@node", pairs, 4, 1, &copy                                           \
    }
#define FAN_IN SETTING("fan-in", XB_PAIRS_CLASSES)
#define CUTS   SETTING("bisection", XB_PAIRS_CLASSES)
#define ALONE  SETTING("stream", XB_PAIRS_TOGETHER) /* with contention */
#define CIRCLE SETTING("stream", XB_PAIRS_ROUNDS)

/* What rounds took, in microseconds; 0 where a round has no time of its own. */
static const struct row {
    const char *name;
    struct setting set;
    enum xb_contention contention;
    double round_us[MOST_ROUNDS];
    double us; /* of the case; 0: none */
    enum xb_case_time time_of;
    double concurrent;
    size_t slowest; /* index of the slowest round */
    double ceiling;
    const char *reason;
} rows[] = {
    {"the round in the middle: of four the slower one",
     FAN_IN,
     XB_CONTENTION_NONE,
     {30, 60, 40, 50},
     50,
     XB_TIME_OF_ROUND,
     3,
     1,
     NVLINK,
     ""},
    {"of a bisection the worst cut",
     CUTS,
     XB_CONTENTION_NONE,
     {30, 20, 40, 50, 20, 20},
     50,
     XB_TIME_OF_ROUND,
     2,
     3,
     2 * NVLINK,
     ""},
    {"the one round in full company, beside two alone",
     ALONE,
     XB_CONTENTION_ALL,
     {0, 0, 40},
     40,
     XB_TIME_OF_ROUND,
     2,
     0,
     2 * NVLINK,
     ""},
    {"pairs in turn have the median lane's time, and rounds of their own",
     CIRCLE,
     XB_CONTENTION_NONE,
     {30, 20, 40, 50, 20, 20},
     10,
     XB_TIME_OF_MEDIAN_LANE,
     1,
     3,
     NVLINK,
     ""},
    {"no round was timed",
     FAN_IN,
     XB_CONTENTION_NONE,
     {0},
     0,
     XB_TIME_OF_SCHEDULE,
     0,
     0,
     0,
     ""},
    {"more than arrives at one GPU",
     FAN_IN,
     XB_CONTENTION_NONE,
     {30, 60, 3000 / 500.0, 50},
     50,
     XB_TIME_OF_ROUND,
     3,
     1,
     NVLINK,
     "round 2: 500.0 GB/s are more than the 450.0 GB/s that the hardware"},
};

/* Each lane 10 us, and rounds as they are given. */
static void begin_rounds(const struct setting *set, const double *round_us, struct concluded *k)
{
    struct xb_round round = {0};
    struct lane lanes[MOST + 1];

    for (size_t i = 0; i < ROWS(lanes); i++)
        lanes[i] = (struct lane){XB_OK, 10};
    begin(set, lanes, k);
    for (size_t r = 0; r < k->schedule.rounds && r < MOST_ROUNDS; r++) {
        xb_schedule_round(&k->schedule, r, &round, NULL);
        struct xb_result whole = {.ops_per_sample = 4, .overhead_us = NAN};
        const struct xb_round_result place = {
            .round = (int)r, .company = round.lane[0].company, .concurrent = round.chains};
        whole.nsamples = round_us[r] > 0 ? 6 : 0;
        whole.samples_us = calloc(6, sizeof *whole.samples_us);
        for (size_t i = 0; i < whole.nsamples; i++)
            whole.samples_us[i] = round_us[r];
        xb_conclude_round(&k->out, &whole, &place, false);
    }
    xb_round_release(&round);
}

static void test_rows(void)
{
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct row *row = &rows[i];
        struct concluded k;

        contention = row->contention;
        begin_rounds(&row->set, row->round_us, &k);
        conclude(&k);
        is_near(k.out.time.n ? k.out.time.median : 0, row->us, 1e-9, row->name);
        is_int(k.out.time_of, row->time_of, "of what");
        is_near(k.out.concurrent, row->concurrent, 0, "lanes that add up");
        is_int((long long)k.out.slowest_round, (long long)row->slowest, "the slowest round");
        is_near(k.out.ceiling_gb_per_s, row->ceiling, 1e-9, "the ceiling");
        is_str(xb_status_name(k.out.status), row->reason[0] ? "implausible" : "ok", "status");
        ok(strncmp(k.out.reason, row->reason, strlen(row->reason)) == 0, "and why");
        end(&k);
    }
    contention = XB_CONTENTION_NONE;
}

/* The slowest lane is one of those in full company. */
static void test_slowest_lane(void)
{
    static const struct setting set = ALONE;
    static const double us[] = {0, 0, 40};
    struct concluded k;

    contention = XB_CONTENTION_ALL;
    begin_rounds(&set, us, &k);
    contention = XB_CONTENTION_NONE;
    k.out.lanes[0].time = stats_of(90);
    k.out.lanes[3].time = stats_of(50);
    conclude(&k);
    is_int((long long)k.out.slowest_lane, 3, "not the one that was slower alone");
    end(&k);
}

/* Passes keep their medians, round by round. A pass in which a round failed lacks it. */
static void test_passes(void)
{
    static const struct setting set = FAN_IN;
    static const double us[3][MOST_ROUNDS] = {
        {30, 60, 40, 50}, {31, 61, 0, 51}, {32, 62, 42, 52}};
    struct xb_result sum = {.status = XB_OK};
    struct concluded k;

    for (size_t pass = 0; pass < 3; pass++) {
        begin_rounds(&set, us[pass], &k);
        conclude(&k);
        is_int(xb_slices_add(&sum, &k.out, 3), 0, "a pass");
        end(&k);
    }
    begin_rounds(&set, us[0], &k);
    xb_conclude_slices(&k.session, &k.c, &k.schedule, &sum);
    is_int((long long)sum.nrounds, 4, "four rounds");
    is_int((long long)sum.rounds[1].npasses, 3, "with three passes");
    is_int((long long)sum.rounds[2].npasses, 2, "or those that it was measured in");
    is_near(sum.rounds[1].time.median, 61, 1e-9, "the median is the passes'");
    is_int((long long)sum.rounds[1].ops_per_sample, 4, "transfers of a sample");
    is_near(sum.time.median, 51, 1e-9, "the case is as fast as the round in the middle");
    is_int((long long)sum.npasses, 3, "whose passes are the case's");
    is_near(sum.passes_us[2], 52, 1e-9, "one by one");
    is_int(sum.time_of, XB_TIME_OF_ROUND, "a round's");
    xb_result_release(&sum);
    end(&k);
}

int main(void)
{
    test_rows();
    test_slowest_lane();
    test_passes();
    return done_testing();
}
