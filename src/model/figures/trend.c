/* SPDX-License-Identifier: BSD-3-Clause */
/* trend.c - does a figure stay where it is, drift or step? */
#include "model/figures/trend.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "model/figures/trend_internal.h"

#define TESTS 2 /* for drift and for steps: the smaller p counts */

struct found {
    size_t at[XB_TREND_MOST]; /* ascending */
    size_t n;
};

/* Of values that are put in order. */
static double median_of_room(double *room, size_t n)
{
    qsort(room, n, sizeof(*room), xb_trend_compare);
    return n % 2 ? room[n / 2] : (room[n / 2 - 1] + room[n / 2]) / 2;
}

static double median_of(const struct xb_series *s, size_t from, size_t to)
{
    memcpy(s->room, s->v + from, (to - from) * sizeof(*s->room));
    return median_of_room(s->room, to - from);
}

double xb_trend_level(size_t series)
{
    double level = XB_TREND_ANY_FALSE / (double)(series ? series : 1);

    return level < XB_TREND_P ? level : XB_TREND_P;
}

const char *xb_trend_name(enum xb_trend_kind kind)
{
    switch (kind) {
    case XB_TREND_NONE:
        break;
    case XB_TREND_STEADY:
        return "steady";
    case XB_TREND_DRIFTS:
        return "drifts";
    case XB_TREND_STEPPED:
        return "steps";
    }
    return NULL;
}

/* ---- drift ---- */

/* Two-sided p of no trend. */
static double mann_kendall(const struct xb_series *s)
{
    double n = (double)s->n, sum = 0, ties = 0;

    for (size_t i = 0; i < s->n; i++)
        for (size_t j = i + 1; j < s->n; j++)
            sum += (s->v[j] > s->v[i]) - (s->v[j] < s->v[i]);
    memcpy(s->room, s->v, s->n * sizeof(*s->room));
    qsort(s->room, s->n, sizeof(*s->room), xb_trend_compare);
    for (size_t i = 0, end; i < s->n; i = end) {
        for (end = i + 1; end < s->n && s->room[end] == s->room[i]; end++)
            ;
        double tied = (double)(end - i);
        ties += tied * (tied - 1) * (2 * tied + 5);
    }
    double variance = (n * (n - 1) * (2 * n + 5) - ties) / 18;
    if (variance <= 0 || sum == 0)
        return 1;
    return erfc((fabs(sum) - 1) / sqrt(variance) / sqrt(2));
}

/* Slope of Theil and Sen; -1 when out of memory. */
static int theil_sen(const struct xb_series *s, double *slope)
{
    double *slopes = malloc(s->n * (s->n - 1) / 2 * sizeof(*slopes));
    size_t n = 0;

    if (!slopes)
        return -1;
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = i + 1; j < s->n; j++)
            if (s->t[j] > s->t[i])
                slopes[n++] = (s->v[j] - s->v[i]) / (s->t[j] - s->t[i]);
    *slope = n > 0 ? median_of_room(slopes, n) : 0;
    free(slopes);
    return 0;
}

/* ---- steps ---- */

/* Where ranks have their knee need not be where values change level: where the values on both
 * sides of a change between from and to are nearest to their levels. */
static size_t settle(const struct xb_series *s, size_t from, size_t at, size_t to)
{
    double before = median_of(s, from, at), after = median_of(s, at, to);
    double sum = 0, least = INFINITY;
    size_t best = at;

    if (fabs(after - before) < XB_TREND_CHANGE * before) /* by a phase that ends elsewhere */
        return at;
    for (size_t i = from; i + XB_TREND_PHASE <= to; i++) {
        if (i >= from + XB_TREND_PHASE && sum < least) {
            least = sum;
            best = i;
        }
        sum += fabs(s->v[i] - before) - fabs(s->v[i] - after);
    }
    return best;
}

/* The changes between from and to, in their order, of which a test has found the first one or
 * two.
 */
static void split(const struct xb_series *s, size_t from, const struct xb_steps_test *found,
                  size_t to, struct found *out)
{
    const size_t cuts = found->to > 0 ? 2 : 1;
    const size_t at = cuts == 1 ? settle(s, from, found->at, to) : found->at;
    const size_t ends[] = {from, at, cuts == 2 ? found->to : to, to};

    for (size_t part = 0; part <= cuts; part++) {
        struct xb_steps_test test = {.p = 1};
        if (ends[part + 1] - ends[part] >= XB_TREND_LEAST)
            test = xb_trend_test_steps(s, ends[part], ends[part + 1]);
        if (test.p <= s->level)
            split(s, ends[part], &test, ends[part + 1], out);
        if (part < cuts)
            out->at[out->n++] = ends[part + 1];
    }
}

