/* SPDX-License-Identifier: BSD-3-Clause */
/* work_stage.h - the stage of a ring in which chunks are worked on, in their slots.
 *
 * Example: a program that stages data from disk to GPU takes a checksum of each chunk, or turns
 * floats into bfloat16, while the chunk is in host memory. Then the ring is as fast as this
 * stage, unless several threads share it.
 */
#ifndef XB_ENGINE_PIPELINE_WORK_STAGE_H
#define XB_ENGINE_PIPELINE_WORK_STAGE_H

#include <stdint.h>

#include "engine/pipeline/copiers.h"
#include "engine/pipeline/pipeline.h"
#include "engine/pipeline/ring.h"
#include "engine/pipeline/transfer.h"
#include "model/plan/chunk_work.h"

/* The sum of the 64-bit words that these bytes are in this machine's order, modulo 2^64. Bytes
 * missing at the end of the last word count as 0. */
uint64_t xb_work_checksum(const void *bytes, uint64_t count);

/* Turn so many bytes of 32-bit floats into bfloat16, half as many bytes, at dst, which may be
 * src. The nearest one is taken, and of two that are as near the one whose last bit is 0, as
 * IEEE 754 has it; what is not a number stays none. */
void xb_work_convert(void *dst, const void *src, uint64_t bytes);

struct xb_work_stage {
    const struct xb_ring *ring;
    enum xb_chunk_work work;
    struct xb_copiers *threads; /* NULL: the calling thread works */
    uint64_t sum[XB_MAX_DEPTH]; /* of the chunk in each slot */
    uint64_t total;             /* of the chunks of the transfer that left the stage last */
};

/* Open it with so many threads, 1 for the calling one alone. The ring outlives it. 0 or -1;
 * then nothing is left behind. One rank calls it for itself. */
int xb_work_stage_open(struct xb_work_stage *s, const struct xb_ring *ring,
                       enum xb_chunk_work work, int threads, struct xb_error *err);
void xb_work_stage_close(struct xb_work_stage *s);
struct xb_stage xb_work_stage(struct xb_work_stage *s);

#endif
