/* case_run.c - what all steps of a round ask. */
#include "engine/measure/case_run.h"

int xb_case_agree(struct xb_case_run *run, int outcome, struct xb_error *err)
{
    int rc = xb_team_agree(&run->team, outcome, err);

    if (rc != XB_GO && rc != XB_SKIP)
        run->broken = true;
    return rc;
}

int xb_case_timed_out(const struct xb_case_run *run, struct xb_error *err)
{
    xb_fail(err, "not complete within the case's time of %g s", run->options->timeout_s);
    return XB_TIMED_OUT;
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
