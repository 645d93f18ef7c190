/* SPDX-License-Identifier: BSD-3-Clause */
/* test_estimate.c - how long cases take and how much memory they need, before anything is
 * measured: how that follows from what is asked, not whether the guesses are good. */
#include "model/plan/estimate.h"

#include <math.h>
#include <stdio.h>

#include "model/figures/sampling.h"
#include "tests/catalog_fixture.h"
#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define MIB         (UINT64_C(1) << 20)

struct made {
    struct xb_scenario scenario;
    struct xb_plan plan;
};

static bool make(struct made *m, const char *groups, const char *const *sets)
{
    char text[2000];
    struct xb_error err = {""};

    snprintf(text, sizeof text, "{\"name\": \"t\", \"cases\": [%s]}", groups);
    if (xb_scenario_parse("t.json", text, sets, &fixture_catalog, &m->scenario, &err) == 0 &&
        xb_plan_expand(&m->scenario, &m->plan, &err) == 0)
        return true;
    printf("# %s\n", err.text);
    return false;
}

static void unmake(struct made *m)
{
    xb_plan_release(&m->plan);
    xb_scenario_release(&m->scenario);
}

static const int one_node[8], two_nodes[] = {0, 0, 1, 1};

/* Seconds of the only case in all its passes. */
static double total(const char *group, const char *set, int nranks, bool on_host)
{
    const char *sets[] = {set, NULL};
    const struct xb_job job = {.nranks = nranks, .node_of_rank = one_node};
    struct xb_case_cost cost;
    struct xb_error err;
    struct made m;
    double sum = 0;

    if (!make(&m, group, set ? sets : NULL))
        return NAN;
    const struct xb_sampling *s = &m.scenario.sampling, share = xb_sampling_share(s);
    xb_case_cost(&m.plan.cases[0], &job, s, on_host, &cost, &err);
    for (int p = 0; p < xb_sampling_passes(s); p++)
        sum += xb_slice_cost(&cost, cost.once ? s : &share, p, xb_sampling_passes(s));
    unmake(&m);
    return sum;
}

#define SLOW                                                                                   \
    "{\"paths\": [\"host->host\"], \"sizes\": 8, \"methods\": [{\"name\": \"null\", "          \
    "\"delay\": \"10ms\"}]}"
#define SMALL "{\"paths\": [\"host->host\"], \"sizes\": 8, \"methods\": [\"direct\"]}"
#define EACH                                                                                   \
    "{\"paths\": [\"gpu->gpu@node\"], \"pairs\": \"each\", \"sizes\": \"1MiB\", \"methods\": " \
    "[\"mpi\"]}"
#define NCCL "{\"paths\": [\"gpu->gpu@node\"], \"sizes\": 8, \"methods\": [\"nccl\"]}"
#define QUEUE                                                                                  \
    "{\"pattern\": \"queue\", \"paths\": [\"host->host\"], \"sizes\": 64, \"methods\": "       \
    "[\"queue\"]}"

#define OVERLAP(STEPS, IMAGES)                                                                 \
    "{\"pattern\": \"overlap\", \"paths\": [\"gpu->host\"], \"sizes\": \"8MiB\", "             \
    "\"methods\": "                                                                            \
    "[{\"name\": \"gray-scott\", \"steps\": " STEPS ", \"images\": " IMAGES "}]}"

