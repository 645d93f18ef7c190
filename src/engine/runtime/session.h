/* SPDX-License-Identifier: BSD-3-Clause */
/* session.h - one run of the program on all its ranks: who is where, on which device, with
 * which clock. Made once by all ranks together, read by everything else in the engine. */
#ifndef XB_ENGINE_RUNTIME_SESSION_H
#define XB_ENGINE_RUNTIME_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include <mpi.h>

#include "base/error.h"
#include "engine/runtime/clock.h"
#include "model/plan/pattern.h"
#include "model/topology/link_class.h"
#include "model/topology/rank_info.h"
#include "model/topology/topology.h"

struct xb_device;
struct xb_lost;
struct xb_arena;
struct xb_host_facts;

#define XB_MAX_SET_HERE 2

struct xb_session {
    MPI_Comm world; /* a duplicate, for what all ranks decide: an error on it ends the run;
                       errors on the original return */
    MPI_Errhandler before; /* of the original, which gets it back */
    MPI_Comm node;         /* the ranks of this node */
    MPI_Comm cases;        /* another duplicate: what cases send stays in it */
    int *epoch;            /* of messages in cases: goes up when some may be left under way */
    int rank, nranks;
    int nnodes, nlocal; /* nlocal: ranks on this node */
    int *node_of_rank;  /* nranks entries */
    struct xb_rank_info *ranks;
    struct xb_place_words *words; /* of this rank's place; on rank 0 of all, as it is known when
                                     the session is open */
    struct xb_node_info *nodes;   /* nnodes entries; their GPUs lie in one block */
    struct xb_rank_ends *ends;    /* nranks entries; NULL: nobody has looked them up */
    struct xb_host_facts *hosts;  /* nnodes entries on rank 0, NULL elsewhere */
    const struct xb_device *device;
    const char *device_name;
    bool device_is_host; /* its memory is host memory */
    char passed[400];    /* a device that auto has passed over on this rank, and why; or "" */
    struct xb_device_info device_info; /* of this rank's GPU */
    struct xb_arena *arena;            /* what this rank keeps from case to case */
    struct xb_lost *lost; /* nranks entries: whose device has failed for good; NULL: nobody
                             keeps account of that */
    struct xb_topology *topology; /* of this rank's node */
    struct xb_clock_info clock;
    bool yield; /* more ranks than processing units on this node: waiting must let others run */
    bool mpi_device_buffers; /* the MPI library takes device pointers */
    char mpi_device_buffers_how[160];
    uint64_t seed;
    /* environment variables that this program has set, since the user had not */
    const char *set_here[XB_MAX_SET_HERE + 1];
};

/* The job's shape for patterns; borrows from the session. */
struct xb_job xb_session_job(const struct xb_session *session);

/* What ranks tell each other about their cases cannot fail alone: unless rc is MPI_SUCCESS this
 * rank says which call it was, and the run ends. What was measured stands in the journal. */
void xb_session_must(const struct xb_session *session, const char *call, int rc);

/* Called by all ranks: none returns before all have called it. Those that have nothing else to
 * do meanwhile are not busy and wait without spinning. */
void xb_session_meet(const struct xb_session *session, bool busy);

/* The same, and does any rank say so? The same on all. */
bool xb_session_any(const struct xb_session *session, bool mine, bool busy);

/* Ranks and nodes for questions about what joins them; borrows from the session. */
struct xb_machine xb_session_machine(const struct xb_session *session);

/* Let another process run where ranks share processing units, else do nothing: for loops that
 * wait. */
void xb_session_relax(const struct xb_session *session);

#endif
