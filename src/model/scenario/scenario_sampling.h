/* SPDX-License-Identifier: BSD-3-Clause */
/* scenario_sampling.h - reading how long and how often a scenario's cases are measured, and
 * from where on what they come to is slow. */
#ifndef XB_MODEL_SCENARIO_SCENARIO_SAMPLING_H
#define XB_MODEL_SCENARIO_SCENARIO_SAMPLING_H

#include "model/scenario/scenario.h"

/* Read the key `sampling` of a scenario's root, with the defaults for what it does not say. 0,
 * or -1 with file, line, path and what was expected. */
int xb_read_sampling(const struct xb_node *root, struct xb_sampling *out, struct xb_error *err);

/* Read its key `outliers` in the same way. */
int xb_read_outliers(const struct xb_node *root, struct xb_outlier_limits *out,
                     struct xb_error *err);

#endif
