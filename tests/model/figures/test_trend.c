/* SPDX-License-Identifier: BSD-3-Clause */
/* test_trend.c - series that stay, drift and step, whose answer is known. */
#include "model/figures/trend.h"

#include <stdint.h>

#include "base/random.h"
#include "tests/tap.h"

#define MOST  2000
#define LEVEL 0.001

static double times[MOST], values[MOST];

/* A number from a normal distribution; Box and Muller. */
static double scatter(uint64_t *state)
{
    double a = ((double)(xb_random_next(state) >> 11) + 0.5) * 0x1p-53;
    double b = ((double)(xb_random_next(state) >> 11) + 0.5) * 0x1p-53;

    return sqrt(-2 * log(a)) * cos(2 * 3.14159265358979 * b);
}

/* A series of n values 3 s apart about 100, of which `to` is reached by a line, and the steps
 * multiply what follows them. */
struct shape {
    const char *name;
    size_t n;
    double noise, to;
    size_t at[2];
    double times[2];
    enum xb_trend_kind kind;
    size_t nsteps;
    double change;
};

static const struct shape shapes[] = {
    {"constant with noise", 60, 0.02, 1, {0, 0}, {1, 1}, XB_TREND_STEADY, 0, 0},
    {"constant without noise", 60, 0, 1, {0, 0}, {1, 1}, XB_TREND_STEADY, 0, 0},
    {"much noise", 60, 0.3, 1, {0, 0}, {1, 1}, XB_TREND_STEADY, 0, 0},
    {"a step up", 60, 0.02, 1, {40, 0}, {1.12, 1}, XB_TREND_STEPPED, 1, 0.12},
    {"a step down", 60, 0.02, 1, {20, 0}, {0.8, 1}, XB_TREND_STEPPED, 1, -0.2},
    {"a step without noise", 60, 0, 1, {30, 0}, {2, 1}, XB_TREND_STEPPED, 1, 1},
    {"a step early", 60, 0.02, 1, {9, 0}, {1.5, 1}, XB_TREND_STEPPED, 1, 0.5},
    {"a step below the noise", 60, 0.1, 1, {30, 0}, {1.02, 1}, XB_TREND_STEADY, 0, 0},
    {"a step not worth a word", 60, 0.0005, 1, {30, 0}, {1.005, 1}, XB_TREND_STEADY, 0, 0},
    {"a change soon after the beginning",
     60,
     0.02,
     1,
     {6, 0},
     {1.2, 1},
     XB_TREND_STEPPED,
     1,
     0.2},
    {"one shortly before the end", 100, 0.02, 1, {95, 0}, {1.3, 1}, XB_TREND_STEPPED, 1, 0.3},
    {"a short phase", 100, 0.02, 1, {60, 66}, {1.3, 1 / 1.3}, XB_TREND_STEPPED, 2, 0},
    {"two steps up", 60, 0.02, 1, {20, 40}, {1.2, 1.2}, XB_TREND_STEPPED, 2, 0.44},
    {"a phase that ends", 60, 0.02, 1, {24, 36}, {1.3, 1 / 1.3}, XB_TREND_STEPPED, 2, 0},
    {"a linear drift", 60, 0.02, 1.12, {0, 0}, {1, 1}, XB_TREND_DRIFTS, 0, 0.12},
    {"a drift down", 60, 0.01, 0.9, {0, 0}, {1, 1}, XB_TREND_DRIFTS, 0, -0.1},
    {"a drift without noise", 60, 0, 1.5, {0, 0}, {1, 1}, XB_TREND_DRIFTS, 0, 0.5},
    {"a drift not worth a word", 60, 0.001, 1.006, {0, 0}, {1, 1}, XB_TREND_STEADY, 0, 0},
    {"few values that step", 18, 0.02, 1, {9, 0}, {2, 1}, XB_TREND_STEPPED, 1, 1},
    {"few values that drift", 12, 0.002, 1.2, {0, 0}, {1, 1}, XB_TREND_DRIFTS, 0, 0.2},
    {"too few values", 11, 0.001, 1, {6, 0}, {2, 1}, XB_TREND_NONE, 0, 0},
    {"no value", 0, 0, 1, {0, 0}, {1, 1}, XB_TREND_NONE, 0, 0},
    {"many values that stay", MOST, 0.02, 1, {0, 0}, {1, 1}, XB_TREND_STEADY, 0, 0},
    {"many values that step", MOST, 0.02, 1, {1200, 0}, {1.05, 1}, XB_TREND_STEPPED, 1, 0.05},
    {"many values that drift", MOST, 0.02, 1.05, {0, 0}, {1, 1}, XB_TREND_DRIFTS, 0, 0.05},
};

static void fill(const struct shape *s, uint64_t seed)
{
    uint64_t state = seed;

    for (size_t i = 0; i < s->n; i++) {
        times[i] = 1000 + 3 * (double)i;
        values[i] = 100 + 100 * (s->to - 1) * (double)i / (double)(s->n - 1);
        for (int k = 0; k < 2; k++)
            values[i] *= s->at[k] && i >= s->at[k] ? s->times[k] : 1;
        values[i] *= 1 + s->noise * scatter(&state);
    }
}

