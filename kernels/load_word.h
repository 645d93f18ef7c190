/* SPDX-License-Identifier: BSD-3-Clause */
/* load_word.h - what the work that transfers are measured beside must have left in memory, for
 * C and CUDA alike.
 *
 * All of it adds to 32-bit words, modulo 2^32, so that each unit of work that was left out, was
 * cut short or came twice shows in every word. Behind units of seeds s, word i is
 *
 *   arithmetic  the sum over the units of what XB_LOAD_CHAINS floats have come to, which began
 *               as s + i % XB_LOAD_PERIOD + 0, 1, 2, ... and became x = x * 1 + 1 so many
 * times: whole numbers below 2^24, which are exact memory      the sum over the units of s * (i
 * % XB_LOAD_PERIOD + 1): the second factor is read from another array
 *
 * so both are offset + i % XB_LOAD_PERIOD * factor.
 */
#ifndef XB_KERNELS_LOAD_WORD_H
#define XB_KERNELS_LOAD_WORD_H

#include <stdint.h>

#define XB_LOAD_PERIOD 251 /* a prime, so that no word lies where it would in another row */
#define XB_LOAD_CHAINS 8   /* additions that do not wait for each other */

struct xb_load_sum {
    uint32_t offset, factor;
};

/* Seed of unit `number`, from 0. */
static inline uint32_t xb_load_seed(uint64_t number)
{
    return (uint32_t)(number % 1000) + 1;
}

/* Add what a unit of that seed does, of so many steps of each chain. */
static inline void xb_load_add_arithmetic(struct xb_load_sum *sum, uint32_t seed,
                                          uint32_t steps)
{
    sum->offset += XB_LOAD_CHAINS * (seed + steps) + XB_LOAD_CHAINS * (XB_LOAD_CHAINS - 1) / 2;
    sum->factor += XB_LOAD_CHAINS;
}

static inline void xb_load_add_memory(struct xb_load_sum *sum, uint32_t seed)
{
    sum->offset += seed;
    sum->factor += seed;
}

/* Word i. */
#ifdef __CUDACC__
__host__ __device__
#endif
    static inline uint32_t
    xb_load_word(struct xb_load_sum sum, uint64_t i)
{
    return sum.offset + (uint32_t)(i % XB_LOAD_PERIOD) * sum.factor;
}

#endif
