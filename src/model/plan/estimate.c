/* SPDX-License-Identifier: BSD-3-Clause */
/* estimate.c - how long cases take, before anything is measured. */
#include "model/plan/estimate.h"

#include "model/figures/sampling.h"
#include "model/plan/case_fits.h"
#include "model/plan/collective_op.h"
#include "model/plan/estimate_memory.h"
#include "model/plan/schedule.h"

#define PATIENCE   4.0  /* times max_time in batches, before there are min_samples */
#define LOOKS      3    /* batches that looking for their size takes, of that size together */
#define SINGLES    0.1  /* of the samples' time, for transfers one by one */
#define SINGLES_AT 1000 /* of them are enough */
#define EXPERIMENT                                                                             \
    3e-11          /* seconds of a sample of one whose rounds are short, over its time in ns */
#define UNTIMED  5 /* rounds of another one: to compare with, to warm up, and two to look */
#define VERIFIES 2 /* a first slice does so twice */

/* What is guessed of a kind of machine: of GPUs what H100 and H200 do, of host memory what a
 * core of a server does. */
static const struct guesses {
    double start_s;                /* MPI, devices, the report: once */
    double open_us[XB_LOCALITIES]; /* of a case, the first time */
    double slice_us[XB_LOCALITIES];
    double gap_us[XB_LOCALITIES];             /* between batches: stamps, and ranks that meet */
    double latency_us[XB_LOCALITIES];         /* of a transfer */
    double within, via_host, by_host, remote; /* GB/s: between GPUs, these through the host, to
                                                 or from a host, between nodes */
    double managed;                 /* GB/s of pages, and so back before each sample */
    double verify_gpu, verify_host; /* GB/s of bytes filled or compared there */
    double pin;                     /* GB/s of host memory that is allocated, once */
} guessed[2] = {
    {.start_s = 4,
     .open_us = {2000, 5000, 10000},
     .slice_us = {500, 1500, 2000},
     .gap_us = {60, 150, 200},
     .latency_us = {8, 10, 15},
     .within = 350,
     .via_host = 35,
     .by_host = 50,
     .remote = 20,
     .managed = 10,
     .verify_gpu = 500,
     .verify_host = 15,
     .pin = 2},
    {.start_s = 0.6,
     .open_us = {500, 2000, 5000},
     .slice_us = {300, 1500, 2000},
     .gap_us = {30, 300, 400},
     .latency_us = {0.5, 5, 30},
     .within = 6,
     .via_host = 3,
     .by_host = 6,
     .remote = 1,
     .managed = 6,
     .verify_gpu = 3,
     .verify_host = 3,
     .pin = 2},
};

/* Bytes a second, in GB, of one transfer alone. */
static double rate_of(const struct xb_case *c, const struct guesses *g)
{
    bool gpus = c->path.src.kind == XB_GPU && c->path.dst.kind == XB_GPU;

    if (c->path.locality == XB_REMOTE)
        return g->remote;
    if (c->method->flags & XB_METHOD_MIGRATES)
        return g->managed;
    if (xb_case_via_host(c))
        return g->via_host;
    return gpus ? g->within : g->by_host;
}

/* What an option says that a transfer takes by itself. */
static double said_us(const struct xb_case *c)
{
    double us = 0;

    for (size_t i = 0;
         c->method->flags & XB_METHOD_NO_BYTES && i < xb_option_count(c->method->options); i++)
        if (c->method->options[i].type == XB_OPTION_DURATION)
            us += 1e-3 * (double)xb_option_get(&c->method->options[i], &c->options);
    return us;
}

/* The first round of a case: how many chains are busy at the same time, and how many lanes
 * follow one another in each. */
struct shape {
    size_t rounds;
    double chains, steps; /* chains: as of the case's size */
};

/* Chains of a round, of which each that has fewer bytes keeps the memory busy for a shorter
 * time. */
struct busy {
    uint64_t bytes; /* of the case */
    double chains;
};

static int add_chain(void *arg, const struct xb_lane *lane)
{
    struct busy *busy = arg;

    if (lane->step == 0)
        busy->chains += xb_lane_weight(lane, busy->bytes);
    return 0;
}

