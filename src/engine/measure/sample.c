/* sample.c - warm-up, batch size, samples: rank 0 decides, all follow. */
#include "engine/measure/case_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/measure/counters.h"
#include "engine/runtime/clock.h"
#include "model/figures/sampling.h"
#include "model/figures/stats.h"

#define MAX_ROUNDS           (1ll << 22) /* of a batch, whatever the clock says */
#define MIN_SINGLES          20          /* transfers timed one by one */
#define MAX_SINGLES          1000
#define UNTIMED_SINGLES      3
#define SINGLES_SHARE        0.25 /* of the samples' time */
#define DEVICE_BATCHES       5    /* for the device-event time of in-rank copies */
#define MAX_DEVICE_TRANSFERS 1024 /* in one of them: a stream's queue is not endless */

/* What comm rank 0 says, on every rank. */
static int64_t follow(const struct xb_case_run *run, int64_t word)
{
    if (run->nmembers > 1)
        MPI_Bcast(&word, 1, MPI_INT64_T, 0, run->comm);
    return word;
}

/* One batch on all ranks: *us is that of the case's clock, on every rank. Also the end of a
 * case whose time is over: every batch of it may have been quick. */
static int run_batch(struct xb_case_run *run, int64_t rounds, double *us, struct xb_error *err)
{
    double mine[2], all[2];

    int rc = xb_lanes_reset(run, err);
    if (rc != XB_GO)
        return rc;
    if (run->method->reset)
        xb_counters_skip(run);
    if (run->nmembers > 1)
        MPI_Barrier(run->comm);
    rc = xb_rounds_run(run, rounds, &mine[0], err);
    mine[1] = rc != XB_GO;
    if (run->nmembers > 1)
        MPI_Allreduce(mine, all, 2, MPI_DOUBLE, MPI_MAX, run->comm);
    else
        memcpy(all, mine, sizeof all);
    *us = all[0];
    if (all[1] > 0)
        return xb_case_agree(run, rc, err);
    if (!follow(run, xb_clock_us() > run->deadline_us))
        return XB_GO;
    return xb_case_agree(run, xb_case_timed_out(run, err), err);
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
        if (us < XB_MIN_BATCH_US && rounds < MAX_ROUNDS && !run->method->reset)
            rounds *= 2;
    }
    return XB_GO;
}

/* The smallest batch that twice in a row lasts long enough: once may be an interruption. */
static int find_batch(struct xb_case_run *run, int64_t *rounds, struct xb_error *err)
{
    double least = xb_sampling_least_batch_us(run->session->clock.resolution_ns), us;
    int enough = 0;

    for (*rounds = 1; *rounds < MAX_ROUNDS && enough < 2;) {
        int rc = run_batch(run, *rounds, &us, err);
        if (rc != XB_GO)
            return rc;
        if (follow(run, us >= least)) {
            enough++;
        } else {
            enough = 0;
            *rounds *= 2;
        }
    }
    return XB_GO;
}

int xb_sample_size(struct xb_case_run *run, int64_t *rounds, struct xb_error *err)
{
    int rc = warm_up(run, err);
    *rounds = 1;
    return rc == XB_GO && !run->method->reset ? find_batch(run, rounds, err) : rc;
}

/* The half-width of the interval that is asked for. */
static double target_of(const struct xb_case_run *run)
{
    const struct xb_sampling *s = run->options->sampling;
    return run->c->pattern->metric == XB_METRIC_LATENCY ? s->latency_ci : s->bandwidth_ci;
}

/* Lanes that follow one another in one round of a chain. */
static double steps_of(const struct xb_case_run *run)
{
    return (double)run->lanes.count / run->lanes.chains;
}

static int fill_samples(struct xb_case_run *run, int64_t rounds, struct xb_result *out,
                        struct xb_error *err)
{
    double per_op = 1.0 / ((double)(rounds * run->c->window) * steps_of(run)), us, spent = 0;
    int64_t stop = XB_STOP_NONE;

    while (stop == XB_STOP_NONE) {
        int rc = run_batch(run, rounds, &us, err);
        if (rc != XB_GO)
            return rc;
        spent += us;
        xb_counters_batch(run, rounds);
        if (run->comm_rank == 0) {
            out->samples_us[out->nsamples++] = us * per_op;
            stop = xb_sampling_judge(run->options->sampling, target_of(run), out->samples_us,
                                     out->nsamples, spent);
        }
        stop = follow(run, stop);
    }
    out->stop = (enum xb_stop)stop;
    return XB_GO;
}

int xb_sample_take(struct xb_case_run *run, int64_t rounds, struct xb_result *out,
                   struct xb_error *err)
{
    int rc = XB_GO;

    if (run->comm_rank == 0) {
        out->samples_us =
            calloc((size_t)run->options->sampling->max_samples, sizeof *out->samples_us);
        if (!out->samples_us)
            rc = xb_fail(err, "out of memory");
    }
    if ((rc = xb_case_agree(run, rc, err)) != XB_GO)
        return rc;
    out->ops_per_sample = rounds * run->c->window;
    return fill_samples(run, rounds, out, err);
}

