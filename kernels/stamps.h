/* SPDX-License-Identifier: BSD-3-Clause */
/* stamps.h - short stretches of a buffer that are written and compared apart from the rest, for
 * C and CUDA alike. Positions count from where the buffer's first transfer begins.
 */
#ifndef XB_KERNELS_STAMPS_H
#define XB_KERNELS_STAMPS_H

#include <stdint.h>

#include "bytes_word.h"

#define XB_STAMP_BYTES  32
#define XB_STAMP_PLACES 8

struct xb_stamps {
    uint64_t grain; /* one stamp at every multiple of this */
    uint64_t place[XB_STAMP_PLACES];
    int places; /* and one at each of these */
    int halved; /* 1: as they are in memory behind a conversion that halves what it gets */
};

/* Bytes of each. */
XB_HOST_DEVICE static inline uint64_t xb_stamps_bytes(const struct xb_stamps *s)
{
    return s->halved ? XB_STAMP_BYTES / 2 : XB_STAMP_BYTES;
}

/* Where they are behind such a conversion. */
XB_HOST_DEVICE static inline struct xb_stamps xb_stamps_halve(struct xb_stamps s)
{
    s.grain /= 2;
    for (int i = 0; i < s.places; i++)
        s.place[i] /= 2;
    s.halved = 1;
    return s;
}

/* How many stamps may touch bytes [first, first + bytes), bytes > 0. */
XB_HOST_DEVICE static inline uint64_t xb_stamps_count(const struct xb_stamps *s, uint64_t first,
                                                      uint64_t bytes)
{
    return (first + bytes - 1) / s->grain - first / s->grain + 1 + (uint64_t)s->places;
}

/* Where stamp i of those begins. */
XB_HOST_DEVICE static inline uint64_t xb_stamps_at(const struct xb_stamps *s, uint64_t first,
                                                   uint64_t i)
{
    return i < (uint64_t)s->places ? s->place[i]
                                   : (first / s->grain + i - (uint64_t)s->places) * s->grain;
}

#endif
