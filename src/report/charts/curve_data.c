/* SPDX-License-Identifier: BSD-3-Clause */
/* curve_data.c - cases into curves, and which series of a curve are drawn where there are more
 * than a picture has room for: those that are the fastest at some size, the best one of each
 * method, and then who comes nearest to the fastest.
 */
#include "report/charts/curve_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/case_walk.h"

/* ---- collecting ---- */

/* Room for one more behind n of so many bytes; NULL when out of memory. */
static void *grown(void *list, size_t n, size_t size)
{
    return n & (n - 1) ? list : realloc(list, (n ? 2 * n : 1) * size);
}

static struct xb_curve *curve_of(struct xb_curves *curves, const char *about)
{
    for (size_t i = 0; i < curves->n; i++)
        if (strcmp(curves->curve[i].about, about) == 0)
            return &curves->curve[i];
    struct xb_curve *more = grown(curves->curve, curves->n, sizeof *more);
    if (!more)
        return NULL;
    curves->curve = more;
    more[curves->n] = (struct xb_curve){.about = strdup(about)};
    return more[curves->n].about ? &more[curves->n++] : NULL;
}

static struct xb_curve_series *series_of(struct xb_curve *curve, const char *method,
                                         const char *name)
{
    for (size_t i = 0; i < curve->n; i++)
        if (strcmp(curve->series[i].method, method) == 0)
            return &curve->series[i];
    struct xb_curve_series *more = grown(curve->series, curve->n, sizeof *more);
    if (!more)
        return NULL;
    curve->series = more;
    more[curve->n] = (struct xb_curve_series){.method = strdup(method), .name = strdup(name)};
    curve->n++; /* what is NULL of it is freed all the same */
    return more[curve->n - 1].method && more[curve->n - 1].name ? &more[curve->n - 1] : NULL;
}

static int add_point(struct xb_curve_series *series, const struct xb_report_case *c)
{
    bool pieces = c->key.chunk_bytes > 0 && c->key.depth > 0;
    const struct xb_curve_point point = {.bytes = c->key.bytes,
                                         .chunk_bytes = pieces ? c->key.chunk_bytes : -1,
                                         .depth = pieces ? c->key.depth : -1,
                                         .rate = c->bandwidth,
                                         .us = c->time_us.median,
                                         .us_lo = c->time_us.ci_lo,
                                         .us_hi = c->time_us.ci_hi,
                                         .ceiling = c->ceiling_gb_per_s};

    for (size_t i = 0; i < series->n; i++)
        if (series->point[i].bytes == point.bytes) {
            if (series->point[i].rate.median < point.rate.median)
                series->point[i] = point;
            return 0;
        }
    struct xb_curve_point *more = grown(series->point, series->n, sizeof *more);
    if (!more)
        return -1;
    series->point = more;
    more[series->n++] = point;
    return 0;
}

static int add_case(struct xb_curves *curves, const struct xb_report_case *c)
{
    char about[XB_CHART_ABOUT_LEN], method[XB_METHOD_TEXT_LEN];
    struct xb_curve *curve = curve_of(curves, xb_chart_about(c, about));
    struct xb_curve_series *series =
        curve ? series_of(curve, xb_chart_method(c, method, sizeof method), c->key.method)
              : NULL;

    return series ? add_point(series, c) : -1;
}

/* ---- what follows from all points ---- */

const struct xb_curve_point *xb_curve_at(const struct xb_curve_series *series, int64_t bytes)
{
    for (size_t i = 0; i < series->n; i++)
        if (series->point[i].bytes == bytes)
            return &series->point[i];
    return NULL;
}

size_t xb_curve_longest(const struct xb_curve *curve)
{
    size_t longest = 0;

    for (size_t i = 0; i < curve->n; i++) {
        size_t len = strlen(curve->series[i].method);
        if (curve->series[i].drawn && len > longest)
            longest = len;
    }
    return longest;
}

const struct xb_curve_series *xb_curve_best(const struct xb_curve *curve, int64_t bytes)
{
    const struct xb_curve_series *best = NULL;
    double rate = 0;

    for (size_t i = 0; i < curve->n; i++) {
        const struct xb_curve_point *point = xb_curve_at(&curve->series[i], bytes);
        if (point && point->rate.median > rate) {
            rate = point->rate.median;
            best = &curve->series[i];
        }
    }
    return best;
}

