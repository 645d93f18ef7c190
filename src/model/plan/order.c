/* SPDX-License-Identifier: BSD-3-Clause */
/* order.c - in which order a pass measures the cases of a plan. */
#include "model/plan/order.h"

#include "base/random.h"

void xb_pass_order(size_t count, uint64_t seed, int pass, int passes, size_t *order)
{
    uint64_t state = seed;

    for (size_t i = 0; i < count; i++)
        order[i] = i;
    if (passes <= 1)
        return;
    state = xb_random_next(&state) + (uint64_t)pass;
    for (size_t i = count; i > 1; i--) { /* Fisher and Yates */
        size_t k = (size_t)(xb_random_next(&state) % i), kept = order[k];
        order[k] = order[i - 1];
        order[i - 1] = kept;
    }
}
