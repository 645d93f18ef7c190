/* SPDX-License-Identifier: BSD-3-Clause */
/* ring.c - how transfers are cut into chunks. */
#include "engine/pipeline/ring.h"

#include "model/plan/chunk_work.h"

struct xb_ring xb_ring_make(const struct xb_case *c)
{
    return (struct xb_ring){
        .stride = (c->chunk + 4095) / 4096 * 4096,
        .bytes = c->bytes,
        .chunk = c->chunk,
        .shrinks = xb_case_shrinks(c),
        .chunks_per_op = (c->bytes + c->chunk - 1) / c->chunk,
        .depth = (uint64_t)c->depth,
    };
}

void xb_ring_post(struct xb_ring *ring, int n)
{
    ring->before = ring->posted;
    ring->posted += n;
}

int xb_ring_transfer(const struct xb_ring *ring, uint64_t k)
{
    return (int)((int64_t)(k / ring->chunks_per_op) - ring->before);
}

uint64_t xb_ring_bytes(const struct xb_ring *ring)
{
    return ring->stride * ring->depth;
}

uint64_t xb_ring_offset(const struct xb_ring *ring, uint64_t k)
{
    return k % ring->chunks_per_op * ring->chunk;
}

uint64_t xb_ring_chunk_bytes(const struct xb_ring *ring, uint64_t k)
{
    uint64_t left = ring->bytes - xb_ring_offset(ring, k);
    return left < ring->chunk ? left : ring->chunk;
}

uint64_t xb_ring_worked_bytes(const struct xb_ring *ring, uint64_t k)
{
    return xb_ring_chunk_bytes(ring, k) / ring->shrinks;
}

unsigned char *xb_ring_slot(const struct xb_ring *ring, uint64_t k)
{
    return ring->slots + k % ring->depth * ring->stride;
}