/* What becomes of the time when something else is asked for. */
static const struct {
    const char *name, *group, *before, *after;
    int ranks_before, ranks_after;
    double least, most; /* of the time then over that before */
} changes[] = {
    {"a slow one has as many samples as its time allows", SLOW, NULL, "sampling.max_time=1s", 1,
     1, 1.7, 2.1},
    {"and no more for having more of them", SLOW, NULL, "sampling.max_samples=400", 1, 1, 0.99,
     1.01},
    {"a fast one has all its samples, whatever its time", SMALL, "sampling.max_samples=60",
     "sampling.max_samples=120", 1, 1, 1.2, 2},
    {"and a time that none of them needs changes little", SMALL, "sampling.max_time=2s",
     "sampling.max_time=4s", 1, 1, 1, 1.3},
    {"the fewest samples are taken in any case", SLOW, "sampling.max_time=1ms",
     "sampling={\"max_time\": \"1ms\", \"min_samples\": 60}", 1, 1, 1, 5},
    {"longer batches take longer", SMALL, NULL, "sampling.min_batch=2ms", 1, 1, 2, 10},
    {"warm-up is done once", SMALL, "sampling.warmup=100ms", "sampling.warmup=1100ms", 1, 1, 2,
     10},
    {"rounds follow one another: 2 of two ranks, 12 of four", EACH, NULL, NULL, 2, 4, 5.9, 6.1},
    {"an experiment is measured once", QUEUE, "sampling.passes=1", "sampling.passes=6", 1, 1,
     0.99, 1.01},
};

static void test_changes(void)
{
    for (size_t i = 0; i < ROWS(changes); i++) {
        double before =
            total(changes[i].group, changes[i].before, changes[i].ranks_before, true);
        double after = total(changes[i].group, changes[i].after, changes[i].ranks_after, true);
        bool good = after / before >= changes[i].least && after / before <= changes[i].most;
        ok(good, changes[i].name);
        if (!good)
            printf("# %g s, then %g s\n", before, after);
    }
    ok(total(SLOW, NULL, 1, true) > 0.5 && total(SLOW, NULL, 1, true) < 1.5,
       "half a second of samples, and less than that of all else");
    is_near(total(EACH, NULL, 1, true), 0, 0, "what the job has no ranks for takes no time");
    is_near(total(NCCL, NULL, 2, true), 0, 0, "nor does what needs a GPU where there is none");
    ok(total(NCCL, NULL, 2, false) > 0, "with one it does");
    /* 2048 x 1024 cells: 512 steps take a core seconds, and ten rounds or so are made */
    ok(total(OVERLAP("512", "1"), NULL, 1, true) > 10, "a long computation takes its time");
    double ratio =
        total(OVERLAP("2048", "1"), NULL, 1, true) / total(OVERLAP("512", "1"), NULL, 1, true);
    ok(ratio > 2 && ratio < 5, "more steps take longer");
    ok(total(OVERLAP("512", "512"), NULL, 1, true) > total(OVERLAP("512", "1"), NULL, 1, true),
       "and so do more images");
    ok(total(OVERLAP("512", "1"), NULL, 1, false) < 1, "a GPU has done it at once");
}

static void test_plan(void)
{
    const struct xb_job job = {.nranks = 2, .node_of_rank = one_node};
    struct xb_estimate once, twice, repeated;
    struct xb_error err;
    struct made m;

    if (make(&m, SLOW "," EACH "," NCCL, NULL)) {
        is_int(xb_estimate_plan(&m.plan, &m.scenario.sampling, &job, true, &once, &err), 0,
               "a plan");
        is_int((long long)once.cases, 2, "two cases of which there is something to do");
        double cases = total(SLOW, NULL, 2, true) + total(EACH, NULL, 2, true);
        ok(once.seconds > cases && once.seconds < cases + 5, "their times, and starting");
        m.scenario.sampling.repeat_for_ns = INT64_C(90) * 1000000000;
        xb_estimate_plan(&m.plan, &m.scenario.sampling, &job, true, &repeated, &err);
        ok(repeated.seconds > 90 && repeated.seconds < 95, "a run that goes on for a time");
        unmake(&m);
    }
    if (make(&m, EACH, NULL)) {
        xb_estimate_plan(&m.plan, &m.scenario.sampling, &job, false, &once, &err);
        unmake(&m);
    }
    if (make(&m, EACH "," EACH, NULL)) {
        xb_estimate_plan(&m.plan, &m.scenario.sampling, &job, false, &twice, &err);
        is_near(twice.seconds, once.seconds, 0, "a case that is named again is measured once");
        unmake(&m);
    }
}

