/* outliers.c - who is slow in a run: GPUs, ranks, links and nodes over all cases. */
#include "report/outliers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "model/plan/pattern.h"

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

bool xb_outlier_is_gpu(const char *end)
{
    return strncmp(end, "gpu", 3) == 0;
}

static struct xb_outlier_case *case_of(const struct xb_outlier *outlier, size_t place)
{
    for (size_t i = 0; i < outlier->cases.n; i++)
        if (xb_outlier_case_at(outlier, i)->place == place)
            return xb_outlier_case_at(outlier, i);
    return NULL;
}

/* ---- lanes that are alike ---- */

/* Lanes of a case with the same kind of ends, link class and bytes. */
struct group {
    const struct xb_report_step *first;
    double bytes; /* of one transfer; 0 for a method that moves none */
    struct xb_like_lane *lanes;
    size_t n;
    double ceiling_gb_per_s; /* NAN where a lane has none */
};

static bool is_compared(const struct xb_report *report, const struct xb_report_case *c,
                        size_t i)
{
    const struct xb_report_lane *lane = xb_report_lane_at(c, i);
    const struct xb_report_step *step = xb_report_step_of(report, c, i);

    return step && step->step == 0 && step->link_class && lane->status == XB_OK &&
           lane->time_us.there && lane->time_us.median > 0 &&
           xb_report_lane_is_full(report, c, i) && xb_report_rank_of(report, step->src_rank) &&
           xb_report_rank_of(report, step->dst_rank);
}

/* Of each rank the last lane of the round that begins there, or ends, and of each lane the one
 * before it: places from 1. */
struct ends {
    size_t *last, *before;
};

static bool open_ends(struct ends *e, size_t ranks, size_t lanes)
{
    e->last = calloc(ranks + 1, sizeof *e->last);
    e->before = calloc(lanes + 1, sizeof *e->before);
    return e->last && e->before;
}

static void close_ends(struct ends *e)
{
    free(e->last);
    free(e->before);
}

/* Does an earlier lane of the round have the same end, at the same step? If not, this one is
 * known from now on. */
static bool is_shared(const struct xb_report *report, const struct xb_report_case *c, size_t i,
                      bool source, struct ends *e)
{
    const struct xb_report_step *a = xb_report_step_of(report, c, i), *b;
    int64_t rank = source ? a->src_rank : a->dst_rank;

    if (rank < 0 || (size_t)rank >= report->ranks.n)
        return false;
    for (size_t at = e->last[rank]; at > 0; at = e->before[at - 1]) {
        b = xb_report_step_of(report, c, at - 1);
        if (b->round != a->round)
            break;
        if (b->step == a->step &&
            strcmp(source ? a->src : a->dst, source ? b->src : b->dst) == 0)
            return true;
    }
    e->before[i] = e->last[rank];
    e->last[rank] = i + 1;
    return false;
}

/* Do two lanes of a round begin, or end, at the same end? -1 when out of memory. */
static int shares_ends(const struct xb_report *report, const struct xb_report_case *c)
{
    struct ends from = {NULL}, to = {NULL};
    bool room = open_ends(&from, report->ranks.n, c->lanes.n) &&
                open_ends(&to, report->ranks.n, c->lanes.n);
    bool shared = false;

    for (size_t i = 0; room && !shared && i < c->lanes.n; i++)
        if (xb_report_step_of(report, c, i) && xb_report_lane_is_full(report, c, i))
            shared =
                is_shared(report, c, i, true, &from) || is_shared(report, c, i, false, &to);
    close_ends(&from);
    close_ends(&to);
    return room ? shared : -1;
}

static bool is_like(const struct xb_report_step *a, const struct xb_report_step *b)
{
    return strcmp(a->link_class, b->link_class) == 0 && strcmp(a->src, b->src) == 0 &&
           strcmp(a->dst, b->dst) == 0;
}

static struct xb_like_lane like_lane(const struct xb_report *report,
                                     const struct xb_report_step *step,
                                     const struct xb_report_lane *lane)
{
    const struct xb_report_lane_time *time = &lane->time_us;

    return (struct xb_like_lane){
        .src = (int)step->src_rank,
        .dst = (int)step->dst_rank,
        .src_node = (int)xb_report_rank_of(report, step->src_rank)->node,
        .dst_node = (int)xb_report_rank_of(report, step->dst_rank)->node,
        .is_link = step->src_rank == step->dst_rank && xb_outlier_is_gpu(step->src) &&
                   xb_outlier_is_gpu(step->dst) && strcmp(step->src, step->dst) != 0,
        .us = time->median,
        .least_us = isnan(time->ci_lo) ? time->min : time->ci_lo,
    };
}

/* The lanes that are like lane i, from there on; done says which are in a group. */
static void gather(const struct xb_report *report, const struct xb_report_case *c, size_t i,
                   bool *done, struct group *group)
{
    group->first = xb_report_step_of(report, c, i);
    group->n = 0;
    group->bytes = xb_report_lane_bytes(c, i);
    group->ceiling_gb_per_s = xb_report_lane_at(c, i)->ceiling_gb_per_s;
    for (; i < c->lanes.n; i++) {
        const struct xb_report_lane *lane = xb_report_lane_at(c, i);
        const struct xb_report_step *step = xb_report_step_of(report, c, i);
        if (done[i] || !is_like(group->first, step) ||
            xb_report_lane_bytes(c, i) != group->bytes)
            continue;
        done[i] = true;
        if (isnan(lane->ceiling_gb_per_s))
            group->ceiling_gb_per_s = NAN;
        group->lanes[group->n++] = like_lane(report, step, lane);
    }
}

