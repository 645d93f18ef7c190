/* SPDX-License-Identifier: BSD-3-Clause */
/* resident.h - rounds that the GPUs carry out by themselves. */
#ifndef XB_ENGINE_MEASURE_RESIDENT_H
#define XB_ENGINE_MEASURE_RESIDENT_H

#include "engine/measure/case_run.h"

/* Is this a case that its devices carry out by themselves? */
bool xb_resident_is(const struct xb_case_run *run);

/* The same as xb_rounds_run, for such a case. */
int xb_resident_run(struct xb_case_run *run, int64_t rounds, double *us, struct xb_error *err);

#endif