static size_t phase_end(const struct xb_series *s, const struct found *f, size_t i)
{
    return i < f->n ? f->at[i] : s->n;
}

static size_t phase_begin(const struct found *f, size_t i)
{
    return i > 0 ? f->at[i - 1] : 0;
}

/* How far a change moves the level, as a share of it. */
static double change_at(const struct xb_series *s, const struct found *f, size_t i)
{
    double before = median_of(s, phase_begin(f, i), f->at[i]);
    double after = median_of(s, f->at[i], phase_end(s, f, i + 1));

    return fabs(after - before) / (before < after ? before : after);
}

/* Leave out the smallest change until all are worth a word, and there are not too many. */
static void keep_large(const struct xb_series *s, struct found *f)
{
    while (f->n > 0) {
        double least = INFINITY;
        size_t at = 0;
        for (size_t i = 0; i < f->n; i++) {
            double change = change_at(s, f, i);
            if (!(change >= least)) {
                least = change;
                at = i;
            }
        }
        if (least >= XB_TREND_CHANGE && f->n <= XB_TREND_STEPS)
            return;
        f->n--;
        memmove(&f->at[at], &f->at[at + 1], (f->n - at) * sizeof(f->at[0]));
    }
}

/* ---- which of them ---- */

/* Of deviations whose mean is this. */
static double criterion(double mean, double scale, size_t n, size_t parameters)
{
    double least = 1e-9 * scale; /* values without any scatter */

    return 2 * (double)n * log(mean > least ? mean : least) +
           (double)parameters * log((double)n);
}

static double deviation_of_phases(const struct xb_series *s, const struct found *f)
{
    double sum = 0;

    for (size_t i = 0; i <= f->n; i++) {
        size_t from = phase_begin(f, i), to = phase_end(s, f, i);
        double level = median_of(s, from, to);
        for (size_t k = from; k < to; k++)
            sum += fabs(s->v[k] - level);
    }
    return sum / (double)s->n;
}

/* Leave out changes without which the levels tell the series better. */
static void keep_telling(const struct xb_series *s, double scale, struct found *f)
{
    double now = criterion(deviation_of_phases(s, f), scale, s->n, 2 * f->n + 1);

    for (size_t i = 0; i < f->n;) {
        struct found less = *f;
        less.n--;
        memmove(&less.at[i], &less.at[i + 1], (less.n - i) * sizeof(less.at[0]));
        double without = criterion(deviation_of_phases(s, &less), scale, s->n, 2 * less.n + 1);
        if (without <= now) {
            *f = less;
            now = without;
            i = 0;
        } else {
            i++;
        }
    }
}

struct line {
    double slope, start, deviation; /* start: at the first time */
};

static int fit_line(const struct xb_series *s, struct line *out)
{
    double sum = 0;

    if (theil_sen(s, &out->slope) < 0)
        return -1;
    for (size_t i = 0; i < s->n; i++)
        s->room[i] = s->v[i] - out->slope * (s->t[i] - s->t[0]);
    out->start = median_of_room(s->room, s->n);
    for (size_t i = 0; i < s->n; i++)
        sum += fabs(s->v[i] - out->start - out->slope * (s->t[i] - s->t[0]));
    out->deviation = sum / (double)s->n;
    return 0;
}

static void tell_steps(const struct xb_series *s, const struct found *f, struct xb_trend *out)
{
    out->kind = XB_TREND_STEPPED;
    out->nsteps = f->n;
    for (size_t i = 0; i < f->n; i++)
        out->step[i] =
            (struct xb_trend_step){f->at[i], median_of(s, phase_begin(f, i), f->at[i]),
                                   median_of(s, f->at[i], phase_end(s, f, i + 1))};
    out->change = out->step[f->n - 1].after / out->step[0].before - 1;
}

