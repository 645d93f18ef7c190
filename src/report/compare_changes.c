/* SPDX-License-Identifier: BSD-3-Clause */
/* compare_changes.c - how sides differ from the base: rows, lanes and means of classes, with
 * intervals that hold for all of them together.
 */
#include "report/compare_internal.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/figures/simultaneous.h"
#include "model/figures/student.h"

#define ROUNDED_US 1e-4 /* reports have times to 0.1 ns */

/* A quantity that is compared. */
struct quantity {
    enum { ROW, LANE, MEAN } kind;
    size_t row;   /* of a row, and of a lane */
    size_t index; /* of a lane in the outcome's, of a mean in the side's */
    size_t lane;  /* which one */
};

/* One side and the base. */
struct pair {
    struct xb_comparison *c;
    const struct xb_launches *launches;
    const struct xb_noise *noise;
    size_t side;
    bool paired;            /* both were measured in the same launches */
    size_t *number;         /* of the launches */
    unsigned char *of_side; /* 0 the base's, 1 the side's or both */
    size_t n;
    struct xb_list quantities;
    struct xb_list *complete; /* of size_t, for each mean: its rows */
};

/* ---- values ---- */

static double lane_value(const struct pair *p, const struct quantity *q, size_t side,
                         size_t launch)
{
    const struct xb_members *members = &xb_row_at(p->c, q->row)->members[side];
    const struct xb_launch *of = xb_launch_at(p->launches, launch);
    const struct xb_seen *seen = members->n == 1 ? xb_seen_at(of, members->cases[0]) : NULL;

    const struct xb_seen_lane *lane = seen ? xb_seen_lane_find(of, seen, q->lane) : NULL;

    return lane ? lane->log_us : NAN;
}

static double mean_value(const struct pair *p, const struct quantity *q, size_t side,
                         size_t launch, size_t version)
{
    const struct xb_list *rows = &p->complete[q->index];
    double sum = 0;

    for (size_t i = 0; i < rows->n; i++)
        sum += xb_row_value(p->c, p->launches, ((const size_t *)rows->item)[i], side, launch,
                            version);
    return sum / (double)rows->n;
}

static double side_value(const struct pair *p, const struct quantity *q, size_t side,
                         size_t launch, size_t version)
{
    switch (q->kind) {
    case ROW:
        return xb_row_value(p->c, p->launches, q->row, side, launch, version);
    case LANE:
        return lane_value(p, q, side, launch);
    case MEAN:
        return mean_value(p, q, side, launch, version);
    }
    return NAN;
}

/* Of the same launch the difference, else what the launch's own side gave. */
static double value(const void *arg, size_t series, size_t launch, size_t version)
{
    const struct pair *p = arg;
    const struct quantity *q = (const struct quantity *)p->quantities.item + series;
    size_t number = p->number[launch];

    if (p->paired)
        return side_value(p, q, p->side, number, version) -
               side_value(p, q, 0, number, version);
    return side_value(p, q, p->of_side[launch] ? p->side : 0, number, version);
}

/* Of what is rounded to so much, relative to a time of the row. */
static double least_sd(const void *arg, size_t series)
{
    const struct pair *p = arg;
    const struct quantity *q = (const struct quantity *)p->quantities.item + series;
    size_t row = q->kind == MEAN ? ((const size_t *)p->complete[q->index].item)[0] : q->row;

    return ROUNDED_US / sqrt(12) / exp(xb_value_at(p->c, row, p->side)->log_us);
}

/* ---- what is compared ---- */

static struct quantity *add_quantity(struct pair *p, int kind, size_t row)
{
    struct quantity *q = xb_list_add(&p->quantities, sizeof(*q));

    if (q) {
        q->kind = kind;
        q->row = row;
    }
    return q;
}

/* Is there a time on both sides? */
static bool is_comparable(const struct pair *p, size_t row)
{
    return xb_value_at(p->c, row, 0)->n > 0 && xb_value_at(p->c, row, p->side)->n > 0;
}

static int by_place(const void *a, const void *b)
{
    const struct xb_seen_lane *x = a, *y = b;

    return (x->place > y->place) - (x->place < y->place);
}

