/* SPDX-License-Identifier: BSD-3-Clause */
/* estimate_memory.h - how much memory a plan's buffers need in a job. */
#ifndef XB_MODEL_PLAN_ESTIMATE_MEMORY_H
#define XB_MODEL_PLAN_ESTIMATE_MEMORY_H

#include "model/plan/estimate.h"

/* Bytes of the GPU, and of the node, that need most; see xb_estimate. A rank keeps its buffers
 * from case to case: a source and a destination of each kind of memory, and rings. -1 when out
 * of memory. */
int xb_estimate_memory(const struct xb_plan *plan, const struct xb_job *job, bool on_host,
                       uint64_t *gpu_bytes, uint64_t *host_bytes, struct xb_error *err);

#endif
