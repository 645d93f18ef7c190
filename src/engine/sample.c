/* sample.c - warm-up, batch size, samples: rank 0 decides, all follow. */
#include "engine/case_run.h"

#include <stdlib.h>
#include <string.h>

#include "engine/clock.h"
#include "model/stats.h"

#define MIN_BATCH_US      200.0
#define RESOLUTION_FACTOR 1000.0
#define MAX_ROUNDS        (1ll << 22) /* of a batch, whatever the clock says */
#define DEVICE_BATCHES    5           /* for the device-event time of in-rank copies */

/* One batch on all ranks: *us is that of the slowest chain, on every rank. */
static int run_batch(struct xb_case_run *run, int64_t rounds, double *us, struct xb_error *err)
{
    double mine[2], all[2];

    if (run->nmembers > 1)
        MPI_Barrier(run->comm);
    int rc = xb_rounds_run(run, rounds, &mine[0], err);
    if (run->nmembers == 1) {
        *us = mine[0];
        return rc == XB_GO ? XB_GO : xb_case_agree(run, rc, err);
    }
    mine[1] = rc != XB_GO;
    MPI_Allreduce(mine, all, 2, MPI_DOUBLE, MPI_MAX, run->comm);
    *us = all[0];
    return all[1] > 0 ? xb_case_agree(run, rc, err) : XB_GO;
}

/* What comm rank 0 says, on every rank. */
static int64_t follow(const struct xb_case_run *run, int64_t word)
{
    if (run->nmembers > 1)
        MPI_Bcast(&word, 1, MPI_INT64_T, 0, run->comm);
    return word;
}

static int warm_up(struct xb_case_run *run, struct xb_error *err)
{
    double until = xb_clock_us() + (double)run->options->sampling->warmup_ns * 1e-3, us;
    int64_t rounds = 1;

    /* at least two batches, so that what the first sets up is there for the second */
    for (int batch = 0; follow(run, batch < 2 || xb_clock_us() < until); batch++) {
        int rc = run_batch(run, rounds, &us, err);
        if (rc != XB_GO)
            return rc;
        if (us < MIN_BATCH_US && rounds < MAX_ROUNDS)
            rounds *= 2;
    }
    return XB_GO;
}

static int find_batch(struct xb_case_run *run, int64_t *rounds, struct xb_error *err)
{
    double least = run->session->clock.resolution_ns * 1e-3 * RESOLUTION_FACTOR, us;

    if (least < MIN_BATCH_US)
        least = MIN_BATCH_US;
    for (*rounds = 1; *rounds < MAX_ROUNDS; *rounds *= 2) {
        int rc = run_batch(run, *rounds, &us, err);
        if (rc != XB_GO)
            return rc;
        if (follow(run, us >= least))
            break;
    }
    return XB_GO;
}

/* Do these samples suffice? */
static enum xb_stop judge(const struct xb_case_run *run, const double *samples, size_t n,
                          double spent_us)
{
    const struct xb_sampling *s = run->options->sampling;
    double target =
        run->c->pattern->metric == XB_METRIC_LATENCY ? s->latency_ci : s->bandwidth_ci;
    struct xb_stats stats;

    if (n >= (size_t)s->max_samples)
        return XB_STOP_MAX_SAMPLES;
    if (n < (size_t)s->min_samples) /* the time ends only what has not begun to converge */
        return spent_us >= 4e-3 * (double)s->max_time_ns ? XB_STOP_MAX_TIME : XB_STOP_NONE;
    if (spent_us >= 1e-3 * (double)s->max_time_ns)
        return XB_STOP_MAX_TIME;
    if (xb_stats_compute(samples, n, &stats) < 0 || !stats.has_ci)
        return XB_STOP_NONE;
    return xb_stats_ci_rel(&stats) <= target ? XB_STOP_TARGET : XB_STOP_NONE;
}

/* Lanes that follow one another in one round of a chain. */
static double steps_of(const struct xb_case_run *run)
{
    return (double)run->lanes.count / run->lanes.chains;
}

static int take_samples(struct xb_case_run *run, int64_t rounds, struct xb_result *out,
                        struct xb_error *err)
{
    double per_op = 1.0 / ((double)(rounds * run->c->window) * steps_of(run)), us, spent = 0;
    int64_t stop = XB_STOP_NONE;

    while (stop == XB_STOP_NONE) {
        int rc = run_batch(run, rounds, &us, err);
        if (rc != XB_GO)
            return rc;
        spent += us;
        if (run->comm_rank == 0) {
            out->samples_us[out->nsamples++] = us * per_op;
            stop = judge(run, out->samples_us, out->nsamples, spent);
        }
        stop = follow(run, stop);
    }
    out->stop = (enum xb_stop)stop;
    return XB_GO;
}

/* Median of a few more batches by device events; only comm rank 0 has lanes here. */
static int device_batches(struct xb_case_run *run, int64_t rounds, double *median_us,
                          struct xb_error *err)
{
    const struct xb_device *dev = run->session->device;
    double us, samples[DEVICE_BATCHES];
    struct xb_stats stats;

    for (int i = 0; i < DEVICE_BATCHES; i++) {
        int rc = run_batch(run, rounds, &us, err);
        if (rc != XB_GO)
            return rc;
        while ((rc = dev->event_done(run->mark_to, err)) == 0)
            ;
        if (rc < 0 || dev->event_elapsed(run->mark_from, run->mark_to, &samples[i], err) < 0)
            return xb_case_agree(run, XB_ERROR, err);
    }
    xb_stats_compute(samples, DEVICE_BATCHES, &stats);
    *median_us = stats.median / (double)(rounds * run->c->window);
    return XB_GO;
}

static int time_by_device(struct xb_case_run *run, int64_t rounds, struct xb_result *out,
                          struct xb_error *err)
{
    const struct xb_device *dev = run->session->device;
    int rc = XB_ERROR;

    if (dev->event_open(true, &run->mark_from, err) == 0 &&
        dev->event_open(true, &run->mark_to, err) == 0)
        rc = device_batches(run, rounds, &out->device_time_us, err);
    out->has_device_time = rc == XB_GO;
    dev->event_close(run->mark_from);
    dev->event_close(run->mark_to);
    run->mark_from = run->mark_to = NULL;
    return rc;
}

/* One lane within a rank whose bytes the device moves in one stream. */
static bool has_device_time(const struct xb_case_run *run)
{
    const struct xb_path *p = &run->c->path;
    return run->lanes.count == 1 && p->locality == XB_SELF && run->nmembers == 1 &&
           (p->src.kind == XB_GPU || p->dst.kind == XB_GPU) &&
           !(run->c->method->flags & (XB_METHOD_CHUNKED | XB_METHOD_NO_BYTES));
}

int xb_sample_case(struct xb_case_run *run, struct xb_result *out, struct xb_error *err)
{
    int64_t rounds = 1;
    int rc = XB_GO;

    if (run->comm_rank == 0) {
        out->samples_us =
            calloc((size_t)run->options->sampling->max_samples, sizeof *out->samples_us);
        if (!out->samples_us)
            rc = xb_fail(err, "out of memory");
    }
    if ((rc = xb_case_agree(run, rc, err)) != XB_GO || (rc = warm_up(run, err)) != XB_GO ||
        (rc = find_batch(run, &rounds, err)) != XB_GO)
        return rc;
    out->ops_per_sample = rounds * run->c->window;
    if ((rc = take_samples(run, rounds, out, err)) != XB_GO)
        return rc;
    return has_device_time(run) ? time_by_device(run, rounds, out, err) : XB_GO;
}
