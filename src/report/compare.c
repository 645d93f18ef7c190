/* SPDX-License-Identifier: BSD-3-Clause */
/* compare.c - a comparison: its steps, what they add up to, and how it ends. */
#include "report/compare_internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/figures/simultaneous.h"

enum { EXIT_FINE = 0, EXIT_REGRESSION = 1, EXIT_NOTHING = 3, EXIT_CORRUPT = 4 };

const char *xb_verdict_name(enum xb_verdict verdict)
{
    static const char *const names[] = {[XB_VERDICT_SAME] = "same",
                                        [XB_VERDICT_FASTER] = "faster",
                                        [XB_VERDICT_SLOWER] = "slower",
                                        [XB_VERDICT_UNCLEAR] = "unclear",
                                        [XB_VERDICT_MISSING] = "missing"};

    return names[verdict];
}

int xb_compare_warn(struct xb_comparison *c, const char *fmt, ...)
{
    char text[1024];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return xb_texts_add(&c->warnings, text);
}

/* ---- steps ---- */

/* The launches' files, and how many each side has. */
static int count_launches(struct xb_comparison *c, const struct xb_launches *l)
{
    c->launches = calloc(xb_sides(c) + 1, sizeof(*c->launches));
    if (!c->launches)
        return -1;
    for (size_t i = 0; i < l->launches.n; i++) {
        if (xb_texts_add(&c->files, xb_launch_at(l, i)->file) < 0)
            return -1;
        for (size_t side = 0; side < xb_sides(c); side++)
            c->launches[side] += xb_is_of_side(c, i, side);
    }
    for (size_t i = 0; i < l->lanes.n; i++)
        if (xb_texts_add(&c->lanes, xb_text_set_at(&l->lanes, i)) < 0)
            return -1;
    return 0;
}

/* Too few launches are said to be too few. */
static int warn_of_few(struct xb_comparison *c, const char *name, size_t n)
{
    if (n == 0)
        return xb_compare_warn(c, "%s has no launch", name);
    if (n == 1)
        return xb_compare_warn(c, "%s has one launch: nothing is found the same", name);
    return n < XB_SIMULTANEOUS_LEAST
               ? xb_compare_warn(c,
                                 "%s has %zu launches, which are too few: intervals are wide "
                                 "below %d",
                                 name, n, XB_SIMULTANEOUS_LEAST)
               : 0;
}

/* What a reader must know of the launches before all verdicts. */
static int warn_of_launches(struct xb_comparison *c, const struct xb_launches *l)
{
    /* where sides are cases, all have the same launches */
    size_t sides = c->grouping.by_case && xb_sides(c) > 1 ? 1 : xb_sides(c);

    for (size_t side = 0; side < sides; side++) {
        const char *name =
            c->grouping.by_case ? "the comparison" : c->grouping.sides.value[side];
        if (xb_sides(c) > 1 && warn_of_few(c, name, c->launches[side]) < 0)
            return -1;
    }
    for (size_t i = 0; i < l->launches.n; i++)
        if (c->grouping.side[i] >= 0 && xb_launch_at(l, i)->interrupted &&
            xb_compare_warn(c, "%s: its run was interrupted", xb_launch_at(l, i)->file) < 0)
            return -1;
    return 0;
}

static int make_room(struct xb_comparison *c)
{
    size_t n = xb_rows(c) * xb_sides(c);

    c->values = calloc(n + 1, sizeof(*c->values));
    c->outcomes = calloc(n + 1, sizeof(*c->outcomes));
    c->means = calloc(xb_sides(c) + 1, sizeof(*c->means));
    return c->values && c->outcomes && c->means ? 0 : -1;
}

static int take_steps(struct xb_comparison *c, const struct xb_launches *launches,
                      const struct xb_compare_ask *ask)
{
    const struct xb_noise *noise = ask->noise;

    c->threshold = ask->threshold;
    c->confidence = ask->confidence;
    c->seed = ask->seed;
    if (xb_text_dup(ask->row, &c->row) < 0 || xb_text_dup(ask->col, &c->col) < 0 ||
        make_room(c) < 0 || count_launches(c, launches) < 0 ||
        warn_of_launches(c, launches) < 0)
        return -1;
    if (noise && !xb_noise_fits(noise, launches)) {
        noise = NULL;
        if (xb_compare_warn(c, "the noise is not used: it was recorded with other GPUs, or on "
                               "another host without any") < 0)
            return -1;
    }
    return xb_compare_sides(c, launches) < 0 || xb_compare_changes(c, launches, noise) < 0
               ? -1
               : xb_compare_facts(c, launches, ask->ignores);
}

