/* SPDX-License-Identifier: BSD-3-Clause */
/* order.h - in which order a pass measures the cases of a plan. */
#ifndef XB_MODEL_PLAN_ORDER_H
#define XB_MODEL_PLAN_ORDER_H

#include <stddef.h>
#include <stdint.h>

/* Fill order with the indices below count as pass number `pass` of `passes`, from 0, takes
 * them: shuffled by seed and pass, so that what one case leaves behind, or what happens at one
 * moment, does not always meet the same neighbour. The same everywhere for the same arguments.
 * A single pass has nothing to shuffle for: it keeps the plan's order. */
void xb_pass_order(size_t count, uint64_t seed, int pass, int passes, size_t *order);

#endif