static void test_shape(const struct shape *s)
{
    struct xb_trend t;
    /* what is told of a group of values stands where it begins */
    size_t group = (s->n + XB_TREND_MOST - 1) / XB_TREND_MOST;

    fill(s, 7);
    is_int(xb_trend_find(times, values, s->n, LEVEL, &t), 0, s->name);
    is_str(xb_trend_name(t.kind), xb_trend_name(s->kind), "is what it is");
    is_int((long long)t.nsteps, (long long)s->nsteps, "with its steps");
    ok(fabs(t.change - s->change) < 0.03, "and how much it changes");
    for (size_t i = 0; i < t.nsteps && i < s->nsteps; i++) {
        size_t off =
            t.step[i].at > s->at[i] ? t.step[i].at - s->at[i] : s->at[i] - t.step[i].at;
        ok(off <= (group > 1 ? 2 * group : 1), "when");
        is_near(t.step[i].after / t.step[i].before, s->times[i], 0.03, "from what to what");
    }
    if (s->kind == XB_TREND_DRIFTS)
        is_near(t.slope, 100 * (s->to - 1) / (3.0 * (double)(s->n - 1)), 0.2, "and its slope");
    ok(t.kind == XB_TREND_DRIFTS || t.slope == 0, "a slope is a drift's");
    ok((t.kind == XB_TREND_DRIFTS || t.kind == XB_TREND_STEPPED) == (t.p <= LEVEL) ||
           fabs(s->to - 1) + fabs(s->times[0] - 1) > 0,
       "by its p");
}

/* What takes longer is seen less often: of half of the time there is one value in a hundred. */
static void test_seldom(void)
{
    uint64_t state = 1;
    struct xb_trend t;

    for (size_t i = 0; i < MOST; i++) {
        bool slow = i >= MOST - 20;
        times[i] = i == 0 ? 0 : times[i - 1] + (slow ? 100 : 1);
        values[i] = (slow ? 2000 : 10) * (1 + 0.02 * scatter(&state));
    }
    is_int(xb_trend_find(times, values, MOST, LEVEL, &t), 0, "few values that are slow");
    is_str(xb_trend_name(t.kind), "steps", "are told");
    ok(t.nsteps == 1 && t.step[0].at <= MOST - 20 + 1 && t.step[0].at + 10 >= MOST - 20,
       "when");
    is_near(t.step[0].after, 2000, 0.05, "and how slow");
}

/* One value that is far off is no change, wherever it stands, nor are two. */
static void test_outliers(void)
{
    const struct shape constant = {"", 40, 0.01, 1, {0, 0}, {1, 1}, XB_TREND_STEADY, 0, 0};
    struct xb_trend t;
    bool steady = true;

    for (size_t at = 0; at < 40; at++) {
        fill(&constant, 3);
        values[at] *= 30;
        values[(at + 1) % 40] *= 30;
        xb_trend_find(times, values, 40, LEVEL, &t);
        steady = steady && t.kind == XB_TREND_STEADY;
    }
    ok(steady, "values that are far off");
}

/* Values that are equal share a rank: of two values alone a step shows, their mixture does not.
 */
static void test_ties(void)
{
    struct xb_trend t;

    for (size_t i = 0; i < 40; i++) {
        times[i] = (double)i;
        values[i] = 10 + (double)(i % 2);
    }
    xb_trend_find(times, values, 40, LEVEL, &t);
    is_str(xb_trend_name(t.kind), "steady", "two values in turn");
    for (size_t i = 0; i < 40; i++)
        values[i] = i < 25 ? 10 : 11;
    xb_trend_find(times, values, 40, LEVEL, &t);
    is_str(xb_trend_name(t.kind), "steps", "one behind the other");
    is_int((long long)t.step[0].at, 25, "where it is");
    for (size_t i = 0; i < 40; i++)
        values[i] = 0;
    xb_trend_find(times, values, 40, LEVEL, &t);
    is_str(xb_trend_name(t.kind), "steady", "nothing at all");
}

/* Of series in which nothing changes no more are told than their level says. */
static void test_false_alarms(void)
{
    static const size_t lengths[] = {12, 20, 50, 120};
    const double level = 0.02;

    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
        const struct shape constant = {"",     lengths[k],      0.05, 1, {0, 0},
                                       {1, 1}, XB_TREND_STEADY, 0,    0};
        int told = 0;
        for (uint64_t seed = 1; seed <= 500; seed++) {
            struct xb_trend t;
            fill(&constant, seed << 20);
            xb_trend_find(times, values, constant.n, level, &t);
            told += t.kind != XB_TREND_STEADY;
        }
        /* 2 % of 500 are 10; 4.8 deviations more */
        ok(told <= 25, "few are told of those that stay");
    }
}

/* Of many values, those of a run that was resumed a day later: the pause is no reason to see
 * less of what lies before and behind it, and a clock that was set back meanwhile is none
 * either. */
static void test_pauses(void)
{
    static double at[800], value[800];
    static const double pauses[] = {0, 86400, 31536000, -3000};
    struct xb_trend t;

    for (size_t k = 0; k < sizeof pauses / sizeof *pauses; k++) {
        for (size_t i = 0; i < 800; i++) {
            at[i] = (double)i + (i < 600 ? 0 : pauses[k]);
            value[i] = (i < 300 ? 10 : 12) + 0.01 * (double)(i * 7 % 10);
        }
        xb_trend_find(at, value, 800, LEVEL, &t);
        is_str(xb_trend_name(t.kind), "steps", "a pause hides no step");
        is_int((long long)t.nsteps, 1, "the one there is");
        ok(t.nsteps == 1 && t.step[0].at >= 297 && t.step[0].at <= 303, "where it is");
    }
}

static void test_level(void)
{
    is_near(xb_trend_level(1), 0.001, 0, "of one series");
    is_near(xb_trend_level(50), 0.001, 0, "of fifty");
    is_near(xb_trend_level(500), 0.0001, 1e-12, "of five hundred any at all with 5 %");
    is_near(xb_trend_level(0), 0.001, 0, "of none");
}

int main(void)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        test_shape(&shapes[i]);
    test_seldom();
    test_outliers();
    test_ties();
    test_false_alarms();
    test_pauses();
    test_level();
    return done_testing();
}
