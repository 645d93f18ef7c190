/* SPDX-License-Identifier: BSD-3-Clause */
/* pipeline_model.c - how long chunks take to pass through stages, and how to cut them. */
#include "model/figures/pipeline_model.h"

#include <math.h>

#define ROUNDS 4 /* until the slowest stage is the one at the chunk that it gives */

static double sum_of(const double *t_us, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += t_us[i];
    return sum;
}

int xb_pipeline_bottleneck(const double *t_us, int n)
{
    int slowest = 0;
    for (int i = 1; i < n; i++)
        if (t_us[i] > t_us[slowest])
            slowest = i;
    return slowest;
}

/* What a chunk needs from entering the first stage to leaving the last, and for the next one to
 * enter in its stead. */
static double passage_us(const double *t_us, int n, struct xb_way way)
{
    return sum_of(t_us, n) + way.first_us + way.there_us;
}

static double round_us(const double *t_us, int n, struct xb_way way)
{
    return passage_us(t_us, n, way) + way.back_us;
}

double xb_pipeline_time(const double *t_us, int n, struct xb_way way, double chunks, int depth)
{
    double slowest = t_us[xb_pipeline_bottleneck(t_us, n)];

    return passage_us(t_us, n, way) +
           (chunks - 1) * fmax(slowest, round_us(t_us, n, way) / depth);
}

int xb_pipeline_saturating_depth(const double *t_us, int n, struct xb_way way)
{
    double slowest = t_us[xb_pipeline_bottleneck(t_us, n)];
    /* a stage of no time needs no company; the margin is for sums that should be whole */
    return slowest > 0 ? (int)fmax(1, ceil(round_us(t_us, n, way) / slowest - 1e-9)) : 1;
}

struct xb_stage_cost xb_stage_cost_fit(double bytes_a, double us_a, double bytes_b, double us_b)
{
    double slope = fmax(0, (us_b - us_a) / (bytes_b - bytes_a));
    return (struct xb_stage_cost){.overhead_us = fmax(0, us_a - slope * bytes_a),
                                  .us_per_byte = slope};
}

static int slowest_at(const struct xb_stage_cost *cost, int n, double chunk)
{
    int slowest = 0;
    for (int i = 1; i < n; i++)
        if (cost[i].overhead_us + chunk * cost[i].us_per_byte >
            cost[slowest].overhead_us + chunk * cost[slowest].us_per_byte)
            slowest = i;
    return slowest;
}

double xb_pipeline_best_chunk(const struct xb_stage_cost *cost, int n, double bytes)
{
    double chunk = bytes;

    for (int round = 0; round < ROUNDS; round++) {
        int b = slowest_at(cost, n, chunk);
        double others = 0;
        for (int i = 0; i < n; i++)
            others += i == b ? 0 : cost[i].us_per_byte;
        if (others <= 0)
            return bytes; /* nothing is gained by cutting */
        chunk = fmin(bytes, fmax(1, sqrt(bytes * cost[b].overhead_us / others)));
    }
    return chunk;
}
