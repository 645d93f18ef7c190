/* SPDX-License-Identifier: BSD-3-Clause */
/* trend_steps.c - do values stay on one level? */
#include "model/figures/trend_internal.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "model/figures/trend.h"

#define SHUFFLES 20000
#define SEED     UINT64_C(0x7265736561726368) /* any: what is told must not hang on chance */
#define TESTS    3                            /* whose smallest p counts */
#define SHARE    4                            /* one part of so many is a short phase */

int xb_trend_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

struct statistic {
    double most, range; /* max|S|, and the range of S */
};

static struct statistic statistic_of(const double *rank, size_t n)
{
    double sum = 0, low = 0, high = 0;

    for (size_t i = 0; i < n; i++) {
        sum += rank[i] - (double)(n + 1) / 2;
        low = sum < low ? sum : low;
        high = sum > high ? sum : high;
    }
    return (struct statistic){-low > high ? -low : high, high - low};
}

/* Ranks of the values from..to into s->rank; those that are equal share the mean of theirs. */
static void rank_values(const struct xb_series *s, size_t from, size_t to)
{
    size_t n = to - from;

    memcpy(s->room, s->v + from, n * sizeof(*s->room));
    qsort(s->room, n, sizeof(*s->room), xb_trend_compare);
    for (size_t i = 0; i < n; i++) {
        size_t below = 0, equal = 0, low = 0, high = n;
        while (low < high) { /* the first that is not below */
            size_t middle = low + (high - low) / 2;
            if (s->room[middle] < s->v[from + i])
                low = middle + 1;
            else
                high = middle;
        }
        for (below = low; low < n && s->room[low] == s->v[from + i]; low++)
            equal++;
        s->rank[i] = (double)below + (double)(equal + 1) / 2;
    }
}

static double kuiper(double v)
{
    double p = 0;

    if (v < 0.5) /* the sum is 1 to many digits there, and needs many terms */
        return 1;
    for (int j = 1; j <= 20; j++) {
        double a = (double)(j * j) * v * v;
        p += 2 * (4 * a - 1) * exp(-2 * a);
    }
    return p < 1 ? p : 1;
}

/* In how many of the shuffles a statistic is as large; no more than tell that it is not rare.
 */
static double count_shuffles(const struct xb_series *s, size_t n, struct statistic seen)
{
    double *rank = s->room;
    uint64_t state = SEED;
    int most = 0, range = 0, made = 0, enough = (int)ceil(s->level * SHUFFLES) + 1;

    memcpy(rank, s->rank, n * sizeof(*rank));
    for (; made < SHUFFLES && (most < enough || range < enough); made++) {
        for (size_t i = n; i > 1; i--) { /* Fisher and Yates */
            size_t k = (size_t)(xb_random_next(&state) % i);
            double kept = rank[k];
            rank[k] = rank[i - 1];
            rank[i - 1] = kept;
        }
        struct statistic other = statistic_of(rank, n);
        most += other.most >= seen.most - 1e-9;
        range += other.range >= seen.range - 1e-9;
    }
    return (double)((most < range ? most : range) + 1) / (double)(made + 1);
}

/* ---- short phases ---- */

/* A phase of some values, and how far it is parted from all others. */
struct phase {
    size_t from;
    double
        misplaced; /* pairs of a value in it and one outside that stand the other way round */
};

/* Of each length up to a share of the values the phase that is parted best. Values that are
 * equal count half. */
static void find_phases(const struct xb_series *s, size_t n, struct phase *of_length)
{
    for (size_t k = 0; k <= n / SHARE; k++)
        of_length[k] = (struct phase){.misplaced = INFINITY};
    for (size_t from = 0; from + XB_TREND_PHASE <= n; from++) {
        double sum = 0;
        for (size_t k = 1; k <= n / SHARE && from + k <= n; k++) {
            sum += s->rank[from + k - 1];
            double below = sum - (double)(k * (k + 1)) / 2,
                   above = (double)(k * (n - k)) - below;
            double misplaced = below < above ? below : above;
            if (misplaced < of_length[k].misplaced)
                of_length[k] = (struct phase){from, misplaced};
        }
    }
}

/* How far that is from the mean, in standard deviations. */
static double distance_of(size_t n, size_t k, double misplaced)
{
    double pairs = (double)(k * (n - k));

    return (pairs / 2 - misplaced) / sqrt(pairs * (double)(n + 1) / 12);
}

/* Logarithm of a bound for tail_of, which is good where few pairs are misplaced: there are at
 * most so many ways to misplace them. */
