/* SPDX-License-Identifier: BSD-3-Clause */
/* passes.c - measures trials again at several moments, each time in another order. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/log.h"
#include "engine/runtime/watchdog.h"
#include "model/figures/sampling.h"
#include "model/plan/order.h"
#include "report/slices.h"
#include "tune/tuner_internal.h"

/* A trial between its first pass and its last. */
struct xb_in_passes {
    struct xb_case c;
    size_t index;   /* of its trial */
    double most_us; /* that all its passes may take; 0 where only the scenario says so */
    struct xb_slice slice;
    struct xb_result sum; /* of its passes so far; on rank 0 */
    bool ended;           /* it was not ok in a pass: the others leave it out */
    bool told;            /* the sink has what it came to */
};

/* What one call of xb_tuner_in_passes goes by. */
struct passes {
    struct xb_tuner *tuner;
    struct xb_in_passes *of;
    size_t n;
    size_t *order;
    struct xb_sampling share; /* of one slice */
    int pass;
};

/* What a slice of a case has: its share, but no longer than the case may take. */
static struct xb_sampling share_of(const struct passes *p, const struct xb_in_passes *one)
{
    struct xb_sampling share = p->share;
    double most_ns = ceil(1e3 * one->most_us / p->tuner->passes);

    if (one->most_us > 0 && most_ns < (double)share.max_time_ns)
        share.max_time_ns = (int64_t)most_ns;
    return share;
}

/* Keep what a pass gave of a case, on rank 0; *ok tells how it went. */
static int keep_slice(struct passes *p, struct xb_in_passes *one, struct xb_result *slice,
                      int *ok, struct xb_error *err)
{
    *ok = slice->status == XB_OK;
    xb_watchdog_lock();
    int rc = xb_slices_add(&one->sum, slice, p->tuner->passes);
    xb_watchdog_unlock();
    return rc < 0 ? xb_fail(err, "out of memory for %s", one->c.id) : 0;
}

static int measure_slice(struct passes *p, struct xb_in_passes *one, struct xb_error *err)
{
    struct xb_tuner *tuner = p->tuner;
    struct xb_exec_options exec = tuner->exec;
    const struct xb_sampling share = share_of(p, one);
    struct xb_result slice;
    int ok = 0, rc = 0;

    exec.sampling = &share;
    exec.slice = &one->slice;
    exec.samples = true;
    one->slice.passes = tuner->passes;
    one->slice.pass = p->pass;
    one->slice.no_verify = one->slice.later && p->pass + 1 < tuner->passes;
    xb_tuner_carry_out(tuner, &one->c, &exec, &slice);
    one->slice.later = true;
    if (tuner->session->rank == 0)
        rc = keep_slice(p, one, &slice, &ok, err);
    xb_result_release(&slice);
    MPI_Bcast(&ok, 1, MPI_INT, 0, tuner->session->world);
    one->ended = !ok;
    return xb_tuner_agree(tuner, rc, err);
}

/* What the passes of a trial come to, on all ranks. */
static int conclude(struct passes *p, struct xb_in_passes *one, struct xb_error *err)
{
    struct xb_tuner *tuner = p->tuner;
    struct xb_trial_outcome out = {0};
    int rc = 0;

    if (tuner->session->rank == 0) {
        xb_watchdog_lock();
        xb_exec_conclude(tuner->session, &one->c, &one->sum);
        one->told = true;
        xb_watchdog_unlock();
        xb_trial_outcome_of(&one->sum, 0, &out);
        out.ok = out.ok && !one->ended; /* also where it was but skipped in a later pass */
        rc = tuner->sink ? tuner->sink(tuner->arg, &one->c, &one->sum, XB_MEASURED_PASSES, err)
                         : 0;
    }
    MPI_Bcast(&out, (int)sizeof out, MPI_BYTE, 0, tuner->session->world);
    struct xb_trial *t = &tuner->trials.trial[one->index];
    tuner->spoiled += t->ok && !out.ok;
    t->best_us = t->ok && t->best_us < out.us ? t->best_us : out.us;
    t->ok = t->final = t->again = out.ok;
    t->asked = false;
    t->us = out.us;
    t->ci_lo_us = out.ci_lo_us;
    t->ci_hi_us = out.ci_hi_us;
    return xb_tuner_agree(tuner, rc, err);
}

