/* SPDX-License-Identifier: BSD-3-Clause */
/* gpu_state_json.h - what a report says of the state of a rank's GPU, before a run and after.
 */
#ifndef XB_REPORT_GPU_STATE_JSON_H
#define XB_REPORT_GPU_STATE_JSON_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "model/topology/gpu_state.h"

/* Put `clocks` and `state` into the `gpu` of a rank, in the place of those that it has; after
 * is NULL as long as the run goes on. False when out of memory. */
bool xb_gpu_state_put(cJSON *gpu, const struct xb_gpu_state *before,
                      const struct xb_gpu_state *after);

#endif