static double bound_of(size_t n, size_t k, double misplaced)
{
    double m = (double)k, all = (double)n;

    return lgamma(misplaced + m + 1) - lgamma(misplaced + 1) -
           (lgamma(all + 1) - lgamma(all - m + 1));
}

/* P(U <= u) of Mann and Whitney's U of k values among n, exactly: U has the coefficients of the
 * product over i of (1 - q^(n-k+i)) / (1 - q^i), over their sum. 1 where there is no memory for
 * them. */
static double tail_of(size_t n, size_t k, size_t u)
{
    double *ways = calloc(u + 1, sizeof(*ways)), sum = 0;

    if (!ways)
        return 1;
    ways[0] = 1;
    for (size_t i = 1; i <= k; i++) {
        size_t off = n - k + i;
        for (size_t d = u + 1; d-- > off;)
            ways[d] -= ways[d - off];
        for (size_t d = i; d <= u; d++)
            ways[d] += ways[d - i];
        /* in all the factors come to (n-k+i) / i, which keeps numbers small */
        for (size_t d = 0; d <= u; d++)
            ways[d] *= (double)i / (double)off;
    }
    for (size_t d = 0; d <= u; d++)
        sum += ways[d];
    free(ways);
    return sum < 0 ? 0 : sum;
}

/* p of the phase of up to a quarter of the values that stands out most, which *from and *length
 * say: no more than this, any of those that were looked at could have come so far by chance. */
static double test_phases(const struct xb_series *s, size_t n, size_t *from, size_t *length)
{
    struct phase of_length[XB_TREND_MOST / SHARE + 1];
    const size_t longest = n / SHARE;
    double phases = (double)n * (double)longest, least = 1;
    size_t sharpest = 0,
           farthest = 0; /* lengths: where few are misplaced, and of long phases */

    find_phases(s, n, of_length);
    for (size_t k = XB_TREND_PHASE; k <= longest; k++) {
        double u = of_length[k].misplaced;
        if (distance_of(n, k, u) < 3) /* not rare among so many */
            continue;
        if (!sharpest ||
            bound_of(n, k, u) < bound_of(n, sharpest, of_length[sharpest].misplaced))
            sharpest = k;
        if (!farthest ||
            distance_of(n, k, u) > distance_of(n, farthest, of_length[farthest].misplaced))
            farthest = k;
    }
    const size_t candidates[] = {sharpest, farthest};
    for (size_t i = 0; i < 2; i++) {
        size_t k = candidates[i];
        double p = k ? 2 * phases * tail_of(n, k, (size_t)ceil(of_length[k].misplaced)) : 1;
        if (p < least) {
            least = p;
            *from = of_length[k].from;
            *length = k;
        }
    }
    return least;
}

/* ---- all together ---- */

/* Where the magnitude of S is largest, with a phase on either side. */
static size_t split_point(const struct xb_series *s, size_t n)
{
    double sum = 0, most = -1;
    size_t at = 0;

    for (size_t i = 0; i < n; i++) {
        if (i >= XB_TREND_PHASE && i + XB_TREND_PHASE <= n && fabs(sum) > most) {
            most = fabs(sum);
            at = i;
        }
        sum += s->rank[i] - (double)(n + 1) / 2;
    }
    return at;
}

struct xb_steps_test xb_trend_test_steps(const struct xb_series *s, size_t from, size_t to)
{
    size_t count = to - from;
    double n = (double)count, scale = sqrt(12 / (n * n * (n + 1)));

    rank_values(s, from, to);
    struct statistic seen = statistic_of(s->rank, count);
    struct xb_steps_test out = {.at = from + split_point(s, count)};
    double v = seen.most * scale, one = 2 * exp(-2 * v * v), two = kuiper(seen.range * scale);
    out.p = TESTS * (one < two ? one : two);
    if (out.p > s->level) {
        size_t phase = 0, length = 0;
        double p = TESTS * test_phases(s, count, &phase, &length);
        if (p < out.p && p <= s->level) {
            bool inside = phase >= XB_TREND_PHASE && phase + length + XB_TREND_PHASE <= count;
            out.at = from + (phase < XB_TREND_PHASE ? phase + length : phase);
            out.to = inside ? from + phase + length : 0;
        }
        out.p = p < out.p ? p : out.p;
    }
    if (out.p > s->level && seen.most > 0) {
        double p = TESTS * count_shuffles(s, count, seen);
        out.p = p < out.p ? p : out.p;
    }
    out.p = out.p < 1 ? out.p : 1;
    return out;
}
