/* SPDX-License-Identifier: BSD-3-Clause */
/* sampling.c - how long a batch must last, and when samples suffice. */
#include "model/figures/sampling.h"

#include "model/figures/stats.h"

#define RESOLUTION_FACTOR 1000.0
#define PATIENCE          4.0 /* times max_time, before there are min_samples */
#define LEAST_OF_SLICE    2   /* samples: of one alone nobody knows how far it is off */

double xb_sampling_least_batch_us(const struct xb_sampling *s, double resolution_ns)
{
    double by_clock = resolution_ns * 1e-3 * RESOLUTION_FACTOR;
    double asked = 1e-3 * (double)s->min_batch_ns;

    return by_clock < asked ? asked : by_clock;
}

enum xb_stop xb_sampling_decide(const struct xb_sampling *s, double target,
                                const double *samples, size_t n, double spent_us,
                                double whole_us)
{
    double most_us = 1e-3 * (double)s->max_time_ns;
    struct xb_stats stats;

    if (n >= (size_t)s->max_samples)
        return XB_STOP_MAX_SAMPLES;
    if (n < (size_t)s->min_samples)
        return spent_us >= PATIENCE * most_us ? XB_STOP_MAX_TIME : XB_STOP_NONE;
    if (whole_us >= most_us)
        return XB_STOP_MAX_TIME;
    if (target < 0 || xb_stats_compute(samples, n, &stats) < 0 || !stats.has_ci)
        return XB_STOP_NONE;
    return xb_stats_ci_rel(&stats) <= target ? XB_STOP_TARGET : XB_STOP_NONE;
}

/* A share of so many samples of a case that has at most `most`. */
static int share_of(int samples, int passes, int most)
{
    int share = (samples + passes - 1) / passes;
    int least = most < LEAST_OF_SLICE ? most : LEAST_OF_SLICE;

    return share < least ? least : share;
}

struct xb_sampling xb_sampling_share(const struct xb_sampling *s)
{
    struct xb_sampling share = *s;

    if (s->passes <= 1)
        return share;
    share.min_samples = share_of(s->min_samples, s->passes, s->max_samples);
    share.max_samples = share_of(s->max_samples, s->passes, s->max_samples);
    share.max_time_ns = (s->max_time_ns + s->passes - 1) / s->passes;
    share.bandwidth_ci = share.latency_ci = -1;
    return share;
}

int xb_sampling_passes(const struct xb_sampling *s)
{
    return s->repeat_for_ns > 0 && s->passes < 2 ? 2 : s->passes;
}
