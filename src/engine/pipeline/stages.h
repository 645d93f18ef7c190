/* SPDX-License-Identifier: BSD-3-Clause */
/* stages.h - the stages that chunked methods build their pipelines of.
 *
 * A stage context lives inside the method's own context.
 */
#ifndef XB_ENGINE_PIPELINE_STAGES_H
#define XB_ENGINE_PIPELINE_STAGES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <mpi.h>

#include "engine/pipeline/copiers.h"
#include "engine/pipeline/pipeline.h"
#include "engine/pipeline/ring.h"
#include "engine/pipeline/transfer.h"
#include "engine/runtime/agree.h"

struct xb_chunk_blocks;

/* Copies between a buffer and the slots, one way. A host buffer is copied by the calling
 * thread or by several others, device memory through a stream of the stage's own: within a rank
 * copies into the ring and out of it must not wait for each other. */
struct xb_copy_stage {
    const struct xb_transfer *t;
    const struct xb_ring *ring;
    bool into_ring;
    bool on_host;
    bool by_kernel; /* set before opening: a kernel copies instead of a copy engine */
    int sms;        /* set before opening: multiprocessors that the kernel may have; 0: all */
    int threads;    /* set before opening: that copy a host buffer; 1, or 0: this one */
    enum xb_stores stores; /* set before opening: how a host buffer is copied */
    bool addresses;        /* set before opening: the GPU can address the slots by itself */
    struct xb_copiers *copiers;              /* where there are several */
    struct xb_chunk_blocks *blocks;          /* NULL where a transfer is one piece */
    struct xb_block_list list[XB_MAX_DEPTH]; /* of the chunk in each slot, for copiers */
    struct xb_stream *stream;                /* NULL on the host */
    struct xb_event *event[XB_MAX_DEPTH];    /* one a slot; NULL on the host */
};

/* Open the stage's stream and events, keeping what is set before. On failure nothing is left
 * behind. */
int xb_copy_stage_open(struct xb_copy_stage *s, const struct xb_transfer *t,
                       const struct xb_ring *ring, bool into_ring, struct xb_error *err);

/* Once the ring's slots are there: list the blocks that lie there, if the case has any. 0 or
 * -1.
 */
int xb_copy_stage_list(struct xb_copy_stage *s, struct xb_error *err);

void xb_copy_stage_close(struct xb_copy_stage *s);
struct xb_stage xb_copy_stage(struct xb_copy_stage *s);

/* The counters of a ring that two ranks share, each on a cache line of its own. */
struct xb_ring_header {
    _Alignas(128) _Atomic uint64_t filled;  /* chunks the source has put in, of all time */
    _Alignas(128) _Atomic uint64_t drained; /* chunks the destination has taken out */
};

/* Source side: tell the destination that a chunk lies in its slot; it leaves when taken out. */
struct xb_stage xb_publish_stage(struct xb_ring_header *header);

/* Destination side: a chunk leaves when the source has put it in. */
struct xb_stage xb_arrive_stage(struct xb_ring_header *header);

/* Destination side: tell the source that a slot is free again. */
struct xb_stage xb_release_stage(struct xb_ring_header *header);

/* Chunks as messages out of, or into, the slots. */
struct xb_message_stage {
    const struct xb_transfer *t;
    const struct xb_ring *ring;
    MPI_Request request[XB_MAX_DEPTH];
};

void xb_message_stage_open(struct xb_message_stage *s, const struct xb_transfer *t,
                           const struct xb_ring *ring);
/* Gives up messages that are still open, after a failure; true if there were some: MPI may then
 * still touch the slots, which must stay. */
bool xb_message_stage_close(struct xb_message_stage *s);
struct xb_stage xb_send_stage(struct xb_message_stage *s);
struct xb_stage xb_receive_stage(struct xb_message_stage *s);

/* Fill err with what MPI says of an error code; always returns -1. */
int xb_mpi_fail(struct xb_error *err, const char *call, int rc);

#endif
