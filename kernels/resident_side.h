/* SPDX-License-Identifier: BSD-3-Clause */
/* resident_side.h - one side of a ping-pong between two GPUs, as the engine tells it to the
 * kernels. Plain C, for both. */
#ifndef XB_KERNELS_RESIDENT_SIDE_H
#define XB_KERNELS_RESIDENT_SIDE_H

#include <stdint.h>

struct xb_resident_side {
    const void *src; /* payload to send, in this GPU's memory, 8-byte aligned; of the side that
                        answers not read: it sends on what arrived */
    void *dst;       /* where the received payload goes, likewise */
    void *outbox;    /* the other side's inbox, mapped here */
    void *inbox;     /* 2 * bytes of this GPU's memory, zeroed once before the first run */
    uint64_t bytes;  /* of a message, a multiple of 8 */
    uint32_t
        first_flag; /* messages that went through these boxes before; both sides count alike */
    int starts;     /* this side sends first, once it is let go */
    uint64_t step;  /* a multiple of 8: the first round begins at dst, the last one two steps
                       behind it, those between one step. The source is read further on: by two
                       steps in the first of several rounds, by one in every other behind it */
    unsigned odd;   /* 1: those are the odd rounds, from 1 */
};

#endif