/* With a window several transfers end together; and of a kernel that stays on the GPU a single
 * round would time the launch. */
bool xb_sample_wants_each(const struct xb_case_run *run, int64_t rounds)
{
    return rounds > 1 && !run->options->batches_only && run->c->window == 1 &&
           !xb_resident_is(run);
}

/* Do these single transfers suffice? What lies between them counts too: where ranks meet before
 * each, that is most of the time. */
static bool has_singles(const struct xb_case_run *run, size_t n, double spent_us)
{
    double most_us = 1e-3 * (double)run->options->sampling->max_time_ns;

    if (n >= MAX_SINGLES || spent_us >= most_us)
        return true;
    return n >= MIN_SINGLES && spent_us >= SINGLES_SHARE * most_us;
}

static int fill_singles(struct xb_case_run *run, struct xb_result *out, struct xb_error *err)
{
    double per_op = 1.0 / steps_of(run), start_us = xb_clock_us(), us;
    bool enough = false;

    while (!enough) {
        int rc = run_batch(run, 1, &us, err);
        if (rc != XB_GO)
            return rc;
        if (run->comm_rank == 0) {
            /* to what the clock tells: a thousand of these stand in a report */
            out->op_samples_us[out->nop_samples++] = round(us * per_op * 1e4) / 1e4;
            enough = has_singles(run, out->nop_samples, xb_clock_us() - start_us);
        }
        enough = follow(run, enough);
    }
    return XB_GO;
}

int xb_sample_each(struct xb_case_run *run, struct xb_result *out, struct xb_error *err)
{
    double us;
    int rc = XB_GO;

    if (run->comm_rank == 0) {
        out->op_samples_us = calloc(MAX_SINGLES, sizeof *out->op_samples_us);
        if (!out->op_samples_us)
            rc = xb_fail(err, "out of memory");
    }
    rc = xb_case_agree(run, rc, err);
    for (int i = 0; rc == XB_GO && i < UNTIMED_SINGLES; i++)
        rc = run_batch(run, 1, &us, err);
    if (rc == XB_GO) /* behind the untimed ones, which would hide that these moved nothing */
        rc = xb_case_agree(run, xb_verify_prepare(run, err), err);
    return rc == XB_GO ? fill_singles(run, out, err) : rc;
}

/* One lane within a rank whose bytes a GPU moves in one stream, apart from the host's clock. */
static bool has_device_time(const struct xb_case_run *run)
{
    const struct xb_path *p = &run->c->path;
    return run->lanes.count == 1 && p->locality == XB_SELF && run->nmembers == 1 &&
           (p->src.kind == XB_GPU || p->dst.kind == XB_GPU) &&
           !(run->session->device->caps & XB_DEVICE_IS_HOST) && !run->method->reset &&
           !(run->c->method->flags & (XB_METHOD_CHUNKED | XB_METHOD_NO_BYTES));
}

/* So many transfers back to back between two events. */
static int mark_transfers(struct xb_case_run *run, struct xb_event *from, struct xb_event *to,
                          int transfers, double *us, struct xb_error *err)
{
    const struct xb_device *dev = run->session->device;
    const struct xb_lane_run *l = &run->mine[0];
    int rc;

    if (dev->event_record(from, l->t.stream, err) < 0 ||
        run->method->post(l->ctx, transfers, err) < 0 ||
        dev->event_record(to, l->t.stream, err) < 0)
        return -1;
    while ((rc = run->method->wait(l->ctx, err)) == 0 ||
           (rc > 0 && (rc = dev->event_done(to, err)) == 0))
        ;
    return rc < 0 ? -1 : dev->event_elapsed(from, to, us, err);
}

static int time_by_device(struct xb_case_run *run, struct xb_event *from, struct xb_event *to,
                          int64_t transfers, struct xb_result *out, struct xb_error *err)
{
    double us[DEVICE_BATCHES];
    struct xb_stats stats;
    int n = transfers < MAX_DEVICE_TRANSFERS ? (int)transfers : MAX_DEVICE_TRANSFERS;

    for (int i = 0; i < DEVICE_BATCHES; i++)
        if (mark_transfers(run, from, to, n, &us[i], err) < 0)
            return -1;
    xb_stats_compute(us, DEVICE_BATCHES, &stats);
    out->has_device_time = true;
    out->device_time_us = stats.median / n;
    return 0;
}

int xb_sample_by_device(struct xb_case_run *run, int64_t rounds, struct xb_result *out,
                        struct xb_error *err)
{
    const struct xb_device *dev = run->session->device;
    struct xb_event *from = NULL, *to = NULL;
    int rc = -1;

    if (!has_device_time(run))
        return XB_GO;
    int gpu = run->method->gpu ? run->method->gpu(&run->mine[0].t) : 0;
    if (dev->event_open(true, gpu, &from, err) == 0 &&
        dev->event_open(true, gpu, &to, err) == 0)
        rc = time_by_device(run, from, to, rounds * run->c->window, out, err);
    dev->event_close(from);
    dev->event_close(to);
    return xb_case_agree(run, rc < 0 ? XB_ERROR : XB_GO, err);
}
