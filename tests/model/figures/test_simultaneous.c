/* SPDX-License-Identifier: BSD-3-Clause */
/* test_simultaneous.c - intervals that hold together: do they, as often as they say? */
#include "model/figures/simultaneous.h"

#include <stdlib.h>

#include "base/random.h"
#include "tests/tap.h"

#define MOST_LAUNCHES 16
#define MOST_SERIES   60
#define PASSES        6
#define RUNS          300

/* Of a hundred equal pairs 5 shall be told apart; of 300, so many at the most and at the least.
 * Of 2000 it was 2.5 where values are skewed, else 4.4 to 6.2. */
#define LEAST_TOLD 1.0
#define MOST_TOLD  9.0

enum kind { NORMAL, SKEWED, TWO_KINDS };

/* Two sides that are equal: how values come about. */
struct world {
    const char *name;
    size_t n[2], series;
    enum kind kind;
    double common; /* share of the launches' variance that all series have in common */
    double within; /* standard deviation of passes over that of launches */
    double ratio;  /* of the sides' standard deviations */
};

static const struct world worlds[] = {
    {"4 launches a side, one series", {4, 4}, 1, NORMAL, 0, 0.3, 1},
    {"4 launches, 20 series", {4, 4}, 20, NORMAL, 0.5, 0.3, 1},
    {"4 launches, passes scatter more", {4, 4}, 20, NORMAL, 0.5, 2, 1},
    {"6 launches, skewed", {6, 6}, 20, SKEWED, 0.5, 0.5, 1},
    {"8 launches, 20 series", {8, 8}, 20, NORMAL, 0.5, 0.3, 1},
    {"8 launches, all but one cause", {8, 8}, 20, NORMAL, 0.95, 0.1, 1},
    {"8 launches of two kinds", {8, 8}, 20, TWO_KINDS, 0.5, 0.3, 1},
    {"4 and 8 launches", {4, 8}, 20, NORMAL, 0.5, 0.3, 1},
    {"one side scatters five times as much", {6, 6}, 20, NORMAL, 0.5, 0.3, 5},
    {"differences within 8 launches", {0, 8}, 20, NORMAL, 0.5, 0.3, 1},
};

static double uniform(uint64_t *state)
{
    return ((double)(xb_random_next(state) >> 11) + 0.5) * 0x1p-53;
}

static double scatter(enum kind kind, uint64_t *state)
{
    double normal = sqrt(-2 * log(uniform(state))) * cos(2 * acos(-1) * uniform(state));

    switch (kind) {
    case NORMAL:
        return normal;
    case SKEWED:
        return exp(normal);
    case TWO_KINDS:
        return (uniform(state) < 0.3 ? 2 : 0) + 0.3 * normal;
    }
    return 0;
}

/* What was seen: values of passes, by launch and series. */
struct seen {
    double pass[MOST_LAUNCHES][MOST_SERIES][PASSES];
    size_t passes;
};

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double value(const void *arg, size_t series, size_t launch, size_t version)
{
    const struct seen *seen = arg;
    double drawn[PASSES];

    for (size_t i = 0; i < seen->passes; i++) {
        size_t k = version ? xb_simultaneous_pass(7, launch, version, i, seen->passes) : i;
        drawn[i] = seen->pass[launch][series][k];
    }
    qsort(drawn, seen->passes, sizeof drawn[0], compare_doubles);
    return (drawn[(seen->passes - 1) / 2] + drawn[seen->passes / 2]) / 2;
}

static double least_sd(const void *arg, size_t series)
{
    (void)arg;
    (void)series;
    return 1e-6;
}

static void make(const struct world *w, struct seen *seen, uint64_t *state)
{
    seen->passes = PASSES;
    for (size_t l = 0; l < w->n[0] + w->n[1]; l++) {
        double common = scatter(w->kind, state) * sqrt(w->common);
        double scale = l < w->n[0] ? w->ratio : 1;
        for (size_t k = 0; k < w->series; k++) {
            double own = scatter(w->kind, state) * sqrt(1 - w->common);
            for (size_t p = 0; p < PASSES; p++)
                seen->pass[l][k][p] =
                    scale * (common + own + w->within * scatter(w->kind, state));
        }
    }
}

