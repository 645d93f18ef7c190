/* SPDX-License-Identifier: BSD-3-Clause */
/* conclude.c - from lanes to the case. */
#include "engine/measure/conclude.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "engine/measure/conclude_rounds.h"
#include "model/figures/ceiling.h"
#include "model/figures/stats.h"
#include "model/plan/collective_op.h"
#include "model/topology/rank_ends.h"

/* Less than this share of the bytes on a wire is not a transfer over it. */
#define WIRE_SHARE 0.5

/* So many bytes stand out from what else the counters see. */
#define PROOF_BYTES (1 << 20)

void xb_conclude_round(struct xb_result *out, struct xb_result *whole,
                       const struct xb_round_result *place, bool alone)
{
    struct xb_round_result *round = NULL;

    out->stop = whole->stop > out->stop ? whole->stop : out->stop;
    out->ops_per_sample = whole->ops_per_sample;
    if (isfinite(whole->overhead_us) && !(whole->overhead_us <= out->overhead_us))
        out->overhead_us = whole->overhead_us;
    if (whole->post_us > out->post_us)
        out->post_us = whole->post_us;
    if (alone) {
        out->samples_us = whole->samples_us;
        out->nsamples = whole->nsamples;
        out->op_samples_us = whole->op_samples_us;
        out->nop_samples = whole->nop_samples;
        out->has_device_time = whole->has_device_time;
        out->device_time_us = whole->device_time_us;
        out->pipeline = whole->pipeline;
        out->bars = whole->bars;
        out->nbars = whole->nbars;
        *whole = (struct xb_result){0};
    } else if (place && whole->nsamples > 0 && (round = xb_result_add_round(out))) {
        *round = *place;
        round->ops_per_sample = whole->ops_per_sample;
        round->samples_us = whole->samples_us;
        round->nsamples = whole->nsamples;
        whole->samples_us = NULL;
        xb_stats_compute(round->samples_us, round->nsamples, &round->time);
    }
    xb_result_release(whole);
}

/* ---- one lane ---- */

static void set_reason(struct xb_lane_result *lane, enum xb_status status, const char *text)
{
    free(lane->reason);
    lane->status = status;
    lane->reason = strdup(text);
}

/* More than the hardware can carry was not carried. */
static void test_ceiling(const struct xb_session *s, const struct xb_case *c,
                         struct xb_lane_result *lane)
{
    struct xb_lane place = xb_lane_of_result(lane);
    char text[XB_REASON_LEN];

    struct xb_machine machine = xb_session_machine(s);

    lane->ceiling_gb_per_s = xb_lane_ceiling(c, &place, &machine);
    if (lane->status != XB_OK || lane->ceiling_gb_per_s <= 0 || lane->time.n == 0)
        return;
    double bytes = xb_case_moved_bytes(c, lane->members) * xb_lane_weight(&place, c->bytes);
    double rate = xb_gb_per_s(bytes, lane->time.median);
    if (rate <= XB_CEILING_TOLERANCE * lane->ceiling_gb_per_s)
        return;
    snprintf(text, sizeof text,
             "%.1f GB/s are more than the %.1f GB/s that the hardware of this path can carry",
             rate, lane->ceiling_gb_per_s);
    set_reason(lane, XB_IMPLAUSIBLE, text);
}

/* Between two GPUs joined by NVLink that were asked to exchange bytes directly. A rank reads
 * the counters of its bound GPU, so within a rank that one must be an end. */
static enum xb_wire wire_between_gpus(const struct xb_case *c,
                                      const struct xb_lane_result *lane)
{
    if (xb_case_via_host(c) || lane->link_class != XB_LINK_NVLINK)
        return XB_WIRES;
    if (lane->path.locality == XB_NODE)
        return XB_NVLINK_TX;
    return lane->path.src.index == 0   ? XB_NVLINK_TX
           : lane->path.dst.index == 0 ? XB_NVLINK_RX
                                       : XB_WIRES;
}

/* The wire that must have carried the bytes; XB_WIRES if none must. Between nodes a fabric of
 * NVLink may carry them instead of the NICs. */
static enum xb_wire wire_of(const struct xb_case *c, const struct xb_lane_result *lane)
{
    bool from_gpu = lane->path.src.kind == XB_GPU, to_gpu = lane->path.dst.kind == XB_GPU;

    if (c->method->flags & XB_METHOD_NO_BYTES)
        return XB_WIRES;
    if (lane->path.locality == XB_REMOTE)
        return c->pattern->one_operation || lane->link_class != XB_LINK_OTHER_NODE ? XB_WIRES
                                                                                   : XB_NIC_TX;
    if (from_gpu && to_gpu)
        return wire_between_gpus(c, lane);
    if (c->method->flags & XB_METHOD_MIGRATES)
        return from_gpu ? XB_PCIE_TX : XB_PCIE_RX;
    return XB_WIRES;
}

