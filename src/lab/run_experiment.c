/* SPDX-License-Identifier: BSD-3-Clause */
/* run_experiment.c - measures one case of an experiment: rank 0 runs it, where its path is
 * between ranks with another, and all agree. */
#include "lab/run_experiment.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/measure/lost.h"
#include "engine/runtime/clock.h"
#include "engine/runtime/shm.h"
#include "lab/experiment.h"
#include "model/figures/sampling.h"
#include "model/figures/stats.h"

#define RUNNER     0           /* the rank that runs it */
#define MAX_ROUNDS (1ll << 22) /* of a batch, whatever the clock says */

struct run {
    const struct xb_session *session;
    const struct xb_exec_options *options;
    const struct xb_experiment *row;
    struct xb_lab_case l;
    int other; /* the rank that follows; RUNNER where none does, -1 where there is none to */
    void *ctx;
    struct xb_clock_mark mark; /* of the end of the last batch, or the beginning */
    double *figures; /* of each sample, XB_MAX_FIGURES for each; NULL where there are none */
};

static int timed_out(const struct run *r, struct xb_error *err)
{
    xb_fail(err, "not complete within the case's time of %g s", r->options->timeout_s);
    return XB_TIMED_OUT;
}

static int check_free(const struct run *r, const char *kind, uint64_t need, uint64_t have,
                      struct xb_error *err)
{
    if (need <= have)
        return XB_GO;
    xb_fail(err, "needs %" PRIu64 " bytes of %s memory on %s, where %" PRIu64 " are free", need,
            kind, r->session->ranks[r->session->rank].host, have);
    return XB_SKIP;
}

/* Needs against what is free. On a device of host memory its own is shared memory. */
static int check_memory(const struct run *r, struct xb_error *err)
{
    const struct xb_device *dev = r->l.device;
    bool is_host = dev->caps & XB_DEVICE_IS_HOST;
    struct xb_needs needs = {0};
    uint64_t device_free = 0;

    if (r->row->needs)
        r->row->needs(&r->l, &needs);
    if (is_host)
        device_free = xb_host_free_bytes();
    else if (needs.device && dev->mem_free(0, &device_free, err) < 0)
        return XB_ERROR;
    int rc = check_free(r, is_host ? "shared" : "device", needs.device, device_free, err);
    uint64_t host = needs.host + (is_host ? needs.device : 0);
    return rc == XB_GO ? check_free(r, "host", host, xb_host_free_bytes(), err) : rc;
}

/* Also the end of a case whose time is over: every batch of it may have been quick. Nothing
 * holds once the clock has jumped. */
static int run_batch(struct run *r, int64_t rounds, double *us, struct xb_error *err)
{
    int rc = r->row->run(r->ctx, rounds, us, err);
    struct xb_clock_mark now = xb_clock_mark();
    double jump = xb_clock_jump(&r->mark, &now);

    r->mark = now;
    if (jump == 0 && rc == XB_GO && *us < 0)
        jump = *us;
    if (jump != 0 && (rc == XB_GO || rc == XB_TIMED_OUT))
        return xb_clock_fail(err, jump);
    if (rc == XB_TIMED_OUT || (rc == XB_GO && xb_clock_us() > r->l.deadline_us))
        return timed_out(r, err);
    return rc;
}

/* What was found of the results since it was asked last. */
static void verify_results(struct run *r, const char *when, struct xb_result *out)
{
    struct xb_verify v = {.done = true};

    r->row->verify(r->ctx, &v);
    out->verify = v;
    if (v.wrong_bytes == 0)
        return;
    out->status = XB_CORRUPT;
    snprintf(out->reason, sizeof out->reason,
             "%s: %" PRIu64 " of %" PRIu64 " bytes wrong, the first at offset %" PRIu64, when,
             v.wrong_bytes, v.checked_bytes, v.first_bad);
}

static double least_batch_us(const struct run *r)
{
    double least =
        xb_sampling_least_batch_us(r->options->sampling, r->session->clock.resolution_ns);
    return least < r->row->least_batch_us ? r->row->least_batch_us : least;
}

/* At least two batches, so that what the first sets up is there for the second. */
static int warm_up(struct run *r, struct xb_error *err)
{
    double until = xb_clock_us() + (double)r->options->sampling->warmup_ns * 1e-3, us;
    int64_t rounds = 1;

    for (int batch = 0; batch < 2 || xb_clock_us() < until; batch++) {
        int rc = run_batch(r, rounds, &us, err);
        if (rc != XB_GO)
            return rc;
        if (!r->row->long_rounds && us < least_batch_us(r) && rounds < MAX_ROUNDS)
            rounds *= 2;
    }
    return XB_GO;
}

