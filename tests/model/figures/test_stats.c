/* SPDX-License-Identifier: BSD-3-Clause */
/* test_stats.c - order statistics against exact values. */
#include "model/figures/stats.h"

#include "tests/tap.h"

#define MAX_SAMPLES 128

/* From exact integer arithmetic: the largest l with sum(C(n, k), k = 0..l) * 40 <= 2^n, and
 * n-1-l. */
static const struct {
    size_t n, lo, hi;
} ranks[] = {
    {6, 0, 5},
    {7, 0, 6},
    {8, 0, 7},
    {9, 1, 7},
    {10, 1, 8},
    {11, 1, 9},
    {12, 2, 9},
    {16, 3, 12},
    {17, 4, 12},
    {20, 5, 14},
    {25, 7, 17},
    {30, 9, 20},
    {31, 9, 21},
    {50, 17, 32},
    {51, 18, 32},
    {64, 23, 40},
    {70, 26, 43},
    {71, 26, 44},
    {100, 39, 60},
    {101, 40, 60},
    {199, 85, 113},
    {200, 85, 114},
    {500, 227, 272},
    {999, 468, 530},
    {1000, 468, 531},
    {1001, 469, 531},
    {1500, 711, 788},
    {2999, 1445, 1553},
    {10000, 4901, 5098},
    {12345, 6063, 6281},
    {50000, 24780, 25219},
    {99999, 49689, 50309},
    {100000, 49689, 50310},
};

static void test_ranks(void)
{
    for (size_t n = 0; n < 6; n++) {
        size_t lo = 77, hi = 78;

        ok(!xb_stats_ci_ranks(n, &lo, &hi) && lo == 77 && hi == 78,
           "fewer than 6 samples have no interval and leave the outputs");
    }
    for (size_t i = 0; i < sizeof(ranks) / sizeof(ranks[0]); i++) {
        size_t lo = 0, hi = 0;
        char name[64];

        snprintf(name, sizeof(name), "ranks of %zu samples", ranks[i].n);
        ok(xb_stats_ci_ranks(ranks[i].n, &lo, &hi), name);
        is_int((long long)lo, (long long)ranks[i].lo, name);
        is_int((long long)hi, (long long)ranks[i].hi, name);
    }
}

/* What the samples 1 .. n, dealt out of order, come to. */
static const struct {
    size_t n;
    double median, mean, cv, p90, p99, ci_lo, ci_hi;
} counted[] = {
    {1, 1, 1, 0, 1, 1, 0, 0},
    {2, 1.5, 1.5, 0.47140452079103173, 2, 2, 0, 0},
    {5, 3, 3, 0.52704627669472992, 5, 5, 0, 0},
    {6, 3.5, 3.5, 0.53452248382484879, 6, 6, 1, 6},
    {10, 5.5, 5.5, 0.55048188256318031, 9, 10, 2, 9},
    {11, 6, 6, 0.55277079839256664, 10, 11, 2, 10},
    {100, 50.5, 50.5, 0.574484989621426, 90, 99, 40, 61},
    {101, 51, 51, 0.5745131499601417, 91, 100, 41, 61},
};

static void test_counted(size_t row)
{
    size_t n = counted[row].n;
    double samples[MAX_SAMPLES] = {0}, before[MAX_SAMPLES];
    struct xb_stats s;
    char name[64];

    /* 37 is coprime to every n of the table, so each number comes once. */
    for (size_t i = 0; i < n; i++)
        samples[i] = (double)(i * 37 % n + 1);
    memcpy(before, samples, n * sizeof(samples[0]));
    snprintf(name, sizeof(name), "1 .. %zu", n);
    is_int(xb_stats_compute(samples, n, &s), 0, name);
    is_int((long long)s.n, (long long)n, name);
    is_near(s.min, 1, 0, name);
    is_near(s.max, (double)n, 0, name);
    is_near(s.median, counted[row].median, 0, name);
    is_near(s.mean, counted[row].mean, 1e-15, name);
    is_near(s.cv, counted[row].cv, 1e-12, name);
    is_near(s.p90, counted[row].p90, 0, name);
    is_near(s.p99, counted[row].p99, 0, name);
    ok(s.has_ci == (n >= 6), name);
    is_near(s.ci_lo, counted[row].ci_lo, 0, name);
    is_near(s.ci_hi, counted[row].ci_hi, 0, name);
    ok(memcmp(before, samples, n * sizeof(samples[0])) == 0, "samples keep their order");
}

static void test_edges(void)
{
    static const double none[6] = {0}, same[6] = {7, 7, 7, 7, 7, 7};
    static const double close[3] = {1e9 + 1, 1e9 + 2, 1e9 + 3};
    struct xb_stats s;

    is_int(xb_stats_compute(same, 0, &s), -1, "no samples are an error");
    xb_stats_compute(none, 6, &s);
    is_near(s.cv, 0, 0, "samples of 0 have no variation, not NaN");
    ok(xb_stats_ci_rel(&s) < 0, "nor a relative interval");
    xb_stats_compute(same, 6, &s);
    is_near(s.cv, 0, 0, "equal samples have no variation");
    ok(xb_stats_ci_rel(&s) == 0, "and an interval of no width");
    xb_stats_compute(close, 3, &s);
    is_near(s.cv, 1 / (1e9 + 2), 1e-12, "close samples do not cancel");
    ok(xb_stats_ci_rel(&s) < 0, "3 samples have no relative interval");
    s = (struct xb_stats){.has_ci = true, .median = 10, .ci_lo = 9, .ci_hi = 12};
    is_near(xb_stats_ci_rel(&s), 0.15, 1e-15, "half the width over the median");
}

static void test_passes(void)
{
    static const double samples[] = {1, 2, 9, 3, 4, 8, 5, 6, 7},
                        medians[] = {2, 4, 6, 5, 3, 7, 8};
    struct xb_stats s;

    is_int(xb_stats_of_passes(samples, 9, medians, 6, &s), 0, "six passes");
    is_int((long long)s.n, 9, "samples are counted");
    is_near(s.median, 4.5, 0, "the median of medians");
    is_near(s.ci_lo, 2, 0, "their least");
    is_near(s.ci_hi, 7, 0, "and largest");
    is_near(s.min, 1, 0, "the least sample");
    is_near(s.max, 9, 0, "the largest");
    is_near(s.p90, 9, 0, "percentiles are of samples");
    is_int(xb_stats_of_passes(samples, 9, medians, 7, &s), 0, "seven");
    is_near(s.ci_hi, 8, 0, "do not trim yet");
    is_int(xb_stats_of_passes(samples, 9, medians, 5, &s), 0, "five");
    ok(!s.has_ci, "have no interval");
    is_int(xb_stats_of_passes(samples, 9, medians, 0, &s), -1, "none is an error");
    is_int(xb_stats_of_passes(samples, 0, medians, 6, &s), -1, "and so is no sample");
}

int main(void)
{
    test_ranks();
    test_passes();
    for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
        test_counted(i);
    test_edges();
    return done_testing();
}
