/* SPDX-License-Identifier: BSD-3-Clause */
/* ring.h - how transfers are cut into chunks, and which slot of a ring each chunk uses.
 *
 * Chunk k of a lane belongs to transfer k / chunks_per_op and uses slot k % depth. All is pure.
 */
#ifndef XB_ENGINE_PIPELINE_RING_H
#define XB_ENGINE_PIPELINE_RING_H

#include <stdint.h>

#include "model/plan/plan.h"

/* How a transfer is cut, and where its slots lie. */
struct xb_ring {
    unsigned char *slots;
    uint64_t stride; /* bytes from slot to slot */
    uint64_t bytes;  /* of one transfer */
    uint64_t chunk;
    uint64_t shrinks; /* so many bytes become one by the work on chunks; 1 where it does not */
    uint64_t chunks_per_op;
    uint64_t depth;
    int64_t posted, before; /* transfers so far, and those before the last post */
};

/* Cut a case's transfers. slots are set once the memory is there. */
struct xb_ring xb_ring_make(const struct xb_case *c);

/* So many more transfers are posted, all before them being complete. */
void xb_ring_post(struct xb_ring *ring, int n);

/* Which of the transfers that were posted last chunk k belongs to. */
int xb_ring_transfer(const struct xb_ring *ring, uint64_t k);

/* Bytes that the slots need. */
uint64_t xb_ring_bytes(const struct xb_ring *ring);

/* Bytes of chunk k as it leaves the source, and its offset into the transfer. */
uint64_t xb_ring_chunk_bytes(const struct xb_ring *ring, uint64_t k);
uint64_t xb_ring_offset(const struct xb_ring *ring, uint64_t k);

/* The bytes of chunk k behind the work on it, as they go on to the destination. */
uint64_t xb_ring_worked_bytes(const struct xb_ring *ring, uint64_t k);

/* The slot of chunk k. */
unsigned char *xb_ring_slot(const struct xb_ring *ring, uint64_t k);

#endif