static const char *wire_words(enum xb_wire wire)
{
    switch (wire) {
    case XB_NIC_TX:
    case XB_NIC_RX:
        return "the nearest NIC";
    case XB_PCIE_TX:
    case XB_PCIE_RX:
        return "PCI Express";
    case XB_NVLINK_TX:
    case XB_NVLINK_RX:
        return "the NVLink that joins the GPUs";
    case XB_WIRES:
        break;
    }
    return "";
}

/* Say that the bytes went another way; of a method whose right bytes prove nothing, that they
 * did not go. */
static void test_wire(const struct xb_case *c, struct xb_lane_result *lane,
                      struct xb_result *out)
{
    enum xb_wire wire = wire_of(c, lane);
    bool proof = c->method->flags & XB_METHOD_MIGRATES && c->path.locality == XB_SELF;
    struct xb_lane place = xb_lane_of_result(lane);
    double moved = (double)lane->time.n * (double)lane->ops_per_sample *
                   xb_case_moved_bytes(c, lane->members) * xb_lane_weight(&place, c->bytes);
    char text[XB_REASON_LEN];

    if (lane->status != XB_OK || wire == XB_WIRES || !lane->has_carried ||
        lane->carried[wire] < 0 || lane->carried[wire] >= WIRE_SHARE ||
        (proof && moved < PROOF_BYTES))
        return;
    int n = snprintf(text, sizeof text, "%s carried %.2f of the bytes", wire_words(wire),
                     lane->carried[wire]);
    if (lane->carried[XB_PCIE_TX] >= 0 && wire != XB_PCIE_TX)
        n += snprintf(text + n, sizeof text - (size_t)n, ", PCI Express sent %.2f",
                      lane->carried[XB_PCIE_TX]);
    if (c->allocator != XB_ALLOCATOR_MALLOC)
        snprintf(text + n, sizeof text - (size_t)n, "; the memory is of the allocator %s",
                 xb_allocator_names[c->allocator]);
    if (proof)
        set_reason(lane, XB_IMPLAUSIBLE, text);
    else if (!out->warning[0])
        snprintf(out->warning, sizeof out->warning, "%s", text);
}

/* Which counter sees the bytes of a lane: what is sent is counted at the source, what is
 * received at the destination, by the NIC for all ranks of a node that use it, by the bound GPU
 * for its rank. A rank that stands for it; -1 where the bytes pass a host's memory, and so
 * leave no such trace of their own. */
static int counter_of(const struct xb_session *s, enum xb_wire wire,
                      const struct xb_lane_result *lane)
{
    bool sent = xb_wire_is_sent(wire);
    int rank = sent ? lane->src_rank : lane->dst_rank;
    struct xb_endpoint end = sent ? lane->path.src : lane->path.dst;

    if (wire == XB_NIC_TX || wire == XB_NIC_RX)
        return s->ends[rank].same_nic;
    return end.kind == XB_GPU && end.index == 0 ? rank : -1;
}

/* The lanes of one round, of which each counter has seen so many; seen is all 0 before and
 * behind. */
static void share_counter(const struct xb_session *s, struct xb_lane_result *lanes, size_t n,
                          enum xb_wire wire, int *seen)
{
    for (size_t i = 0; i < n; i++) {
        int counter = xb_lane_has_moved(&lanes[i]) ? counter_of(s, wire, &lanes[i]) : -1;
        if (counter >= 0)
            seen[counter]++;
    }
    for (size_t i = 0; i < n; i++) {
        int counter = lanes[i].has_carried && lanes[i].carried[wire] > 0
                          ? counter_of(s, wire, &lanes[i])
                          : -1;
        if (counter >= 0) /* of a lane that has not moved, beside those that have */
            lanes[i].carried[wire] /= seen[counter] + !xb_lane_has_moved(&lanes[i]);
    }
    for (size_t i = 0; i < n; i++) {
        int counter = counter_of(s, wire, &lanes[i]);
        if (counter >= 0)
            seen[counter] = 0;
    }
}

/* A counter sees all that its device moves in a round: each lane gets its share of that. */
static void share_counters(const struct xb_session *s, struct xb_result *out)
{
    int *seen = calloc((size_t)s->nranks, sizeof *seen);

    for (size_t begin = 0, end; seen && begin < out->nlanes; begin = end) {
        for (end = begin + 1;
             end < out->nlanes && out->lanes[end].round == out->lanes[begin].round; end++)
            ;
        for (int w = 0; w < XB_WIRES; w++)
            share_counter(s, &out->lanes[begin], end - begin, (enum xb_wire)w, seen);
    }
    free(seen);
}

