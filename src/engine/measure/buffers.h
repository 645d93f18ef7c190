/* SPDX-License-Identifier: BSD-3-Clause */
/* buffers.h - the memory and streams that this rank's lanes work on, out of the arena. */
#ifndef XB_ENGINE_MEASURE_BUFFERS_H
#define XB_ENGINE_MEASURE_BUFFERS_H

#include "engine/devices/arena.h"
#include "engine/measure/case_run.h"
#include "model/plan/plan.h"

/* Which buffer of the arena is an end of a lane, and how many bytes it has: offset, transfer
 * and a guard behind it that must stay as it is. */
struct xb_buffer_key xb_buffer_key_of(const struct xb_transfer *t, enum xb_role role);
uint64_t xb_buffer_bytes(const struct xb_case *c, enum xb_role role);

/* Has this rank's device the allocator that the case asks for: XB_GO, or XB_SKIP with the
 * reason. */
int xb_buffers_probe(const struct xb_transfer *t, struct xb_error *err);

/* Take them for all lanes of this rank. 0, or -1 with err filled; give in any case. */
int xb_buffers_take(struct xb_case_run *run, struct xb_error *err);
void xb_buffers_give(struct xb_case_run *run);

/* Tell the arena what the largest cases of a plan will want. For one rank itself. */
void xb_buffers_expect(const struct xb_session *session, const struct xb_plan *plan);

#endif
