/* session.h - one run of the program on all its ranks: who is where, on which device, with
 * which clock. Made once by all ranks together, read by everything else in the engine. */
#ifndef XB_ENGINE_SESSION_H
#define XB_ENGINE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include <mpi.h>

#include "base/error.h"
#include "engine/clock.h"
#include "engine/device.h"
#include "model/pattern.h"
#include "model/report.h"
#include "model/topology.h"

enum xb_mpi_buffers { XB_MPI_BUFFERS_AUTO, XB_MPI_BUFFERS_YES, XB_MPI_BUFFERS_NO };

struct xb_session_options {
    const char *device; /* "auto", "cuda", "cpu" */
    enum xb_mpi_buffers mpi_buffers;
    uint64_t seed;
};

struct xb_session {
    MPI_Comm world;        /* a duplicate; errors on it and on the original return */
    MPI_Errhandler before; /* of the original, which gets it back */
    MPI_Comm node;         /* the ranks of this node */
    int rank, nranks;
    int nnodes;
    int *node_of_rank; /* nranks entries */
    struct xb_rank_info *ranks;
    const struct xb_device *device;
    struct xb_device_info device_info; /* of this rank's GPU */
    struct xb_topology *topology;      /* of this rank's node */
    struct xb_clock_info clock;
    bool yield; /* more ranks than processing units on this node: waiting must let others run */
    bool mpi_device_buffers; /* the MPI library takes device pointers */
    char mpi_device_buffers_how[160];
    uint64_t seed;
};

/* Called by all ranks after MPI_Init: find nodes, choose the device, place and bind every rank,
 * take the GPUs, gather who is where. A failure anywhere is everybody's: all ranks return -1
 * with the first failing rank's text. The caller closes. */
int xb_session_open(const struct xb_session_options *options, struct xb_session *out,
                    struct xb_error *err);

/* Called by all ranks; frees what the session owns. */
void xb_session_close(struct xb_session *session);

/* The job's shape for patterns; borrows from the session. */
struct xb_job xb_session_job(const struct xb_session *session);

/* Let another process run where ranks share processing units, else do nothing: for loops that
 * wait. */
void xb_session_relax(const struct xb_session *session);

#endif
