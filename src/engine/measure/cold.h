/* SPDX-License-Identifier: BSD-3-Clause */
/* cold.h - transfers whose bytes lie in no cache when they start.
 *
 * Each batch of such a case is one transfer. Before it, behind the stamps and outside the
 * timer, every rank puts what it has of the transfer out of the caches: its sources and its
 * destinations, and the host memory that the program itself has between them. What a library
 * keeps (MPI's, NCCL's own buffers) is out of reach.
 */
#ifndef XB_ENGINE_MEASURE_COLD_H
#define XB_ENGINE_MEASURE_COLD_H

#include "engine/measure/case_run.h"

/* Can this rank's part of a lane be made cold: XB_GO, also of a case that asks for nothing
 * such, or XB_SKIP with the reason. */
int xb_cold_probe(const struct xb_case_run *run, const struct xb_lane_run *l,
                  struct xb_error *err);

/* Make what this rank has of the round's lanes cold, where the case asks for it. 0 or -1. */
int xb_cold_make(const struct xb_case_run *run, struct xb_error *err);

#endif
