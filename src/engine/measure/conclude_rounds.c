/* SPDX-License-Identifier: BSD-3-Clause */
/* conclude_rounds.c - from rounds to the case. */
#include "engine/measure/conclude_rounds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "model/figures/ceiling.h"
#include "model/plan/collective_op.h"

struct xb_lane xb_lane_of_result(const struct xb_lane_result *r)
{
    return (struct xb_lane){.round = r->round,
                            .chain = r->chain,
                            .step = r->step,
                            .path = r->path,
                            .src_rank = r->src_rank,
                            .dst_rank = r->dst_rank,
                            .link_class = r->link_class,
                            .company = r->company,
                            .bytes = r->bytes,
                            .group = r->group,
                            .members = r->members};
}

bool xb_lane_has_moved(const struct xb_lane_result *lane)
{
    return lane->status != XB_SKIPPED && lane->status != XB_FAILED;
}

/* The first lane of a round or behind it: they are in the order of the schedule. */
static size_t first_of_round(const struct xb_result *result, int round)
{
    size_t low = 0, high = result->nlanes;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (result->lanes[middle].round < round)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int xb_busy_lanes(const struct xb_schedule *schedule, const struct xb_result *result, int round,
                  struct xb_round *out)
{
    struct xb_error err;
    int chain = -1, last = -1, rc = 0;

    for (size_t i = first_of_round(result, round);
         rc == 0 && i < result->nlanes && result->lanes[i].round == round; i++) {
        struct xb_lane lane = xb_lane_of_result(&result->lanes[i]);
        if (!xb_lane_has_moved(&result->lanes[i]))
            continue;
        chain += lane.chain != last;
        last = lane.chain;
        lane.chain = chain;
        rc = xb_round_add(out, &lane);
    }
    return rc == 0 && out->count == 0 ? xb_schedule_round(schedule, (size_t)round, out, &err)
                                      : rc;
}

/* Bytes that all lanes of a round move in a second. */
static double rate_of(const struct xb_case *c, int members, const struct xb_round_result *r)
{
    return xb_gb_per_s(xb_case_moved_bytes(c, members), r->time.median) * r->concurrent;
}

/* What a round can carry, and whether it carried more. */
static void weigh(const struct xb_session *s, const struct xb_case *c,
                  const struct xb_schedule *schedule, struct xb_round_result *r,
                  struct xb_result *out)
{
    struct xb_machine machine = xb_session_machine(s);
    struct xb_round lanes = {0};

    if (r->time.n > 0 && xb_busy_lanes(schedule, out, r->round, &lanes) == 0) {
        r->ceiling_gb_per_s = xb_ceiling(c, &lanes, &machine);
        double rate = rate_of(c, lanes.lane[0].members, r);
        if (out->status == XB_OK && r->ceiling_gb_per_s > 0 &&
            rate > XB_CEILING_TOLERANCE * r->ceiling_gb_per_s) {
            out->status = XB_IMPLAUSIBLE;
            snprintf(out->reason, sizeof out->reason,
                     "round %d: %.1f GB/s are more than the %.1f GB/s that the hardware of its "
                     "paths can carry",
                     r->round, rate, r->ceiling_gb_per_s);
        }
    }
    xb_round_release(&lanes);
}

struct timed {
    double per_us; /* lanes that add up, over the time: also of a method that moves no bytes */
    size_t round;  /* index */
};

/* The slowest first; of those that are alike, the first of the schedule. */
static int by_rate(const void *a, const void *b)
{
    const struct timed *x = a, *y = b;

    return x->per_us != y->per_us ? (x->per_us > y->per_us) - (x->per_us < y->per_us)
                                  : (x->round > y->round) - (x->round < y->round);
}

static double *copy_numbers(const double *from, size_t n, size_t *count)
{
    double *copy = n > 0 ? malloc(n * sizeof *copy) : NULL;

    *count = copy ? n : 0;
    if (copy)
        memcpy(copy, from, n * sizeof *copy);
    return copy;
}

/* What the case came to is what this round did. */
static void take_round(const struct xb_round_result *r, struct xb_result *out)
{
    out->time_of = XB_TIME_OF_ROUND;
    out->time = r->time;
    out->ops_per_sample = r->ops_per_sample;
    out->concurrent = r->concurrent;
    out->ceiling_gb_per_s = r->ceiling_gb_per_s;
    free(out->samples_us);
    free(out->passes_us);
    out->samples_us = copy_numbers(r->samples_us, r->nsamples, &out->nsamples);
    out->passes_us = copy_numbers(r->passes_us, r->npasses, &out->npasses);
}

void xb_conclude_rounds(const struct xb_session *session, const struct xb_case *c,
                        const struct xb_schedule *schedule, bool take_time,
                        struct xb_result *out)
{
    struct timed *timed = calloc(out->nrounds + 1, sizeof *timed);
    size_t n = 0;

    if (!timed)
        return;
    for (size_t i = 0; i < out->nrounds; i++) {
        const struct xb_round_result *r = &out->rounds[i];
        weigh(session, c, schedule, &out->rounds[i], out);
        if (r->company == XB_COMPANY_ALL && r->time.n > 0 && r->time.median > 0)
            timed[n++] = (struct timed){r->concurrent / r->time.median, i};
    }
    qsort(timed, n, sizeof *timed, by_rate);
    if (n > 0) {
        out->slowest_round = timed[0].round;
        out->time_round = timed[c->pattern->worst_round ? 0 : (n - 1) / 2].round;
        if (take_time)
            take_round(&out->rounds[out->time_round], out);
    }
    free(timed);
}