/* A case as a launch gave it. */
struct given {
    const struct xb_launch *launch;
    const struct xb_seen *seen; /* NULL where there is none */
};

/* Add the lanes of a case in the order of its report, without those that another one has. */
static int add_lanes(struct xb_list *found, const struct given *from, const struct given *but)
{
    size_t n = from->seen->nlanes;
    struct xb_seen_lane *lanes = calloc(n, sizeof(*lanes));
    int rc = lanes ? 0 : -1;

    if (lanes) {
        memcpy(lanes,
               (const struct xb_seen_lane *)from->launch->lanes.item + from->seen->first_lane,
               n * sizeof(*lanes));
        qsort(lanes, n, sizeof(*lanes), by_place);
    }
    for (size_t i = 0; rc == 0 && i < n; i++) {
        if (but->seen && xb_seen_lane_find(but->launch, but->seen, lanes[i].lane))
            continue;
        struct xb_lane_change *added = xb_list_add(found, sizeof(*added));
        if (added)
            added->lane = lanes[i].lane;
        rc = added ? 0 : -1;
    }
    free(lanes);
    return rc;
}

/* The lanes that the row's case has in the first launch of either side that has several. */
static int find_row_lanes(struct pair *p, size_t row)
{
    struct xb_list *found = &xb_outcome_at(p->c, row, p->side)->lanes;
    bool seen_side[2] = {false, false};
    struct given first = {NULL, NULL};

    for (size_t l = 0; l < p->n && !(seen_side[0] && seen_side[1]); l++) {
        size_t side = p->of_side[l] ? p->side : 0;
        const struct xb_members *members = &xb_row_at(p->c, row)->members[side];
        struct given now = {.launch = xb_launch_at(p->launches, p->number[l])};
        if (members->n == 1)
            now.seen = xb_seen_at(now.launch, members->cases[0]);
        if (seen_side[p->of_side[l]] || !now.seen || now.seen->nlanes == 0)
            continue;
        seen_side[p->of_side[l]] = true;
        if (add_lanes(found, &now, &first) < 0)
            return -1;
        first = now;
    }
    return 0;
}

/* Has every launch of the pair a time for the row, on each of its sides? */
static bool is_complete(const struct pair *p, size_t row)
{
    for (size_t l = 0; l < p->n; l++) {
        size_t number = p->number[l];
        bool base = p->paired || !p->of_side[l], side = p->paired || p->of_side[l];
        if ((base && !isfinite(xb_row_value(p->c, p->launches, row, 0, number, 0))) ||
            (side && !isfinite(xb_row_value(p->c, p->launches, row, p->side, number, 0))))
            return false;
    }
    return true;
}

/* Add a row to the mean of its class, which is made where there is none. Where methods stand
 * beside each other, classes are of all methods. */
static int add_to_mean(struct pair *p, size_t row)
{
    const struct xb_row *r = xb_row_at(p->c, row);
    bool all = p->c->row && strcmp(p->c->row, "method") == 0;
    struct xb_list *means = &p->c->means[p->side];
    struct xb_class_mean *mean = means->item;
    size_t at = 0;

    while (at < means->n && (mean[at].size_class != r->size_class ||
                             (!all && strcmp(mean[at].method, r->method) != 0)))
        at++;
    if (at == means->n) {
        struct xb_list *complete = realloc(p->complete, (at + 1) * sizeof(*complete));
        if (!complete)
            return -1;
        p->complete = complete;
        complete[at] = (struct xb_list){NULL, 0, 0};
        mean = xb_list_add(means, sizeof(*mean));
        if (!mean)
            return -1;
        mean->method = all ? "all" : r->method;
        mean->size_class = r->size_class;
        mean -= at;
    }
    assert(p->complete); /* there is a mean */
    size_t *added = xb_list_add(&p->complete[at], sizeof(*added));
    if (!added)
        return -1;
    *added = row;
    mean[at].cases++;
    return 0;
}

