/* SPDX-License-Identifier: BSD-3-Clause */
/* progress.c - how fast two activities went while both were going on. */
#include "model/figures/progress.h"

#include <math.h>

static double begin_of(const struct xb_progress *p, size_t unit)
{
    return unit == 0 ? p->begin_us : p->done_us[unit - 1];
}

struct xb_window xb_progress_whole(const struct xb_progress *p)
{
    return (struct xb_window){p->begin_us, p->n > 0 ? p->done_us[p->n - 1] : p->begin_us};
}

bool xb_progress_together(const struct xb_progress *a, const struct xb_progress *b,
                          struct xb_window *out)
{
    const struct xb_window one = xb_progress_whole(a), other = xb_progress_whole(b);
    const struct xb_window both = {one.from_us > other.from_us ? one.from_us : other.from_us,
                                   one.to_us < other.to_us ? one.to_us : other.to_us};

    if (!(both.from_us < both.to_us))
        return false;
    *out = both;
    return true;
}

double xb_progress_rate(const struct xb_progress *p, const struct xb_window *window)
{
    size_t first = 0, end = p->n;

    while (first < p->n && begin_of(p, first) < window->from_us)
        first++;
    while (end > first && p->done_us[end - 1] > window->to_us)
        end--;
    double us = end > first ? p->done_us[end - 1] - begin_of(p, first) : 0;
    return end - first < XB_PROGRESS_LEAST || !(us > 0) ? NAN : (double)(end - first) / us;
}
