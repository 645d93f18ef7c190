/* SPDX-License-Identifier: BSD-3-Clause */
/* outliers.c - who is slow in a run: GPUs, ranks, links and nodes over all cases. */
#include "report/outliers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "model/plan/pattern.h"
#include "report/outlier_lanes.h"

#define LEAST_LANES 3 /* of which one may be slower than its like */

static int out_of_memory(struct xb_error *err)
{
    return xb_fail(err, "out of memory for the outliers");
}

struct xb_outlier *xb_outlier_at(const struct xb_outliers *o, size_t i)
{
    return (struct xb_outlier *)o->list.item + i;
}

struct xb_outlier_case *xb_outlier_case_at(const struct xb_outlier *outlier, size_t i)
{
    return (struct xb_outlier_case *)outlier->cases.item + i;
}

static struct xb_outlier_case *case_of(const struct xb_outlier *outlier, size_t place)
{
    for (size_t i = 0; i < outlier->cases.n; i++)
        if (xb_outlier_case_at(outlier, i)->place == place)
            return xb_outlier_case_at(outlier, i);
    return NULL;
}

/* ---- suspects of a case ---- */

/* What takes a suspect of one group. */
typedef int suspect_fn(void *arg, const struct xb_outlier_group *group, bool of_ceiling,
                       const struct xb_suspect *suspect, const struct xb_outlier_case *figures);

struct search {
    const struct xb_report_case *c;
    const struct xb_outlier_limits *limits;
    suspect_fn *take;
    void *arg;
};

static int take_all(const struct search *s, const struct xb_outlier_group *group,
                    const struct xb_slow_limit *limit)
{
    struct xb_suspect *found;
    bool of_ceiling = limit->than_us > 0;
    int n = xb_suspects_find(group->lanes, group->n, limit, &found), rc = n < 0 ? -1 : 0;

    for (int i = 0; rc == 0 && i < n; i++) {
        const struct xb_suspect *f = &found[i];
        struct xb_outlier_case figures = {
            .gb_per_s = NAN, .usual_gb_per_s = NAN, .again_ratio = NAN};
        figures.ratio = f->usual_us / f->us;
        if (group->bytes > 0) {
            figures.gb_per_s = xb_gb_per_s(group->bytes, f->us);
            figures.usual_gb_per_s = xb_gb_per_s(group->bytes, f->usual_us);
        }
        rc = s->take(s->arg, group, of_ceiling, f, &figures);
    }
    free(found);
    return rc;
}

static int search_group(const struct search *s, const struct xb_outlier_group *group)
{
    const struct xb_slow_limit like = {.off = s->limits->off, .mads = s->limits->mads};
    double rate = s->limits->ceiling * group->ceiling_gb_per_s;

    if (group->n >= LEAST_LANES && take_all(s, group, &like) < 0)
        return -1;
    if (!(rate > 0) || !(group->bytes > 0))
        return 0;
    const struct xb_slow_limit ceiling = {.than_us = group->bytes / rate / 1e3};
    return take_all(s, group, &ceiling);
}

/* Go through the groups of a case. */
static int search_case(const struct xb_report *report, const struct search *s)
{
    struct xb_outlier_groups groups;
    int rc = xb_outlier_groups_make(report, s->c, &groups);

    for (size_t i = 0; rc == 0 && i < groups.n; i++)
        rc = search_group(s, &groups.group[i]);
    xb_outlier_groups_release(&groups);
    return rc;
}

/* Can its lanes be compared? 1, 0, or -1 when out of memory. */
static int is_looked_at(const struct xb_report *report, const struct xb_report_case *c)
{
    const struct xb_pattern *pattern = xb_pattern_find(c->key.pattern, NULL);

    if (c->status != XB_OK || c->schedule < 0 || (pattern && pattern->one_operation))
        return 0;
    int shared = xb_outlier_shares_ends(report, c);
    return shared < 0 ? -1 : !shared;
}

/* ---- over all cases ---- */

/* What is found in one case. */
struct look {
    struct xb_outliers *o;
    const struct xb_report_case *c;
    size_t place;
};

/* Who a suspect is, whichever way a link was found; the caller frees it. NULL when out of
 * memory. */
static char *name_suspect(const struct xb_outlier_group *group, bool of_ceiling,
                          const struct xb_suspect *f)
{
    bool turned = f->src > f->dst;
    char *text;

    return asprintf(&text, "%d %d %d %d %s", (int)f->kind, of_ceiling, turned ? f->dst : f->src,
                    turned ? f->src : f->dst, group->first->link_class) < 0
               ? NULL
               : text;
}

/* The outlier of that name; a link may have been found the other way round, which turns its
 * roles. */