#define GROUP(path, size, method, more)                                                        \
    "{\"paths\": [\"" path "\"], \"sizes\": \"" size "\", \"methods\": [" method "]" more "}"

static const struct {
    const char *name, *groups;
    int nranks;
    const int *nodes;
    bool on_host;
    uint64_t gpu, host; /* MiB */
} memory[] = {
    {"from a host to a GPU", GROUP("host->gpu", "4MiB", "\"direct\"", ""), 1, one_node, false,
     4, 4},
    {"whose memory is the host's", GROUP("host->gpu", "4MiB", "\"direct\"", ""), 1, one_node,
     true, 0, 8},
    {"there and back, where it is another buffer all the same",
     GROUP("host->gpu", "4MiB", "\"direct\"", "") "," GROUP("gpu->host", "2MiB", "\"direct\"",
                                                            ""),
     1, one_node, true, 0, 12},
    {"every rank of a node", GROUP("host->gpu", "4MiB", "\"direct\"", ", \"pairs\": \"each\""),
     4, one_node, false, 4, 16},
    {"two nodes", GROUP("host->gpu", "4MiB", "\"direct\"", ", \"pairs\": \"each\""), 4,
     two_nodes, false, 4, 8},
    {"one pair", GROUP("gpu->gpu@node", "4MiB", "\"p2p\"", ", \"pairs\": \"first\""), 4,
     one_node, false, 4, 0},
    {"every pair: a source and a destination each",
     GROUP("gpu->gpu@node", "4MiB", "\"p2p\"", ", \"pairs\": \"each\""), 4, one_node, false, 8,
     0},
    {"both ways at once",
     GROUP("gpu->gpu@node", "4MiB", "\"p2p\"", ", \"pattern\": \"bidirectional\""), 2, one_node,
     false, 8, 0},
    {"a ring beside them",
     GROUP("gpu->gpu@node", "8MiB",
           "{\"name\": \"host-staged\", \"chunk\": \"2MiB\", \"depth\": 3}", ""),
     2, one_node, false, 8, 6},
    {"at both ends between nodes",
     GROUP("gpu->gpu@remote", "8MiB",
           "{\"name\": \"host-staged\", \"chunk\": \"2MiB\", \"depth\": 3}", ""),
     4, two_nodes, false, 8, 6},
    {"the largest of several cases",
     GROUP("gpu->gpu@node", "4MiB", "\"p2p\"", "") "," GROUP("gpu->gpu@node", "1MiB", "\"mpi\"",
                                                             "") "," GROUP("host->gpu", "2MiB",
                                                                           "\"direct\"", ""),
     2, one_node, false, 6, 2},
    {"what the job cannot do needs nothing", GROUP("gpu->gpu@node", "4MiB", "\"p2p\"", ""), 1,
     one_node, false, 0, 0},
    {"nor what needs a GPU where there is none", GROUP("gpu->gpu@node", "4MiB", "\"nccl\"", ""),
     2, one_node, true, 0, 0},
};

static void test_memory(void)
{
    for (size_t i = 0; i < ROWS(memory); i++) {
        const struct xb_job job = {.nranks = memory[i].nranks, .node_of_rank = memory[i].nodes};
        struct xb_estimate e;
        struct xb_error err;
        struct made m;
        if (!make(&m, memory[i].groups, NULL))
            continue;
        is_int(
            xb_estimate_plan(&m.plan, &m.scenario.sampling, &job, memory[i].on_host, &e, &err),
            0, memory[i].name);
        is_int((long long)(e.gpu_bytes / MIB), (long long)memory[i].gpu, "MiB of a GPU");
        is_int((long long)(e.host_bytes / MIB), (long long)memory[i].host, "MiB of a node");
        unmake(&m);
    }
}

int main(void)
{
    test_changes();
    test_plan();
    test_memory();
    return done_testing();
}
