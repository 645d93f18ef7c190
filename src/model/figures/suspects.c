/* SPDX-License-Identifier: BSD-3-Clause */
/* suspects.c - who is slow among lanes that are alike. */
#include "model/figures/suspects.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text_set.h"

#define NORMAL 1.4826 /* of a median absolute deviation makes a standard deviation */
#define LEAST  3      /* values that have a middle */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double lower_middle(double *values, size_t n)
{
    qsort(values, n, sizeof *values, by_value);
    return values[(n - 1) / 2];
}

double xb_slow_above(double *values, size_t n, const struct xb_slow_limit *limit,
                     double *middle)
{
    if (limit->than_us > 0) {
        *middle = limit->than_us;
        return limit->than_us;
    }
    *middle = lower_middle(values, n);
    if (n < LEAST)
        return INFINITY;
    for (size_t i = 0; i < n; i++)
        values[i] = fabs(values[i] - *middle);
    double noise = limit->mads * NORMAL * lower_middle(values, n);
    return *middle + fmax(limit->off * *middle, noise);
}

/* A node or a rank, by the lanes that touch it. */
struct place {
    double us, least_us; /* of the best of them; NAN without any */
    int other;           /* where one of them goes to, or comes from; -1: none yet */
    bool several;        /* others are, so that it is what they have in common */
    bool slow;           /* it was found to be */
};

struct search {
    const struct xb_like_lane *lanes;
    size_t n;
    const struct xb_slow_limit *limit;
    bool *explained;     /* of each lane: a suspect has been found for it */
    struct place *place; /* of this level */
    size_t nplaces;
    double *values; /* room for as many as there are lanes or places */
    struct xb_suspect *found;
    size_t nfound, room;
    struct xb_text_set links; /* by their ends: they are the last that are found */
};

static int add(struct search *s, struct xb_suspect suspect)
{
    if (s->nfound == s->room) {
        size_t room = 2 * s->room + 4;
        struct xb_suspect *more = realloc(s->found, room * sizeof *more);
        if (!more)
            return -1;
        s->found = more;
        s->room = room;
    }
    s->found[s->nfound++] = suspect;
    return 0;
}

static void touch(struct place *p, const struct xb_like_lane *lane, int other, bool alone)
{
    if (isnan(p->us) || lane->us < p->us) {
        p->us = lane->us;
        p->least_us = lane->least_us;
    }
    p->several = p->several || alone || (p->other >= 0 && p->other != other);
    p->other = other;
}

/* The places that a lane's ends are in at this level. */
static void ends_of(const struct xb_like_lane *lane, enum xb_suspect_kind kind, int *src,
                    int *dst)
{
    *src = kind == XB_SUSPECT_NODE ? lane->src_node : lane->src;
    *dst = kind == XB_SUSPECT_NODE ? lane->dst_node : lane->dst;
}

/* What the lanes that nobody has explained say of each place in these roles. A lane within a
 * place is of both. Within a rank it is the rank's alone; within a node several ranks must have
 * some before it is the node's. */
static void look_at_places(struct search *s, enum xb_suspect_kind kind, int roles)
{
    for (size_t p = 0; p < s->nplaces; p++)
        s->place[p] = (struct place){.us = NAN, .least_us = NAN, .other = -1};
    for (size_t i = 0; i < s->n; i++) {
        const struct xb_like_lane *lane = &s->lanes[i];
        int src, dst;

        ends_of(lane, kind, &src, &dst);
        if (s->explained[i] || (kind == XB_SUSPECT_RANK && lane->is_link))
            continue;
        if (src == dst) {
            if (roles == (XB_SENDS | XB_RECEIVES))
                touch(&s->place[src], lane, lane->src, kind == XB_SUSPECT_RANK);
            continue;
        }
        if (roles & XB_SENDS)
            touch(&s->place[src], lane, dst, false);
        if (roles & XB_RECEIVES)
            touch(&s->place[dst], lane, src, false);
    }
}

/* The lanes of places that were found slow. */
static void explain_lanes(struct search *s, enum xb_suspect_kind kind, int roles)
{
    for (size_t i = 0; i < s->n; i++) {
        int src, dst;
        ends_of(&s->lanes[i], kind, &src, &dst);
        if (((roles & XB_SENDS) && s->place[src].slow) ||
            ((roles & XB_RECEIVES) && s->place[dst].slow))
            s->explained[i] = true;
    }
}