/* The largest |d|/s of the series over the factor: above 1 is one told apart. */
static double told(const struct world *w, const struct seen *seen, uint64_t seed)
{
    unsigned char side[MOST_LAUNCHES];
    struct xb_estimate e[MOST_SERIES];
    struct xb_series in = {w->series, w->n[0] + w->n[1], side, value, least_sd, seen};
    double factor, most = 0;

    for (size_t l = 0; l < in.launches; l++)
        side[l] = l >= w->n[0];
    if (xb_series_estimate(&in, e) < 0 ||
        xb_simultaneous_factor(&in, e, 0.95, seed, &factor) < 0)
        return NAN;
    for (size_t k = 0; k < w->series; k++)
        most = fmax(most, fabs(e[k].difference) / e[k].se / factor);
    return most;
}

static void test_level(const struct world *w)
{
    static struct seen seen;
    uint64_t state = 42;
    int apart = 0;
    char name[128];

    for (int run = 0; run < RUNS; run++) {
        make(w, &seen, &state);
        apart += told(w, &seen, (uint64_t)run) > 1;
    }
    double percent = 100.0 * apart / RUNS;
    snprintf(name, sizeof name, "%s: %.1f %% of equal pairs are told apart", w->name, percent);
    ok(percent >= LEAST_TOLD && percent <= MOST_TOLD, name);
}

/* The figures of a few values, by hand; and values that are missing or all the same. */
static void test_figures(void)
{
    static struct seen seen = {
        .pass = {{{1}, {5}, {1}}, {{3}, {5}, {NAN}}, {{6}, {5}, {2}}, {{10}, {5}, {3}}},
        .passes = 1};
    const unsigned char side[] = {0, 0, 1, 1};
    struct xb_estimate e[3];
    struct xb_series in = {3, 4, side, value, least_sd, &seen};
    double factor, again, other;

    is_int(xb_series_estimate(&in, e), 0, "two sides of two launches");
    is_near(e[0].difference, 6, 1e-12, "differ by so much");
    is_near(e[0].se, sqrt(2. / 2 + 8. / 2), 1e-12, "with this standard error");
    is_near(e[1].se, 1e-6, 1e-9, "equal values were rounded");
    is_near(e[1].difference, 0, 0, "and do not differ");
    is_int((int)e[2].n[0], 1, "where there is one value");
    ok(isnan(e[2].se) && isnan(e[2].sd[0]), "there is no standard error");
    is_near(e[2].difference, 1.5, 1e-12, "but a difference");
    is_int(xb_simultaneous_factor(&in, e, 0.95, 1, &factor), 0, "a factor");
    xb_simultaneous_factor(&in, e, 0.95, 1, &again);
    xb_simultaneous_factor(&in, e, 0.5, 1, &other);
    is_near(again, factor, 0, "the same for the same seed");
    ok(other < factor, "less for a lower level");
    in.side = (const unsigned char[]){1, 1, 1, 1};
    xb_series_estimate(&in, e);
    is_near(e[0].difference, 5, 1e-12, "one side is compared with 0");
    is_near(e[2].difference, 2, 1e-12, "of what there is");
    e[0].se = e[1].se = e[2].se = NAN;
    xb_simultaneous_factor(&in, e, 0.95, 1, &factor);
    ok(isnan(factor), "nothing that could be told");
}

static void test_passes(void)
{
    size_t count[PASSES] = {0}, same = 0;
    bool within = true;

    for (size_t version = 0; version < 600; version++)
        for (size_t i = 0; i < PASSES; i++) {
            size_t p = xb_simultaneous_pass(1, 3, version, i, PASSES);
            within = within && p < PASSES;
            count[p < PASSES ? p : 0]++;
            same += p == xb_simultaneous_pass(1, 4, version, i, PASSES);
        }
    ok(within, "passes are drawn from those that there are");
    for (size_t p = 0; p < PASSES; p++)
        ok(count[p] > 500 && count[p] < 700, "all alike");
    ok(same > 500 && same < 700, "each launch's own");
}

int main(void)
{
    test_figures();
    test_passes();
    for (size_t i = 0; i < sizeof worlds / sizeof worlds[0]; i++)
        test_level(&worlds[i]);
    return done_testing();
}
