/* SPDX-License-Identifier: BSD-3-Clause */
/* simultaneous.c - intervals that hold together: wild bootstrap of launches, max-t. */
#include "model/figures/simultaneous.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/random.h"
#include "model/figures/student.h"

#define BLOCK 64 /* series whose versions are in memory at a time */

size_t xb_simultaneous_pass(uint64_t seed, size_t launch, size_t version, size_t i,
                            size_t passes)
{
    uint64_t state = seed;

    state = xb_random_next(&state) + launch;
    state = xb_random_next(&state) + version;
    state = xb_random_next(&state) + i;
    return (size_t)((xb_random_next(&state) >> 32) * passes >> 32);
}

/* ---- estimates ---- */

/* The standard error of d, of variances and numbers; the sides that no launch is of add
 * nothing.
 */
static double standard_error(const double *variance, const size_t *n)
{
    double sum = 0;

    for (int side = 0; side < 2; side++)
        sum += n[side] ? variance[side] / (double)n[side] : 0;
    return sqrt(sum);
}

static void estimate(const struct xb_series *in, size_t series, double *values,
                     struct xb_estimate *out)
{
    double variance[2] = {0, 0}, least = in->least_sd(in->arg, series);
    size_t launches[2] = {0, 0};

    *out = (struct xb_estimate){.mean = {NAN, NAN}, .sd = {NAN, NAN}};
    for (int side = 0; side < 2; side++) {
        for (size_t l = 0; l < in->launches; l++) {
            if (in->side[l] != side)
                continue;
            double value = in->value(in->arg, series, l, 0);
            launches[side]++;
            if (isfinite(value))
                values[out->n[side]++] = value;
        }
        double sd;
        if (out->n[side])
            xb_mean_sd(values, out->n[side], &out->mean[side], &sd);
        if (out->n[side] > 1)
            out->sd[side] = fmax(sd, least);
        variance[side] = out->sd[side] * out->sd[side];
    }
    bool alone = launches[0] == 0;
    out->difference = out->mean[1] - (alone ? 0 : out->mean[0]);
    out->se = standard_error(variance, out->n);
    if (!(out->n[1] > 1 && (alone || out->n[0] > 1)))
        out->se = NAN;
}

int xb_series_estimate(const struct xb_series *in, struct xb_estimate *out)
{
    double *values = calloc(in->launches + 1, sizeof(*values));

    if (!values)
        return -1;
    for (size_t k = 0; k < in->series; k++)
        estimate(in, k, values, &out[k]);
    free(values);
    return 0;
}

/* ---- draws ---- */

/* A block of series: deviations from the means of the sides, by launch, version and series. */
struct block {
    size_t n;
    double *deviation;
    double count[2][BLOCK], least[BLOCK]; /* least: the variance that rounding alone makes */
    bool alone;                           /* all launches are of side 1 */
};

static double *deviation_at(const struct block *b, size_t launch, size_t version)
{
    return b->deviation + (launch * XB_SIMULTANEOUS_VERSIONS + version) * BLOCK;
}

static void add_series(struct block *b, const struct xb_series *in, size_t series,
                       const struct xb_estimate *e)
{
    size_t at = b->n++;
    double least = in->least_sd(in->arg, series);

    b->least[at] = least * least;
    for (int side = 0; side < 2; side++)
        b->count[side][at] = (double)e->n[side];
    for (size_t l = 0; l < in->launches; l++)
        for (size_t v = 0; v < XB_SIMULTANEOUS_VERSIONS; v++) {
            double value = in->value(in->arg, series, l, v);
            deviation_at(b, l, v)[at] = isfinite(value) ? value - e->mean[in->side[l]] : 0;
        }
}