static int read_shape(const struct xb_case *c, const struct xb_job *job, bool on_host,
                      struct shape *out, struct xb_error *err)
{
    struct xb_schedule schedule;
    struct xb_error why;
    size_t chains, lanes;

    *out = (struct shape){0};
    if (xb_case_possible(c, &why) != 0 || (on_host && c->method->flags & XB_METHOD_NEEDS_GPU))
        return 0;
    if (xb_case_is_experiment(c)) {
        *out = (struct shape){1, 1, 1};
        return 0;
    }
    int rc = xb_schedule_open(c, job, &schedule, &why);
    if (rc != 0)
        return rc < 0 ? xb_fail(err, "%s", why.text) : 0;
    rc = xb_schedule_shape(&schedule, &chains, &lanes, err);
    struct busy busy = {.bytes = c->bytes};
    if (rc == 0 && c->traffic && chains > 1)
        rc = xb_schedule_walk(&schedule, 0, add_chain, &busy, err);
    if (rc == 0 && lanes > 0)
        *out = (struct shape){schedule.rounds, busy.chains > 0 ? busy.chains : (double)chains,
                              (double)lanes / (double)chains};
    xb_schedule_close(&schedule);
    return rc;
}

/* Seconds of a transfer of every chain of a round. */
static double transfer_s(const struct xb_case *c, const struct shape *shape, bool on_host,
                         const struct guesses *g)
{
    /* all draw on the same memory */
    double shared = on_host ? shape->chains : 1;
    double bytes = c->method->flags & XB_METHOD_NO_BYTES ? 0 : (double)c->bytes;
    double us =
        g->latency_us[c->path.locality] + said_us(c) + bytes * shared / (rate_of(c, g) * 1e3);

    return us * shape->steps * 1e-6;
}

static double option_of(const struct xb_case *c, const char *name)
{
    int row = xb_option_find(c->method->options, name);

    return row < 0 ? 0 : (double)xb_option_get(&c->method->options[row], &c->options);
}

/* Seconds of a round of an experiment that says what it works; 0 of others. */
static double round_s(const struct xb_case *c, bool on_host, const struct guesses *g)
{
    const struct xb_experiment_spec *e = c->experiment;
    double work = 1;

    if (!e || !e->work[0])
        return 0;
    for (size_t i = 0; i < sizeof e->work / sizeof e->work[0] && e->work[i]; i++)
        work *= option_of(c, e->work[i]);
    double bytes = e->images ? (double)c->bytes * option_of(c, e->images) : 0;
    return work / e->work_per_s[on_host] + bytes / (g->via_host * 1e9);
}

/* Seconds in which the source is filled, the destination poisoned and compared. */
static double verify_s(const struct xb_case *c, const struct shape *shape, bool on_host,
                       const struct guesses *g)
{
    double src = c->path.src.kind == XB_GPU ? g->verify_gpu : g->verify_host;
    double dst = c->path.dst.kind == XB_GPU ? g->verify_gpu : g->verify_host;
    double gb = c->method->flags & XB_METHOD_NO_BYTES ? 0 : (double)c->bytes * 1e-9;

    return gb * shape->steps * (on_host ? shape->chains : 1) * (1 / src + 2 / dst);
}

int xb_case_cost(const struct xb_case *c, const struct xb_job *job,
                 const struct xb_sampling *whole, bool on_host, struct xb_case_cost *out,
                 struct xb_error *err)
{
    const struct guesses *g = &guessed[on_host];
    const enum xb_locality where = c->path.locality;
    struct shape shape;

    *out = (struct xb_case_cost){0};
    if (read_shape(c, job, on_host, &shape, err) < 0)
        return -1;
    if (shape.rounds == 0)
        return 0;
    bool migrates = c->method->flags & XB_METHOD_MIGRATES;
    bool one_by_one = migrates || c->cache == XB_CACHE_COLD;
    double least = 1e-9 * (double)whole->min_batch_ns, warmup = 1e-9 * (double)whole->warmup_ns;
    double one = transfer_s(c, &shape, on_host, g) * c->window, gap = 1e-6 * g->gap_us[where];
    double batch = one_by_one || one > least ? one : least;

