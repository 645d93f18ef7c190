/* bytes_word.h - the test pattern that transfers are verified with, for C and CUDA alike.
 *
 * Byte i of a transfer is byte i % 8 (least significant first) of word i / 8, and the word
 * depends on its index and on a key made from seed, case and rank. Multiplying by an odd number
 * is a bijection of 64-bit words, so two words of one transfer never agree; folding the high
 * half into the low one keeps the low bytes from repeating every few words. Poison is the
 * complement, so that a byte that was never written cannot pass for a right one.
 */
#ifndef XB_KERNELS_BYTES_WORD_H
#define XB_KERNELS_BYTES_WORD_H

#include <stdint.h>

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

/* The keys of patterns that are added up, word by word modulo 2^64: what ranks hold after their
 * bytes were summed. One key stands for its pattern alone. */
#define XB_BYTES_KEYS 64
struct xb_bytes_keys {
    uint64_t key[XB_BYTES_KEYS];
    int count;
};

/* Word `index` of the sum. */
XB_HOST_DEVICE static inline uint64_t xb_bytes_sum_word(const struct xb_bytes_keys *keys,
                                                        uint64_t index, int poison)
{
    uint64_t sum = 0;
    for (int i = 0; i < keys->count; i++)
        sum += xb_bytes_word(keys->key[i], index, 0);
    return poison ? ~sum : sum;
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