/* Sums and sums of squares over the launches of each side, of a draw. */
static void sum_draw(const struct block *b, const struct xb_series *in,
                     const unsigned char *choice, double sum[2][BLOCK],
                     double squares[2][BLOCK])
{
    for (int side = 0; side < 2; side++)
        for (size_t k = 0; k < BLOCK; k++)
            sum[side][k] = squares[side][k] = 0;
    for (size_t l = 0; l < in->launches; l++) {
        const double *d = deviation_at(b, l, choice[l] & 0x7f);
        double sign = choice[l] & 0x80 ? -1 : 1;
        double *s = sum[in->side[l]], *q = squares[in->side[l]];
        for (size_t k = 0; k < BLOCK; k++) {
            s[k] += sign * d[k];
            q[k] += d[k] * d[k];
        }
    }
}

/* The largest |d*|/s* of the block's series in a draw, squared. */
static double largest(const struct block *b, const struct xb_series *in,
                      const unsigned char *choice)
{
    double sum[2][BLOCK], squares[2][BLOCK], most = 0;

    sum_draw(b, in, choice, sum, squares);
    for (size_t k = 0; k < b->n; k++) {
        double difference = 0, variance = 0;
        for (int side = b->alone; side < 2; side++) {
            double n = b->count[side][k], mean = sum[side][k] / n;
            double within = (squares[side][k] - mean * sum[side][k]) / (n - 1);
            difference += side ? mean : -mean;
            variance += (within > b->least[k] ? within : b->least[k]) / n;
        }
        double t = difference * difference / variance;
        most = t > most ? t : most;
    }
    return most;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* What each launch is in each draw. */
static unsigned char *make_choices(size_t launches, uint64_t seed)
{
    size_t n = XB_SIMULTANEOUS_DRAWS * launches;
    unsigned char *choices = malloc(n ? n : 1);

    for (size_t i = 0; choices && i < n; i++) {
        uint64_t word = xb_random_next(&seed);
        choices[i] = (unsigned char)((word >> 63) << 7 |
                                     (word >> 32 & UINT32_MAX >> 1) % XB_SIMULTANEOUS_VERSIONS);
    }
    return choices;
}

/* Look at what the block has gathered in every draw. */
static void look(struct block *b, const struct xb_series *in, const unsigned char *choices,
                 double *most)
{
    for (size_t i = 0; b->n && i < XB_SIMULTANEOUS_DRAWS; i++) {
        double t = largest(b, in, choices + i * in->launches);
        most[i] = t > most[i] ? t : most[i];
    }
    b->n = 0;
}

int xb_simultaneous_factor(const struct xb_series *in, const struct xb_estimate *estimates,
                           double level, uint64_t seed, double *factor)
{
    struct block block = {.alone = true};
    unsigned char *choices = make_choices(in->launches, seed);
    double *most = calloc(XB_SIMULTANEOUS_DRAWS, sizeof(*most));
    bool any = false;

    block.deviation =
        calloc((in->launches + 1) * XB_SIMULTANEOUS_VERSIONS * BLOCK, sizeof(*block.deviation));
    bool good = choices && most && block.deviation;
    for (size_t l = 0; l < in->launches; l++)
        block.alone = block.alone && in->side[l];
    for (size_t k = 0; good && k < in->series; k++) {
        if (!isfinite(estimates[k].se))
            continue;
        any = true;
        add_series(&block, in, k, &estimates[k]);
        if (block.n == BLOCK)
            look(&block, in, choices, most);
    }
    if (good) {
        look(&block, in, choices, most);
        qsort(most, XB_SIMULTANEOUS_DRAWS, sizeof(*most), compare_doubles);
        double rank = ceil(level * (XB_SIMULTANEOUS_DRAWS + 1));
        size_t place = rank < XB_SIMULTANEOUS_DRAWS ? (size_t)rank : XB_SIMULTANEOUS_DRAWS;
        *factor = any ? sqrt(most[place - 1]) : NAN;
    }
    free(choices);
    free(most);
    free(block.deviation);
    return good ? 0 : -1;
}