static struct xb_outlier *find_outlier(const struct xb_outliers *o, const char *name,
                                       const struct xb_suspect *f, int *roles)
{
    int64_t number = xb_text_set_find(&o->known, name, strlen(name));
    struct xb_outlier *x = number < 0 ? NULL : xb_outlier_at(o, (size_t)number);
    bool turned = x && x->src != f->src;

    *roles = !turned ? f->roles
                     : (f->roles & XB_SENDS ? XB_RECEIVES : 0) |
                           (f->roles & XB_RECEIVES ? XB_SENDS : 0);
    return x;
}

static struct xb_outlier *add_outlier(struct xb_outliers *o, const char *name,
                                      const struct xb_outlier_group *group, bool of_ceiling,
                                      const struct xb_suspect *f)
{
    struct xb_outlier *x = xb_list_add(&o->list, sizeof *x);

    if (!x)
        return NULL;
    *x = (struct xb_outlier){
        .kind = f->kind, .src = f->src, .dst = f->dst, .of_ceiling = of_ceiling};
    return xb_text_set_add(&o->known, name) >= 0 &&
                   xb_text_dup(group->first->link_class, &x->link_class) == 0 &&
                   xb_text_dup(group->first->src, &x->src_end) == 0 &&
                   xb_text_dup(group->first->dst, &x->dst_end) == 0
               ? x
               : NULL;
}

/* The outlier that a suspect is, which is added where it is new and that is asked for. NULL
 * where there is none, and when out of memory: then rc is -1. */
static struct xb_outlier *outlier_of(struct xb_outliers *o,
                                     const struct xb_outlier_group *group, bool of_ceiling,
                                     const struct xb_suspect *f, bool add, int *roles, int *rc)
{
    char *name = name_suspect(group, of_ceiling, f);
    struct xb_outlier *x = name ? find_outlier(o, name, f, roles) : NULL;

    if (name && !x && add)
        x = add_outlier(o, name, group, of_ceiling, f);
    *rc = name && (x || !add) ? 0 : -1;
    free(name);
    return x;
}

static int take_suspect(void *arg, const struct xb_outlier_group *group, bool of_ceiling,
                        const struct xb_suspect *f, const struct xb_outlier_case *figures)
{
    struct look *look = arg;
    int roles, rc;
    struct xb_outlier *x = outlier_of(look->o, group, of_ceiling, f, true, &roles, &rc);

    if (!x)
        return -1;
    x->roles |= roles;
    struct xb_outlier_case *c = case_of(x, look->place);
    if (c) { /* the other way of a case in both */
        if (figures->ratio < c->ratio) {
            c->gb_per_s = figures->gb_per_s;
            c->usual_gb_per_s = figures->usual_gb_per_s;
            c->ratio = figures->ratio;
        }
        return 0;
    }
    if (!(c = xb_list_add(&x->cases, sizeof *c)))
        return -1;
    *c = *figures;
    c->place = look->place;
    return xb_text_dup(look->c->id, &c->id);
}

/* What is counted of a link class, which is added where it is new. */
static struct xb_outlier_looked *looked_of(struct xb_outliers *o, const char *link_class)
{
    struct xb_outlier_looked *l = o->looked.item;

    for (size_t k = 0; k < o->looked.n; k++, l++)
        if (strcmp(l->link_class, link_class) == 0)
            return l;
    l = xb_list_add(&o->looked, sizeof *l);
    return l && xb_text_dup(link_class, &l->link_class) == 0 ? l : NULL;
}

/* A case whose lanes were compared counts once for each of their link classes. */
static int count_looked(struct xb_outliers *o, const struct xb_report *report,
                        const struct xb_report_case *c)
{
    struct xb_text_set classes = {.n = 0};
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < c->lanes.n; i++)
        if (xb_outlier_is_compared(report, c, i) &&
            xb_text_set_add(&classes, xb_report_step_of(report, c, i)->link_class) < 0)
            rc = -1;
    for (size_t i = 0; rc == 0 && i < classes.n; i++) {
        struct xb_outlier_looked *l = looked_of(o, xb_text_set_at(&classes, i));
        rc = l ? 0 : -1;
        if (l)
            l->cases++;
    }
    xb_text_set_release(&classes);
    return rc;
}

int xb_outliers_look(struct xb_outliers *o, const struct xb_report *report,
                     const struct xb_report_case *c, size_t place,
                     const struct xb_outlier_limits *limits, struct xb_error *err)
{
    struct look look = {o, c, place};
    const struct search search = {c, limits, take_suspect, &look};

    int looked_at = is_looked_at(report, c);

    if (looked_at <= 0)
        return looked_at < 0 ? out_of_memory(err) : 0;
    return count_looked(o, report, c) == 0 && search_case(report, &search) == 0
               ? 0
               : out_of_memory(err);
}

