/* SPDX-License-Identifier: BSD-3-Clause */
/* slices.c - one result of the slices that a case had in the passes of a run. */
#include "report/slices.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Numbers behind other numbers, which may move. */
static int append(double **to, size_t *n, const double *more, size_t count)
{
    double *longer;

    if (count == 0)
        return 0;
    longer = realloc(*to, (*n + count) * sizeof(**to));
    if (!longer)
        return -1;
    memcpy(longer + *n, more, count * sizeof(**to));
    *to = longer;
    *n += count;
    return 0;
}

/* ---- one lane ---- */

static double transfers_of(const struct xb_lane_result *lane)
{
    return (double)lane->time.n * (double)lane->ops_per_sample;
}

/* What counters saw, by the transfers of either; what one pass does not know is not known. */
static void add_carried(struct xb_lane_result *sum, const struct xb_lane_result *slice)
{
    double was = transfers_of(sum), more = transfers_of(slice);

    if (more <= 0)
        return;
    for (int w = 0; w < XB_WIRES; w++) {
        bool known = sum->has_carried && slice->has_carried && sum->carried[w] >= 0 &&
                     slice->carried[w] >= 0;
        if (was <= 0)
            sum->carried[w] = slice->carried[w];
        else
            sum->carried[w] =
                known ? (was * sum->carried[w] + more * slice->carried[w]) / (was + more) : -1;
    }
    sum->has_carried = was <= 0 ? slice->has_carried : sum->has_carried;
}

static void take_worse(struct xb_lane_result *sum, struct xb_lane_result *slice)
{
    if (!xb_status_is_worse(slice->status, sum->status))
        return;
    free(sum->reason);
    sum->status = slice->status;
    sum->reason = slice->reason;
    slice->reason = NULL;
}

static int add_lane(struct xb_lane_result *sum, struct xb_lane_result *slice)
{
    const double median = slice->time.median;

    add_carried(sum, slice);
    xb_verify_add(&sum->verify, &slice->verify);
    take_worse(sum, slice);
    if (slice->ops_per_sample > sum->ops_per_sample)
        sum->ops_per_sample = slice->ops_per_sample;
    if (slice->time.n == 0)
        return 0;
    sum->time.n += slice->time.n; /* of a lane that is no chain's first there is no more */
    return append(&sum->passes_us, &sum->npasses, &median, 1) < 0 ||
                   xb_thinning_add(&sum->thinned, &sum->samples_us, &sum->nsamples,
                                   slice->samples_us, slice->nsamples) < 0
               ? -1
               : 0;
}

/* Times of all passes; lanes of a chain have that of its first. */
static void time_lanes(struct xb_result *sum)
{
    for (size_t i = 0; i < sum->nlanes; i++) {
        struct xb_lane_result *lane = &sum->lanes[i];
        struct xb_stats time;

        if (lane->step > 0 && (size_t)lane->step <= i && lane->time.n > 0)
            lane->time = sum->lanes[i - (size_t)lane->step].time;
        else if (lane->nsamples > 0 &&
                 xb_stats_of_passes(lane->samples_us, lane->nsamples, lane->passes_us,
                                    lane->npasses, &time) == 0) {
            lane->time = time;
            xb_thinning_apply(&lane->thinned, &lane->time);
        }
    }
}

/* ---- the case ---- */

/* What was looked into once. */
static void take_observed(struct xb_result *sum, struct xb_result *slice)
{
    if (!sum->has_device_time) {
        sum->has_device_time = slice->has_device_time;
        sum->device_time_us = slice->device_time_us;
    }
    if (isnan(sum->overhead_us))
        sum->overhead_us = slice->overhead_us;
    if (sum->post_us == 0)
        sum->post_us = slice->post_us;
    if (sum->pipeline.nstages == 0)
        sum->pipeline = slice->pipeline;
    if (sum->nbars == 0) {
        free(sum->bars);
        sum->bars = slice->bars;
        sum->nbars = slice->nbars;
        slice->bars = NULL;
        slice->nbars = 0;
    }
}

static void take_words(struct xb_result *sum, const struct xb_result *slice)
{
    if (xb_status_is_worse(slice->status, sum->status)) {
        sum->status = slice->status;
        memcpy(sum->reason, slice->reason, sizeof(sum->reason));
    }
    if (!sum->warning[0])
        memcpy(sum->warning, slice->warning, sizeof(sum->warning));
    if (slice->measured_utc[0])
        memcpy(sum->measured_utc, slice->measured_utc, sizeof(sum->measured_utc));
    if (slice->chosen.method)
        sum->chosen = slice->chosen;
    sum->resumed = sum->resumed || slice->resumed;
    sum->stop = slice->stop > sum->stop ? slice->stop : sum->stop;
    if (slice->ops_per_sample > sum->ops_per_sample)
        sum->ops_per_sample = slice->ops_per_sample;
}

/* Samples of the whole; those of a median lane or round are another's in each pass, and follow
 * from the lanes or rounds. */
static int add_whole(struct xb_result *sum, const struct xb_result *slice)
{
    struct xb_stats time;

    if (slice->time_of != XB_TIME_OF_SCHEDULE || slice->nsamples == 0)
        return 0;
    return xb_stats_compute(slice->samples_us, slice->nsamples, &time) < 0 ||
                   append(&sum->passes_us, &sum->npasses, &time.median, 1) < 0 ||
                   xb_thinning_add(&sum->thinned, &sum->samples_us, &sum->nsamples,
                                   slice->samples_us, slice->nsamples) < 0
               ? -1
               : 0;
}

