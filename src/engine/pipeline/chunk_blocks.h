/* SPDX-License-Identifier: BSD-3-Clause */
/* chunk_blocks.h - chunks of transfers that are of many blocks.
 *
 * Example: 1,024 blocks of 2 KiB in chunks of 256 KiB. A chunk is 128 blocks; they are copied
 * between the places where they lie and a slot of a ring, in which they lie behind each other.
 * One rank, whose GPU or processor copies, uses it for itself.
 */
#ifndef XB_ENGINE_PIPELINE_CHUNK_BLOCKS_H
#define XB_ENGINE_PIPELINE_CHUNK_BLOCKS_H

#include "engine/pipeline/address_list.h"
#include "engine/pipeline/host_copy.h"
#include "engine/pipeline/ring.h"
#include "engine/runtime/agree.h"
#include "model/scenario/layout_option.h"

/* Who copies. */
struct xb_chunk_copier {
    bool on_host; /* the calling thread, which stores so; the rest is for a GPU */
    enum xb_stores stores;
    bool by_kernel;           /* a copy of one block is a kernel; else by a copy engine */
    bool addresses;           /* the GPU can address both ends by itself */
    int sms;                  /* that kernels may have, 0 for all */
    struct xb_stream *stream; /* not looked at by probe */
};

struct xb_chunk_blocks; /* opaque */

/* Can the case's submission be done so: XB_GO, or XB_SKIP with the reason. */
int xb_chunk_blocks_probe(const struct xb_transfer *t, const struct xb_chunk_copier *by,
                          struct xb_error *err);

/* Memory for the lists of one rank's ends, added. */
void xb_chunk_blocks_needs(const struct xb_transfer *t, struct xb_needs *needs);

/* List where blocks are: at the transfer's ends whose roles are given, at the other one in the
 * ring's slots, which must be there. t and ring outlive it. 0, or -1 with nothing left. */
int xb_chunk_blocks_open(const struct xb_transfer *t, const struct xb_ring *ring,
                         unsigned roles, const struct xb_chunk_copier *by,
                         struct xb_chunk_blocks **out, struct xb_error *err);

/* The blocks of chunk k, with addresses for the processor. */
struct xb_block_list xb_chunk_blocks_list(const struct xb_chunk_blocks *b, uint64_t k);

/* Start to copy chunk k: of a host, copy it. 0 or -1. */
int xb_chunk_blocks_start(const struct xb_chunk_blocks *b, uint64_t k, struct xb_error *err);

/* Free it; NULL is allowed. */
void xb_chunk_blocks_close(struct xb_chunk_blocks *b);

/* Copy all blocks of a list, by the calling thread. */
void xb_block_list_copy(const struct xb_block_list *list, enum xb_stores stores);

#endif
