/* SPDX-License-Identifier: BSD-3-Clause */
/* agree.c - a local outcome becomes everybody's before anyone goes on. */
#include "engine/runtime/agree.h"

#include <stdio.h>
#include <string.h>

#include "engine/runtime/watch_record.h"

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

struct xb_ballot xb_ballot_make(int outcome, int world_rank, const char *host,
                                const struct xb_error *err)
{
    struct xb_ballot b;

    memset(&b, 0, sizeof b); /* it travels as bytes */
    b.outcome = outcome;
    b.world_rank = world_rank;
    snprintf(b.host, sizeof b.host, "%s", host);
    if (outcome != XB_GO)
        snprintf(b.text, sizeof b.text, "%s", err->text);
    return b;
}

void xb_ballot_merge(struct xb_ballot *into, const struct xb_ballot *from)
{
    int a = severity(into->outcome), b = severity(from->outcome);
    int others = a == b ? into->others + from->others + 1 : a > b ? into->others : from->others;

    if (b > a || (b == a && from->world_rank < into->world_rank))
        *into = *from;
    into->others = others;
}

int xb_ballot_read(const struct xb_ballot *b, struct xb_error *err)
{
    char more[48] = "";

    if (b->outcome == XB_GO)
        return XB_GO;
    if (b->others > 0)
        snprintf(more, sizeof more, " (and %d other rank%s)", b->others,
                 b->others > 1 ? "s" : "");
    xb_fail(err, "rank %d (%s): %.*s%s", b->world_rank, b->host, XB_ERROR_LEN - 120, b->text,
            more);
    return b->outcome;
}

/* For MPI: whichever way it combines them, no rank holds more than a few. */
static void merge_ballots(void *from, void *into, int *count, MPI_Datatype *type)
{
    const struct xb_ballot *a = from;
    struct xb_ballot *b = into;

    (void)type;
    for (int i = 0; i < *count; i++)
        xb_ballot_merge(&b[i], &a[i]);
}

int xb_agree(MPI_Comm comm, int outcome, int world_rank, const char *host, struct xb_error *err)
{
    /* most often all is well, and one integer says so */
    int bad = outcome != XB_GO, any = 0;
    xb_watch_meet();
    MPI_Allreduce(&bad, &any, 1, MPI_INT, MPI_MAX, comm);
    xb_watch_wait(XB_WAIT_NOBODY);
    if (!any)
        return XB_GO;

    struct xb_ballot mine = xb_ballot_make(outcome, world_rank, host, err), all = mine;
    MPI_Datatype ballot;
    MPI_Op merge;

    MPI_Type_contiguous((int)sizeof mine, MPI_BYTE, &ballot);
    MPI_Type_commit(&ballot);
    MPI_Op_create(merge_ballots, 1, &merge);
    xb_watch_meet();
    MPI_Allreduce(&mine, &all, 1, ballot, merge, comm);
    xb_watch_wait(XB_WAIT_NOBODY);
    MPI_Op_free(&merge);
    MPI_Type_free(&ballot);
    return xb_ballot_read(&all, err);
}
