/* SPDX-License-Identifier: BSD-3-Clause */
/* test_conclude_traffic.c - what a case comes to whose lanes have bytes of their own, or are of
 * groups that work apart. */
#include "engine/measure/conclude.h"

#include "model/figures/ceiling.h"
#include "model/plan/collective_op.h"
#include "tests/engine/measure/conclude_fixture.h"

static struct xb_traffic_lane lanes_of_own[] = {{0, 1, BYTES}, {2, 3, BYTES / 10}};
static const struct xb_traffic own_bytes = {lanes_of_own, 2, 0};

static const struct row {
    const char *name;
    double us[2], whole_us;
    const char *status, *reason;
} rows[] = {
    {"a small lane is as fast as its own bytes say", {10, 1}, 10, "ok", ""},
    {"what is too fast for them is implausible",
     {10, 0.1},
     10,
     "implausible",
     "2->3: 1000.0 GB/s are more than the 450.0 GB/s that the hardware of this path can carry"},
    {"all bytes count for the whole",
     {3, 1},
     1.1,
     "implausible",
     "1000.0 GB/s are more than the 900.0 GB/s that the hardware of this path can carry"},
};

static void give_whole(double us, struct concluded *k)
{
    k->out.samples_us = calloc(6, sizeof *k->out.samples_us);
    k->out.nsamples = 6;
    for (size_t i = 0; i < 6; i++)
        k->out.samples_us[i] = us;
}

static void test_rows(void)
{
    static const struct setting set = {"neighbour", "gpu->gpu@node", XB_PAIRS_CLASSES, 4, 1,
                                       &copy};

    traffic = &own_bytes;
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct row *row = &rows[i];
        const struct lane lanes[MOST] = {{XB_OK, row->us[0]}, {XB_OK, row->us[1]}};
        struct concluded k;

        begin(&set, lanes, &k);
        give_whole(row->whole_us, &k);
        conclude(&k);
        is_str(xb_status_name(k.out.status), row->status, row->name);
        is_str(k.out.reason, row->reason, "and why");
        is_near(k.out.concurrent, 1.1, 1e-12, "lanes by their bytes");
        is_near(k.out.ceiling_gb_per_s, 2 * NVLINK, 1e-9, "the ceiling of both");
        is_int(k.out.time_of, XB_TIME_OF_SCHEDULE, "the time is that of all");
        end(&k);
    }
    traffic = NULL;
}

/* A copy within a GPU that its cache can hold has no ceiling: that is a question of the lane's
 * bytes. */
static void test_small_lane_in_cache(void)
{
    struct xb_session session = a_session(2, 1);
    struct xb_machine machine = xb_session_machine(&session);
    struct xb_case c = {.method = &copy, .bytes = 100000000};
    struct xb_lane lane = {.bytes = 0};

    ranks[0].l2_bytes = 50000000;
    ranks[0].memory_gb_per_s = 4000;
    xb_path_parse("gpu->gpu", &c.path, NULL);
    lane.path = c.path;
    is_near(xb_lane_ceiling(&c, &lane, &machine), 0, 0, "what fits beside the cache's size");
    c.bytes *= 10;
    is_near(xb_lane_ceiling(&c, &lane, &machine), 2000, 0, "more is bounded by memory");
    lane.bytes = 100000000;
    is_near(xb_lane_ceiling(&c, &lane, &machine), 0, 0, "but not a small lane of such a case");
}

/* Two nodes of two ranks: each all-reduces by itself. */
static void test_groups(void)
{
    static const char *const names[] = {XB_COLLECTIVE_NAMES NULL};
    static const struct xb_option table[] = {
        {.name = "transfer", .type = XB_OPTION_ENUM, .choices = names}, {0}};
    static const struct xb_method_spec method = {
        .name = "c", .options = table, .collective_option = table};
    static const struct setting set = {"collective", "gpu->gpu@node", XB_PAIRS_CLASSES, 4, 2,
                                       &method};
    const struct lane lanes[MOST] = {{XB_OK, 10}, {XB_OK, 10}, {XB_OK, 10}, {XB_OK, 10}};
    struct concluded k;

    begin(&set, lanes, &k);
    give_whole(10, &k);
    conclude(&k);
    is_str(xb_status_name(k.out.status), "ok", "an all-reduce of each node");
    is_near(k.out.concurrent, 2, 0, "two at the same time");
    is_near(k.out.ceiling_gb_per_s, 2 * NVLINK, 1e-9, "each with its own links");
    end(&k);
    /* 1 MB of two ranks: as many bus bytes, in 1 us 1000 GB/s a group */
    begin(&set, lanes, &k);
    give_whole(1, &k);
    conclude(&k);
    is_str(k.out.reason,
           "2000.0 GB/s are more than the 900.0 GB/s that the hardware of this path can carry",
           "by the size of a group, not of the job");
    end(&k);
    /* of a journal that knows no groups all lanes are one */
    begin(&set, lanes, &k);
    give_whole(10, &k);
    for (size_t i = 0; i < k.out.nlanes; i++)
        k.out.lanes[i].members = 0;
    conclude(&k);
    is_int(k.out.lanes[3].members, 4, "lanes without groups are of one");
    end(&k);
}

int main(void)
{
    test_rows();
    test_small_lane_in_cache();
    test_groups();
    return done_testing();
}
