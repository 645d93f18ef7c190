/* SPDX-License-Identifier: BSD-3-Clause */
/* session_open.h - the start of a run on all its ranks: nodes, device, places, bindings. */
#ifndef XB_ENGINE_MEASURE_SESSION_OPEN_H
#define XB_ENGINE_MEASURE_SESSION_OPEN_H

#include <stdint.h>

#include "base/error.h"
#include "engine/runtime/session.h"

enum xb_mpi_buffers { XB_MPI_BUFFERS_AUTO, XB_MPI_BUFFERS_YES, XB_MPI_BUFFERS_NO };

struct xb_session_options {
    const char *device; /* "auto", "cuda", "cpu" */
    enum xb_mpi_buffers mpi_buffers;
    uint64_t seed;
};

/* Called by all ranks after MPI_Init: find nodes, choose the device, place and bind every rank,
 * take the GPUs, gather who is where. A failure anywhere is everybody's: all ranks return -1
 * with the first failing rank's text. The caller closes. */
int xb_session_open(const struct xb_session_options *options, struct xb_session *out,
                    struct xb_error *err);

/* Called by all ranks; frees what the session owns. */
void xb_session_close(struct xb_session *session);

#endif
