/* SPDX-License-Identifier: BSD-3-Clause */
/* test_compare.c - verdicts on launches whose truth is known. */
#include "tests/report/compare_fixture.h"

#define EXACT 0.0005 /* deviation of launches of which 8 % more is found at once */

/* Two sides, and what shall be found. Cases are 8, two of each method. */
static const struct row {
    const char *name;
    int n[2];       /* launches */
    struct made of; /* the new side; the base is the same without what is slow, failed, ... */
    size_t count[XB_VERDICTS];
    int exit_status;
} rows[] = {
    {"nothing has changed", {8, 8}, {.factor = 1}, {[XB_VERDICT_SAME] = 8}, 0},
    {"two cases take 8 % longer",
     {8, 8},
     {.slow = "*/mpi*", .factor = 1.08},
     {[XB_VERDICT_SAME] = 6, [XB_VERDICT_SLOWER] = 2},
     1},
    {"four launches suffice",
     {4, 4},
     {.slow = "*/mpi*", .factor = 1.08},
     {[XB_VERDICT_SAME] = 6, [XB_VERDICT_SLOWER] = 2},
     1},
    {"4 % more are no change",
     {8, 8},
     {.slow = "*", .factor = 1.04},
     {[XB_VERDICT_SAME] = 8},
     0},
    {"two take half as long",
     {8, 8},
     {.slow = "*/nccl*", .factor = 0.5},
     {[XB_VERDICT_SAME] = 6, [XB_VERDICT_FASTER] = 2},
     0},
    {"5 % more, which is the threshold",
     {8, 8},
     {.slow = "*/mpi*", .factor = 1.05},
     {[XB_VERDICT_SAME] = 6, [XB_VERDICT_UNCLEAR] = 2},
     0},
    {"three launches tell much",
     {3, 3},
     {.slow = "*/mpi*", .factor = 2},
     {[XB_VERDICT_SAME] = 6, [XB_VERDICT_SLOWER] = 2},
     1},
    {"two launches as well",
     {2, 2},
     {.slow = "*/mpi*", .factor = 2},
     {[XB_VERDICT_SAME] = 6, [XB_VERDICT_SLOWER] = 2},
     1},
    {"one launch beside eight is never the same",
     {8, 1},
     {.slow = "*/mpi*", .factor = 2},
     {[XB_VERDICT_UNCLEAR] = 6, [XB_VERDICT_SLOWER] = 2},
     1},
    {"one launch a side",
     {1, 1},
     {.slow = "*/mpi*", .factor = 2},
     {[XB_VERDICT_UNCLEAR] = 8},
     0},
    {"cases that are skipped now are missing",
     {8, 8},
     {.skipped = "*/mpi*", .factor = 1},
     {[XB_VERDICT_SAME] = 6, [XB_VERDICT_MISSING] = 2},
     3},
    {"and so are those that fail",
     {4, 4},
     {.failed = "*", .factor = 1},
     {[XB_VERDICT_MISSING] = 8},
     3},
    {"slower goes before missing",
     {8, 8},
     {.skipped = "*/mpi*", .slow = "*/nccl*", .factor = 1.2},
     {[XB_VERDICT_SAME] = 4, [XB_VERDICT_SLOWER] = 2, [XB_VERDICT_MISSING] = 2},
     1},
    {"corrupt goes before slower",
     {8, 8},
     {.corrupt = "*/mpi*", .slow = "*/nccl*", .factor = 1.2},
     {[XB_VERDICT_SAME] = 4, [XB_VERDICT_SLOWER] = 2, [XB_VERDICT_MISSING] = 2},
     4},
    {"no launch on the other side", {8, 0}, {.factor = 1}, {[XB_VERDICT_MISSING] = 8}, 3},
};

static struct made base_of(const struct made *m, double sd)
{
    return (struct made){.cases = m->cases,
                         .lanes = m->lanes,
                         .seed = 3,
                         .common = sd,
                         .own = sd,
                         .within = sd,
                         .factor = 1};
}

/* The new side, with the deviations of the base. */
static struct made new_of(const struct made *m, double sd)
{
    struct made made = *m, base = base_of(m, sd);

    made.seed = base.seed;
    made.common = made.own = made.within = sd;
    return made;
}

static struct xb_launches *launches_of(const struct made *of, int base, int new, double sd)
{
    struct xb_launches *launches = xb_launches_new();
    struct made m = *of;