/* ---- the second look ---- */

static int take_again(void *arg, const struct xb_outlier_group *group, bool of_ceiling,
                      const struct xb_suspect *f, const struct xb_outlier_case *figures)
{
    struct look *look = arg;
    int roles, rc;
    struct xb_outlier *x = outlier_of(look->o, group, of_ceiling, f, false, &roles, &rc);
    struct xb_outlier_case *c = x ? case_of(x, look->place) : NULL;

    if (c && (x->roles & roles))
        c->again_ratio =
            fmin(isnan(c->again_ratio) ? INFINITY : c->again_ratio, figures->ratio);
    return rc;
}

int xb_outliers_again(struct xb_outliers *o, const struct xb_report *report,
                      const struct xb_report_case *c, size_t place,
                      const struct xb_outlier_limits *limits, struct xb_error *err)
{
    struct look look = {o, c, place};
    const struct search search = {c, limits, take_again, &look};

    int looked_at = is_looked_at(report, c);

    if (looked_at <= 0) /* it tells nothing of who is slow */
        return looked_at < 0 ? out_of_memory(err) : 0;
    for (size_t i = 0; i < o->list.n; i++) {
        struct xb_outlier_case *mine = case_of(xb_outlier_at(o, i), place);
        if (mine)
            mine->looked_again = true;
    }
    return search_case(report, &search) == 0 ? 0 : out_of_memory(err);
}

static int by_ratio(const void *a, const void *b)
{
    const struct xb_outlier_case *x = *(const struct xb_outlier_case *const *)a,
                                 *y = *(const struct xb_outlier_case *const *)b;

    return x->ratio != y->ratio ? (x->ratio > y->ratio) - (x->ratio < y->ratio)
                                : (x->place > y->place) - (x->place < y->place);
}

static int by_place(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;

    return (x > y) - (x < y);
}

/* The places of the worst cases of one suspect behind those that are there already. */
static int add_worst(const struct xb_outlier *x, int again, size_t *places, size_t *n)
{
    const struct xb_outlier_case **cases = calloc(x->cases.n + 1, sizeof *cases);

    if (!cases)
        return -1;
    for (size_t i = 0; i < x->cases.n; i++)
        cases[i] = xb_outlier_case_at(x, i);
    qsort(cases, x->cases.n, sizeof *cases, by_ratio);
    for (size_t i = 0; i < x->cases.n && i < (size_t)again; i++)
        places[(*n)++] = cases[i]->place;
    free(cases);
    return 0;
}

int xb_outliers_choose(const struct xb_outliers *o, int again, size_t **places)
{
    size_t n = 0, kept = 0;
    size_t *all = calloc(o->list.n * (size_t)again + 1, sizeof *all);
    int rc = all ? 0 : -1;

    *places = NULL;
    for (size_t i = 0; rc == 0 && i < o->list.n; i++)
        rc = add_worst(xb_outlier_at(o, i), again, all, &n);
    if (rc < 0 || n == 0) {
        free(all);
        return rc;
    }
    qsort(all, n, sizeof *all, by_place);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || all[i] != all[i - 1])
            all[kept++] = all[i];
    *places = all;
    return (int)kept;
}

void xb_outlier_count_again(const struct xb_outlier *x, size_t *looked, size_t *seen)
{
    *looked = *seen = 0;
    for (size_t i = 0; i < x->cases.n; i++) {
        *looked += xb_outlier_case_at(x, i)->looked_again ? 1 : 0;
        *seen += isnan(xb_outlier_case_at(x, i)->again_ratio) ? 0 : 1;
    }
}

bool xb_outlier_is_gone(const struct xb_outlier *outlier)
{
    size_t looked, seen;

    xb_outlier_count_again(outlier, &looked, &seen);
    return looked > 0 && 2 * seen <= looked;
}

void xb_outliers_release(struct xb_outliers *o)
{
    for (size_t i = 0; i < o->list.n; i++) {
        struct xb_outlier *x = xb_outlier_at(o, i);
        for (size_t k = 0; k < x->cases.n; k++)
            free(xb_outlier_case_at(x, k)->id);
        free(x->cases.item);
        free(x->link_class);
        free(x->src_end);
        free(x->dst_end);
    }
    for (size_t i = 0; i < o->looked.n; i++)
        free(((struct xb_outlier_looked *)o->looked.item + i)->link_class);
    xb_text_set_release(&o->known);
    free(o->list.item);
    free(o->looked.item);
    *o = (struct xb_outliers){.list = {NULL, 0, 0}};
}