/* The mean of one case is that case. */
static void drop_small_means(struct pair *p)
{
    struct xb_list *means = &p->c->means[p->side];
    struct xb_class_mean *all = means->item;
    size_t kept = 0;

    for (size_t i = 0; p->complete && i < means->n; i++) {
        if (all[i].cases < 2) {
            free(p->complete[i].item);
            continue;
        }
        all[kept] = all[i];
        p->complete[kept++] = p->complete[i];
    }
    means->n = kept;
}

static int find_quantities(struct pair *p)
{
    for (size_t row = 0; row < xb_rows(p->c); row++) {
        if (!is_comparable(p, row))
            continue;
        if (!add_quantity(p, ROW, row) || find_row_lanes(p, row) < 0 ||
            (is_complete(p, row) && add_to_mean(p, row) < 0))
            return -1;
    }
    drop_small_means(p);
    for (size_t row = 0; row < xb_rows(p->c); row++) {
        const struct xb_list *lanes = &xb_outcome_at(p->c, row, p->side)->lanes;
        for (size_t i = 0; i < lanes->n; i++) {
            struct quantity *q = add_quantity(p, LANE, row);
            if (!q)
                return -1;
            q->index = i;
            q->lane = ((const struct xb_lane_change *)lanes->item)[i].lane;
        }
    }
    for (size_t i = 0; i < p->c->means[p->side].n; i++) {
        struct quantity *q = add_quantity(p, MEAN, 0);
        if (!q)
            return -1;
        q->index = i;
    }
    return 0;
}

static struct xb_change *change_of(const struct pair *p, const struct quantity *q)
{
    struct xb_outcome *outcome = xb_outcome_at(p->c, q->row, p->side);

    switch (q->kind) {
    case ROW:
        return &outcome->change;
    case LANE:
        return &((struct xb_lane_change *)outcome->lanes.item)[q->index].change;
    case MEAN:
        return &((struct xb_class_mean *)p->c->means[p->side].item)[q->index].change;
    }
    return NULL;
}

/* ---- verdicts ---- */

static enum xb_verdict verdict_of(const struct xb_change *change, double threshold)
{
    double most = log1p(threshold), lo = change->log_ratio - change->half,
           hi = change->log_ratio + change->half;
    bool once = change->n[0] == 1 || change->n[1] == 1;

    if (!isfinite(change->log_ratio))
        return XB_VERDICT_MISSING;
    if (!isfinite(change->half))
        return XB_VERDICT_UNCLEAR;
    if (lo > most)
        return XB_VERDICT_SLOWER;
    if (hi < -most)
        return XB_VERDICT_FASTER;
    return lo >= -most && hi <= most && !once ? XB_VERDICT_SAME : XB_VERDICT_UNCLEAR;
}

static bool is_few(const struct pair *p, const struct xb_estimate *e)
{
    return e->n[1] < XB_SIMULTANEOUS_LEAST || (!p->paired && e->n[0] < XB_SIMULTANEOUS_LEAST);
}

/* What is recorded of the row's launches; NULL where there is nothing. */
static const struct xb_noise_case *noise_of(const struct pair *p, const struct quantity *q)
{
    return p->noise && !p->paired && q->kind != MEAN
               ? xb_noise_find(p->noise, xb_row_at(p->c, q->row)->id)
               : NULL;
}

/* Half the interval of few launches: Student's t with the variance of both sides, and of what
 * is recorded of launches, together. NAN where nothing tells how much launches differ. */
static double half_of_few(const struct pair *p, const struct quantity *q,
                          const struct xb_estimate *e, double level)
{
    const struct xb_noise_case *noise = noise_of(p, q);
    double squares = 0, over = 0;
    int df = 0;

    for (int side = p->paired; side < 2; side++) {
        over += 1 / (double)e->n[side];
        if (e->n[side] < 2)
            continue;
        df += (int)e->n[side] - 1;
        squares += e->sd[side] * e->sd[side] * (double)(e->n[side] - 1);
    }
    if (noise) {
        df += (int)noise->launches - 1;
        squares += noise->log_sd * noise->log_sd * (double)(noise->launches - 1);
    }
    return df > 0 ? xb_student_quantile(level, df) * sqrt(squares / df * over) : NAN;
}

/* What is left of 1 is shared: by sides, and among quantities with few launches and the others
 * by their numbers; of the former each has its own share (C. E. Bonferroni). */
