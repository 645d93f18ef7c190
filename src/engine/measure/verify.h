/* SPDX-License-Identifier: BSD-3-Clause */
/* verify.h - sources with bytes of their own, destinations poisoned, stamps for each batch, and
 * the comparison. All members of a round call each function, which works on what this rank has
 * of the round's lanes and gives 0 or -1.
 */
#ifndef XB_ENGINE_MEASURE_VERIFY_H
#define XB_ENGINE_MEASURE_VERIFY_H

#include "engine/measure/case_run.h"

/* Fill this rank's sources with new bytes and poison its destinations. */
int xb_verify_prepare(struct xb_case_run *run, struct xb_error *err);

/* A batch of so many rounds begins, each of so many transfers: write new stamps into the
 * sources, and tell each lane which bytes its first round moves. Before any reset. */
int xb_verify_begin(struct xb_case_run *run, int64_t rounds, int window, struct xb_error *err);

/* Compare the stamps that the batch has left in the destinations. A lane whose stamps are wrong
 * is corrupt. -1 where they could not be compared. */
int xb_verify_stamps(struct xb_case_run *run, struct xb_error *err);

/* Compare all of this rank's destinations with what the batch, behind which the stamps were
 * compared, must have left there. -1 where they could not be compared. */
int xb_verify_check(struct xb_case_run *run, struct xb_error *err);

#endif
