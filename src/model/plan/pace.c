/* SPDX-License-Identifier: BSD-3-Clause */
/* pace.c - how much time the rest of a run takes, and how much of it a slice may have. */
#include "model/plan/pace.h"

#include <stdlib.h>

#include "model/figures/sampling.h"

#define REPORT_S   0.3   /* at the end, for the report, */
#define REPORT     0.01  /* this share of the limit, */
#define PER_CASE_S 50e-6 /* and so much a case */
#define SHORTEST   8     /* this part of the samples' time */
#define PRIOR_S    0.2   /* of slices as estimated, before those measured count for all */

static const struct xb_sampling *sampling_of(const struct xb_pace *p, size_t i)
{
    return p->cost[i].once ? p->whole : &p->share;
}

/* A slice whose samples have so much time. */
static double slice_s(const struct xb_pace *p, size_t i, int pass, int64_t max_time_ns)
{
    struct xb_sampling s = *sampling_of(p, i);

    s.max_time_ns = max_time_ns;
    return xb_slice_cost(&p->cost[i], &s, pass, p->passes);
}

/* As it is asked for, and as short as it may be. */
static double full_s(const struct xb_pace *p, size_t i, int pass)
{
    return slice_s(p, i, pass, sampling_of(p, i)->max_time_ns);
}

static double least_s(const struct xb_pace *p, size_t i, int pass)
{
    return slice_s(p, i, pass, sampling_of(p, i)->max_time_ns / SHORTEST);
}

int xb_pace_open(struct xb_pace *p, const struct xb_plan *plan, const struct xb_sampling *whole,
                 const struct xb_job *job, bool on_host, double limit_s, struct xb_error *err)
{
    *p = (struct xb_pace){.plan = plan,
                          .whole = whole,
                          .share = xb_sampling_share(whole),
                          .passes = xb_sampling_passes(whole),
                          .cost = calloc(plan->count + 1, sizeof *p->cost)};
    if (limit_s > 0) {
        p->limit_s = limit_s - REPORT_S - REPORT * limit_s - PER_CASE_S * (double)plan->count;
        if (p->limit_s < 0.5 * limit_s)
            p->limit_s = 0.5 * limit_s;
    }
    if (!p->cost)
        return xb_fail(err, "out of memory for a plan of %zu cases", plan->count);
    for (size_t i = 0; i < plan->count; i++) {
        if (xb_case_cost(&plan->cases[i], job, whole, on_host, &p->cost[i], err) < 0)
            return -1;
        for (int pass = 0; pass < p->passes; pass++) {
            p->full_s += full_s(p, i, pass);
            p->least_s += least_s(p, i, pass);
        }
    }
    return 0;
}

void xb_pace_release(struct xb_pace *p)
{
    free(p->cost);
    *p = (struct xb_pace){.plan = NULL};
}

/* What slices take over what is estimated of them. */
static double ratio_of(const struct xb_pace *p)
{
    return (p->taken_s + PRIOR_S) / (p->expected_s + PRIOR_S);
}

/* The time for samples with which a slice takes so long, between the shortest and all of it. */
static int64_t fit(const struct xb_pace *p, size_t i, int pass, double allowed_s)
{
    int64_t most = sampling_of(p, i)->max_time_ns, least = most / SHORTEST;

    while (most - least > most / 64 + 1) {
        int64_t middle = least + (most - least) / 2;
        if (slice_s(p, i, pass, middle) <= allowed_s)
            least = middle;
        else
            most = middle;
    }
    return least > 0 ? least : 1;
}

int64_t xb_pace_slice(const struct xb_pace *p, size_t i, int pass, double now_s)
{
    double left = (p->limit_s - now_s) / ratio_of(p);
    double full = full_s(p, i, pass), least = least_s(p, i, pass);

    if (p->limit_s <= 0 || (p->full_s <= left && full <= left))
        return sampling_of(p, i)->max_time_ns;
    if (least > left)
        return 0;
    /* all slices that are left are made shorter alike */
    double share = p->full_s > p->least_s ? (left - p->least_s) / (p->full_s - p->least_s) : 0;
    return fit(p, i, pass, share > 0 ? least + share * (full - least) : least);
}

void xb_pace_took(struct xb_pace *p, size_t i, int pass, int64_t max_time_ns, double took_s)
{
    double expected = slice_s(p, i, pass, max_time_ns);

    if (took_s > 0 && expected > 0) {
        p->taken_s += took_s;
        p->expected_s += expected;
    }
    if (pass < p->passes) {
        p->full_s -= full_s(p, i, pass);
        p->least_s -= least_s(p, i, pass);
    }
}

void xb_pace_done(struct xb_pace *p, size_t i, int from)
{
    for (int pass = from; pass < p->passes; pass++) {
        p->full_s -= full_s(p, i, pass);
        p->least_s -= least_s(p, i, pass);
    }
}

double xb_pace_left_s(const struct xb_pace *p, double now_s)
{
    double left = p->full_s * ratio_of(p), most = p->limit_s - now_s;

    if (p->limit_s > 0 && left > most)
        left = most;
    return left > 0 ? left : 0;
}
