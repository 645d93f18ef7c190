/* SPDX-License-Identifier: BSD-3-Clause */
/* build_rounds.c - rounds and contention, as they stand in a report. */
#include "report/build_rounds.h"

#include <math.h>
#include <stdlib.h>

#include "base/units.h"
#include "model/figures/stats.h"

const char *xb_build_company(enum xb_company company)
{
    return company == XB_COMPANY_ALL ? NULL : xb_company_name(company);
}

struct xb_report_lane_time xb_build_time(const struct xb_stats *s)
{
    return (struct xb_report_lane_time){
        .there = true,
        .median = s->median,
        .ci_lo = s->has_ci ? s->ci_lo : NAN,
        .ci_hi = s->has_ci ? s->ci_hi : NAN,
        .min = s->min,
        .max = s->max,
        .mean = s->mean,
    };
}

int xb_build_rounds(const struct xb_result *result, struct xb_report_case *out)
{
    size_t full = 0;

    for (size_t i = 0; i < result->nrounds; i++) {
        const struct xb_round_result *r = &result->rounds[i];
        struct xb_report_round *round = xb_list_add(&out->rounds, sizeof(*round));

        if (!round)
            return -1;
        *round = (struct xb_report_round){
            .round = r->round,
            .concurrent = r->concurrent,
            .gb_per_s = NAN,
            .ceiling_gb_per_s = r->ceiling_gb_per_s > 0 ? r->ceiling_gb_per_s : NAN};
        if (r->time.n > 0) {
            round->time_us = xb_build_time(&r->time);
            if (r->time.median > 0 && out->transfer_bytes > 0)
                round->gb_per_s =
                    xb_gb_per_s(out->transfer_bytes * r->concurrent, r->time.median);
        }
        round->fraction_of_ceiling = round->gb_per_s / round->ceiling_gb_per_s;
        if (xb_text_dup(xb_build_company(r->company), &round->company) < 0)
            return -1;
        full += r->time.n > 0 && r->company == XB_COMPANY_ALL;
    }
    if (full > 1)
        out->slowest_round = (int64_t)result->slowest_round;
    return 0;
}

/* ---- contention ---- */

static bool is_timed(const struct xb_lane_result *lane)
{
    return lane->status == XB_OK && lane->step == 0 && lane->time.n > 0;
}

/* The same lane alone, in the nearest round before; NULL where there is none. */
static const struct xb_lane_result *alone_before(const struct xb_result *result, size_t i)
{
    const struct xb_lane_result *lane = &result->lanes[i];

    while (i-- > 0) {
        const struct xb_lane_result *other = &result->lanes[i];
        if (other->company == XB_COMPANY_ALONE && other->src_rank == lane->src_rank &&
            other->dst_rank == lane->dst_rank && other->step == lane->step &&
            xb_path_equal(&other->path, &lane->path))
            return other;
    }
    return NULL;
}

static int find_ratio(const struct xb_lane_result *lane, const struct xb_lane_result *alone,
                      struct xb_report_rate *out)
{
    const bool by_pass = lane->npasses > 1 && lane->npasses == alone->npasses;
    double *ratio = by_pass ? malloc(lane->npasses * sizeof(*ratio)) : NULL;
    struct xb_stats stats;

    *out = (struct xb_report_rate){.there = true,
                                   .median = lane->time.median / alone->time.median,
                                   .ci_lo = NAN,
                                   .ci_hi = NAN};
    if (!by_pass)
        return 0;
    if (!ratio)
        return -1;
    for (size_t p = 0; p < lane->npasses; p++)
        ratio[p] = lane->passes_us[p] / alone->passes_us[p];
    int rc = xb_stats_compute(ratio, lane->npasses, &stats);
    free(ratio);
    if (rc < 0)
        return -1;
    out->median = stats.median;
    out->ci_lo = stats.has_ci ? stats.ci_lo : NAN;
    out->ci_hi = stats.has_ci ? stats.ci_hi : NAN;
    return 0;
}

int xb_build_contention(const struct xb_result *result, struct xb_report_case *out)
{
    bool any = false;

    for (size_t i = 0; i < result->nlanes && i < out->lanes.n; i++) {
        const struct xb_lane_result *lane = &result->lanes[i], *alone;

        any = any || lane->company == XB_COMPANY_ALONE;
        if (!any || lane->company == XB_COMPANY_ALONE || !is_timed(lane) ||
            !(alone = alone_before(result, i)) || !is_timed(alone) || !(alone->time.median > 0))
            continue;
        if (find_ratio(lane, alone, &xb_report_lane_at(out, i)->contention) < 0)
            return -1;
    }
    return 0;
}
