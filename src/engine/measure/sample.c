/* SPDX-License-Identifier: BSD-3-Clause */
/* sample.c - warm-up, batch size, samples: the rank with the clock decides, all follow. */
#include "engine/measure/sample.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/measure/batch.h"
#include "engine/measure/cold.h"
#include "engine/measure/resident.h"
#include "engine/measure/verify.h"
#include "engine/runtime/clock.h"
#include "model/figures/sampling.h"
#include "model/figures/stats.h"

#define MAX_ROUNDS           (1ll << 22) /* of a batch, whatever the clock says */
#define MIN_SINGLES          20          /* transfers timed one by one */
#define MAX_SINGLES          1000
#define UNTIMED_SINGLES      3
#define SINGLES_SHARE        0.1  /* of the samples' time */
#define SLOW_SHARE           0.1  /* of it: a first batch that takes longer is warm-up enough */
#define CLEARLY              8    /* times the least that a batch must last */
#define WARM_SHARE           0.02 /* of it: a batch that takes longer is warm after one */
#define LONG_SHARE           0.5  /* and such a one by itself */
#define DEVICE_BATCHES       5    /* for the device-event time of in-rank copies */
#define MAX_DEVICE_TRANSFERS 1024 /* in one of them: a stream's queue is not endless */
#define EMPTY_BATCHES        5
#define POST_BATCHES         5
#define EMPTY_ROUNDS         32 /* of each: ranks that share a core pass each signal slowly */

/* What warm-up has seen of a single round: whether it lasts as long as a batch must. */
enum single { SHORT, LONG_ENOUGH, SURELY_LONG };

/* What the first member says, on every member. */
static int64_t follow(const struct xb_case_run *run, int64_t word)
{
    xb_team_share(&run->team, &word, sizeof word);
    return word;
}

static int warm_up(struct xb_case_run *run, enum single *single, struct xb_error *err)
{
    double until = xb_clock_us() + (double)run->options->sampling->warmup_ns * 1e-3, us;
    double least_us =
        xb_sampling_least_batch_us(run->options->sampling, run->session->clock.resolution_ns);
    double share_us = 1e-3 * (double)run->options->sampling->max_time_ns;
    int64_t rounds = 1;
    int least = 2; /* so that what the first batch sets up is there for the second */

    /* how many rounds is the first member's word too: each rank's clock has a resolution of its
     * own */
    for (int batch = 0;
         (rounds = follow(run, batch < least || xb_clock_us() < until ? rounds : 0)) > 0;
         batch++) {
        int rc = xb_batch_run(run, rounds, &us, err);
        if (rc != XB_GO)
            return rc;
        if (us > SLOW_SHARE * share_us) /* beside which what is set up is little */
            least = 1;
        *single = rounds > 1 || us < CLEARLY * least_us ? SHORT
                  : us > LONG_SHARE * share_us          ? SURELY_LONG
                                                        : LONG_ENOUGH;
        if (us < least_us && rounds < MAX_ROUNDS && !xb_case_one_by_one(run))
            rounds *= 2;
    }
    return XB_GO;
}

/* The smallest batch that twice in a row lasts long enough: once may be an interruption, but
 * for what takes so long that no interruption does. */
static int find_batch(struct xb_case_run *run, enum single single, int64_t *rounds,
                      struct xb_error *err)
{
    double least = xb_sampling_least_batch_us(run->options->sampling,
                                              run->session->clock.resolution_ns),
           us;
    /* with a window two rounds show more of what was left out than one */
    const int64_t fewest = run->c->window > 2 ? 2 : 1;
    int enough = fewest > 1 ? 0 : (int)follow(run, single); /* seen so often already */