/* ---- suspects of a case ---- */

/* What takes a suspect of one group. */
typedef int suspect_fn(void *arg, const struct group *group, bool of_ceiling,
                       const struct xb_suspect *suspect, const struct xb_outlier_case *figures);

struct search {
    const struct xb_report_case *c;
    const struct xb_outlier_limits *limits;
    suspect_fn *take;
    void *arg;
};

static int take_all(const struct search *s, const struct group *group,
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

static int search_group(const struct search *s, const struct group *group)
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
    const struct xb_report_case *c = s->c;
    struct group group = {.lanes = calloc(c->lanes.n + 1, sizeof *group.lanes)};
    bool *done = calloc(c->lanes.n + 1, sizeof *done);
    int rc = group.lanes && done ? 0 : -1;

    for (size_t i = 0; rc == 0 && i < c->lanes.n; i++)
        done[i] = !is_compared(report, c, i);
    for (size_t i = 0; rc == 0 && i < c->lanes.n; i++)
        if (!done[i]) {
            gather(report, c, i, done, &group);
            rc = search_group(s, &group);
        }
    free(done);
    free(group.lanes);
    return rc;
}

/* Can its lanes be compared? 1, 0, or -1 when out of memory. */
static int is_looked_at(const struct xb_report *report, const struct xb_report_case *c)
{
    const struct xb_pattern *pattern = xb_pattern_find(c->key.pattern, NULL);

    if (c->status != XB_OK || c->schedule < 0 || (pattern && pattern->one_operation))
        return 0;
    int shared = shares_ends(report, c);
    return shared < 0 ? -1 : !shared;
}

/* ---- over all cases ---- */

/* What is found in one case. */
struct look {
    struct xb_outliers *o;
    const struct xb_report_case *c;
    size_t place;
};

/* The outlier that a suspect is; a link may have been found the other way round, which turns
 * its roles. */
static struct xb_outlier *find_outlier(const struct xb_outliers *o, const char *link_class,
                                       bool of_ceiling, const struct xb_suspect *f, int *roles)
{
    *roles = f->roles;
    for (size_t i = 0; i < o->list.n; i++) {
        struct xb_outlier *x = xb_outlier_at(o, i);
        if (x->kind != f->kind || x->of_ceiling != of_ceiling ||
            strcmp(x->link_class, link_class) != 0)
            continue;
        if (x->src == f->src && x->dst == f->dst)
            return x;
        if (x->src == f->dst && x->dst == f->src) {
            *roles = (f->roles & XB_SENDS ? XB_RECEIVES : 0) |
                     (f->roles & XB_RECEIVES ? XB_SENDS : 0);
            return x;
        }
    }
    return NULL;
}

static struct xb_outlier *add_outlier(struct xb_outliers *o, const struct group *group,
                                      bool of_ceiling, const struct xb_suspect *f)
{
    struct xb_outlier *x = xb_list_add(&o->list, sizeof *x);

    if (!x)
        return NULL;
    *x = (struct xb_outlier){
        .kind = f->kind, .src = f->src, .dst = f->dst, .of_ceiling = of_ceiling};
    return xb_text_dup(group->first->link_class, &x->link_class) == 0 &&
                   xb_text_dup(group->first->src, &x->src_end) == 0 &&
                   xb_text_dup(group->first->dst, &x->dst_end) == 0
               ? x
               : NULL;
}

static int take_suspect(void *arg, const struct group *group, bool of_ceiling,
                        const struct xb_suspect *f, const struct xb_outlier_case *figures)
{
    struct look *look = arg;
    int roles;
    struct xb_outlier *x =
        find_outlier(look->o, group->first->link_class, of_ceiling, f, &roles);

    if (!x && !(x = add_outlier(look->o, group, of_ceiling, f)))
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

/* A case whose lanes were compared counts once for each of their link classes. */
static int count_looked(struct xb_outliers *o, const struct xb_report *report,
                        const struct xb_report_case *c)
{
    for (size_t i = 0; i < c->lanes.n; i++) {
        const struct xb_report_step *step = xb_report_step_of(report, c, i);
        bool counted = false;
        struct xb_outlier_looked *l = NULL;

        if (!is_compared(report, c, i))
            continue;
        for (size_t k = 0; k < i && !counted; k++)
            counted =
                is_compared(report, c, k) &&
                strcmp(xb_report_step_of(report, c, k)->link_class, step->link_class) == 0;
        for (size_t k = 0; k < o->looked.n && !counted && !l; k++) {
            struct xb_outlier_looked *at = (struct xb_outlier_looked *)o->looked.item + k;
            l = strcmp(at->link_class, step->link_class) == 0 ? at : NULL;
        }
        if (counted)
            continue;
        if (!l && (!(l = xb_list_add(&o->looked, sizeof *l)) ||
                   xb_text_dup(step->link_class, &l->link_class) < 0))
            return -1;
        l->cases++;
    }
    return 0;
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

static int take_again(void *arg, const struct group *group, bool of_ceiling,
                      const struct xb_suspect *f, const struct xb_outlier_case *figures)
{
    struct look *look = arg;
    int roles;
    struct xb_outlier *x =
        find_outlier(look->o, group->first->link_class, of_ceiling, f, &roles);
    struct xb_outlier_case *c = x ? case_of(x, look->place) : NULL;

    if (c && (x->roles & roles))
        c->again_ratio =
            fmin(isnan(c->again_ratio) ? INFINITY : c->again_ratio, figures->ratio);
    return 0;
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
    free(o->list.item);
    free(o->looked.item);
    *o = (struct xb_outliers){.list = {NULL, 0, 0}};
}
