/* SPDX-License-Identifier: BSD-3-Clause */
/* random.h - numbers that look random and are the same everywhere for the same beginning. */
#ifndef XB_BASE_RANDOM_H
#define XB_BASE_RANDOM_H

#include <stdint.h>

/* The next number of a sequence that a state gives, which moves on: splitmix64 (G. L. Steele et
 * al., "Fast splittable pseudorandom number generators", OOPSLA 2014). */
static inline uint64_t xb_random_next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

#endif
