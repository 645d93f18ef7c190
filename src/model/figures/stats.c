/* SPDX-License-Identifier: BSD-3-Clause */
/* stats.c - order statistics of an array of samples. */
#include "model/figures/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define XB_CI_LEVEL       0.95
#define XB_CI_MIN_SAMPLES 6

/* P(Bin(n, 1/2) = floor(n/2)), as the product of (2i-1)/(2i): every factor is near 1, so unlike
 * a quotient of factorials it neither overflows nor cancels, whatever n is. */
static double central_probability(size_t n)
{
    double p = 1.0;

    for (size_t i = 1; i <= (n + 1) / 2; i++)
        p *= (double)(2 * i - 1) / (double)(2 * i);
    return p;
}

bool xb_stats_ci_ranks(size_t n, size_t *lo, size_t *hi)
{
    if (n < XB_CI_MIN_SAMPLES)
        return false;

    /* Widen l+1 .. n-1-l from the centre until it holds 95 %, so that both tails together hold
     * at most 5 %. For odd n the two middle outcomes are equally likely, for even n there is
     * one. */
    size_t k = n / 2;
    double p = central_probability(n);
    double inside = n % 2 ? 2 * p : p;

    while (inside < XB_CI_LEVEL) {
        p *= (double)k / (double)(n - k + 1); /* P(k-1) from P(k) */
        k--;
        inside += 2 * p;
    }
    *lo = k - 1;
    *hi = n - k;
    return true;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double mean_of(const double *x, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum / (double)n;
}

/* In two passes: the sum of squares minus the squared sum would cancel for close samples. */
static double variation_of(const double *x, size_t n, double mean)
{
    double squares = 0;

    if (n < 2 || mean == 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        squares += (x[i] - mean) * (x[i] - mean);
    return sqrt(squares / (double)(n - 1)) / mean;
}

static double percentile_of(const double *sorted, size_t n, size_t percent)
{
    return sorted[(n * percent + 99) / 100 - 1];
}

int xb_stats_compute(const double *samples, size_t n, struct xb_stats *out)
{
    if (n == 0)
        return -1;
    double *sorted = malloc(n * sizeof(*sorted));
    if (!sorted)
        return -1;
    memcpy(sorted, samples, n * sizeof(*sorted));
    qsort(sorted, n, sizeof(*sorted), compare_doubles);

    size_t lo = 0, hi = 0;
    *out = (struct xb_stats){
        .n = n,
        .min = sorted[0],
        .median = n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2,
        .max = sorted[n - 1],
        .mean = mean_of(sorted, n),
        .p90 = percentile_of(sorted, n, 90),
        .p99 = percentile_of(sorted, n, 99),
        .has_ci = xb_stats_ci_ranks(n, &lo, &hi),
    };
    out->cv = variation_of(sorted, n, out->mean);
    if (out->has_ci) {
        out->ci_lo = sorted[lo];
        out->ci_hi = sorted[hi];
    }
    free(sorted);
    return 0;
}

int xb_stats_of_passes(const double *samples, size_t n, const double *pass_medians,
                       size_t passes, struct xb_stats *out)
{
    struct xb_stats between;

    if (xb_stats_compute(pass_medians, passes, &between) < 0 ||
        xb_stats_compute(samples, n, out) < 0)
        return -1;
    out->median = between.median;
    out->has_ci = between.has_ci;
    out->ci_lo = between.ci_lo;
    out->ci_hi = between.ci_hi;
    return 0;
}

double xb_stats_ci_rel(const struct xb_stats *stats)
{
    if (!stats->has_ci || !(stats->median > 0))
        return -1;
    return (stats->ci_hi - stats->ci_lo) / 2 / stats->median;
}
