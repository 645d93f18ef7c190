/* SPDX-License-Identifier: BSD-3-Clause */
/* batch.c - one batch of transfers, proven to have moved its own bytes. */
#include "engine/measure/batch.h"

#include "engine/measure/cold.h"
#include "engine/measure/counters.h"
#include "engine/measure/lanes.h"
#include "engine/measure/rounds.h"
#include "engine/measure/verify.h"
#include "engine/runtime/clock.h"

/* What members tell each other after a batch. */
struct ends {
    double us; /* of the clock; 0 elsewhere */
    int bad, late;
};

static void add_ends(void *into, const void *from, size_t bytes)
{
    struct ends *a = into;
    const struct ends *b = from;

    (void)bytes;
    a->us = a->us > b->us ? a->us : b->us;
    a->bad |= b->bad;
    a->late |= b->late;
}

/* All members come together in front of the transfers and behind them. A destination knows by
 * itself when its bytes are there, and compares them at once; the counters are read before, for
 * a look at managed memory may move it. */
static int run_begun(struct xb_case_run *run, int64_t rounds, double *us, struct xb_error *err)
{
    struct ends ends = {0};
    int rc = xb_rounds_run(run, rounds, &ends.us, err);

    if (rc == XB_GO && !run->empty) {
        xb_counters_batch(run, rounds);
        rc = xb_verify_stamps(run, err) < 0 ? XB_ERROR : XB_GO;
    }
    if (rc == XB_GO)
        rc = xb_case_clock(run, ends.us, err);
    ends.bad = rc != XB_GO;
    bool late = xb_case_look(run) > run->deadline_us && !run->empty;
    ends.late = late;
    xb_team_combine(&run->team, &ends, sizeof ends, add_ends);
    *us = run->batch_us = ends.us;
    if (ends.bad)
        return xb_case_agree(run, rc, err);
    if (!ends.late)
        return XB_GO;
    return xb_case_agree(run, late ? xb_case_timed_out(run, err) : XB_GO, err);
}

int xb_batch_run(struct xb_case_run *run, int64_t rounds, double *us, struct xb_error *err)
{
    int rc = xb_verify_begin(run, rounds, run->c->window, err) < 0 ? XB_ERROR : XB_GO;

    *us = 0;
    rc = xb_case_agree(run, rc, err);
    if (rc == XB_GO)
        rc = xb_lanes_reset(run, err);
    if (rc == XB_GO && run->c->cache == XB_CACHE_COLD) /* nobody starts before all are cold */
        rc = xb_case_agree(run, xb_cold_make(run, err), err);
    if (rc == XB_GO && run->method->reset)
        xb_counters_skip(run);
    return rc == XB_GO ? run_begun(run, rounds, us, err) : rc;
}

int xb_batch_run_empty(struct xb_case_run *run, int64_t rounds, double *us,
                       struct xb_error *err)
{
    run->empty = true;
    xb_team_meet(&run->team);
    int rc = run_begun(run, rounds, us, err);
    run->empty = false;
    return rc;
}
