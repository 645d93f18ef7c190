/* SPDX-License-Identifier: BSD-3-Clause */
/* bytes_word.h - the test pattern that transfers are verified with, for C and CUDA alike.
 *
 * Byte i of a transfer is byte i % 8 (least significant first) of word i / 8, and the word
 * depends on its index and on a key made from seed, case and rank. Multiplying by an odd number
 * is a bijection of 64-bit words, so two words of one transfer never agree; folding the high
 * half into the low one keeps the low bytes from repeating every few words. Poison is the
 * complement, so that a byte that was never written cannot pass for a right one.
 *
 * What is added up as floats is made of the same word: it is mixed once more, since keys of
 * batches lie close together and what they differ by must not cancel in a sum, and each half of
 * the result becomes a float that is a whole number from 1 to 2^XB_BYTES_FLOAT_BITS. The sum of
 * XB_BYTES_KEYS of them is at most 2^24 and so exact in whatever order they are added. None is
 * 0, so a missing summand always shows; none is -0, denormal, infinite or NaN, nor is its
 * complement, which is negative.
 *
 * Floats that are converted to bfloat16 on their way are the same: four of them, of two words,
 * become the word of what arrives. So the words of what arrives have half the index.
 */
#ifndef XB_KERNELS_BYTES_WORD_H
#define XB_KERNELS_BYTES_WORD_H

#include <stdint.h>
#include <string.h>

#ifdef __CUDACC__
#define XB_HOST_DEVICE __host__ __device__
#else
#define XB_HOST_DEVICE
#endif

/* Word `index` of the pattern of `key`; inverted where `poison` is not 0. */
XB_HOST_DEVICE static inline uint64_t xb_bytes_word(uint64_t key, uint64_t index, int poison)
{
    uint64_t w = (key + index) * 0x9e3779b97f4a7c15ull; /* odd; 2^64 over the golden ratio */
    w ^= w >> 32;
    return poison ? ~w : w;
}

/* The keys of patterns that are added up: what ranks hold after their bytes were summed. One
 * key stands for its pattern alone. */
#define XB_BYTES_KEYS 64
struct xb_bytes_keys {
    uint64_t key[XB_BYTES_KEYS];
    int count;
    int floats; /* 0: words are added modulo 2^64; 1: they are two floats each, added by halves
                 */
    int bfloat16; /* 1: those floats as they are behind their conversion; needs floats */
};

#define XB_BYTES_FLOAT_BITS 18

/* The whole numbers of word `index`, one in each half; sums of XB_BYTES_KEYS do not carry from
 * one into the other. */
XB_HOST_DEVICE static inline uint64_t xb_bytes_numbers(uint64_t key, uint64_t index)
{
    const uint64_t mask = (1ull << XB_BYTES_FLOAT_BITS) - 1;
    uint64_t w = xb_bytes_word(key, index, 0) * 0xbf58476d1ce4e5b9ull; /* odd; of splitmix64 */
    uint64_t high = w >> (64 - XB_BYTES_FLOAT_BITS);
    uint64_t low = w >> (64 - 2 * XB_BYTES_FLOAT_BITS) & mask;
    return (high + 1) << 32 | (low + 1);
}

/* The bits of a whole number of at most 2^24 as a float. */
XB_HOST_DEVICE static inline uint32_t xb_bytes_float(uint32_t number)
{
    float f = (float)number;
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

/* A float of that kind as bfloat16, in the low half: the nearest one, and of two that are as
 * near the even one. */
XB_HOST_DEVICE static inline uint32_t xb_bytes_bfloat16(uint32_t bits)
{
    uint32_t below = bits >> 16, rest = bits & 0xffff;
    return rest > 0x8000 || (rest == 0x8000 && below % 2 == 1) ? below + 1 : below;
}

/* Word `index` of the sum, not converted. */
XB_HOST_DEVICE static inline uint64_t xb_bytes_added_word(const struct xb_bytes_keys *keys,
                                                          uint64_t index)
{
    uint64_t sum = 0;
    for (int i = 0; i < keys->count; i++)
        sum += keys->floats ? xb_bytes_numbers(keys->key[i], index)
                            : xb_bytes_word(keys->key[i], index, 0);
    if (keys->floats)
        sum = (uint64_t)xb_bytes_float((uint32_t)(sum >> 32)) << 32 |
              xb_bytes_float((uint32_t)sum);
    return sum;
}

/* Word `index` of what arrives of it. */
XB_HOST_DEVICE static inline uint64_t xb_bytes_sum_word(const struct xb_bytes_keys *keys,
                                                        uint64_t index, int poison)
{
    uint64_t word;

    if (keys->bfloat16) {
        uint64_t low = xb_bytes_added_word(keys, 2 * index);
        uint64_t high = xb_bytes_added_word(keys, 2 * index + 1);
        word = (uint64_t)xb_bytes_bfloat16((uint32_t)(high >> 32)) << 48 |
               (uint64_t)xb_bytes_bfloat16((uint32_t)high) << 32 |
               xb_bytes_bfloat16((uint32_t)(low >> 32)) << 16 |
               xb_bytes_bfloat16((uint32_t)low);
    } else {
        word = xb_bytes_added_word(keys, index);
    }
    return poison ? ~word : word;
}

/* Byte `offset` of the sum. */
XB_HOST_DEVICE static inline uint8_t xb_bytes_sum_byte(const struct xb_bytes_keys *keys,
                                                       uint64_t offset, int poison)
{
    return (uint8_t)(xb_bytes_sum_word(keys, offset / 8, poison) >> (8 * (offset % 8)));
}

/* Byte `offset` of the pattern. */
XB_HOST_DEVICE static inline uint8_t xb_bytes_byte(uint64_t key, uint64_t offset, int poison)
{
    return (uint8_t)(xb_bytes_word(key, offset / 8, poison) >> (8 * (offset % 8)));
}

#endif