static int time_whole(struct xb_result *sum)
{
    if (sum->time_of != XB_TIME_OF_SCHEDULE || sum->nsamples == 0)
        return 0;
    if (xb_stats_of_passes(sum->samples_us, sum->nsamples, sum->passes_us, sum->npasses,
                           &sum->time) < 0)
        return -1;
    xb_thinning_apply(&sum->thinned, &sum->time);
    return 0;
}

static struct xb_round_result *round_of(struct xb_result *sum, int round)
{
    for (size_t i = 0; i < sum->nrounds; i++)
        if (sum->rounds[i].round == round)
            return &sum->rounds[i];
    return NULL;
}

/* Rounds as a whole. One that a pass has not is there with those that the others have. */
static int add_rounds(struct xb_result *sum, const struct xb_result *slice)
{
    for (size_t i = 0; i < slice->nrounds; i++) {
        const struct xb_round_result *from = &slice->rounds[i];
        struct xb_round_result *to = round_of(sum, from->round);
        struct xb_stats time;

        if (!to) {
            to = xb_result_add_round(sum);
            if (!to)
                return -1;
            to->round = from->round;
            to->company = from->company;
            to->concurrent = from->concurrent;
            to->thinned.most = sum->most_samples;
        }
        if (from->ops_per_sample > to->ops_per_sample)
            to->ops_per_sample = from->ops_per_sample;
        if (from->nsamples > 0 &&
            (xb_stats_compute(from->samples_us, from->nsamples, &time) < 0 ||
             append(&to->passes_us, &to->npasses, &time.median, 1) < 0 ||
             xb_thinning_add(&to->thinned, &to->samples_us, &to->nsamples, from->samples_us,
                             from->nsamples) < 0))
            return -1;
    }
    return 0;
}

static void time_rounds(struct xb_result *sum)
{
    for (size_t i = 0; i < sum->nrounds; i++) {
        struct xb_round_result *round = &sum->rounds[i];
        struct xb_stats time;

        if (round->nsamples == 0 ||
            xb_stats_of_passes(round->samples_us, round->nsamples, round->passes_us,
                               round->npasses, &time) < 0)
            continue;
        round->time = time;
        xb_thinning_apply(&round->thinned, &round->time);
    }
}

int xb_slices_time(struct xb_result *sum)
{
    time_lanes(sum);
    time_rounds(sum);
    return time_whole(sum);
}

/* The first of several: what it has, but for what is made anew of all. */
static void begin(struct xb_result *sum, const struct xb_result *slice)
{
    const size_t most = sum->most_samples;

    *sum = (struct xb_result){.status = slice->status,
                              .most_samples = most,
                              .thinned = {.most = most},
                              .op_thinned = {.most = most},
                              .concurrent = slice->concurrent,
                              .time_of = slice->time_of,
                              .overhead_us = slice->overhead_us,
                              .post_us = slice->post_us,
                              .setup = slice->setup,
                              .out_of_time = slice->out_of_time,
                              .ceiling_gb_per_s = slice->ceiling_gb_per_s,
                              .slowest_lane = slice->slowest_lane,
                              .time_round = slice->time_round,
                              .slowest_round = slice->slowest_round};
    memcpy(sum->reason, slice->reason, sizeof(sum->reason));
}

/* The lanes of the first slice that has any, without what add_lane brings. */
static int take_places(struct xb_result *sum, const struct xb_result *slice)
{
    if (sum->nlanes > 0 || slice->nlanes == 0)
        return 0;
    if (xb_result_lanes(sum, slice->nlanes) < 0)
        return -1;
    for (size_t i = 0; i < sum->nlanes; i++) {
        struct xb_lane_result *lane = &sum->lanes[i];
        const struct xb_lane_result *from = &slice->lanes[i];
        lane->round = from->round;
        lane->chain = from->chain;
        lane->step = from->step;
        lane->src_rank = from->src_rank;
        lane->dst_rank = from->dst_rank;
        lane->path = from->path;
        lane->link_class = from->link_class;
        lane->company = from->company;
        lane->bytes = from->bytes;
        lane->group = from->group;
        lane->members = from->members;
        lane->setup = from->setup;
        lane->thinned.most = sum->most_samples;
        lane->ceiling_gb_per_s = from->ceiling_gb_per_s;
        lane->reason = from->reason ? strdup(from->reason) : NULL;
    }
    return 0;
}

static int add(struct xb_result *sum, struct xb_result *slice)
{
    if (sum->passes_asked == 0)
        begin(sum, slice);
    if (take_places(sum, slice) < 0 || add_whole(sum, slice) < 0 ||
        add_rounds(sum, slice) < 0 ||
        xb_thinning_add(&sum->op_thinned, &sum->op_samples_us, &sum->nop_samples,
                        slice->op_samples_us, slice->nop_samples) < 0 ||
        append(&sum->passes_s, &sum->npasses_s, &slice->measured_s, 1) < 0)
        return -1;
    take_words(sum, slice);
    take_observed(sum, slice);
    for (size_t i = 0; i < sum->nlanes && i < slice->nlanes; i++)
        if (add_lane(&sum->lanes[i], &slice->lanes[i]) < 0)
            return -1;
    /* figures of thousands of passes behind each of them would take longer than it */
    return sum->most_samples > 0 ? 0 : xb_slices_time(sum);
}

static int add_the_one(struct xb_result *sum, struct xb_result *slice)
{
    *sum = *slice;
    *slice = (struct xb_result){.status = XB_OK};
    return sum->time.n > 0 ? append(&sum->passes_us, &sum->npasses, &sum->time.median, 1) : 0;
}

int xb_slices_add(struct xb_result *sum, struct xb_result *slice, int asked)
{
    int rc = asked > 1 ? add(sum, slice) : add_the_one(sum, slice);

    xb_result_release(slice);
    sum->passes_asked = asked;
    sum->passes++;
    return rc;
}
