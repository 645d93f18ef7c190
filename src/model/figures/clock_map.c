/* SPDX-License-Identifier: BSD-3-Clause */
/* clock_map.c - a line through the best of what two hosts have told each other. */
#include "model/figures/clock_map.h"

#include <math.h>

static const struct xb_clock_exchange *quickest(const struct xb_clock_exchange *x, size_t n)
{
    const struct xb_clock_exchange *best = x;

    for (size_t i = 1; i < n; i++)
        if (x[i].back_us - x[i].left_us < best->back_us - best->left_us)
            best = &x[i];
    return best;
}

static double middle(const struct xb_clock_exchange *x)
{
    return x->left_us + (x->back_us - x->left_us) / 2;
}

static double half_time(const struct xb_clock_exchange *x)
{
    return (x->back_us - x->left_us) / 2;
}

struct xb_clock_map xb_clock_map_make(const struct xb_clock_exchange *before, size_t nbefore,
                                      const struct xb_clock_exchange *after, size_t nafter)
{
    const struct xb_clock_exchange *a = quickest(before, nbefore), *b = quickest(after, nafter);
    double from = middle(a), to = middle(b);
    struct xb_clock_map map = {.at_us = from,
                               .offset_us = a->there_us - from,
                               .error_us = fmax(half_time(a), half_time(b))};

    if (to > from)
        map.drift = (b->there_us - to - map.offset_us) / (to - from);
    return map;
}

double xb_clock_map_there(const struct xb_clock_map *map, double here_us)
{
    return here_us + map->offset_us + map->drift * (here_us - map->at_us);
}
