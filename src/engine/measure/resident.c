/* SPDX-License-Identifier: BSD-3-Clause */
/* resident.c - rounds that the GPUs carry out by themselves: two kernels stay on them and pass
 * messages, so that no launch lies in the timed block. The clock is the starting rank's host
 * clock, from letting its kernel begin until the kernel says that the last round is complete.
 */
#include "engine/measure/resident.h"

#include "engine/runtime/clock.h"

/* What the kernel of this rank works on, gathered from its lanes; true if it starts. */
static bool gather_side(const struct xb_case_run *run, struct xb_resident_side *side)
{
    bool starts = false;

    for (size_t i = 0; i < run->nmine; i++) {
        const struct xb_lane_run *l = &run->mine[i];
        run->method->side(l->ctx, side);
        starts = starts || (l->lane.step == 0 && l->t.roles & XB_ROLE_SRC);
    }
    return starts;
}

/* The kernel ends by itself when its time is over, so this ends too. */
static int await_end(const struct xb_case_run *run, const struct xb_resident *kernels,
                     struct xb_error *err)
{
    int done;

    while ((done = kernels->done(err)) == 0)
        xb_session_relax(run->session);
    if (done == 2) {
        xb_fail(err, "the other GPU did not answer within the case's time of %g s",
                run->options->timeout_s);
        return XB_TIMED_OUT;
    }
    return done < 0 ? XB_ERROR : XB_GO;
}

bool xb_resident_is(const struct xb_case_run *run)
{
    return run->method->is_resident && run->method->is_resident(run->c);
}

int xb_resident_run(struct xb_case_run *run, int64_t rounds, double *us, struct xb_error *err)
{
    const struct xb_resident *kernels = run->session->device->resident;
    struct xb_resident_side side = {
        .first_flag = run->resident_rounds, .step = run->batch.step, .odd = run->batch.odd};
    double left_us = run->deadline_us - xb_clock_us();
    uint32_t messages = (uint32_t)run->batch.rounds;
    bool failed = false;

    (void)rounds; /* those of the batch that was begun */
    *us = 0;
    side.starts = gather_side(run, &side);
    run->resident_rounds += messages;
    if (run->nmine > 0)
        failed = kernels->start(&side, messages, left_us > 0 ? left_us : 0, err) < 0;
    bool any = xb_team_any(&run->team, failed);
    double start_us = xb_clock_us();
    if (side.starts && !any)
        kernels->go();
    int rc = failed ? XB_ERROR : run->nmine > 0 ? await_end(run, kernels, err) : XB_GO;
    if (side.starts && rc == XB_GO)
        run->chains[0].last_us = *us = xb_clock_us() - start_us;
    return rc;
}
