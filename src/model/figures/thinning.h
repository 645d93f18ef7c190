/* SPDX-License-Identifier: BSD-3-Clause */
/* thinning.h - numbers that come for as long as somebody measures, in bounded memory: what they
 * all add up to, and some of them, evenly spread. Pure.
 */
#ifndef XB_MODEL_FIGURES_THINNING_H
#define XB_MODEL_FIGURES_THINNING_H

#include <stddef.h>

#include "model/figures/stats.h"

/* Of all numbers, those that were let go of too. */
struct xb_moments {
    size_t n;
    double min, max, mean;
    double squares; /* sum of the squared distances from the mean */
};

/* How a list is kept short: every stride-th of the numbers that have come stands in it, from
 * the first on. Zeroed but for `most` before the first. */
struct xb_thinning {
    size_t most;   /* numbers in the list; 0 for all, else at least 2 */
    size_t stride; /* 0 before the first number */
    struct xb_moments all;
};

/* Add numbers to a list of *n. Whenever it would be longer than `most`, every second number
 * goes, and of those that follow half as many stay as before. -1 when out of memory; the list
 * then has what came before the number that found no room. */
int xb_thinning_add(struct xb_thinning *thinning, double **list, size_t *n, const double *more,
                    size_t count);

/* Put what is known of all numbers into figures that were computed of the list: n, min, max,
 * mean and variation. The median, its interval and percentiles stay those of the list. */
void xb_thinning_apply(const struct xb_thinning *thinning, struct xb_stats *stats);

#endif
