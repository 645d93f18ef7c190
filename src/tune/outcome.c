/* SPDX-License-Identifier: BSD-3-Clause */
/* outcome.c - what tune chose at each point, for the report. */
#include "tune/tune.h"

#include "model/topology/link_class.h"

static int describe_place(const struct xb_point *point, struct xb_tuned_place *out)
{
    const struct xb_path *path = &point->path;
    const struct xb_shape *shape = &point->shape;
    bool several = shape->blocks > 1;
    char src[XB_PATH_LEN], dst[XB_PATH_LEN];
    const struct xb_text_copy copies[] = {
        {xb_endpoint_format(path->src, src), &out->src},
        {xb_endpoint_format(path->dst, dst), &out->dst},
        {xb_locality_name(path->locality), &out->locality},
        {point->one_class ? xb_link_class_name((enum xb_link_class)point->link_class) : NULL,
         &out->link_class},
        {several ? xb_orders[shape->order] : NULL, &out->order},
        {several ? xb_blocks_at_ends[shape->at] : NULL, &out->blocks_at},
    };

    out->blocks = shape->blocks;
    return xb_text_copies(copies, sizeof copies / sizeof copies[0]);
}

static int describe_use(const struct xb_tune *tune, size_t index, double best_us,
                        struct xb_tuned_use *out)
{
    char use[XB_CASE_ID_LEN];

    if (index == XB_NO_TRIAL || !tune->tuner.trials.trial[index].ok)
        return 0;
    const struct xb_trial *t = &tune->tuner.trials.trial[index];
    const struct xb_text_copy copies[] = {{t->c.id, &out->id},
                                          {xb_use_format(&t->c, use, sizeof use), &out->use}};
    out->there = true;
    out->us = t->best_us;
    out->regret = t->best_us / best_us;
    return xb_text_copies(copies, 2);
}

/* What the policy's choice does not part from, where that is the one that was picked. */
static int describe_rivals(const struct xb_tune *tune, size_t chosen, struct xb_texts *out)
{
    const struct xb_trial *kept = NULL, *rival;
    char use[XB_CASE_ID_LEN];

    for (size_t i = 0; !kept && i < tune->npicks; i++)
        if (tune->picks[i].trial == chosen)
            kept = &tune->tuner.trials.trial[chosen];
    for (size_t i = 0; kept && (rival = xb_trials_rival(&tune->tuner.trials, kept, i)); i++)
        if (xb_texts_add(out, xb_use_format(&rival->c, use, sizeof use)) < 0)
            return -1;
    return 0;
}

/* The trial that was seen to take that long; of several the one that is chosen. */
static size_t find_best(const struct xb_trials *trials, const struct xb_point *point,
                        double best_us, size_t chosen)
{
    size_t best = XB_NO_TRIAL;

    for (size_t i = 0; i < trials->count; i++) {
        const struct xb_trial *t = &trials->trial[i];
        const struct xb_point own = xb_point_of(&t->c);
        if (t->ok && t->best_us == best_us && xb_point_equal(&own, point) &&
            (best == XB_NO_TRIAL || i == chosen))
            best = i;
    }
    return best;
}

static int64_t count_measured(const struct xb_trials *trials, const struct xb_point *point)
{
    int64_t n = 0;

    for (size_t i = 0; i < trials->count; i++) {
        const struct xb_point own = xb_point_of(&trials->trial[i].c);
        n += trials->trial[i].ok && xb_point_equal(&own, point);
    }
    return n;
}

static int describe_point(const struct xb_tune *tune, size_t i, struct xb_tuned_point *out)
{
    const struct xb_contest *contest = &tune->contests[i];
    const struct xb_point point = xb_point_of(&tune->points[i]);
    double best_us = xb_trials_best_us(&tune->tuner.trials, &point);
    size_t best = find_best(&tune->tuner.trials, &point, best_us, contest->b);

    out->bytes = (int64_t)point.bytes;
    out->measured = count_measured(&tune->tuner.trials, &point);
    return describe_place(&point, &out->place) < 0 ||
                   describe_use(tune, contest->b, best_us, &out->chosen) < 0 ||
                   describe_use(tune, contest->a, best_us, &out->fixed) < 0 ||
                   describe_use(tune, best, best_us, &out->best) < 0 ||
                   describe_rivals(tune, contest->b, &out->rivals) < 0
               ? -1
               : 0;
}

static int describe_crossover(const struct xb_range *range, const struct xb_range *next,
                              struct xb_tuned_crossover *out)
{
    const struct xb_point point = xb_point_of(&range->use);
    char before[XB_CASE_ID_LEN], after[XB_CASE_ID_LEN];
    const struct xb_text_copy copies[] = {
        {xb_use_format(&range->use, before, sizeof before), &out->before},
        {xb_use_format(&next->use, after, sizeof after), &out->after}};

    out->above = (int64_t)range->to;
    out->parted = range->parted;
    return describe_place(&point, &out->place) < 0 ? -1 : xb_text_copies(copies, 2);
}

int xb_tune_outcome(const struct xb_tune *tune, struct xb_report_tuned *out,
                    struct xb_error *err)
{
    int rc = 0;

    *out = (struct xb_report_tuned){.there = true};
    for (size_t i = 0; rc == 0 && i < tune->npoints; i++) {
        struct xb_tuned_point *point = xb_list_add(&out->points, sizeof *point);
        rc = point ? describe_point(tune, i, point) : -1;
    }
    for (size_t i = 0; rc == 0 && i + 1 < tune->nranges; i++) {
        const struct xb_range *range = &tune->ranges[i], *next = range + 1;
        if (!xb_range_crosses(range, next))
            continue;
        struct xb_tuned_crossover *x = xb_list_add(&out->crossovers, sizeof *x);
        rc = x ? describe_crossover(range, next, x) : -1;
    }
    if (rc == 0)
        return 0;
    xb_fields_release(xb_report_tuned_fields, out);
    out->there = false;
    return xb_fail(err, "out of memory for what was chosen");
}