int64_t xb_curve_next(const struct xb_curve *curve, int64_t bytes)
{
    int64_t next = 0;

    for (size_t i = 0; i < curve->n; i++)
        for (size_t k = 0; k < curve->series[i].n; k++) {
            int64_t here = curve->series[i].point[k].bytes;
            if (here > bytes && (next == 0 || here < next))
                next = here;
        }
    return next;
}

static int by_bytes(const void *a, const void *b)
{
    const struct xb_curve_point *x = a, *y = b;

    return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

/* Sums over all points, and how near each series comes to the fastest, on average over all
 * sizes: at one that it was not measured at it does not come near. */
static void sum_up(struct xb_curve *curve)
{
    for (size_t i = 0; i < curve->n; i++) {
        struct xb_curve_series *series = &curve->series[i];
        if (series->n > 1)
            qsort(series->point, series->n, sizeof *series->point, by_bytes);
        curve->points += series->n;
    }
    size_t sizes = 0;
    curve->least = xb_curve_next(curve, 0);
    for (int64_t b = curve->least; b > 0; b = xb_curve_next(curve, b)) {
        struct xb_curve_series *best =
            curve->series + (xb_curve_best(curve, b) - curve->series);
        double rate = xb_curve_at(best, b)->rate.median;
        sizes++;
        best->wins++;
        curve->most = b;
        curve->best = fmax(curve->best, rate);
        for (size_t i = 0; i < curve->n; i++) {
            const struct xb_curve_point *point = xb_curve_at(&curve->series[i], b);
            if (point)
                curve->series[i].score += point->rate.median / rate;
        }
    }
    for (size_t i = 0; sizes > 0 && i < curve->n; i++)
        curve->series[i].score /= (double)sizes;
}

/* Is another series of the same method drawn? */
static bool has_method(const struct xb_curve *curve, const char *name)
{
    for (size_t i = 0; i < curve->n; i++)
        if (curve->series[i].drawn && strcmp(curve->series[i].name, name) == 0)
            return true;
    return false;
}

/* The next series to draw, NULL behind the last. */
static struct xb_curve_series *next_drawn(const struct xb_curve *curve)
{
    struct xb_curve_series *next = NULL;
    double best = -1;

    for (size_t i = 0; i < curve->n; i++) {
        struct xb_curve_series *series = &curve->series[i];
        double worth = series->score;
        if (series->drawn)
            continue;
        if (series->wins > 0)
            worth += 100 + (double)series->wins;
        else if (!has_method(curve, series->name))
            worth += 10;
        if (worth > best) {
            best = worth;
            next = series;
        }
    }
    return next;
}

static void choose(struct xb_curve *curve)
{
    struct xb_curve_series *next;

    while (curve->drawn < XB_CHART_SERIES && (next = next_drawn(curve))) {
        next->drawn = true;
        curve->drawn++;
    }
}

int xb_curves_of(const struct xb_report *report, struct xb_curves *out, struct xb_error *err)
{
    struct xb_case_walk walk = xb_cases(report);
    const struct xb_report_case *c;
    int rc = 0;

    *out = (struct xb_curves){NULL, 0};
    while (rc == 0 && (c = xb_cases_next(&walk)))
        if (xb_chart_has_rate(c))
            rc = add_case(out, c);
    if (rc < 0)
        xb_fail(err, "out of memory for charts");
    if (xb_cases_end(&walk) < 0 && rc == 0)
        rc = xb_fail(err, "a case cannot be read back for charts");
    for (size_t i = 0; rc == 0 && i < out->n; i++) {
        sum_up(&out->curve[i]);
        choose(&out->curve[i]);
    }
    return rc;
}

void xb_curves_release(struct xb_curves *curves)
{
    for (size_t i = 0; i < curves->n; i++) {
        struct xb_curve *curve = &curves->curve[i];
        for (size_t k = 0; k < curve->n; k++) {
            free(curve->series[k].method);
            free(curve->series[k].name);
            free(curve->series[k].point);
        }
        free(curve->series);
        free(curve->about);
    }
    free(curves->curve);
    *curves = (struct xb_curves){NULL, 0};
}
