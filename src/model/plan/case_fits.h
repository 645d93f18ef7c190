/* SPDX-License-Identifier: BSD-3-Clause */
/* case_fits.h - cases that no job can measure, whatever its ranks, devices and libraries. */
#ifndef XB_MODEL_PLAN_CASE_FITS_H
#define XB_MODEL_PLAN_CASE_FITS_H

#include "model/plan/plan.h"

/* Can there be such a case? Its pattern must be for what its method does, the method must do
 * the path and its way back, a datatype is said only where something is added up, a collective
 * is of several ranks that divide its bytes, a transfer with cold caches starts by itself,
 * blocks lie where they can, floats that are converted are whole, in each lane that has bytes
 * of its own too. 0, or 1 with the reason. Not
 * for experiments. */
int xb_case_fits(const struct xb_case *c, struct xb_error *err);

/* The same of any case: is there a job that could measure it? */
int xb_case_possible(const struct xb_case *c, struct xb_error *err);

#endif
