/* collective.c - a local outcome becomes everybody's before anyone goes on. */
#include "engine/runtime/agree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ballot {
    int outcome, world_rank;
    char host[64];
    char text[XB_ERROR_LEN];
};

static int severity(int outcome)
{
    switch ((enum xb_outcome)outcome) {
    case XB_GO:
        return 0;
    case XB_SKIP:
        return 1;
    case XB_STOPPED:
        return 2;
    case XB_TIMED_OUT:
        return 3;
    case XB_ERROR:
        break;
    }
    return 4;
}

static int worst_of(const struct ballot *ballots, int n, struct xb_error *err)
{
    int worst = 0, others = 0;

    for (int i = 1; i < n; i++)
        if (severity(ballots[i].outcome) > severity(ballots[worst].outcome))
            worst = i;
    for (int i = 0; i < n; i++)
        others += i != worst && ballots[i].outcome == ballots[worst].outcome;
    const struct ballot *b = &ballots[worst];
    if (b->outcome == XB_GO)
        return XB_GO;
    char more[48] = "";
    if (others > 0)
        snprintf(more, sizeof more, " (and %d other rank%s)", others, others > 1 ? "s" : "");
    xb_fail(err, "rank %d (%s): %.*s%s", b->world_rank, b->host, XB_ERROR_LEN - 120, b->text,
            more);
    return b->outcome;
}

int xb_agree(MPI_Comm comm, int outcome, int world_rank, const char *host, struct xb_error *err)
{
    int n, worst = outcome;
    MPI_Comm_size(comm, &n);
    /* most often all is well, and one integer says so */
    int bad = outcome != XB_GO, any = 0;
    MPI_Allreduce(&bad, &any, 1, MPI_INT, MPI_MAX, comm);
    if (!any)
        return XB_GO;

    struct ballot mine = {.outcome = outcome, .world_rank = world_rank};
    snprintf(mine.host, sizeof mine.host, "%s", host);
    if (outcome != XB_GO)
        snprintf(mine.text, sizeof mine.text, "%s", err->text);
    struct ballot *all = calloc((size_t)n, sizeof *all);
    if (!all)
        abort(); /* the other ranks wait in the next call: there is no going on */
    MPI_Allgather(&mine, (int)sizeof mine, MPI_BYTE, all, (int)sizeof mine, MPI_BYTE, comm);
    worst = worst_of(all, n, err);
    free(all);
    return worst;
}