/* The smallest batch that twice in a row lasts long enough: once may be an interruption. */
static int find_batch(struct run *r, int64_t *rounds, struct xb_error *err)
{
    double least = least_batch_us(r), us;
    int enough = 0;

    *rounds = 1;
    if (r->row->long_rounds)
        return XB_GO;
    while (*rounds < MAX_ROUNDS && enough < 2) {
        int rc = run_batch(r, *rounds, &us, err);
        if (rc != XB_GO)
            return rc;
        if (us < least)
            *rounds *= 2;
        enough = us < least ? 0 : enough + 1;
    }
    return XB_GO;
}

static void add_figures(struct run *r, struct xb_result *out)
{
    if (!r->figures || !r->row->figures)
        return;
    double *row = r->figures + (out->nsamples - 1) * XB_MAX_FIGURES;
    out->nfigures = r->row->figures(r->ctx, out->figures, XB_MAX_FIGURES);
    for (size_t i = 0; i < out->nfigures; i++)
        row[i] = out->figures[i].value;
}

/* Put the median in the place of the last value; what is not known in one sample is not known.
 */
static int conclude_figures(const struct run *r, struct xb_result *out, struct xb_error *err)
{
    double *column = calloc(out->nsamples, sizeof *column);
    struct xb_stats stats;

    if (!column)
        return xb_fail(err, "out of memory");
    for (size_t i = 0; i < out->nfigures; i++) {
        bool known = true;
        for (size_t k = 0; k < out->nsamples; k++) {
            column[k] = r->figures[k * XB_MAX_FIGURES + i];
            known = known && isfinite(column[k]);
        }
        known = known && xb_stats_compute(column, out->nsamples, &stats) == 0;
        out->figures[i].value = known ? stats.median : NAN;
    }
    free(column);
    return XB_GO;
}

static int take_samples(struct run *r, int64_t rounds, struct xb_result *out,
                        struct xb_error *err)
{
    const struct xb_sampling *s = r->options->sampling;
    size_t most = (size_t)s->max_samples;
    double us, spent_us = 0, start_us = xb_clock_us();

    out->samples_us = calloc(most, sizeof *out->samples_us);
    if (r->row->figures)
        r->figures = calloc(most * XB_MAX_FIGURES, sizeof *r->figures);
    if (!out->samples_us || (r->row->figures && !r->figures))
        return xb_fail(err, "out of memory");
    out->ops_per_sample = rounds;
    while (out->stop == XB_STOP_NONE) {
        int rc = run_batch(r, rounds, &us, err);
        if (rc != XB_GO)
            return rc;
        spent_us += us;
        out->samples_us[out->nsamples++] = us / (double)rounds;
        add_figures(r, out);
        out->stop = xb_sampling_decide(s, s->bandwidth_ci, out->samples_us, out->nsamples,
                                       spent_us, xb_clock_us() - start_us);
    }
    return conclude_figures(r, out, err);
}

static int measure(struct run *r, struct xb_result *out, struct xb_error *err)
{
    int64_t rounds = 1;
    double us;
    int rc = r->row->open(&r->l, &r->ctx, err);

    if (rc != XB_GO)
        return rc;
    rc = run_batch(r, 1, &us, err);
    if (rc == XB_GO)
        verify_results(r, "untimed round", out);
    if (rc == XB_GO && out->status == XB_OK) {
        rc = warm_up(r, err);
        if (rc == XB_GO)
            rc = find_batch(r, &rounds, err);
        if (rc == XB_GO)
            rc = take_samples(r, rounds, out, err);
        if (rc == XB_GO)
            verify_results(r, "timed rounds", out);
    }
    r->row->close(r->ctx);
    free(r->figures);
    return rc;
}

/* The first other rank of the runner's node, where the path is between two; the same on all. */
static int find_other(const struct xb_session *s, const struct xb_case *c)
{
    if (c->path.locality == XB_SELF)
        return RUNNER;
    for (int rank = 0; rank < s->nranks; rank++)
        if (rank != RUNNER && s->node_of_rank[rank] == s->node_of_rank[RUNNER])
            return rank;
    return -1;
}

