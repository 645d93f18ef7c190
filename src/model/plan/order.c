/* order.c - in which order a pass measures the cases of a plan. */
#include "model/plan/order.h"

/* The next number of a sequence that a state gives: splitmix64 (G. L. Steele et al., "Fast
 * splittable pseudorandom number generators", OOPSLA 2014). */
static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

void xb_pass_order(size_t count, uint64_t seed, int pass, int passes, size_t *order)
{
    uint64_t state = seed;

    for (size_t i = 0; i < count; i++)
        order[i] = i;
    if (passes <= 1)
        return;
    state = next(&state) + (uint64_t)pass;
    for (size_t i = count; i > 1; i--) { /* Fisher and Yates */
        size_t k = (size_t)(next(&state) % i), kept = order[k];
        order[k] = order[i - 1];
        order[i - 1] = kept;
    }
}