static int find(const struct xb_series *s, struct xb_trend *out)
{
    struct found none = {.n = 0}, steps = {.n = 0};
    struct line line = {0, 0, 0};
    double scale = median_of(s, 0, s->n);

    *out = (struct xb_trend){.kind = XB_TREND_STEADY, .p = 1};
    if (!(scale > 0))
        return 0;
    const struct xb_steps_test test = xb_trend_test_steps(s, 0, s->n);
    double p_drift = mann_kendall(s), p_steps = test.p;
    bool told = p_drift <= s->level || p_steps <= s->level;
    double best = criterion(deviation_of_phases(s, &none), scale, s->n, 1);
    out->p = fmin(1, TESTS * fmin(p_drift, p_steps));
    if (p_drift <= s->level) {
        if (fit_line(s, &line) < 0)
            return -1;
        double change =
            line.slope * (s->t[s->n - 1] - s->t[0]) / (line.start > 0 ? line.start : scale);
        double value = criterion(line.deviation, scale, s->n, 2);
        if (value < best && fabs(change) >= XB_TREND_CHANGE) {
            best = value;
            out->kind = XB_TREND_DRIFTS;
            out->change = change;
            out->slope = line.slope;
        }
    }
    if (told) { /* each test sees what is the other's too; an early step only the first */
        split(s, 0, &test, s->n, &steps);
        keep_large(s, &steps);
        keep_telling(s, scale, &steps);
        for (size_t i = 0; i < steps.n; i++)
            steps.at[i] =
                settle(s, phase_begin(&steps, i), steps.at[i], phase_end(s, &steps, i + 1));
    }
    if (steps.n > 0 &&
        criterion(deviation_of_phases(s, &steps), scale, s->n, 2 * steps.n + 1) < best) {
        out->slope = 0;
        tell_steps(s, &steps, out);
    }
    return 0;
}

#define PAUSE 100 /* times the usual distance of two values: more is a pause between runs */

/* The longest that counts of the time between two values. */
static double longest_distance(const double *times, size_t n, double *room)
{
    for (size_t i = 1; i < n; i++)
        room[i - 1] = times[i] - times[i - 1];
    return PAUSE * median_of_room(room, n - 1);
}

/* How much later a value is than the one before it, without pauses. */
static double distance_at(const double *times, size_t i, double longest)
{
    return fmin(fmax(times[i] - times[i - 1], 0), longest);
}

/* Of more values than are looked at, the medians of those of equal spans of time: what takes
 * longer is seen less often, and must not vanish among the others. first has the index of the
 * first value of each. */
static void take_values(const double *times, const double *values, size_t n,
                        struct xb_series *s, size_t *first)
{
    const double longest = fmax(longest_distance(times, n, s->room), 0);
    double span = 0, at = 0;
    size_t bin = 0;

    for (size_t i = 1; i < n; i++)
        span += distance_at(times, i, longest) / XB_TREND_MOST;
    for (size_t i = 0, end; i < n; i = end) {
        size_t next = bin + 1;
        for (end = i + 1; end < n; end++) {
            at += distance_at(times, end, longest);
            if (n <= XB_TREND_MOST || (next < XB_TREND_MOST && at >= span * (double)next))
                break;
        }
        first[s->n] = i;
        memcpy(s->room, values + i, (end - i) * sizeof(*s->room));
        s->v[s->n] = median_of_room(s->room, end - i);
        s->t[s->n++] = times[i + (end - i) / 2];
        for (bin = next; bin + 1 < XB_TREND_MOST && at >= span * (double)(bin + 1);)
            bin++;
    }
}

int xb_trend_find(const double *times, const double *values, size_t n, double level,
                  struct xb_trend *out)
{
    size_t room = n > XB_TREND_MOST ? n : XB_TREND_MOST, first[XB_TREND_MOST];

    *out = (struct xb_trend){.kind = XB_TREND_NONE, .p = 1};
    if (n < XB_TREND_LEAST)
        return 0;
    double *block = malloc((3 * XB_TREND_MOST + room) * sizeof(*block));
    if (!block)
        return -1;
    struct xb_series s = {.t = block,
                          .v = block + XB_TREND_MOST,
                          .rank = block + 2 * XB_TREND_MOST,
                          .room = block + 3 * XB_TREND_MOST,
                          .level = level / TESTS};
    take_values(times, values, n, &s, first);
    int rc = s.n < XB_TREND_LEAST ? 0 : find(&s, out);
    for (size_t i = 0; i < out->nsteps; i++)
        out->step[i].at = first[out->step[i].at];
    free(block);
    return rc;
}
