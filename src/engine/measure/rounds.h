/* SPDX-License-Identifier: BSD-3-Clause */
/* rounds.h - the timed part: lanes take their turns in chains, chains run side by side. */
#ifndef XB_ENGINE_MEASURE_ROUNDS_H
#define XB_ENGINE_MEASURE_ROUNDS_H

#include "engine/measure/case_run.h"

/* Every lane of every chain transfers rounds x window times; all members call it. *us is the
 * time from the first start to the last end on the rank with the clock, 0 on others; each
 * chain's own time is left with the rank that starts it. XB_GO, XB_ERROR, XB_TIMED_OUT, or
 * XB_STOPPED when another rank failed. */
int xb_rounds_run(struct xb_case_run *run, int64_t rounds, double *us, struct xb_error *err);

/* After a failure, when all members are through with it: take in the word of those that gave
 * up, which would stop a later round whose tags are the same. All members call it. */
void xb_rounds_settle(struct xb_case_run *run);

#endif
