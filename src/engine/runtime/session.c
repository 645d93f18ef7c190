/* SPDX-License-Identifier: BSD-3-Clause */
/* session.c - small questions to a session. */
#include "engine/runtime/session.h"

#include <sched.h>
#include <time.h>

#include "base/log.h"
#include "engine/runtime/give_up.h"
#include "engine/runtime/watch_record.h"
#include "model/topology/rank_ends.h"

static int others_of(const void *session, int rank)
{
    const struct xb_rank_info *info = &((const struct xb_session *)session)->ranks[rank];
    return info->nvisible > 0 ? (int)info->nvisible - 1 : 0;
}

static int link_of(const void *session, const struct xb_path *path, int src_rank, int dst_rank)
{
    struct xb_machine machine = xb_session_machine(session);
    return (int)xb_link_class_between(&machine, path, src_rank, dst_rank);
}

static int alike_of(const void *session, int rank)
{
    const struct xb_rank_ends *ends = ((const struct xb_session *)session)->ends;
    return ends ? ends[rank].alike : rank;
}

struct xb_job xb_session_job(const struct xb_session *session)
{
    return (struct xb_job){.nranks = session->nranks,
                           .node_of_rank = session->node_of_rank,
                           .machine = session,
                           .others = others_of,
                           .link = link_of,
                           .alike = alike_of};
}

void xb_session_must(const struct xb_session *session, const char *call, int rc)
{
    char text[MPI_MAX_ERROR_STRING] = "?";
    int len, rank = session->rank;

    if (rc == MPI_SUCCESS)
        return;
    MPI_Error_string(rc, text, &len);
    xb_log_error("rank %d (%s): %s between ranks failed: %s; the run ends here", rank,
                 session->ranks ? session->ranks[rank].host : "?", call, text);
    xb_give_up(session->world);
}

bool xb_session_any(const struct xb_session *session, bool mine, bool busy)
{
    const struct timespec pause = {0, 200000};
    MPI_Request request;
    int done = 0, word = mine, any = mine;

    if (session->nranks == 1)
        return mine;
    xb_watch_meet();
    xb_session_must(session, "MPI_Iallreduce",
                    MPI_Iallreduce(&word, &any, 1, MPI_INT, MPI_MAX, session->world, &request));
    for (MPI_Test(&request, &done, MPI_STATUS_IGNORE); !done;
         MPI_Test(&request, &done, MPI_STATUS_IGNORE))
        if (!busy)
            nanosleep(&pause, NULL);
        else
            xb_session_relax(session);
    xb_watch_wait(XB_WAIT_NOBODY);
    return any;
}

void xb_session_meet(const struct xb_session *session, bool busy)
{
    xb_session_any(session, false, busy);
}

struct xb_machine xb_session_machine(const struct xb_session *session)
{
    return (struct xb_machine){
        .ranks = session->ranks, .nodes = session->nodes, .ends = session->ends};
}

void xb_session_relax(const struct xb_session *session)
{
    if (session->yield)
        sched_yield();
}