struct xb_comparison *xb_compare(const struct xb_launches *launches,
                                 const struct xb_compare_ask *ask, struct xb_error *err)
{
    struct xb_comparison *c = calloc(1, sizeof(*c));

    if (!c) {
        xb_fail(err, "out of memory for a comparison");
        return NULL;
    }
    int rc = xb_grouping_make(launches, ask, &c->grouping, err);
    if (rc == 0 && take_steps(c, launches, ask) < 0)
        rc = xb_fail(err, "out of memory for a comparison");
    if (rc == 0)
        return c;
    xb_comparison_free(c);
    return NULL;
}

static void release_texts(struct xb_texts *texts)
{
    for (size_t i = 0; i < texts->n; i++)
        free(texts->value[i]);
    free(texts->value);
}

void xb_comparison_free(struct xb_comparison *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < xb_rows(c) * xb_sides(c); i++) {
        if (c->values) {
            free(c->values[i].carried);
            free(c->values[i].reason);
        }
        if (c->outcomes)
            free(c->outcomes[i].lanes.item);
    }
    for (size_t side = 0; c->means && side < xb_sides(c); side++)
        free(c->means[side].item);
    xb_compare_facts_release(c);
    free(c->values);
    free(c->outcomes);
    free(c->means);
    free(c->launches);
    free(c->row);
    free(c->col);
    release_texts(&c->files);
    release_texts(&c->lanes);
    release_texts(&c->warnings);
    xb_grouping_release(&c->grouping);
    free(c);
}

/* ---- what it adds up to ---- */

bool xb_row_is_nowhere(const struct xb_comparison *c, size_t row)
{
    for (size_t side = 0; side < xb_sides(c); side++)
        if (xb_value_at(c, row, side)->n > 0)
            return false;
    return true;
}

size_t xb_comparison_count(const struct xb_comparison *c, enum xb_verdict verdict)
{
    size_t n = 0;

    for (size_t row = 0; row < xb_rows(c); row++)
        for (size_t side = 1; side < xb_sides(c); side++)
            n += xb_outcome_at(c, row, side)->change.verdict == verdict &&
                 !xb_row_is_nowhere(c, row) &&
                 !(verdict == XB_VERDICT_MISSING && c->grouping.by_case);
    return n;
}

size_t xb_comparison_open(const struct xb_comparison *c, double half_width)
{
    double most = log1p(half_width);
    size_t n = 0;

    for (size_t row = 0; row < xb_rows(c); row++) {
        const struct xb_side_value *v = xb_value_at(c, row, 0);
        if (xb_sides(c) == 1)
            n += v->n > 0 && !((v->ci_hi_us - v->ci_lo_us) / 2 <= half_width * v->median_us);
        for (size_t side = 1; side < xb_sides(c); side++) {
            const struct xb_change *change = &xb_outcome_at(c, row, side)->change;
            n += change->verdict == XB_VERDICT_UNCLEAR && !(change->half <= most);
        }
    }
    return n;
}

/* Are lanes, or means of classes, slower? Where lanes are missing that the base has? */
static void look_closer(const struct xb_comparison *c, bool *slower, bool *missing)
{
    for (size_t side = 1; side < xb_sides(c); side++) {
        const struct xb_class_mean *means = c->means[side].item;
        for (size_t i = 0; i < c->means[side].n; i++)
            *slower = *slower || means[i].change.verdict == XB_VERDICT_SLOWER;
        for (size_t row = 0; row < xb_rows(c); row++) {
            const struct xb_outcome *outcome = xb_outcome_at(c, row, side);
            const struct xb_lane_change *lanes = outcome->lanes.item;
            for (size_t i = 0; i < outcome->lanes.n; i++) {
                const struct xb_change *change = &lanes[i].change;
                *slower = *slower || change->verdict == XB_VERDICT_SLOWER;
                *missing =
                    *missing || (!c->grouping.by_case && change->n[0] > 0 && change->n[1] == 0);
            }
        }
    }
}

int xb_comparison_exit(const struct xb_comparison *c)
{
    bool slower = false, missing = false, any = false, corrupt = false;

    look_closer(c, &slower, &missing);
    for (size_t row = 0; row < xb_rows(c); row++)
        for (size_t side = 0; side < xb_sides(c); side++) {
            const struct xb_side_value *v = xb_value_at(c, row, side);
            const struct xb_change *change = &xb_outcome_at(c, row, side)->change;
            corrupt = corrupt || v->corrupt;
            if (side == 0 && xb_sides(c) > 1)
                continue;
            any = any || (side ? isfinite(change->log_ratio) : v->n > 0);
            slower = slower || (side && change->verdict == XB_VERDICT_SLOWER);
            missing = missing || (side && !c->grouping.by_case && v->n == 0 &&
                                  xb_value_at(c, row, 0)->n > 0);
        }
    slower = slower && !c->grouping.by_case; /* of methods one may be slower than another */
    return corrupt           ? EXIT_CORRUPT
           : slower          ? EXIT_REGRESSION
           : missing || !any ? EXIT_NOTHING
                             : EXIT_FINE;
}