    double round = round_s(c, on_host, g);
    if (round > 0)
        one = batch = round;
    else if (xb_case_is_experiment(c)) /* works as often as its time allows */
        one = batch = EXPERIMENT * (double)whole->max_time_ns;
    if (one_by_one) /* pages go back, or caches are emptied, before each */
        gap += one;
    out->rounds = shape.rounds;
    out->once = xb_case_is_experiment(c);
    out->singles = shape.rounds == 1 && c->window == 1 && batch > one && !out->once;
    out->batch_s = batch;
    out->sample_s = batch + gap;
    out->one_s = one;
    out->warmup_s = warmup;
    out->verify_s = verify_s(c, &shape, on_host, g);
    out->next_s = 1e-6 * g->slice_us[where];
    out->first_s = 1e-6 * g->open_us[where] + VERIFIES * out->verify_s + one + gap;
    if (round > 0)
        out->first_s += (UNTIMED - 1) * one;
    out->is_warm = round > 0;
    return 0;
}

/* Warm-up, and looking for the size of a batch, of one round: where a batch is long beside the
 * time of all, fewer do. */
static double warm_s(const struct xb_case_cost *cost, double most_s, bool first)
{
    double batch = cost->sample_s;
    double again = batch <= 0.02 * most_s ? batch : 0; /* behind the poison */

    if (cost->is_warm)
        return 0;
    if (!first)
        return (batch > 0.5 * most_s ? 0 : batch) + again;
    double warm = (batch > 0.1 * most_s ? 1 : 2) * batch;
    double look = batch > 0.5 * most_s ? 0 : cost->batch_s > cost->one_s ? LOOKS : 1;

    return (warm > cost->warmup_s ? warm : cost->warmup_s) + look * batch + again;
}

/* Samples of one round: as many as there may be, or as fit into their time, but the fewest in
 * any case unless they take far longer. */
static double samples_s(const struct xb_case_cost *cost, const struct xb_sampling *s)
{
    double most_s = 1e-9 * (double)s->max_time_ns, n = most_s / cost->sample_s + 1;
    double patience = PATIENCE * most_s / cost->batch_s + 1;

    if (n > s->max_samples)
        n = s->max_samples;
    if (n < s->min_samples)
        n = s->min_samples < patience ? s->min_samples : patience;
    return (n < 1 ? 1 : n) * cost->sample_s;
}

double xb_slice_cost(const struct xb_case_cost *cost, const struct xb_sampling *share, int pass,
                     int passes)
{
    bool first = pass == 0, last = (pass + 1) % passes == 0;
    double most_s = 1e-9 * (double)share->max_time_ns, singles = 0;

    if (cost->rounds == 0 || (cost->once && !first))
        return 0;
    if (cost->singles && (first || last)) {
        double enough = SINGLES_AT * (cost->sample_s - cost->batch_s) / (passes > 1 ? 2 : 1);
        singles = SINGLES * most_s < enough ? SINGLES * most_s : enough;
    }
    return (double)cost->rounds *
           ((first ? cost->first_s : cost->next_s) + (last && !first ? cost->verify_s : 0) +
            warm_s(cost, most_s, first) + singles + samples_s(cost, share));
}

int xb_estimate_plan(const struct xb_plan *plan, const struct xb_sampling *sampling,
                     const struct xb_job *job, bool on_host, struct xb_estimate *out,
                     struct xb_error *err)
{
    const struct xb_sampling share = xb_sampling_share(sampling);
    const double repeat_s = 1e-9 * (double)sampling->repeat_for_ns;
    const int passes = xb_sampling_passes(sampling);
    double all = 0;

    *out = (struct xb_estimate){0};
    for (size_t i = 0; i < plan->count; i++) {
        const struct xb_case *c = &plan->cases[i];
        struct xb_case_cost cost;
        if (xb_case_cost(c, job, sampling, on_host, &cost, err) < 0)
            return -1;
        out->cases += cost.rounds > 0;
        for (int p = 0; p < passes; p++)
            all += xb_slice_cost(&cost, cost.once ? sampling : &share, p, passes);
    }
    if (xb_estimate_memory(plan, job, on_host, &out->gpu_bytes, &out->host_bytes, err) < 0)
        return -1;
    out->seconds = guessed[on_host].start_s +
                   (double)out->host_bytes / (guessed[on_host].pin * 1e9) +
                   (all > repeat_s ? all : repeat_s);
    return 0;
}