/* ---- all lanes ---- */

static void take_status(struct xb_result *out)
{
    const struct xb_lane_result *worst = NULL;
    size_t bad = 0;

    for (size_t i = 0; i < out->nlanes; i++) {
        const struct xb_lane_result *lane = &out->lanes[i];
        bad += lane->status != XB_OK;
        if (!worst || xb_status_is_worse(lane->status, worst->status))
            worst = lane;
    }
    if (!worst)
        return;
    out->status = worst->status;
    if (!worst->reason)
        return;
    if (out->nlanes > 1 && bad < out->nlanes)
        snprintf(out->reason, sizeof out->reason, "%d->%d: %.*s", worst->src_rank,
                 worst->dst_rank, XB_REASON_LEN - 40, worst->reason);
    else
        snprintf(out->reason, sizeof out->reason, "%s", worst->reason);
}

static void mean_carried(struct xb_result *out)
{
    for (int w = 0; w < XB_WIRES; w++) {
        double sum = 0;
        size_t n = 0;
        bool known = true;
        for (size_t i = 0; i < out->nlanes; i++) {
            const struct xb_lane_result *lane = &out->lanes[i];
            if (lane->status != XB_OK && lane->status != XB_IMPLAUSIBLE)
                continue;
            known = known && lane->has_carried && lane->carried[w] >= 0;
            sum += lane->carried[w];
            n++;
        }
        out->carried[w] = known && n > 0 ? sum / (double)n : -1;
        out->has_carried = out->has_carried || out->carried[w] >= 0;
    }
}

/* What the method took to start belongs to no lane. */
static void add_setup(struct xb_result *out)
{
    const double start = out->setup.start;

    out->setup = (struct xb_setup){.start = start, .total = isnan(start) ? 0 : start};
    for (size_t i = 0; i < out->nlanes; i++) {
        const struct xb_setup *s = &out->lanes[i].setup;
        out->setup.total += isnan(s->total) ? 0 : s->total;
        out->setup.open += isnan(s->open) ? 0 : s->open;
        out->setup.register_ += isnan(s->register_) ? 0 : s->register_;
        out->setup.map += isnan(s->map) ? 0 : s->map;
        out->setup.first += isnan(s->first) ? 0 : s->first;
    }
}

struct timed {
    double us;
    size_t lane;
};

/* Of those that are alike the first stands last: it is the slowest that is named. */
static int by_time(const void *a, const void *b)
{
    const struct timed *x = a, *y = b;

    return x->us != y->us ? (x->us > y->us) - (x->us < y->us)
                          : (x->lane < y->lane) - (x->lane > y->lane);
}

/* Chains that the pattern makes of one pair. */
static int chains_of_pair(const struct xb_pattern *pattern)
{
    const struct xb_lane none = {0};
    struct xb_lane lanes[XB_PAIR_LANES];
    size_t n = pattern->of_pair(&none, lanes);
    int chains = 0;

    for (size_t i = 0; i < n; i++)
        chains = lanes[i].chain >= chains ? lanes[i].chain + 1 : chains;
    return chains;
}

static void take_samples(const struct xb_lane_result *lane, struct xb_result *out)
{
    if (lane->nsamples == 0 || out->samples_us ||
        !(out->samples_us = malloc(lane->nsamples * sizeof *out->samples_us)))
        return;
    memcpy(out->samples_us, lane->samples_us, lane->nsamples * sizeof *out->samples_us);
    out->nsamples = lane->nsamples;
}

static void take_passes(const struct xb_lane_result *lane, struct xb_result *out)
{
    free(out->passes_us);
    out->npasses = 0;
    out->passes_us = lane->npasses ? malloc(lane->npasses * sizeof *out->passes_us) : NULL;
    if (!out->passes_us)
        return;
    memcpy(out->passes_us, lane->passes_us, lane->npasses * sizeof *out->passes_us);
    out->npasses = lane->npasses;
}

/* The time of the lane in the middle; the slowest. Where nothing was timed both stay as they
 * are.
 */
static void take_lanes(int chains, bool middle, struct xb_result *out)
{
    struct timed *timed = calloc(out->nlanes + 1, sizeof *timed);
    size_t n = 0;

    if (!timed)
        return;
    for (size_t i = 0; i < out->nlanes; i++)
        if (out->lanes[i].time.n > 0 && out->lanes[i].status == XB_OK &&
            out->lanes[i].step == 0 && out->lanes[i].company == XB_COMPANY_ALL)
            timed[n++] = (struct timed){out->lanes[i].time.median, i};
    qsort(timed, n, sizeof *timed, by_time);
    if (n > 0) {
        const struct xb_lane_result *lane = &out->lanes[timed[n / 2].lane];
        out->slowest_lane = timed[n - 1].lane;
        if (middle) {
            out->time = lane->time;
            out->ops_per_sample = lane->ops_per_sample;
            out->time_of = XB_TIME_OF_MEDIAN_LANE;
            out->concurrent = chains;
            out->ceiling_gb_per_s = lane->ceiling_gb_per_s * chains;
            take_samples(lane, out);
            take_passes(lane, out);
        }
    }
    free(timed);
}

