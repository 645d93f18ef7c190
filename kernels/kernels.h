/* SPDX-License-Identifier: BSD-3-Clause */
/* kernels.h - the CUDA kernels behind plain C prototypes.
 *
 * Each function works on the current GPU and returns a CUDA error code as an int, 0 for
 * success. Pointers are device pointers unless said otherwise.
 */
#ifndef XB_KERNELS_KERNELS_H
#define XB_KERNELS_KERNELS_H

#include <stdint.h>

#include <cuda_runtime_api.h>

#include "block_map.h"
#include "bytes_word.h"
#include "load_word.h"
#include "resident_side.h"
#include "stamps.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes [from, from + bytes) of a buffer of any alignment, and which bytes of a pattern belong
 * there: [first, first + bytes), inverted where poison is not 0; with stamps only where those
 * lie, and then never inverted. */
struct xb_stretch_bytes {
    void *base;
    uint64_t from, bytes, first;
    struct xb_block_map map; /* how the buffer's bytes lie */
    int poison;
    const struct xb_stamps *stamps; /* NULL for all bytes */
};

/* Write the sum of the patterns of these keys, and wait until it is done. */
int xb_kernel_fill(const struct xb_stretch_bytes *stretch, const struct xb_bytes_keys *keys);

/* What a check found: how many bytes are wrong, and the lowest of their offsets, UINT64_MAX if
 * there is none. */
struct xb_check_result {
    unsigned long long wrong, first_bad;
};

/* Compare with the sum of the patterns of these keys, and wait for the result. */
int xb_kernel_check(const struct xb_stretch_bytes *stretch, const struct xb_bytes_keys *keys,
                    struct xb_check_result *found);

/* How a copy kernel is laid out: so many thread blocks at most, of so many threads, up to
 * 1,024, each. */
struct xb_copy_grid {
    int blocks, threads;
};

/* Launch, on the stream and without waiting, a copy, so many times over, with 16-byte accesses
 * where dst and src are equally aligned and narrower ones where not. dst and src are any memory
 * that the GPU can address and do not overlap. */
int xb_kernel_copy(void *dst, const void *src, uint64_t bytes, int times,
                   const struct xb_copy_grid *grid, cudaStream_t stream);

/* Blocks of so many bytes, from src[k] to dst[k]. The lists and all blocks are memory that the
 * GPU can address; align, 1 to 16, divides the addresses and the bytes. */
struct xb_blocks_to_copy {
    void *const *dst;
    const void *const *src;
    uint64_t block, count;
    unsigned align;
};

/* Launch, on the stream and without waiting, a copy of them, with accesses of align bytes. */
int xb_kernel_copy_blocks(const struct xb_blocks_to_copy *blocks,
                          const struct xb_copy_grid *grid, cudaStream_t stream);

/* Launch, on the stream and without waiting, a kernel that reads a byte of every page of bytes
 * > 0. */
int xb_kernel_touch(const void *ptr, uint64_t bytes, cudaStream_t stream);

/* A grid of the Gray-Scott system on a GPU with so many multiprocessors: fields of width x
 * height floats, whose rows follow one another, the width a multiple of XB_GRAY_SCOTT_MULTIPLE.
 */
struct xb_gray_scott_grid {
    int width, height, sms;
};

/* Launch, on the stream and without waiting, so many steps of the Gray-Scott system, 1 to
 * XB_GRAY_SCOTT_FUSED, in one pass over fields u and v (from[0], from[1]); the new ones go to
 * other memory. All four are 16-byte aligned. The result does not depend on how steps are split
 * into passes. */
#define XB_GRAY_SCOTT_FUSED 4
int xb_kernel_gray_scott(const struct xb_gray_scott_grid *grid, const float *const from[2],
                         float *const to[2], int steps, cudaStream_t stream);

/* Words that work which keeps a GPU busy adds to, on a GPU with so many multiprocessors: n of
 * them, and for work by memory as many others that it reads; both 16-byte aligned. */
struct xb_load_words {
    uint32_t *words, *other; /* other: NULL for work by arithmetic */
    uint64_t n; /* by arithmetic xb_kernel_load_threads, by memory a multiple of 4 */
    int sms;
};

/* How many threads fill such a GPU. */
uint64_t xb_kernel_load_threads(int sms);

/* Launch, on the stream and without waiting, what makes the words 0 and the others what they
 * must be; and a unit of work of that seed: so many steps of each chain of floats, in
 * registers, by as many threads as fill the GPU; or one pass over both arrays. */
int xb_kernel_load_begin(const struct xb_load_words *of, cudaStream_t stream);
int xb_kernel_load_arithmetic(const struct xb_load_words *of, uint32_t seed, uint32_t steps,
                              cudaStream_t stream);
int xb_kernel_load_memory(const struct xb_load_words *of, uint32_t seed, cudaStream_t stream);

/* Compare the words, behind all work in the stream, with what they must be, and wait for the
 * result, whose counts are bytes. */
int xb_kernel_load_check(const struct xb_load_words *of, const struct xb_load_sum *sum,
                         struct xb_check_result *found, cudaStream_t stream);

/* Launch one side of so many rounds on the current GPU and wait until its kernel runs; it ends
 * after limit_us whatever the other side does. Messages travel in lines of 16 bytes, one for
 * each 8 bytes of payload. One at a time in a process. */
int xb_pingpong_start(const struct xb_resident_side *side, uint32_t rounds, double limit_us);

/* Let the starting side begin. */
void xb_pingpong_go(void);

/* *done: 0 not yet, 1 all rounds are complete, 2 the kernel ended since its time was over. */
int xb_pingpong_done(int *done);

#ifdef __cplusplus
}
#endif

#endif