static int run_passes(struct passes *p, struct xb_error *err)
{
    struct xb_tuner *tuner = p->tuner;

    for (p->pass = 0; p->pass < tuner->passes; p->pass++) {
        xb_pass_order(p->n, tuner->session->seed, p->pass, tuner->passes, p->order);
        for (size_t k = 0; k < p->n; k++) {
            struct xb_in_passes *one = &p->of[p->order[k]];
            if (!one->ended && measure_slice(p, one, err) < 0)
                return -1;
        }
        if (tuner->session->rank == 0)
            xb_log_progress("[pass %d/%d] %zu measured again", p->pass + 1, tuner->passes,
                            p->n);
    }
    for (size_t i = 0; i < p->n; i++)
        if (conclude(p, &p->of[i], err) < 0)
            return -1;
    return 0;
}

/* Show what is being measured to who must save it, or that nothing is. */
static void show(struct xb_tuner *tuner, struct xb_in_passes *of, size_t n)
{
    xb_watchdog_lock();
    tuner->in_passes = of;
    tuner->nin_passes = n;
    xb_watchdog_unlock();
}

const struct xb_case *xb_tuner_partial(struct xb_tuner *tuner, size_t i, struct xb_result **sum)
{
    if (i >= tuner->nin_passes)
        return NULL;
    struct xb_in_passes *one = &tuner->in_passes[i];
    *sum = NULL;
    if (one->sum.passes > 0 && !one->told) {
        xb_exec_conclude(tuner->session, &one->c, &one->sum);
        *sum = &one->sum;
    }
    return &one->c;
}

/* The trials that are to be measured: those that are ok or asked for, and no finalists yet. */
static size_t take_trials(const struct xb_tuner *tuner, const size_t *index, size_t n,
                          double share, struct xb_in_passes *of)
{
    size_t taken = 0;

    for (size_t i = 0; i < n; i++) {
        const struct xb_trial *t = &tuner->trials.trial[index[i]];
        bool known = t->final || !(t->ok || t->asked);
        for (size_t k = 0; k < taken && !known; k++)
            known = of[k].index == index[i];
        if (!known)
            of[taken++] = (struct xb_in_passes){
                .c = t->c, .index = index[i], .most_us = share * t->wall_us};
    }
    return taken;
}

int xb_tuner_in_passes(struct xb_tuner *tuner, const size_t *index, size_t n, double share,
                       struct xb_error *err)
{
    struct passes p = {.tuner = tuner, .share = xb_sampling_share(&tuner->in_all)};

    if (tuner->passes <= 1 || n == 0)
        return 0;
    p.of = calloc(n, sizeof *p.of);
    p.order = calloc(n, sizeof *p.order);
    int rc = p.of && p.order ? 0 : xb_fail(err, "out of memory for %zu finalists", n);
    if ((rc = xb_tuner_agree(tuner, rc, err)) == 0) {
        assert(p.of);
        p.n = take_trials(tuner, index, n, share, p.of);
        show(tuner, p.of, p.n);
        rc = p.n > 0 ? run_passes(&p, err) : 0;
    }
    /* what ends early is still the books': they ask for it before all is released */
    if (rc < 0 && tuner->sink_rest && tuner->session->rank == 0)
        tuner->sink_rest(tuner->arg);
    show(tuner, NULL, 0);
    for (size_t i = 0; i < p.n; i++) {
        xb_slice_release(&p.of[i].slice);
        xb_result_release(&p.of[i].sum);
    }
    free(p.of);
    free(p.order);
    return rc;
}
