/* SPDX-License-Identifier: BSD-3-Clause */
/* test_pace.c - runs with a limit, on a clock of the test's own: machines that are as fast as
 * was estimated, faster, slower. */
#include "model/plan/pace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/figures/sampling.h"
#include "tests/catalog_fixture.h"
#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* 40 cases of which each takes up to its half a second of samples, and 40 that do not. */
static const char scenario[] =
    "{\"name\": \"t\", \"cases\": [{\"paths\": [\"host->host\"], \"window\": {\"from\": 1, "
    "\"to\": 16,"
    " \"factor\": 2}, \"sizes\": [1, 2, 3, 4, 5, 6, 7, 8], \"methods\": [\"direct\","
    " {\"name\": \"null\", \"delay\": \"500us\"}]}]}";

static struct xb_scenario s;
static struct xb_plan plan;
static const int node;
static const struct xb_job job = {.nranks = 1, .node_of_rank = &node};

/* What came of a run. */
struct run {
    double end_s;
    int slices, skipped, left_out; /* skipped: cases; left out: slices of others */
    int shorter;                   /* slices */
    double left_s;                 /* that were said to be left when a tenth was over */
    double tenth_s;                /* when that was */
};

/* Make the passes on a machine that takes so many times as long as was estimated. */
static struct run simulate(double limit_s, double factor)
{
    struct run run = {0};
    struct xb_pace pace;
    struct xb_error err;
    bool *has = calloc(plan.count, sizeof *has);

    is_int(xb_pace_open(&pace, &plan, &s.sampling, &job, true, limit_s, &err), 0, "opened");
    for (int pass = 0; pass < pace.passes; pass++)
        for (size_t i = 0; i < plan.count; i++) {
            if (pass > 0 && !has[i])
                continue;
            int64_t ns = xb_pace_slice(&pace, i, pass, run.end_s);
            if (ns == 0) {
                run.skipped += pass == 0;
                run.left_out += pass > 0;
                xb_pace_took(&pace, i, pass, 0, 0);
                if (pass == 0)
                    xb_pace_done(&pace, i, 1);
                continue;
            }
            struct xb_sampling share = pace.share;
            share.max_time_ns = ns;
            double took = factor * xb_slice_cost(&pace.cost[i], &share, pass, pace.passes);
            has[i] = true;
            run.end_s += took;
            run.slices++;
            run.shorter += ns < pace.share.max_time_ns;
            xb_pace_took(&pace, i, pass, ns, took);
            if (run.slices == (int)plan.count * pace.passes / 10) {
                run.tenth_s = run.end_s;
                run.left_s = xb_pace_left_s(&pace, run.end_s);
            }
        }
    ok(fabs(pace.full_s) < 1e-6 && fabs(pace.least_s) < 1e-6, "nothing is left");
    xb_pace_release(&pace);
    free(has);
    return run;
}

static void test_runs(void)
{
    const struct run all = simulate(0, 1);
    const int slices = (int)plan.count * 6, cases = (int)plan.count;
    const struct {
        const char *name;
        double limit, factor; /* limit: of what all takes as estimated */
        int least, most;      /* slices that are made */
        int skipped;          /* cases, at most */
        bool shorter;         /* slices */
    } rows[] = {
        {"more time than it takes", 2, 1, slices, slices, 0, false},
        {"the same on a machine that is faster", 1.2, 0.5, slices, slices, 0, false},
        {"half of it", 0.5, 1, slices * 95 / 100, slices, 0, true},
        {"as much, on a machine that is twice as slow", 1, 2, slices * 95 / 100, slices, 0,
         true},
        {"a quarter: not all passes, but all cases", 0.25, 1, cases, slices * 9 / 10, 0, true},
        {"a twentieth: not all cases", 0.05, 1, 8, cases - 1, cases - 8, true},
        {"an instant", 1e-5, 1, 0, 0, cases, false},
    };

    is_int(all.slices, slices, "without a limit all slices are made");
    is_int(all.shorter, 0, "none is shorter");
    is_near(all.left_s / (all.end_s - all.tenth_s), 1, 0.05, "what is left is known");
    for (size_t i = 0; i < ROWS(rows); i++) {
        double limit = rows[i].limit * all.end_s;
        struct run run = simulate(limit, rows[i].factor);
        bool good = ok(run.end_s <= limit, rows[i].name);
        good &= ok(run.slices >= rows[i].least && run.slices <= rows[i].most, "slices made");
        good &= ok(run.skipped <= rows[i].skipped, "cases skipped");
        good &= ok((run.shorter > 0) == rows[i].shorter, "slices that are shorter");
        if (rows[i].shorter)
            good &= ok(run.end_s > 0.5 * limit, "the time is made use of");
        if (!good)
            printf("# limit %g, end %g, %d of %d slices, %d shorter, %d skipped\n", limit,
                   run.end_s, run.slices, slices, run.shorter, run.skipped);
    }
}

/* A machine's speed shows in what is said to be left. */
static void test_left(void)
{
    static const double factors[] = {0.3, 1, 4};

    for (size_t i = 0; i < ROWS(factors); i++) {
        struct run run = simulate(0, factors[i]);
        is_near(run.left_s / (run.end_s - run.tenth_s), 1, 0.35, "what is left, corrected");
    }
}

/* Cases that are over early leave their time to the others. */
static void test_done(void)
{
    struct xb_pace pace;
    struct xb_error err;

    xb_pace_open(&pace, &plan, &s.sampling, &job, true, 0, &err);
    double before = xb_pace_left_s(&pace, 0);
    for (size_t i = 0; i < plan.count; i += 2) {
        xb_pace_took(&pace, i, 0, s.sampling.max_time_ns, 0);
        xb_pace_done(&pace, i, 1);
    }
    ok(xb_pace_left_s(&pace, 0) < 0.7 * before, "half of the cases were skipped");
    xb_pace_release(&pace);
    xb_pace_open(&pace, &plan, &s.sampling, &job, true, 5, &err);
    ok(xb_pace_left_s(&pace, 1) <= 4, "no more is left than the limit allows");
    is_int(xb_pace_slice(&pace, 0, 0, 6), 0, "and nothing behind it");
    is_int(xb_pace_slice(&pace, 0, 6, 6), 0, "nor in passes beyond those that were asked for");
    xb_pace_release(&pace);
}

int main(void)
{
    struct xb_error err = {""};

    is_int(xb_scenario_parse("t.json", scenario, NULL, &fixture_catalog, &s, &err), 0, "read");
    is_int(xb_plan_expand(&s, &plan, &err), 0, "expanded");
    is_int((long long)plan.count, 80, "cases");
    test_runs();
    test_left();
    test_done();
    xb_plan_release(&plan);
    xb_scenario_release(&s);
    return done_testing();
}
