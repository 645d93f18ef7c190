/* SPDX-License-Identifier: BSD-3-Clause */
/* batch.h - one batch of transfers, proven to have moved its own bytes. */
#ifndef XB_ENGINE_MEASURE_BATCH_H
#define XB_ENGINE_MEASURE_BATCH_H

#include "engine/measure/case_run.h"

/* Stamp the sources, put back what a method resets, put what a cold case moves
 * out of caches, let every lane transfer rounds x window
 * times, compare the stamps. All members call it; *us is the time by the case's clock, the same
 * on all. XB_GO, or what ended the round: also when its time is over, since every batch of it
 * may have been quick. */
int xb_batch_run(struct xb_case_run *run, int64_t rounds, double *us, struct xb_error *err);

/* The same without any transfer: what signals cost, which every batch's time contains. */
int xb_batch_run_empty(struct xb_case_run *run, int64_t rounds, double *us,
                       struct xb_error *err);

#endif
