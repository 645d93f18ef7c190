/* SPDX-License-Identifier: BSD-3-Clause */
/* mpi_collective.h - MPI's collectives. Each rank has two lanes of one, that with its source
 * and that with its destination; the first starts the operation, the other follows.
 *
 * On host memory they are those that do not block. On memory of GPUs they block: Open MPI takes
 * device buffers in these alone. A rank that never comes to such a one is found by the
 * watchdog.
 */
#ifndef XB_ENGINE_METHODS_MPI_COLLECTIVE_H
#define XB_ENGINE_METHODS_MPI_COLLECTIVE_H

#include "engine/pipeline/transfer.h"
#include "engine/runtime/agree.h"

struct xb_mpi_collective; /* opaque */

/* Can it be: XB_GO, or XB_SKIP with the reason. on_gpu: its buffers are in memory of GPUs,
 * which messages of this MPI take. */
int xb_mpi_collective_probe(const struct xb_transfer *t, bool on_gpu, struct xb_error *err);

/* One of this rank's two lanes; t outlives it. 0, or -1 with nothing left. */
int xb_mpi_collective_open(const struct xb_transfer *t, bool on_gpu,
                           struct xb_mpi_collective **out, struct xb_error *err);

/* Make the communicator of the ranks of its group, on all of them. 0 or -1. */
int xb_mpi_collective_prepare(struct xb_mpi_collective *c, struct xb_error *err);

/* Start n of them: 0 or -1. Then ask: 1 when all are complete, 0 when not yet, or -1. */
int xb_mpi_collective_post(struct xb_mpi_collective *c, int n, struct xb_error *err);
int xb_mpi_collective_done(struct xb_mpi_collective *c, struct xb_error *err);

/* Free it; what cannot be given up after a failure is left to the library. NULL is allowed. */
void xb_mpi_collective_close(struct xb_mpi_collective *c);

#endif
