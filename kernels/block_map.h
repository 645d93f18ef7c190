/* SPDX-License-Identifier: BSD-3-Clause */
/* block_map.h - where the bytes of a buffer lie whose bytes are in blocks, for C and CUDA
 * alike.
 */
#ifndef XB_KERNELS_BLOCK_MAP_H
#define XB_KERNELS_BLOCK_MAP_H

#include <stdint.h>

#include "bytes_word.h"

/* Block k of so many bytes begins k strides behind the buffer's beginning or, where there is a
 * list of places, place[k] strides. All zero: every byte lies where it counts. */
struct xb_block_map {
    uint64_t block, stride;
    const uint64_t *place; /* for the processor and all GPUs to read; NULL for none */
};

/* How far behind the buffer's beginning byte i lies. */
XB_HOST_DEVICE static inline uint64_t xb_block_map_at(const struct xb_block_map *map,
                                                      uint64_t i)
{
    if (map->block == 0)
        return i;
    uint64_t k = i / map->block;
    return (map->place ? map->place[k] : k) * map->stride + i % map->block;
}

/* How many of `bytes` bytes from byte i on lie together. */
XB_HOST_DEVICE static inline uint64_t xb_block_map_run(const struct xb_block_map *map,
                                                       uint64_t i, uint64_t bytes)
{
    uint64_t left = map->block ? map->block - i % map->block : bytes;
    return left < bytes ? left : bytes;
}

#endif
