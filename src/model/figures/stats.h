/* SPDX-License-Identifier: BSD-3-Clause */
/* stats.h - pure arrays in, numbers out. */
#ifndef XB_MODEL_FIGURES_STATS_H
#define XB_MODEL_FIGURES_STATS_H

#include <stdbool.h>
#include <stddef.h>

struct xb_stats {
    size_t n;
    double min, median, max, mean;
    double cv;       /* sample standard deviation (n-1) over the mean; 0 for n = 1 */
    double p90, p99; /* smallest sample with at least that share of samples at or below it */
    bool has_ci;     /* false below 6 samples: no interval reaches 95 % there */
    double ci_lo, ci_hi; /* 95 % order-statistic confidence interval of the median */
};

/* Ranks (from 0, inclusive) of the two order statistics of n independent samples that enclose
 * the median with probability of at least 0.95, the narrowest symmetric pair: the largest l
 * with P(Bin(n, 1/2) < l+1) <= 0.025, and u = n-1-l. Source: H. A. David, H. N. Nagaraja,
 * "Order Statistics", 3rd ed., section 7.1. Returns false, and leaves the outputs, below n = 6.
 */
bool xb_stats_ci_ranks(size_t n, size_t *lo, size_t *hi);

/* All figures of n >= 1 samples, which are not reordered. Returns -1 when out of memory or n is
 * 0, else 0. */
int xb_stats_compute(const double *samples, size_t n, struct xb_stats *out);

/* The same of samples that were taken in several passes, of each of which there is the median:
 * the median is that of the passes' medians, and the interval is between passes, so there is
 * none below 6 of them. All else is over the samples. -1 as above, or without a pass. */
int xb_stats_of_passes(const double *samples, size_t n, const double *pass_medians,
                       size_t passes, struct xb_stats *out);

/* Half-width of the interval over the median, or a negative number without an interval. */
double xb_stats_ci_rel(const struct xb_stats *stats);

#endif