static int find_changes(struct pair *p, const struct xb_series *in,
                        const struct xb_estimate *estimates)
{
    struct xb_estimate *many = calloc(in->series + 1, sizeof(*many));
    double left = (1 - p->c->confidence) / (double)(xb_sides(p->c) - 1), factor = NAN;
    size_t few = 0;

    if (!many)
        return -1;
    for (size_t i = 0; i < in->series; i++) {
        many[i] = estimates[i];
        if (is_few(p, &estimates[i])) {
            many[i].se = NAN;
            few++;
        }
    }
    double share = left / (double)(in->series ? in->series : 1);
    int rc = few == in->series
                 ? 0
                 : xb_simultaneous_factor(in, many, 1 - left + share * (double)few, p->c->seed,
                                          &factor);
    for (size_t i = 0; rc == 0 && i < in->series; i++) {
        const struct quantity *q = (const struct quantity *)p->quantities.item + i;
        const struct xb_estimate *e = &estimates[i];
        struct xb_change *change = change_of(p, q);
        *change = (struct xb_change){.log_ratio = e->difference,
                                     .half = is_few(p, e) ? half_of_few(p, q, e, 1 - share)
                                                          : factor * e->se,
                                     .n = {p->paired ? e->n[1] : e->n[0], e->n[1]}};
        change->verdict = verdict_of(change, p->c->threshold);
        if (q->kind == LANE && !p->paired) {
            struct xb_list *lanes = &xb_outcome_at(p->c, q->row, p->side)->lanes;
            memcpy(((struct xb_lane_change *)lanes->item)[q->index].log_us, e->mean,
                   sizeof e->mean);
        }
    }
    free(many);
    return rc;
}

/* Rows without a time on one of the two sides. */
static void find_missing(struct pair *p)
{
    for (size_t row = 0; row < xb_rows(p->c); row++) {
        const struct xb_side_value *base = xb_value_at(p->c, row, 0),
                                   *side = xb_value_at(p->c, row, p->side);
        if (is_comparable(p, row))
            continue;
        xb_outcome_at(p->c, row, p->side)->change =
            (struct xb_change){.verdict = XB_VERDICT_MISSING,
                               .log_ratio = NAN,
                               .half = NAN,
                               .n = {base->n, side->n},
                               .reason = base->n ? side->reason : base->reason};
    }
}

/* The launches of the base and the side. */
static int find_launches(struct pair *p)
{
    size_t all = p->launches->launches.n;

    p->number = calloc(all + 1, sizeof(*p->number));
    p->of_side = calloc(all + 1, sizeof(*p->of_side));
    if (!p->number || !p->of_side)
        return -1;
    for (size_t i = 0; i < all; i++) {
        bool side = xb_is_of_side(p->c, i, p->side);
        if (!side && !xb_is_of_side(p->c, i, 0))
            continue;
        p->number[p->n] = i;
        p->of_side[p->n++] = side;
    }
    return 0;
}

static int compare_pair(struct pair *p)
{
    struct xb_estimate *estimates = NULL;
    int rc = find_launches(p);

    if (rc == 0)
        rc = find_quantities(p);
    find_missing(p);
    if (rc == 0) {
        const struct xb_series in = {p->quantities.n, p->n, p->of_side, value, least_sd, p};
        estimates = calloc(in.series + 1, sizeof(*estimates));
        rc = estimates && xb_series_estimate(&in, estimates) == 0
                 ? find_changes(p, &in, estimates)
                 : -1;
    }
    for (size_t i = 0; p->complete && i < p->c->means[p->side].n; i++)
        free(p->complete[i].item);
    free(p->complete);
    free(estimates);
    free(p->quantities.item);
    free(p->number);
    free(p->of_side);
    return rc;
}

int xb_compare_changes(struct xb_comparison *c, const struct xb_launches *launches,
                       const struct xb_noise *noise)
{
    for (size_t side = 1; side < xb_sides(c); side++) {
        struct pair p = {.c = c,
                         .launches = launches,
                         .noise = noise,
                         .side = side,
                         .paired = c->grouping.by_case};
        if (compare_pair(&p) < 0)
            return -1;
    }
    return 0;
}
