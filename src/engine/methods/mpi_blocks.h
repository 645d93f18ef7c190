/* SPDX-License-Identifier: BSD-3-Clause */
/* mpi_blocks.h - transfers of many blocks by messages: one a block, one of a derived datatype,
 * or one that MPI has packed. Both ends of a lane use it, each for its part.
 */
#ifndef XB_ENGINE_METHODS_MPI_BLOCKS_H
#define XB_ENGINE_METHODS_MPI_BLOCKS_H

#include "engine/pipeline/transfer.h"
#include "engine/runtime/agree.h"

struct xb_mpi_blocks; /* opaque */

/* Can blocks go so: XB_GO, or XB_SKIP with the reason. on_gpu: an end is in a GPU's memory. */
int xb_mpi_blocks_probe(const struct xb_transfer *t, bool on_gpu, struct xb_error *err);

/* Add the memory that packed messages take. */
void xb_mpi_blocks_needs(const struct xb_transfer *t, struct xb_needs *needs);

/* Make the datatypes and what packed messages lie in. t outlives it. 0, or -1 with nothing
 * left.
 */
int xb_mpi_blocks_open(const struct xb_transfer *t, struct xb_mpi_blocks **out,
                       struct xb_error *err);

/* Start n transfers, no more than the case's window: 0 or -1. Then ask: 1 when all are
 * complete, 0 when not yet, or -1. */
int xb_mpi_blocks_post(struct xb_mpi_blocks *b, int n, struct xb_error *err);
int xb_mpi_blocks_done(struct xb_mpi_blocks *b, struct xb_error *err);

/* Free it; messages of a case that failed are cancelled and left to the library. NULL is
 * allowed. */
void xb_mpi_blocks_close(struct xb_mpi_blocks *b);

#endif