static int find_places(struct search *s, enum xb_suspect_kind kind, int roles)
{
    size_t n = 0;
    double middle;

    look_at_places(s, kind, roles);
    for (size_t p = 0; p < s->nplaces; p++)
        if (!isnan(s->place[p].us))
            s->values[n++] = s->place[p].us;
    if (n < LEAST)
        return 0;
    double above = xb_slow_above(s->values, n, s->limit, &middle);
    for (size_t p = 0; p < s->nplaces; p++) {
        struct place *place = &s->place[p];
        if (isnan(place->us) || !place->several || !(place->least_us > above))
            continue;
        if (add(s, (struct xb_suspect){kind, roles, (int)p, (int)p, place->us, middle}) < 0)
            return -1;
        place->slow = true;
    }
    explain_lanes(s, kind, roles);
    return 0;
}

/* Both ways of one link are one suspect, with the time of the better one. */
static int add_link(struct search *s, const struct xb_like_lane *lane, double middle)
{
    bool turned = lane->src > lane->dst;
    size_t before = s->links.n;
    char ends[32];

    snprintf(ends, sizeof ends, "%d %d", turned ? lane->dst : lane->src,
             turned ? lane->src : lane->dst);
    int64_t number = xb_text_set_add(&s->links, ends);
    if (number < 0)
        return -1;
    if (s->links.n > before)
        return add(s, (struct xb_suspect){XB_SUSPECT_LINK, XB_SENDS, lane->src, lane->dst,
                                          lane->us, middle});
    struct xb_suspect *f = &s->found[s->nfound - s->links.n + (size_t)number];
    f->roles |= f->src == lane->src ? XB_SENDS : XB_RECEIVES;
    f->us = fmin(f->us, lane->us);
    return 0;
}

static int find_links(struct search *s)
{
    size_t n = 0;
    double middle;

    for (size_t i = 0; i < s->n; i++)
        if (!s->explained[i])
            s->values[n++] = s->lanes[i].us;
    if (n == 0)
        return 0;
    double above = xb_slow_above(s->values, n, s->limit, &middle);
    for (size_t i = 0; i < s->n; i++)
        if (!s->explained[i] && s->lanes[i].least_us > above &&
            add_link(s, &s->lanes[i], middle) < 0)
            return -1;
    return 0;
}

/* With a rate to keep: does no lane keep it? Then none is slower than its like. */
static bool are_all_slow(const struct search *s, double *best_us)
{
    *best_us = INFINITY;
    for (size_t i = 0; i < s->n; i++) {
        if (!(s->lanes[i].least_us > s->limit->than_us))
            return false;
        *best_us = fmin(*best_us, s->lanes[i].us);
    }
    return s->n > 0;
}

static int find(struct search *s)
{
    static const int roles[] = {XB_SENDS | XB_RECEIVES, XB_SENDS, XB_RECEIVES};
    double best_us;

    if (s->limit->than_us > 0 && are_all_slow(s, &best_us))
        return add(s, (struct xb_suspect){XB_SUSPECT_ALL, XB_SENDS | XB_RECEIVES, -1, -1,
                                          best_us, s->limit->than_us});
    for (int kind = XB_SUSPECT_NODE; kind <= XB_SUSPECT_RANK; kind++)
        for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
            if (find_places(s, (enum xb_suspect_kind)kind, roles[i]) < 0)
                return -1;
    return find_links(s);
}

int xb_suspects_find(const struct xb_like_lane *lanes, size_t n,
                     const struct xb_slow_limit *limit, struct xb_suspect **out)
{
    struct search s = {.lanes = lanes, .n = n, .limit = limit};
    int most = 0;

    for (size_t i = 0; i < n; i++) {
        const int ends[] = {lanes[i].src, lanes[i].dst, lanes[i].src_node, lanes[i].dst_node};
        for (size_t k = 0; k < 4; k++)
            most = ends[k] > most ? ends[k] : most;
    }
    s.nplaces = (size_t)most + 1;
    s.explained = calloc(n + 1, sizeof *s.explained);
    s.place = calloc(s.nplaces, sizeof *s.place);
    s.values = calloc(n > s.nplaces ? n : s.nplaces, sizeof *s.values);
    int rc = s.explained && s.place && s.values ? find(&s) : -1;
    free(s.values);
    free(s.place);
    free(s.explained);
    xb_text_set_release(&s.links);
    if (rc < 0 || s.nfound == 0) {
        free(s.found);
        s.found = NULL;
    }
    *out = s.found;
    return rc < 0 ? -1 : (int)s.nfound;
}
