/* SPDX-License-Identifier: BSD-3-Clause */
/* compare_facts.c - what the sides' environments share, and in what they differ. */
#include "report/compare_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Measured quantities tell sides apart where these lie beside each other, by more than a tenth
 * of the larger. */
#define APART 0.1

struct range {
    double lo, hi;
};

/* ---- one fact ---- */

static int add_value(struct xb_texts *values, const char *value)
{
    for (size_t i = 0; i < values->n; i++)
        if (strcmp(values->value[i], value) == 0)
            return 0;
    return xb_texts_add(values, value);
}

/* The values of a fact on each side; a launch that lacks it adds "null". */
static int gather(const struct xb_comparison *c, const struct xb_launches *l, const char *name,
                  struct xb_texts *values)
{
    for (size_t side = 0; side < xb_sides(c); side++)
        for (size_t i = 0; i < l->launches.n; i++) {
            if (!xb_is_of_side(c, i, side))
                continue;
            const struct xb_fact *fact = xb_facts_find(&xb_launch_at(l, i)->facts, name);
            if (add_value(&values[side], fact ? fact->value : "null") < 0)
                return -1;
        }
    return 0;
}

static struct range range_of(const struct xb_texts *values)
{
    struct range r = {INFINITY, -INFINITY};

    for (size_t i = 0; i < values->n; i++) {
        double value = strtod(values->value[i], NULL);
        r.lo = fmin(r.lo, value);
        r.hi = fmax(r.hi, value);
    }
    return r;
}

static bool is_shared(const struct xb_comparison *c, const struct xb_texts *values)
{
    const char *first = NULL;

    for (size_t side = 0; side < xb_sides(c); side++)
        for (size_t i = 0; i < values[side].n; i++) {
            if (first && strcmp(first, values[side].value[i]) != 0)
                return false;
            first = values[side].value[i];
        }
    return first != NULL;
}

/* A measured quantity: do two sides lie apart? */
static bool are_apart(const struct xb_comparison *c, const struct xb_texts *values)
{
    for (size_t a = 0; a < xb_sides(c); a++)
        for (size_t b = 0; b < xb_sides(c); b++) {
            struct range x = range_of(&values[a]), y = range_of(&values[b]);
            if (values[a].n && values[b].n && y.lo - x.hi > APART * fabs(y.hi))
                return true;
        }
    return false;
}

/* ---- all of them ---- */

static bool is_ignored(const char *const *ignores, const char *name)
{
    for (; ignores && *ignores; ignores++)
        if (strcmp(*ignores, name) == 0)
            return true;
    return false;
}

static void release_values(struct xb_texts *values, size_t sides)
{
    for (size_t side = 0; values && side < sides; side++) {
        for (size_t i = 0; i < values[side].n; i++)
            free(values[side].value[i]);
        free(values[side].value);
    }
    free(values);
}

static int add_fact(struct xb_comparison *c, const struct xb_launches *l, const char *name)
{
    struct xb_texts *values = calloc(xb_sides(c) + 1, sizeof(*values));
    struct xb_list *list = NULL;
    int rc = values ? gather(c, l, name, values) : -1;

    if (rc == 0 && is_shared(c, values))
        list = &c->shared;
    else if (rc == 0 && (!xb_fact_is_measured(name) || are_apart(c, values)))
        list = &c->differing;
    struct xb_side_fact *added = list ? xb_list_add(list, sizeof(*added)) : NULL;
    if (added) {
        added->values = values;
        return xb_text_dup(name, &added->name);
    }
    release_values(values, xb_sides(c));
    return rc < 0 || list ? -1 : 0;
}

/* Every name once, in the order in which launches have them. */
int xb_compare_facts(struct xb_comparison *c, const struct xb_launches *launches,
                     const char *const *ignores)
{
    struct xb_text_set names = {.n = 0};
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < launches->launches.n; i++) {
        const struct xb_facts *facts = &xb_launch_at(launches, i)->facts;
        for (size_t k = 0; rc == 0 && c->grouping.side[i] >= 0 && k < facts->list.n; k++)
            rc = xb_text_set_add(&names, xb_fact_at(facts, k)->name) < 0 ? -1 : 0;
    }
    for (size_t i = 0; rc == 0 && i < names.n; i++)
        if (!is_ignored(ignores, xb_text_set_at(&names, i)))
            rc = add_fact(c, launches, xb_text_set_at(&names, i));
    xb_text_set_release(&names);
    return rc;
}

static void release_facts(struct xb_list *facts, size_t sides)
{
    struct xb_side_fact *list = facts->item;

    for (size_t i = 0; i < facts->n; i++) {
        release_values(list[i].values, sides);
        free(list[i].name);
    }
    free(list);
}

void xb_compare_facts_release(struct xb_comparison *c)
{
    release_facts(&c->shared, xb_sides(c));
    release_facts(&c->differing, xb_sides(c));
}
