/* session.c - small questions to a session. */
#include "engine/runtime/session.h"

#include <sched.h>

struct xb_job xb_session_job(const struct xb_session *session)
{
    return (struct xb_job){.nranks = session->nranks, .node_of_rank = session->node_of_rank};
}

struct xb_machine xb_session_machine(const struct xb_session *session)
{
    return (struct xb_machine){.ranks = session->ranks, .nodes = session->nodes};
}

void xb_session_relax(const struct xb_session *session)
{
    if (session->yield)
        sched_yield();
}
