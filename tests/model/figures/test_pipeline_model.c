/* SPDX-License-Identifier: BSD-3-Clause */
/* test_pipeline_model.c - the formulas against pipelines that are carried out step by step. */
#include "model/figures/pipeline_model.h"

#include <math.h>

#include "tests/tap.h"

#define CHUNKS 200

static const struct xb_way no_way;

/* Carry out the pipeline: a chunk enters a stage when it has left the one before, the chunk
 * before it has left that stage, and the chunk `depth` before it has left the last. The way
 * there is between the first stage and the second. The first stage has a start-up, which a
 * chunk that waits for the one before it has behind it. */
static double simulate(const double *t, int n, struct xb_way way, int chunks, int depth)
{
    static double left[XB_MODEL_STAGES][CHUNKS];

    for (int k = 0; k < chunks; k++)
        for (int i = 0; i < n; i++) {
            double from = i > 0 ? left[i - 1][k] : 0;
            if (i == 0)
                from += way.first_us;
            if (i == 1)
                from += way.there_us;
            if (i == 0 && k >= depth)
                from = fmax(from, left[n - 1][k - depth] + way.back_us + way.first_us);
            if (k > 0)
                from = fmax(from, left[i][k - 1]);
            left[i][k] = from + t[i];
        }
    return left[n - 1][chunks - 1];
}

static void test_time(void)
{
    static const struct {
        double t[4];
        int n, depth;
    } rows[] = {
        {{5}, 1, 1},        {{5, 5}, 2, 1},       {{5, 5}, 2, 2},        {{5, 5}, 2, 8},
        {{3, 7}, 2, 2},     {{7, 3}, 2, 3},       {{2, 9, 4}, 3, 1},     {{2, 9, 4}, 3, 2},
        {{2, 9, 4}, 3, 16}, {{4, 4, 4, 4}, 4, 4}, {{1, 2, 30, 4}, 4, 2},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (int chunks = 1; chunks <= CHUNKS; chunks += 199) {
            double want = simulate(rows[i].t, rows[i].n, no_way, chunks, rows[i].depth);
            double got = xb_pipeline_time(rows[i].t, rows[i].n, no_way, chunks, rows[i].depth);
            /* with a depth that the interval's bound does not divide, chunks bunch up */
            ok(fabs(got - want) <= 0.02 * want, "the model's time is that of the pipeline");
        }
    is_near(xb_pipeline_time((const double[]){3, 7}, 2, no_way, 10, 1), 100, 1e-9, "lockstep");
    is_near(xb_pipeline_time((const double[]){3, 7}, 2, no_way, 10, 2), 73, 1e-9,
            "two in flight");
}

static void test_depth(void)
{
    is_int(xb_pipeline_saturating_depth((const double[]){5}, 1, no_way), 1, "one stage");
    is_int(xb_pipeline_saturating_depth((const double[]){5, 5}, 2, no_way), 2, "two alike");
    is_int(xb_pipeline_saturating_depth((const double[]){1, 9, 1}, 3, no_way), 2, "one slow");
    is_int(xb_pipeline_saturating_depth((const double[]){4, 4, 4}, 3, no_way), 3,
           "three alike");
    is_int(xb_pipeline_saturating_depth((const double[]){0, 0}, 2, no_way), 1,
           "no time at all");
    is_int(xb_pipeline_bottleneck((const double[]){1, 9, 3}, 3), 1, "the slowest stage");
}

/* What is neither's time costs once, or, where the depth is too small to hide it, each time. */
static void test_way(void)
{
    static const struct xb_way ways[] = {
        {4, 0, 0}, {0, 3, 0}, {0, 0, 5}, {4, 3, 5}, {1, 20, 9}};
    static const double t[] = {5, 6};

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        for (int depth = 1; depth <= 8; depth++)
            for (int chunks = 1; chunks <= CHUNKS; chunks += 199) {
                double want = simulate(t, 2, ways[i], chunks, depth);
                double got = xb_pipeline_time(t, 2, ways[i], chunks, depth);
                ok(fabs(got - want) <= 0.02 * want, "the way is in the model's time");
            }
    is_near(xb_pipeline_time(t, 2, ways[3], 10, 1), 10 * (4 + 11 + 3) + 9 * 5, 1e-9,
            "lockstep goes all the way every time");
    is_int(xb_pipeline_saturating_depth(t, 2, ways[0]), 3, "hiding a start takes depth");
    is_int(xb_pipeline_saturating_depth(t, 2, ways[3]), 4, "and so does the way");
}

static double time_at(const struct xb_stage_cost *cost, int n, double bytes, double chunk)
{
    double t[4], sum = 0;
    for (int i = 0; i < n; i++)
        sum += t[i] = cost[i].overhead_us + chunk * cost[i].us_per_byte;
    return sum + (bytes / chunk - 1) * t[xb_pipeline_bottleneck(t, n)];
}

/* No other chunk is better than c*, wherever the overheads lie. */
static void test_chunk(void)
{
    static const struct xb_stage_cost costs[][3] = {
        {{8, 1 / 55e3}, {8, 1 / 55e3}, {0, 0}},
        {{20, 1 / 50e3}, {3, 1 / 200e3}, {0, 0}},
        {{2, 1 / 12e3}, {9, 1 / 55e3}, {9, 1 / 55e3}},
    };

    for (size_t i = 0; i < sizeof(costs) / sizeof(costs[0]); i++)
        for (double bytes = 1e6; bytes <= 1e9; bytes *= 10) {
            double best = xb_pipeline_best_chunk(costs[i], 3, bytes);
            double at_best = time_at(costs[i], 3, bytes, best);
            bool none_better = true;
            for (double c = 4096; c <= bytes; c *= 1.3)
                none_better = none_better && time_at(costs[i], 3, bytes, c) >= 0.999 * at_best;
            ok(best > 0 && best <= bytes && none_better, "no chunk is better than c*");
        }
    is_near(xb_pipeline_best_chunk(costs[0], 1, 1e6), 1e6, 0, "one stage needs no chunks");
}

static void test_fit(void)
{
    struct xb_stage_cost c = xb_stage_cost_fit(100, 12, 1100, 62);
    is_near(c.us_per_byte, 0.05, 1e-12, "the slope");
    is_near(c.overhead_us, 7, 1e-9, "and what is left at no bytes");
    c = xb_stage_cost_fit(100, 12, 1100, 11);
    is_near(c.us_per_byte, 0, 0, "noise does not make time run backwards");
}

int main(void)
{
    test_time();
    test_depth();
    test_way();
    test_chunk();
    test_fit();
    return done_testing();
}