    m.cases = m.cases ? m.cases : 8;
    m.lanes = m.lanes ? m.lanes : 1;
    struct made was = base_of(&m, sd), is = new_of(&m, sd);
    xb_launches_add_set(launches, "old", NULL);
    xb_launches_add_set(launches, "new", NULL);
    add_launches(launches, "old", &was, 1, base);
    add_launches(launches, "new", &is, 101, new);
    return launches;
}

static void test_verdicts(const struct row *row)
{
    struct xb_launches *launches = launches_of(&row->of, row->n[0], row->n[1], EXACT);
    const struct xb_compare_ask ask = XB_COMPARE_ASK;
    struct xb_error err = {""};
    struct xb_comparison *c = xb_compare(launches, &ask, &err);
    char name[128];

    xb_launches_free(launches);
    if (!ok(c != NULL, row->name)) {
        printf("# %s\n", err.text);
        return;
    }
    for (int v = 0; v < XB_VERDICTS; v++) {
        snprintf(name, sizeof name, "%s: how many are %s", row->name,
                 xb_verdict_name((enum xb_verdict)v));
        is_int((int)xb_comparison_count(c, (enum xb_verdict)v), (int)row->count[v], name);
    }
    is_int(xb_comparison_exit(c), row->exit_status, "and how it ends");
    char *text = printed(c, XB_COMPARE_TABLE, false);
    bool few = row->n[0] < 4 || row->n[1] < 4;
    ok(stands_in(text, "warning: ") == few, "too few launches are said to be too few");
    free(text);
    xb_comparison_free(c);
}

/* What is open is closed by more launches. */
static void test_open(void)
{
    static const struct {
        int n;
        double sd, half_width;
        size_t open;
    } cases[] = {{8, 0.0005, 0, 0}, {4, 0.05, 0.02, 8}, {4, 0.05, 10, 0}, {1, 0.0005, 0.02, 8}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct made same = {.factor = 1};
        struct xb_launches *launches = launches_of(&same, cases[i].n, cases[i].n, cases[i].sd);
        const struct xb_compare_ask ask = XB_COMPARE_ASK;
        struct xb_comparison *c = xb_compare(launches, &ask, NULL);
        char name[96];
        snprintf(name, sizeof name, "open of %d launches that differ by %g", cases[i].n,
                 cases[i].sd);
        is_int((int)xb_comparison_open(c, cases[i].half_width), (int)cases[i].open, name);
        xb_comparison_free(c);
        xb_launches_free(launches);
    }
}

/* One of twelve lanes is slower; the case's time is the median lane's. */
static void test_lanes(void)
{
    const struct made m = {.lanes = 12, .slow = "*/mpi*", .factor = 1.5, .slow_lane = 5};
    struct xb_launches *launches = launches_of(&m, 4, 4, EXACT);
    const struct xb_compare_ask ask = XB_COMPARE_ASK;
    struct xb_comparison *c = xb_compare(launches, &ask, NULL);
    char *text = printed(c, XB_COMPARE_TABLE, false);

    is_int((int)xb_comparison_count(c, XB_VERDICT_SAME), 8, "all cases are the same");
    is_int(xb_comparison_exit(c), 1, "but a lane is slower");
    contains(text, "0:02:00.0 -> 0:03:00.0", "which is named by node and bus id");
    ok(!stands_in(text, "0:01:00.0 -> 0:02:00.0"), "and no other");
    free(text);
    xb_comparison_free(c);
    xb_launches_free(launches);
}

/* The same, where the new side's ranks were placed so that its lanes have another order. */
static void test_turned(void)
{
    const struct made m = {.lanes = 12, .slow = "*/mpi*", .factor = 1.5, .slow_lane = 5};
    const struct xb_compare_ask ask = XB_COMPARE_ASK;
    char *text[2];

    for (int i = 0; i < 2; i++) {
        struct made turned = m;
        turned.turned = i == 1;
        struct xb_launches *launches = launches_of(&turned, 4, 4, EXACT);
        struct xb_comparison *c = xb_compare(launches, &ask, NULL);
        text[i] = printed(c, XB_COMPARE_CSV, true);
        xb_comparison_free(c);
        xb_launches_free(launches);
    }
    is_str(text[1], text[0], "lanes are matched by their places, and stand as in the base");
    for (int i = 0; i < 2; i++)
        free(text[i]);
}

