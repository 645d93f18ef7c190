/* SPDX-License-Identifier: BSD-3-Clause */
/* thinning.c - numbers without end in bounded memory. */
#include "model/figures/thinning.h"

#include <math.h>
#include <stdlib.h>

/* B. P. Welford, "Note on a method for calculating corrected sums of squares and products",
 * Technometrics 4, 1962: one number at a time, without cancelling. */
static void count(struct xb_moments *all, double value)
{
    double off = value - all->mean;

    all->min = all->n == 0 || value < all->min ? value : all->min;
    all->max = all->n == 0 || value > all->max ? value : all->max;
    all->n++;
    all->mean += off / (double)all->n;
    all->squares += off * (value - all->mean);
}

static void drop_every_second(double *list, size_t *n)
{
    size_t kept = 0;

    for (size_t i = 0; i < *n; i += 2)
        list[kept++] = list[i];
    *n = kept;
}

int xb_thinning_add(struct xb_thinning *thinning, double **list, size_t *n, const double *more,
                    size_t count_of_more)
{
    size_t room = *n + count_of_more;

    if (count_of_more == 0)
        return 0;
    if (thinning->most > 0 && room > thinning->most)
        room = thinning->most;
    double *longer = room > *n ? realloc(*list, room * sizeof(*longer)) : *list;
    if (!longer)
        return -1;
    *list = longer;
    if (thinning->stride == 0)
        thinning->stride = 1;
    for (size_t i = 0; i < count_of_more; i++) {
        if (thinning->most > 0 && *n == thinning->most &&
            thinning->all.n % thinning->stride == 0) {
            drop_every_second(longer, n);
            thinning->stride *= 2;
        }
        if (thinning->all.n % thinning->stride == 0)
            longer[(*n)++] = more[i];
        count(&thinning->all, more[i]);
    }
    return 0;
}

void xb_thinning_apply(const struct xb_thinning *thinning, struct xb_stats *stats)
{
    const struct xb_moments *all = &thinning->all;

    if (all->n <= stats->n) /* nothing is missing */
        return;
    stats->n = all->n;
    stats->min = all->min;
    stats->max = all->max;
    stats->mean = all->mean;
    stats->cv = all->mean != 0 ? sqrt(all->squares / (double)(all->n - 1)) / all->mean : 0;
}
