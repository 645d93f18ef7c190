/* SPDX-License-Identifier: BSD-3-Clause */
/* gray_scott.c - Gray-Scott steps on the CPU, in two precisions. */
#include "lab/gray_scott/gray_scott.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gray_scott_model.h"

#define SEED_SHARE 4 /* the rectangle in the middle has that share of each side */
#define NOISE      0.01
#define SUMS       16 /* partial sums, so that additions need not wait for one another */

struct start {
    float u, v;
};

/* Uniform in [0, 1), by the finalizer of MurmurHash3. */
static double noise(uint64_t h)
{
    h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
    h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return (double)((h ^ h >> 33) >> 11) * 0x1p-53;
}

static int is_middle(int x, int width)
{
    int from = (width - width / SEED_SHARE) / 2;
    return x >= from && x < from + width / SEED_SHARE;
}

static struct start start_of(int x, int y, int width, int height)
{
    uint64_t cell = ((uint64_t)y * (uint64_t)width + (uint64_t)x) * 2 + 1;
    int seed = is_middle(x, width) && is_middle(y, height);

    return (struct start){(float)((seed ? 0.5 : 1.0) * (1 - NOISE * noise(cell))),
                          (float)((seed ? 0.25 : 0.0) + NOISE * noise(cell + 1))};
}

#define REAL     float
#define NAMED(x) x##_float
#include "lab/gray_scott/gray_scott_steps.h"
#undef REAL
#undef NAMED

#define REAL     double
#define NAMED(x) x##_double
#include "lab/gray_scott/gray_scott_steps.h"

/* Solve in four fields of memory; v gets the last of them. */
static void solve_in(double *all, double *v, int width, int height, long steps)
{
    assert(width > 0 && height > 0);
    size_t n = (size_t)width * (size_t)height;
    double *now[2] = {all, all + n}, *next[2] = {all + 2 * n, all + 3 * n};

    xb_gray_scott_begin_double(now[0], now[1], width, height);
    for (long s = 0; s < steps; s++) {
        xb_gray_scott_step_double(now[0], now[1], next[0], next[1], width, height);
        for (int f = 0; f < 2; f++) {
            double *old = now[f];
            now[f] = next[f];
            next[f] = old;
        }
    }
    memcpy(v, now[1], n * sizeof *v);
}

double *xb_gray_scott_solve(int width, int height, long steps)
{
    size_t n = (size_t)width * (size_t)height;
    double *all = malloc(4 * n * sizeof *all), *v = malloc(n * sizeof *v);

    if (all && v) {
        solve_in(all, v, width, height, steps);
    } else {
        free(v);
        v = NULL;
    }
    free(all);
    return v;
}

double xb_gray_scott_sum(const float *v, size_t n)
{
    double part[SUMS] = {0}, sum = 0;
    size_t whole = n - n % SUMS;

    for (size_t i = 0; i < whole; i += SUMS)
        for (size_t k = 0; k < SUMS; k++)
            part[k] += (double)v[i + k];
    for (size_t i = whole; i < n; i++)
        sum += (double)v[i];
    for (size_t k = 0; k < SUMS; k++)
        sum += part[k];
    return sum;
}

double xb_gray_scott_error(const float *got, const double *want, size_t n)
{
    double off = 0, all = 0;

    for (size_t i = 0; i < n; i++) {
        off += ((double)got[i] - want[i]) * ((double)got[i] - want[i]);
        all += want[i] * want[i];
    }
    return sqrt(off / all);
}