/* Those who have a part in it find out whether it can be done. */
static int prepare(const struct run *r, struct xb_error *err)
{
    const struct xb_path *path = &r->l.c->path;
    bool on_gpu = path->src.kind == XB_GPU || path->dst.kind == XB_GPU;
    int rc = on_gpu ? xb_lost_check(r->session, err) : XB_GO;

    if (rc == XB_GO)
        rc = r->row->probe(&r->l, err);
    return rc == XB_GO ? check_memory(r, err) : rc;
}

static int agree(const struct xb_session *s, int rc, struct xb_error *err)
{
    return xb_agree(s->world, rc, s->rank, s->ranks[s->rank].host, err);
}

/* What it came to as the one lane that it has: from the runner's memory to itself or the other
 * end's. */
static void fill_lane(const struct xb_session *session, const struct xb_case *c, int other,
                      struct xb_result *out)
{
    const struct xb_job job = xb_session_job(session);
    struct xb_stats stats;

    out->concurrent = 1;
    out->overhead_us = NAN;
    out->setup = (struct xb_setup){NAN, NAN, NAN, NAN, NAN, NAN};
    if (out->nsamples > 0 && xb_stats_compute(out->samples_us, out->nsamples, &stats) == 0)
        out->time = stats;
    if (xb_result_lanes(out, 1) < 0)
        return;
    struct xb_lane_result *lane = &out->lanes[0];
    lane->path = c->path;
    lane->src_rank = RUNNER;
    lane->dst_rank = other;
    lane->link_class = job.link(job.machine, &c->path, RUNNER, other);
    lane->status = out->status;
    lane->reason = out->reason[0] ? strdup(out->reason) : NULL;
    lane->time = out->time;
    lane->ops_per_sample = out->ops_per_sample;
    lane->verify = out->verify;
}

static int run_together(struct run *r, struct xb_result *out, struct xb_error *err)
{
    const struct xb_session *s = r->session;
    bool runs = s->rank == RUNNER, follows = !runs && s->rank == r->other;
    int rc = XB_GO;

    if (r->other < 0) {
        xb_fail(err, "the job has no two ranks on the node of rank %d", RUNNER);
        return XB_SKIP;
    }
    r->l.other = runs ? r->other : RUNNER;
    if (r->other != RUNNER) /* elsewhere it may be behind: who conducts rounds counts it */
        xb_session_must(s, "MPI_Bcast", MPI_Bcast(s->epoch, 1, MPI_INT, RUNNER, s->world));
    if (r->row->start)
        rc = r->row->start(s, r->l.c, err);
    if (rc == XB_ERROR) {
        xb_lost_note(s, r->l.c->id);
        xb_lost_share(s, false);
    }
    if (rc == XB_GO)
        rc = agree(s, runs || follows ? prepare(r, err) : XB_GO, err);
    if (rc != XB_GO)
        return rc;
    if (runs)
        rc = measure(r, out, err);
    else if (follows)
        rc = r->row->follow(&r->l, err);
    if (rc == XB_ERROR)
        xb_lost_note(s, r->l.c->id);
    xb_lost_share(s, runs || follows);
    rc = agree(s, rc, err);
    if (rc != XB_GO && r->other != RUNNER)
        ++*s->epoch; /* messages of the two may be under way */
    return rc;
}

void xb_run_experiment(const struct xb_session *session, const struct xb_case *c,
                       const struct xb_exec_options *options, struct xb_result *out)
{
    struct run r = {.session = session,
                    .options = options,
                    .mark = xb_clock_mark(),
                    .other = find_other(session, c),
                    .l = {.c = c,
                          .session = session,
                          .device = session->device,
                          .deadline_us = xb_clock_us() + options->timeout_s * 1e6}};
    struct xb_error err = {""};
    int rc = XB_SKIP, status;

    *out = (struct xb_result){.status = XB_OK};
    if (xb_case_experiment_fits(c, &err) == 0) { /* the same everywhere */
        r.row = xb_experiment_of(c);
        rc = run_together(&r, out, &err);
    }
    if (rc != XB_GO) {
        out->status = rc == XB_SKIP ? XB_SKIPPED : rc == XB_TIMED_OUT ? XB_TIMEOUT : XB_FAILED;
        snprintf(out->reason, sizeof out->reason, "%s", err.text);
    }
    if (session->rank == RUNNER && r.other >= 0 && xb_case_experiment_fits(c, &err) == 0)
        fill_lane(session, c, r.other, out);
    status = (int)out->status;
    if (session->nranks > 1)
        MPI_Bcast(&status, 1, MPI_INT, RUNNER, session->world);
    out->status = (enum xb_status)status;
}
