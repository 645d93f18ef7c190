/* trend.c - does a figure stay where it is, drift or step? */
#include "model/figures/trend.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

#define SHUFFLES 20000
#define SEED     UINT64_C(0x7265736561726368) /* any: what is told must not hang on chance */

/* A series as it is looked at, with room for what is made of it. */
struct series {
    double *t, *v;
    double *rank, *room; /* of a part of it */
    size_t n;
    double level;
};

struct found {
    size_t at[XB_TREND_MOST]; /* ascending */
    size_t n;
};

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Of values that are put in order. */
static double median_of_room(double *room, size_t n)
{
    qsort(room, n, sizeof(*room), compare_doubles);
    return n % 2 ? room[n / 2] : (room[n / 2 - 1] + room[n / 2]) / 2;
}

static double median_of(const struct series *s, size_t from, size_t to)
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
static double mann_kendall(const struct series *s)
{
    double n = (double)s->n, sum = 0, ties = 0;

    for (size_t i = 0; i < s->n; i++)
        for (size_t j = i + 1; j < s->n; j++)
            sum += (s->v[j] > s->v[i]) - (s->v[j] < s->v[i]);
    memcpy(s->room, s->v, s->n * sizeof(*s->room));
    qsort(s->room, s->n, sizeof(*s->room), compare_doubles);
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
static int theil_sen(const struct series *s, double *slope)
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

struct statistic {
    double most, range; /* max|S|, and the range of S */
};

static struct statistic statistic_of(const double *rank, size_t n)
{
    double sum = 0, low = 0, high = 0;

    for (size_t i = 0; i < n; i++) {
        sum += rank[i] - (double)(n + 1) / 2;
        low = sum < low ? sum : low;
        high = sum > high ? sum : high;
    }
    return (struct statistic){-low > high ? -low : high, high - low};
}

/* Ranks of the values from..to into s->rank; those that are equal share the mean of theirs. */
static void rank_values(const struct series *s, size_t from, size_t to)
{
    size_t n = to - from;

    memcpy(s->room, s->v + from, n * sizeof(*s->room));
    qsort(s->room, n, sizeof(*s->room), compare_doubles);
    for (size_t i = 0; i < n; i++) {
        size_t below = 0, equal = 0, low = 0, high = n;
        while (low < high) { /* the first that is not below */
            size_t middle = low + (high - low) / 2;
            if (s->room[middle] < s->v[from + i])
                low = middle + 1;
            else
                high = middle;
        }
        for (below = low; low < n && s->room[low] == s->v[from + i]; low++)
            equal++;
        s->rank[i] = (double)below + (double)(equal + 1) / 2;
    }
}

static double kuiper(double v)
{
    double p = 0;

    if (v < 0.5) /* the sum is 1 to many digits there, and needs many terms */
        return 1;
    for (int j = 1; j <= 20; j++) {
        double a = (double)(j * j) * v * v;
        p += 2 * (4 * a - 1) * exp(-2 * a);
    }
    return p < 1 ? p : 1;
}

/* In how many of the shuffles a statistic is as large; no more than tell that it is not rare.
 */
static double count_shuffles(const struct series *s, size_t n, struct statistic seen)
{
    double *rank = s->room;
    uint64_t state = SEED;
    int most = 0, range = 0, made = 0, enough = (int)ceil(s->level * SHUFFLES) + 1;

    memcpy(rank, s->rank, n * sizeof(*rank));
    for (; made < SHUFFLES && (most < enough || range < enough); made++) {
        for (size_t i = n; i > 1; i--) { /* Fisher and Yates */
            size_t k = (size_t)(xb_random_next(&state) % i);
            double kept = rank[k];
            rank[k] = rank[i - 1];
            rank[i - 1] = kept;
        }
        struct statistic other = statistic_of(rank, n);
        most += other.most >= seen.most - 1e-9;
        range += other.range >= seen.range - 1e-9;
    }
    return (double)((most < range ? most : range) + 1) / (double)(made + 1);
}

/* p of no change between from and to; the ranks of these are in s->rank then. */
static double test_steps(const struct series *s, size_t from, size_t to)
{
    double n = (double)(to - from), scale = sqrt(12 / (n * n * (n + 1)));

    rank_values(s, from, to);
    struct statistic seen = statistic_of(s->rank, to - from);
    double v = seen.most * scale, one = 2 * exp(-2 * v * v), two = kuiper(seen.range * scale);
    double p = 2 * (one < two ? one : two);
    if (p > s->level && seen.most > 0) {
        double counted = 2 * count_shuffles(s, to - from, seen);
        p = counted < p ? counted : p;
    }
    return p < 1 ? p : 1;
}

/* Where the magnitude of S is largest, with a phase on either side. */
static size_t split_point(const struct series *s, size_t n)
{
    double sum = 0, most = -1;
    size_t at = 0;

    for (size_t i = 0; i < n; i++) {
        if (i >= XB_TREND_PHASE && i + XB_TREND_PHASE <= n && fabs(sum) > most) {
            most = fabs(sum);
            at = i;
        }
        sum += s->rank[i] - (double)(n + 1) / 2;
    }
    return at;
}

/* Where ranks have their knee need not be where values change level: where the values on both
 * sides of a change between from and to are nearest to their levels. */
static size_t settle(const struct series *s, size_t from, size_t at, size_t to)
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

static void split(const struct series *s, size_t from, size_t to, struct found *out);

/* The changes where there is one at least; the ranks of the values are there. */
static void split_there(const struct series *s, size_t from, size_t to, struct found *out)
{
    size_t at = settle(s, from, from + split_point(s, to - from), to);

    split(s, from, at, out);
    out->at[out->n++] = at;
    split(s, at, to, out);
}

/* All changes between from and to, in their order. */
static void split(const struct series *s, size_t from, size_t to, struct found *out)
{
    if (to - from >= XB_TREND_LEAST && test_steps(s, from, to) <= s->level)
        split_there(s, from, to, out);
}

static size_t phase_end(const struct series *s, const struct found *f, size_t i)
{
    return i < f->n ? f->at[i] : s->n;
}

static size_t phase_begin(const struct found *f, size_t i)
{
    return i > 0 ? f->at[i - 1] : 0;
}

/* How far a change moves the level, as a share of it. */
static double change_at(const struct series *s, const struct found *f, size_t i)
{
    double before = median_of(s, phase_begin(f, i), f->at[i]);
    double after = median_of(s, f->at[i], phase_end(s, f, i + 1));

    return fabs(after - before) / (before < after ? before : after);
}

/* Leave out the smallest change until all are worth a word, and there are not too many. */
static void keep_large(const struct series *s, struct found *f)
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

static double deviation_of_phases(const struct series *s, const struct found *f)
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
static void keep_telling(const struct series *s, double scale, struct found *f)
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

static int fit_line(const struct series *s, struct line *out)
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

static void tell_steps(const struct series *s, const struct found *f, struct xb_trend *out)
{
    out->kind = XB_TREND_STEPPED;
    out->nsteps = f->n;
    for (size_t i = 0; i < f->n; i++)
        out->step[i] =
            (struct xb_trend_step){f->at[i], median_of(s, phase_begin(f, i), f->at[i]),
                                   median_of(s, f->at[i], phase_end(s, f, i + 1))};
    out->change = out->step[f->n - 1].after / out->step[0].before - 1;
}

static int find(const struct series *s, struct xb_trend *out)
{
    struct found none = {.n = 0}, steps = {.n = 0};
    struct line line = {0, 0, 0};
    double scale = median_of(s, 0, s->n);

    *out = (struct xb_trend){.kind = XB_TREND_STEADY, .p = 1};
    if (!(scale > 0))
        return 0;
    double p_drift = mann_kendall(s), p_steps = test_steps(s, 0, s->n);
    bool told = p_drift <= s->level || p_steps <= s->level;
    double best = criterion(deviation_of_phases(s, &none), scale, s->n, 1);
    out->p = p_drift < p_steps ? p_drift : p_steps;
    if (p_drift <= s->level) {
        if (fit_line(s, &line) < 0)
            return -1;
        double change =
            line.slope * (s->t[s->n - 1] - s->t[0]) / (line.start > 0 ? line.start : scale);
        double value = criterion(line.deviation, scale, s->n, 2);
        if (value < best && fabs(change) >= XB_TREND_CHANGE) {
            best = value;
            out->kind = XB_TREND_DRIFTS;
            out->p = p_drift;
            out->change = change;
            out->slope = line.slope;
        }
    }
    if (told) { /* each test sees what is the other's too; an early step only the first */
        rank_values(s, 0, s->n);
        split_there(s, 0, s->n, &steps);
        keep_large(s, &steps);
        keep_telling(s, scale, &steps);
        for (size_t i = 0; i < steps.n; i++)
            steps.at[i] =
                settle(s, phase_begin(&steps, i), steps.at[i], phase_end(s, &steps, i + 1));
    }
    if (steps.n > 0 &&
        criterion(deviation_of_phases(s, &steps), scale, s->n, 2 * steps.n + 1) < best) {
        out->slope = 0;
        out->p = p_steps < p_drift ? p_steps : p_drift;
        tell_steps(s, &steps, out);
    }
    return 0;
}

/* Of more values than are looked at, the medians of groups of so many that follow one another.
 */
static void take_groups(const double *times, const double *values, size_t n, size_t group,
                        struct series *s)
{
    for (size_t i = 0; i < n; i += group) {
        size_t count = n - i < group ? n - i : group;
        memcpy(s->room, values + i, count * sizeof(*s->room));
        s->v[s->n] = median_of_room(s->room, count);
        s->t[s->n++] = times[i + count / 2];
    }
}

int xb_trend_find(const double *times, const double *values, size_t n, double level,
                  struct xb_trend *out)
{
    size_t group = (n + XB_TREND_MOST - 1) / XB_TREND_MOST;
    size_t room = group > XB_TREND_MOST ? group : XB_TREND_MOST;

    *out = (struct xb_trend){.kind = XB_TREND_NONE, .p = 1};
    if (n < XB_TREND_LEAST)
        return 0;
    double *block = malloc((3 * XB_TREND_MOST + room) * sizeof(*block));
    if (!block)
        return -1;
    struct series s = {.t = block,
                       .v = block + XB_TREND_MOST,
                       .rank = block + 2 * XB_TREND_MOST,
                       .room = block + 3 * XB_TREND_MOST,
                       .level = level};
    take_groups(times, values, n, group, &s);
    int rc = find(&s, out);
    for (size_t i = 0; i < out->nsteps; i++)
        out->step[i].at *= group;
    free(block);
    return rc;
}
