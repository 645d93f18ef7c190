/* SPDX-License-Identifier: BSD-3-Clause */
/* run_slice.c - one slice of one case. */
#include "cmd/run/run_slice.h"

#include <stdio.h>

#include <mpi.h>

#include "engine/measure/policy_choice.h"
#include "engine/methods/method.h"
#include "engine/runtime/clock.h"
#include "lab/run_experiment.h"

double xb_run_now_s(void)
{
    return xb_clock_passed_us() * 1e-6;
}

void xb_run_share(const struct xb_session *s, void *what, size_t bytes)
{
    if (s->nranks == 1)
        return;
    xb_watch_wait(s->rank > 0 ? 0 : XB_WAIT_NOBODY);
    MPI_Bcast(what, (int)bytes, MPI_BYTE, 0, s->world);
    xb_watch_wait(XB_WAIT_NOBODY);
}

int xb_run_share_word(const struct xb_session *s, int word)
{
    xb_run_share(s, &word, sizeof word);
    return word;
}

void xb_run_watch_report(const struct xb_run *r, const char *doing)
{
    xb_watch_step(XB_LIMIT_START, "%s", doing);
    if (xb_watch_patience() > 0)
        xb_watch_due(XB_LIMIT_START * xb_watch_patience() +
                     1e-3 * (double)r->pass * (double)r->plan->count);
}

/* The watchdog is told what is really measured: what need not set itself up has less time. */
void xb_run_exec_case(struct xb_run *r, size_t i, int64_t max_time_ns,
                      void (*take_lane)(void *books, const struct xb_case *c,
                                        const struct xb_lane_result *lane),
                      struct xb_result *out)
{
    const struct xb_case *c = &r->plan->cases[i];
    struct xb_sampling sampling = r->share;
    struct xb_exec_options exec = {.sampling = &sampling,
                                   .slice = &r->slice[i],
                                   .timeout_s = r->options->case_timeout_s,
                                   .samples = r->options->samples || r->passes > 1,
                                   .trace = r->options->trace != NULL,
                                   .take_lane = take_lane,
                                   .take_arg = &r->books};
    struct xb_choice chosen;
    struct xb_case actual;
    struct xb_error why;
    int rc = xb_auto_resolve(r->session, r->options->policy, c, &actual, &chosen, &why);
    bool experiment = xb_case_is_experiment(&actual);
    double grace_s = experiment ? XB_EXPERIMENT_GRACE_S : xb_method_grace_s(&actual);

    xb_watch_step(XB_LIMIT_NONE, "case %zu of %zu: %s", i + 1, r->plan->count, c->id);
    if (r->session->rank == 0) {
        xb_run_books_chosen(&r->books, &chosen, grace_s);
        xb_watch_due(exec.timeout_s + grace_s);
    }
    r->slice[i].passes = r->passes;
    r->slice[i].pass = r->pass;
    /* in the first, in the last, and of those without end in as many as before */
    r->slice[i].no_verify = r->slice[i].later && (r->pass + 1) % r->passes != 0;
    if (experiment)
        sampling = *r->whole;
    sampling.max_time_ns = max_time_ns;
    if (rc != XB_GO) {
        *out = (struct xb_result){.status = XB_SKIPPED};
        snprintf(out->reason, sizeof out->reason, "%s", why.text);
    } else if (experiment) {
        xb_run_experiment(r->session, &actual, &exec, out);
    } else {
        xb_exec_case(r->session, &actual, &exec, out);
    }
    xb_watch_step(XB_LIMIT_DECISION, "behind case %zu of %zu", i + 1, r->plan->count);
    r->slice[i].later = true;
    out->chosen = chosen;
}
