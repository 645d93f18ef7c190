/* SPDX-License-Identifier: BSD-3-Clause */
/* choice.c - which of the ways that were measured to take. */
#include "tune/choice.h"

#include <stdlib.h>
#include <string.h>

static bool is_of(const struct xb_trial *t, const struct xb_point *point)
{
    const struct xb_point own = xb_point_of(&t->c);

    return t->ok && xb_point_equal(&own, point);
}

/* ---- what is simpler ---- */

static uint64_t pieces(const struct xb_case *c)
{
    return c->chunk == 0 || c->chunk >= c->bytes ? 1 : (c->bytes + c->chunk - 1) / c->chunk;
}

/* 0 the same chunk and depth too, 1 the same method, 2 another one or none before. */
static int change(const struct xb_case *c, const struct xb_case *before)
{
    if (!before || !xb_same_method(c, before))
        return 2;
    return xb_same_use(c, before) ? 0 : 1;
}

static int row_of(const struct xb_catalog *catalog, const struct xb_method_spec *method)
{
    int row = 0;
    while (catalog->methods[row] && catalog->methods[row] != method)
        row++;
    return row;
}

/* Options that are other than their defaults. */
static int special(const struct xb_case *c)
{
    struct xb_options plain = xb_options_default(c->method->options);
    int n = 0;

    for (size_t i = 0; i < xb_option_count(c->method->options); i++) {
        const struct xb_option *row = &c->method->options[i];
        n += xb_option_get(row, &c->options) != xb_option_get(row, &plain);
    }
    return n;
}

bool xb_is_simpler(const struct xb_case *a, const struct xb_case *b,
                   const struct xb_preference *by)
{
    const int64_t table[][2] = {
        {change(a, by->before), change(b, by->before)},
        {(int64_t)pieces(a), (int64_t)pieces(b)},
        {a->depth, b->depth},
        {row_of(by->catalog, a->method), row_of(by->catalog, b->method)},
        {special(a), special(b)},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i][0] != table[i][1])
            return table[i][0] < table[i][1];
    return strcmp(a->id, b->id) < 0;
}

/* ---- who is the fastest ---- */

bool xb_trials_part(const struct xb_trial *a, const struct xb_trial *b)
{
    return a->ci_hi_us < b->ci_lo_us || b->ci_hi_us < a->ci_lo_us;
}

static bool has_finalists(const struct xb_trials *trials, const struct xb_point *point)
{
    for (size_t i = 0; i < trials->count; i++)
        if (trials->trial[i].final && is_of(&trials->trial[i], point))
            return true;
    return false;
}

const struct xb_trial *xb_trials_best(const struct xb_trials *trials,
                                      const struct xb_point *point)
{
    bool finals = has_finalists(trials, point);
    const struct xb_trial *best = NULL;

    for (size_t i = 0; i < trials->count; i++) {
        const struct xb_trial *t = &trials->trial[i];
        if (is_of(t, point) && t->final == finals && (!best || t->us < best->us))
            best = t;
    }
    return best;
}

double xb_trials_best_us(const struct xb_trials *trials, const struct xb_point *point)
{
    const struct xb_trial *best = NULL;

    for (size_t i = 0; i < trials->count; i++) {
        const struct xb_trial *t = &trials->trial[i];
        if (is_of(t, point) && (!best || (t->again && !best->again) ||
                                (t->again == best->again && t->best_us < best->best_us)))
            best = t;
    }
    return best ? best->best_us : 0;
}

size_t xb_trials_finalists(const struct xb_trials *trials, const struct xb_point *point,
                           size_t out[XB_FINALISTS])
{
    const struct xb_trial *last = NULL;
    size_t n = 0;

    while (n < XB_FINALISTS) { /* the fastest of what has another method than those before */
        const struct xb_trial *next = NULL;
        for (size_t i = 0; i < trials->count; i++) {
            const struct xb_trial *t = &trials->trial[i];
            bool taken = !is_of(t, point);
            for (size_t k = 0; k < n && !taken; k++)
                taken = xb_same_method(&t->c, &trials->trial[out[k]].c);
            if (!taken && (!next || t->us < next->us))
                next = t;
        }
        if (!next || (last && next->us > XB_FINALIST_WITHIN * trials->trial[out[0]].us))
            break;
        out[n++] = (size_t)(next - trials->trial);
        last = next;
    }
    return n;
}

/* ---- whom to choose ---- */

/* A finalist than which no other is faster beyond doubt. */
static bool is_contender(const struct xb_trials *trials, const struct xb_trial *t)
{
    const struct xb_point point = xb_point_of(&t->c);

    if (!t->final)
        return false;
    for (size_t i = 0; i < trials->count; i++) {
        const struct xb_trial *other = &trials->trial[i];
        if (other->final && is_of(other, &point) && other->ci_hi_us < t->ci_lo_us)
            return false;
    }
    return true;
}

/* The fastest that goes on with the method, if it does not part from the best. */
static const struct xb_trial *go_on(const struct xb_trials *trials, const struct xb_trial *best,
                                    const struct xb_case *before)
{
    const struct xb_point point = xb_point_of(&best->c);
    const struct xb_trial *kept = NULL;

    for (size_t i = 0; before && i < trials->count; i++) {
        const struct xb_trial *t = &trials->trial[i];
        if (is_of(t, &point) && xb_same_method(&t->c, before) &&
            t->ci_lo_us <= best->ci_hi_us && (!kept || t->us < kept->us))
            kept = t;
    }
    return kept ? kept : best;
}

const struct xb_trial *xb_trials_choose(const struct xb_trials *trials,
                                        const struct xb_point *point,
                                        const struct xb_preference *by)
{
    const struct xb_trial *best = xb_trials_best(trials, point), *chosen = best;

    if (!best || !best->final)
        return best ? go_on(trials, best, by->before) : NULL;
    for (size_t i = 0; i < trials->count; i++) {
        const struct xb_trial *t = &trials->trial[i];
        if (is_of(t, point) && is_contender(trials, t) && xb_is_simpler(&t->c, &chosen->c, by))
            chosen = t;
    }
    return chosen;
}

const struct xb_trial *xb_trials_rival(const struct xb_trials *trials,
                                       const struct xb_trial *chosen, size_t i)
{
    const struct xb_point point = xb_point_of(&chosen->c);

    for (size_t k = 0; k < trials->count; k++) {
        const struct xb_trial *t = &trials->trial[k];
        if (t != chosen && is_of(t, &point) && is_contender(trials, t) &&
            !xb_trials_part(t, chosen) && i-- == 0)
            return t;
    }
    return NULL;
}