/* As a whole: of the one round that there is. */
static void take_whole(const struct xb_session *s, const struct xb_case *c,
                       const struct xb_schedule *schedule, struct xb_result *out)
{
    struct xb_round round = {0};

    if (xb_busy_lanes(schedule, out, 0, &round) < 0) {
        xb_round_release(&round);
        return;
    }
    out->time_of = XB_TIME_OF_SCHEDULE;
    out->concurrent = xb_round_concurrent(schedule, &round);
    if (out->nsamples > 0 && out->passes_asked > 1) {
        xb_stats_of_passes(out->samples_us, out->nsamples, out->passes_us, out->npasses,
                           &out->time);
        xb_thinning_apply(&out->thinned, &out->time);
    } else if (out->nsamples > 0)
        xb_stats_compute(out->samples_us, out->nsamples, &out->time);
    struct xb_machine machine = xb_session_machine(s);
    out->ceiling_gb_per_s = xb_ceiling(c, &round, &machine);
    double rate =
        out->nsamples == 0
            ? 0
            : xb_gb_per_s(xb_case_moved_bytes(c, round.lane[0].members), out->time.median) *
                  out->concurrent;
    double by_device =
        out->has_device_time
            ? xb_gb_per_s(xb_case_moved_bytes(c, round.lane[0].members), out->device_time_us)
            : 0;
    double most = by_device > rate ? by_device : rate;
    if (out->status == XB_OK && out->ceiling_gb_per_s > 0 &&
        most > XB_CEILING_TOLERANCE * out->ceiling_gb_per_s) {
        out->status = XB_IMPLAUSIBLE;
        snprintf(
            out->reason, sizeof out->reason,
            "%.1f GB/s%s are more than the %.1f GB/s that the hardware of this path can carry",
            most, by_device > rate ? " by the device's clock" : "", out->ceiling_gb_per_s);
    }
    xb_round_release(&round);
}

/* What follows from the lanes, of one slice or of all. */
static void conclude(const struct xb_session *session, const struct xb_case *c,
                     const struct xb_schedule *schedule, struct xb_result *out)
{
    bool of_pairs = c->pattern->of_pair != NULL;
    int chains = of_pairs ? chains_of_pair(c->pattern) : 1;
    size_t firsts = 0; /* chains of all rounds */

    for (size_t i = 0; i < out->nlanes; i++) {
        if (c->pattern->one_operation && out->lanes[i].members == 0)
            out->lanes[i].members = (int)out->nlanes; /* of a journal from before groups */
        firsts += out->lanes[i].step == 0 && out->lanes[i].company == XB_COMPANY_ALL;
        test_wire(c, &out->lanes[i], out);
        if (!c->pattern->one_operation)
            test_ceiling(session, c, &out->lanes[i]);
    }
    take_status(out);
    for (size_t i = 0; i < out->nlanes; i++)
        xb_verify_add(&out->verify, &out->lanes[i].verify);
    mean_carried(out);
    add_setup(out);
    bool one_pair = firsts == (size_t)chains;
    bool whole =
        !of_pairs || (one_pair && schedule->planned == 1) || c->pairs.kind == XB_PAIRS_TOGETHER;
    take_lanes(chains, !whole, out);
    if (schedule->rounds > 1)
        xb_conclude_rounds(session, c, schedule, whole, out);
    else if (whole)
        take_whole(session, c, schedule, out);
}

void xb_conclude_case(const struct xb_session *session, const struct xb_case *c,
                      const struct xb_schedule *schedule, struct xb_result *out)
{
    share_counters(session, out);
    conclude(session, c, schedule, out);
}

void xb_conclude_slices(const struct xb_session *session, const struct xb_case *c,
                        const struct xb_schedule *schedule, struct xb_result *sum)
{
    enum xb_status worst = sum->status;
    char reason[XB_REASON_LEN];

    memcpy(reason, sum->reason, sizeof reason);
    sum->reason[0] = '\0';
    sum->verify = (struct xb_verify){0};
    sum->has_carried = false;
    conclude(session, c, schedule, sum);
    /* what one pass was found to be is not made good by the others */
    if (xb_status_is_worse(worst, sum->status)) {
        sum->status = worst;
        memcpy(sum->reason, reason, sizeof reason);
    }
}