    for (*rounds = fewest; *rounds < MAX_ROUNDS && enough < 2;) {
        int rc = xb_batch_run(run, *rounds, &us, err);
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

int xb_sample_warm(struct xb_case_run *run, int64_t rounds, int batches, struct xb_error *err)
{
    double most_us = WARM_SHARE * 1e-3 * (double)run->options->sampling->max_time_ns, us;
    int rc = XB_GO;

    for (int i = 0; rc == XB_GO && i < batches && follow(run, run->batch_us <= most_us); i++)
        rc = xb_batch_run(run, rounds, &us, err);
    return rc;
}

/* An earlier slice has found the batch, and set up what a first transfer sets up. */
static int warm_again(struct xb_case_run *run, int64_t rounds, double batch_us,
                      struct xb_error *err)
{
    double share_us = 1e-3 * (double)run->options->sampling->max_time_ns, us;
    int rc = XB_GO;

    run->batch_us = batch_us;
    if (follow(run, batch_us <= LONG_SHARE * share_us))
        rc = xb_batch_run(run, rounds, &us, err);
    return rc == XB_GO ? xb_sample_warm(run, rounds, 1, err) : rc;
}

int xb_sample_size(struct xb_case_run *run, int64_t *rounds, struct xb_error *err)
{
    struct xb_known_batch *memory = xb_case_batch(run);
    int64_t known = follow(run, memory ? memory->rounds : 0);

    *rounds = known > 0 ? known : 1;
    if (known > 0)
        return warm_again(run, known, memory ? memory->us : 0, err);
    enum single single = SHORT;
    int rc = warm_up(run, &single, err);
    if (rc == XB_GO && !xb_case_one_by_one(run))
        rc = find_batch(run, single, rounds, err);
    if (memory)
        *memory = (struct xb_known_batch){*rounds, run->batch_us};
    return rc;
}

int xb_sample_overhead(struct xb_case_run *run, struct xb_result *out, struct xb_error *err)
{
    double per_op = 1.0 / (EMPTY_ROUNDS * run->c->window * xb_case_steps(run)),
           us[EMPTY_BATCHES];
    struct xb_stats stats;
    int rc = XB_GO;

    out->overhead_us = NAN;
    if (run->c->path.locality == XB_SELF || xb_resident_is(run))
        return XB_GO;
    /* what was measured does not end for want of time to look at this */
    if (!follow(run, run->deadline_us - xb_clock_us() > 0.5e6 * run->options->timeout_s))
        return XB_GO;
    for (int i = 0; rc == XB_GO && i < EMPTY_BATCHES; i++)
        rc = xb_batch_run_empty(run, EMPTY_ROUNDS, &us[i], err);
    if (rc == XB_GO && xb_stats_compute(us, EMPTY_BATCHES, &stats) == 0)
        out->overhead_us = stats.median * per_op;
    return rc;
}

int xb_sample_posts(struct xb_case_run *run, int64_t rounds, struct xb_result *out,
                    struct xb_error *err)
{
    const double most_us = WARM_SHARE * 1e-3 * (double)run->options->sampling->max_time_ns;
    double each_us[POST_BATCHES], us;
    struct xb_stats stats;
    int rc = XB_GO, n = 0;

    out->post_us = 0;
    if (xb_resident_is(run) ||
        !follow(run, run->deadline_us - xb_clock_us() > 0.5e6 * run->options->timeout_s))
        return XB_GO;
    int64_t batches = follow(run, run->batch_us <= most_us ? POST_BATCHES : 1);
    for (int64_t i = 0; rc == XB_GO && i < batches; i++) {
        run->posting = (struct xb_posting){.on = true};
        rc = xb_batch_run(run, rounds, &us, err);
        if (run->posting.transfers > 0)
            each_us[n++] = run->posting.us / (double)run->posting.transfers;
    }
    run->posting.on = false;
    if (rc == XB_GO && n > 0 && xb_stats_compute(each_us, (size_t)n, &stats) == 0)
        out->post_us = stats.median;
    return rc;
}

/* The half-width of the interval that is asked for. */
static double target_of(const struct xb_case_run *run)
{
    const struct xb_sampling *s = run->options->sampling;
    return run->c->pattern->metric == XB_METRIC_LATENCY ? s->latency_ci : s->bandwidth_ci;
}

/* Keep the batch's time of one transfer of each chain that this rank starts. */
static void keep_chain_times(struct xb_case_run *run, double per_op)
{
    for (size_t i = 0; i < run->nchains; i++) {
        struct xb_chain_run *chain = &run->chains[i];
        chain->samples_us[chain->nsamples++] = chain->last_us * per_op;
    }
}

static int make_room(struct xb_case_run *run, struct xb_result *out, struct xb_error *err)
{
    size_t most = (size_t)run->options->sampling->max_samples;
    int rc = XB_GO;

    if (xb_case_leads(run) && !(out->samples_us = calloc(most, sizeof *out->samples_us)))
        rc = xb_fail(err, "out of memory for %zu samples", most);
    for (size_t i = 0; i < run->nchains; i++) {
        run->chains[i].samples_us = calloc(most, sizeof *run->chains[i].samples_us);
        if (!run->chains[i].samples_us)
            rc = xb_fail(err, "out of memory for %zu samples", most);
    }
    return xb_case_agree(run, rc, err);
}

int xb_sample_take(struct xb_case_run *run, int64_t rounds, struct xb_result *out,
                   struct xb_error *err)
{
    double per_op = 1.0 / ((double)(rounds * run->c->window) * xb_case_steps(run)), us,
           spent = 0, start_us = xb_clock_us();
    int64_t stop = XB_STOP_NONE;
    int rc = make_room(run, out, err);

    out->ops_per_sample = rounds * run->c->window;
    while (rc == XB_GO && stop == XB_STOP_NONE) {
        rc = xb_batch_run(run, rounds, &us, err);
        if (rc != XB_GO)
            break;
        spent += us;
        keep_chain_times(run, per_op);
        run->batches++;
        if (xb_case_leads(run)) {
            out->samples_us[out->nsamples++] = us * per_op;
            stop = xb_sampling_decide(run->options->sampling, target_of(run), out->samples_us,
                                      out->nsamples, spent, xb_clock_us() - start_us);
        }
        stop = follow(run, stop);
    }
    out->stop = (enum xb_stop)stop;
    return rc;
}

/* Of several slices the first and the last time them. With a window several transfers end
 * together; and of a kernel that stays on the GPU a single round would time the launch. */
bool xb_sample_wants_each(const struct xb_case_run *run, int64_t rounds)
{
    return rounds > 1 && run->alone && !run->options->batches_only && run->c->window == 1 &&
           !xb_resident_is(run) && xb_case_verifies(run);
}

/* Do these single transfers suffice? What lies between them counts too: where ranks meet before
 * each, that is most of the time. */
static bool has_singles(const struct xb_case_run *run, size_t n, double spent_us)
{
    double most_us = 1e-3 * (double)run->options->sampling->max_time_ns;
    size_t slices = run->options->slice && run->options->slice->passes > 1 ? 2 : 1;
    size_t least = (MIN_SINGLES + slices - 1) / slices;

    if (n * slices >= MAX_SINGLES || spent_us >= most_us)
        return true;
    return n >= least && spent_us >= SINGLES_SHARE * most_us;
}

static int fill_singles(struct xb_case_run *run, struct xb_result *out, struct xb_error *err)
{
    double per_op = 1.0 / xb_case_steps(run), start_us = xb_clock_us(), us;
    bool enough = false;

    while (!enough) {
        int rc = xb_batch_run(run, 1, &us, err);
        if (rc != XB_GO)
            return rc;
        if (xb_case_leads(run)) {
            assert(out->op_samples_us);
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

    if (xb_case_leads(run)) {
        out->op_samples_us = calloc(MAX_SINGLES, sizeof *out->op_samples_us);
        if (!out->op_samples_us)
            rc = xb_fail(err, "out of memory");
    }
    rc = xb_case_agree(run, rc, err);
    for (int i = 0; rc == XB_GO && i < UNTIMED_SINGLES; i++)
        rc = xb_batch_run(run, 1, &us, err);
    if (rc == XB_GO && xb_case_verifies(run)) /* the untimed ones would hide what these moved */
        rc = xb_case_agree(run, xb_verify_prepare(run, err), err);
    return rc == XB_GO ? fill_singles(run, out, err) : rc;
}

/* One lane within a rank whose bytes a GPU moves in one stream, apart from the host's clock. */
static bool has_device_time(const struct xb_case_run *run)
{
    const struct xb_path *p = &run->c->path;
    return run->alone && run->round->count == 1 && p->locality == XB_SELF &&
           (p->src.kind == XB_GPU || p->dst.kind == XB_GPU) &&
           !(run->session->device->caps & XB_DEVICE_IS_HOST) && !run->method->reset &&
           run->c->chunk == 0 && !(run->c->method->flags & XB_METHOD_NO_BYTES) &&
           !(run->method->starts_in_wait && run->method->starts_in_wait(run->c));
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
        if (xb_verify_begin(run, 1, n, err) < 0 || xb_cold_make(run, err) < 0 ||
            mark_transfers(run, from, to, n, &us[i], err) < 0 || xb_verify_stamps(run, err) < 0)
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
    run->stage = "transfers timed by the device";
    int gpu = run->method->gpu ? run->method->gpu(&run->mine[0].t) : 0;
    if (dev->event_open(true, gpu, &from, err) == 0 &&
        dev->event_open(true, gpu, &to, err) == 0)
        rc = time_by_device(run, from, to, rounds * run->c->window, out, err);
    dev->event_close(from);
    dev->event_close(to);
    return xb_case_agree(run, rc < 0 ? XB_ERROR : XB_GO, err);
}