/* Texts that say what differs, and what carried the bytes. */
static void test_surroundings(void)
{
    struct made m = {.factor = 1,
                     .variable = "UCX_TLS",
                     .value = "tcp",
                     .driver = "590",
                     .load = 7.5,
                     .sm_mhz = 1900,
                     .wired = "*",
                     .wire = "pcie"},
                was = {.cases = 8, .lanes = 1, .factor = 1, .wired = "*", .wire = "nvlink"};
    struct xb_launches *launches = xb_launches_new();
    const struct xb_compare_ask ask = XB_COMPARE_ASK;

    m.cases = 8;
    m.lanes = 1;
    add_launches(launches, "old", &was, 1, 2);
    add_launches(launches, "new", &m, 101, 2);
    struct xb_comparison *c = xb_compare(launches, &ask, NULL);
    char *text = printed(c, XB_COMPARE_TABLE, false),
         *json = printed(c, XB_COMPARE_JSON, false);
    contains(text, "variables.UCX_TLS  -      tcp", "a variable");
    contains(text, "driver             580.1  590", "the driver");
    contains(text, "node 0 load        0      7.5", "the load");
    contains(text, "stream/host-staged/gpu->gpu@node/8KiB/chunk=2KiB,depth=2  nvlink  pcie",
             "and the wire");
    contains(text, "shared: build.version 0.1.0;", "what is shared");
    contains(text, "rank 0-3 gpu.name NVIDIA H200", "once for all ranks that say the same");
    ok(!stands_in(text, "sm_mhz"), "and is not worth a word is not shown");
    contains(json, "\"carried_by\":\"nvlink\"", "the wire for programs");
    contains(json, "{\"key\":\"driver\",\"sides\":[[\"580.1\"],[\"590\"]]}", "and the driver");
    free(text);
    free(json);
    xb_comparison_free(c);
    xb_launches_free(launches);
}

/* The same input gives the same output. */
static void test_again(void)
{
    const struct made m = {.factor = 1};
    struct xb_launches *launches = launches_of(&m, 5, 6, 0.02);
    char *text[3];

    for (int i = 0; i < 3; i++) {
        const struct xb_compare_ask ask = {
            .threshold = 0.05, .confidence = 0.95, .seed = i == 2 ? 2 : 1};
        struct xb_comparison *c = xb_compare(launches, &ask, NULL);
        text[i] = printed(c, XB_COMPARE_CSV, true);
        xb_comparison_free(c);
    }
    is_str(text[1], text[0], "the same seed, the same figures");
    ok(strcmp(text[2], text[0]) != 0, "another seed, others");
    for (int i = 0; i < 3; i++)
        free(text[i]);
    xb_launches_free(launches);
}

/* Equal campaigns, and the same with 8 % more, many times. */
static void test_many_times(void)
{
    enum { TIMES = 40 };
    int wrong = 0, found = 0, apart = 0;

    for (int i = 0; i < TIMES; i++) {
        struct made m = {.cases = 6, .factor = 1.08, .slow = i % 2 ? "*/mpi*" : NULL};
        struct xb_launches *launches = xb_launches_new();
        m.lanes = 1;
        struct made was = base_of(&m, 0.005), is = new_of(&m, 0.005);
        was.seed = is.seed = (uint64_t)i + 100;
        add_launches(launches, "old", &was, 1, 8);
        add_launches(launches, "new", &is, 101, 8);
        const struct xb_compare_ask ask = XB_COMPARE_ASK,
                                    none = {.confidence = 0.95, .seed = 1};
        struct xb_comparison *c = xb_compare(launches, &ask, NULL),
                             *bare = xb_compare(launches, &none, NULL);
        size_t slower = xb_comparison_count(c, XB_VERDICT_SLOWER),
               faster = xb_comparison_count(c, XB_VERDICT_FASTER);
        wrong += faster > 0 || slower > (i % 2 ? 2 : 0);
        found += i % 2 && slower == 2;
        apart += i % 2 == 0 && xb_comparison_count(bare, XB_VERDICT_UNCLEAR) < 6;
        xb_comparison_free(bare);
        xb_comparison_free(c);
        xb_launches_free(launches);
    }
    printf("# of %d equal ones %d were told apart without a threshold\n", TIMES / 2, apart);
    is_int(wrong, 0, "nothing is slower or faster that is not");
    is_int(found, TIMES / 2, "and what is slower is found each time");
    ok(apart <= 4, "intervals exclude 1 about as often as they say");
}

int main(void)
{
    fixture_begin();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        test_verdicts(&rows[i]);
    test_open();
    test_lanes();
    test_turned();
    test_surroundings();
    test_again();
    test_many_times();
    fixture_end();
    return done_testing();
}
