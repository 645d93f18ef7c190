/* SPDX-License-Identifier: BSD-3-Clause */
/* outlier_lanes.c - which lanes of a case can be compared, and with which others. */
#include "report/outlier_lanes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text_set.h"

bool xb_outlier_is_gpu(const char *end)
{
    return strncmp(end, "gpu", 3) == 0;
}

bool xb_outlier_is_compared(const struct xb_report *report, const struct xb_report_case *c,
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

int xb_outlier_shares_ends(const struct xb_report *report, const struct xb_report_case *c)
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

/* ---- groups ---- */

/* Of each lane of a case its group, from 1; of each group how many lanes it has. */
struct sorting {
    struct xb_text_set like; /* what they have in common: "nvlink gpu gpu 4096" */
    size_t *group, *count;
};

static int64_t number_of(struct sorting *s, const struct xb_report_step *step, double bytes)
{
    char *text;

    if (asprintf(&text, "%s %s %s %.17g", step->link_class, step->src, step->dst, bytes) < 0)
        return -1;
    int64_t number = xb_text_set_add(&s->like, text);
    free(text);
    return number;
}

static int sort_lanes(const struct xb_report *report, const struct xb_report_case *c,
                      struct sorting *s)
{
    for (size_t i = 0; i < c->lanes.n; i++) {
        if (!xb_outlier_is_compared(report, c, i))
            continue;
        int64_t number =
            number_of(s, xb_report_step_of(report, c, i), xb_report_lane_bytes(c, i));
        if (number < 0)
            return -1;
        s->group[i] = (size_t)number + 1;
        s->count[number]++;
    }
    return 0;
}

/* A lane joins its group, or begins it. */
static void join(const struct xb_report *report, const struct xb_report_case *c, size_t i,
                 struct xb_outlier_group *group)
{
    const struct xb_report_lane *lane = xb_report_lane_at(c, i);
    const struct xb_report_step *step = xb_report_step_of(report, c, i);

    if (group->n == 0) {
        group->first = step;
        group->bytes = xb_report_lane_bytes(c, i);
        group->ceiling_gb_per_s = lane->ceiling_gb_per_s;
    }
    if (isnan(lane->ceiling_gb_per_s))
        group->ceiling_gb_per_s = NAN;
    group->lanes[group->n++] = like_lane(report, step, lane);
}

static int fill(const struct xb_report *report, const struct xb_report_case *c,
                const struct sorting *s, struct xb_outlier_groups *out)
{
    out->lanes = calloc(c->lanes.n + 1, sizeof *out->lanes);
    out->group = calloc(s->like.n + 1, sizeof *out->group);
    if (!out->lanes || !out->group)
        return -1;
    struct xb_like_lane *room = out->lanes;
    for (; out->n < s->like.n; room += s->count[out->n++])
        out->group[out->n].lanes = room;
    for (size_t i = 0; i < c->lanes.n; i++)
        if (s->group[i])
            join(report, c, i, &out->group[s->group[i] - 1]);
    return 0;
}

int xb_outlier_groups_make(const struct xb_report *report, const struct xb_report_case *c,
                           struct xb_outlier_groups *out)
{
    struct sorting s = {.group = calloc(c->lanes.n + 1, sizeof *s.group),
                        .count = calloc(c->lanes.n + 1, sizeof *s.count)};

    *out = (struct xb_outlier_groups){.n = 0};
    int rc = s.group && s.count ? sort_lanes(report, c, &s) : -1;
    if (rc == 0)
        rc = fill(report, c, &s, out);
    xb_text_set_release(&s.like);
    free(s.group);
    free(s.count);
    return rc;
}

void xb_outlier_groups_release(struct xb_outlier_groups *groups)
{
    free(groups->group);
    free(groups->lanes);
}
