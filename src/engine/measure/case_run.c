/* SPDX-License-Identifier: BSD-3-Clause */
/* case_run.c - what all steps of a round ask. */
#include "engine/measure/case_run.h"

int xb_case_agree(struct xb_case_run *run, int outcome, struct xb_error *err)
{
    int rc = xb_team_agree(&run->team, outcome, err);

    if (rc != XB_GO && rc != XB_SKIP)
        run->broken = true;
    return rc;
}

double xb_case_look(struct xb_case_run *run)
{
    double now_us = xb_clock_us();

    if (run->looked_us > 0 && now_us - run->looked_us > run->unseen_us)
        run->unseen_us = now_us - run->looked_us;
    run->looked_us = now_us;
    return now_us;
}

/* What passes between two looks passes while the rank does not run, or within one call. */
int xb_case_timed_out(const struct xb_case_run *run, struct xb_error *err)
{
    struct xb_clock_mark now = xb_clock_mark();
    double jump = xb_clock_jump(&run->mark, &now), unseen_s = run->unseen_us * 1e-6;

    if (jump != 0)
        return xb_clock_fail(err, jump);
    xb_fail(err, "not complete within the case's time of %g s", run->options->timeout_s);
    if (unseen_s > 0.5 * run->options->timeout_s)
        xb_fail(err, "%s; %.3g s of it passed between two looks at the clock", err->text,
                unseen_s);
    return XB_TIMED_OUT;
}

int xb_case_clock(struct xb_case_run *run, double us, struct xb_error *err)
{
    struct xb_clock_mark now = xb_clock_mark();
    double jump = xb_clock_jump(&run->mark, &now);

    if (jump == 0 &&
        !(us >= 0)) /* too little for another clock to tell, or both have done so */
        jump = us < 0 ? us : -1;
    run->mark = now;
    return jump == 0 ? XB_GO : xb_clock_fail(err, jump);
}

bool xb_case_is_first(const struct xb_case_run *run)
{
    return !run->options->slice || !run->options->slice->later;
}

bool xb_case_verifies(const struct xb_case_run *run)
{
    return !run->options->slice || !run->options->slice->no_verify;
}

struct xb_known_batch *xb_case_batch(const struct xb_case_run *run)
{
    const struct xb_slice *slice = run->options->slice;
    size_t round = (size_t)run->round->lane[0].round;

    return slice && round < slice->nbatch ? &slice->batch[round] : NULL;
}

bool xb_case_leads(const struct xb_case_run *run)
{
    return run->team.me == 0;
}

bool xb_case_one_by_one(const struct xb_case_run *run)
{
    return run->method->reset || run->c->cache == XB_CACHE_COLD;
}

double xb_case_steps(const struct xb_case_run *run)
{
    return (double)run->round->count / run->round->chains;
}
