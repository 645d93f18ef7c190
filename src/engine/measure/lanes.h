/* SPDX-License-Identifier: BSD-3-Clause */
/* lanes.h - what this rank does in which lane of a round. */
#ifndef XB_ENGINE_MEASURE_LANES_H
#define XB_ENGINE_MEASURE_LANES_H

#include "engine/measure/case_run.h"

/* Find this rank's lanes, the chains that it starts, and who starts the others. 0, or -1 when
 * out of memory; close frees what either left. */
int xb_lanes_open(struct xb_case_run *run, struct xb_error *err);
void xb_lanes_close(struct xb_case_run *run);

/* Make one transfer possible on each lane, where the method must be told to; collective. */
int xb_lanes_reset(struct xb_case_run *run, struct xb_error *err);

/* Exchange a value of so many bytes with the other end of each of this rank's lanes: mine and
 * theirs are arrays of nmine values. Of a lane within the rank theirs is mine. Called by all
 * members. */
void xb_lanes_exchange(const struct xb_case_run *run, const void *mine, void *theirs,
                       size_t bytes);

#endif
