/* SPDX-License-Identifier: BSD-3-Clause */
/* team.c - agreements among the ranks of a round, along a binomial tree. */
#include "engine/measure/team.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/runtime/watch_record.h"

#define TAG_KINDS  8
#define TAG_NUMBER 1024

/* As many as the tags of this MPI library are enough for. */
static int count_epochs(void)
{
    const int *most, always = 32767; /* whatever the library */
    int found;

    MPI_Comm_get_attr(MPI_COMM_WORLD, MPI_TAG_UB, &most, &found);
    int tags = found ? *most : always, epochs = tags / (TAG_KINDS * TAG_NUMBER);
    return epochs > 1 ? epochs : 1;
}

int xb_tag(int epoch, enum xb_tag_kind kind, int n)
{
    static int epochs;

    if (epochs == 0)
        epochs = count_epochs();
    return (epoch % epochs * TAG_KINDS + (int)kind) * TAG_NUMBER + n % TAG_NUMBER;
}

void xb_team_receive(const struct xb_team *team, int from, int tag, void *value, size_t bytes)
{
    MPI_Request request;
    int done = 0;

    xb_watch_wait(from);
    xb_session_must(team->session, "MPI_Irecv",
                    MPI_Irecv(value, (int)bytes, MPI_BYTE, from, tag, team->comm, &request));
    for (MPI_Test(&request, &done, MPI_STATUS_IGNORE); !done;
         MPI_Test(&request, &done, MPI_STATUS_IGNORE))
        xb_session_relax(team->session);
    xb_watch_wait(XB_WAIT_NOBODY);
}

void xb_team_send(const struct xb_team *team, int to, int tag, const void *value, size_t bytes)
{
    MPI_Request request;
    int done = 0;

    xb_session_must(team->session, "MPI_Isend",
                    MPI_Isend(value, (int)bytes, MPI_BYTE, to, tag, team->comm, &request));
    for (MPI_Test(&request, &done, MPI_STATUS_IGNORE); !done;
         MPI_Test(&request, &done, MPI_STATUS_IGNORE))
        xb_session_relax(team->session);
}

static int team_tag(const struct xb_team *team)
{
    return xb_tag(team->epoch, XB_TAG_TEAM, 0);
}

/* Up the tree: the first member ends with all. */
static void gather(const struct xb_team *g, void *value, size_t bytes, xb_combine combine)
{
    unsigned char other[XB_TEAM_VALUE_MAX];

    assert(bytes <= sizeof other);
    for (int mask = 1; mask < g->count; mask <<= 1) {
        if (g->me & mask) {
            xb_team_send(g, g->member[g->me - mask], team_tag(g), value, bytes);
            return;
        }
        if (g->me + mask >= g->count)
            continue;
        xb_team_receive(g, g->member[g->me + mask], team_tag(g), other, bytes);
        combine(value, other, bytes);
    }
}

void xb_team_share(const struct xb_team *g, void *value, size_t bytes)
{
    int mask = 1;

    while (mask < g->count && !(g->me & mask))
        mask <<= 1;
    if (g->me > 0)
        xb_team_receive(g, g->member[g->me - mask], team_tag(g), value, bytes);
    for (mask >>= 1; mask > 0; mask >>= 1)
        if (g->me + mask < g->count)
            xb_team_send(g, g->member[g->me + mask], team_tag(g), value, bytes);
}

void xb_team_combine(const struct xb_team *g, void *value, size_t bytes, xb_combine combine)
{
    gather(g, value, bytes, combine);
    xb_team_share(g, value, bytes);
}

static void nothing(void *into, const void *from, size_t bytes)
{
    (void)into;
    (void)from;
    (void)bytes;
}

void xb_team_meet(const struct xb_team *g)
{
    char none = 0;
    xb_team_combine(g, &none, 1, nothing);
}

static void either(void *into, const void *from, size_t bytes)
{
    (void)bytes;
    *(int *)into |= *(const int *)from;
}

bool xb_team_any(const struct xb_team *g, bool mine)
{
    int any = mine;

    xb_team_combine(g, &any, sizeof any, either);
    return any;
}

static void worse_ballot(void *into, const void *from, size_t bytes)
{
    (void)bytes;
    xb_ballot_merge(into, from);
}

int xb_team_agree(const struct xb_team *g, int outcome, struct xb_error *err)
{
    const struct xb_session *s = g->session;
    /* most often all is well, and one integer says so */
    struct xb_ballot ballot;

    if (!xb_team_any(g, outcome != XB_GO))
        return XB_GO;
    _Static_assert(sizeof ballot <= XB_TEAM_VALUE_MAX, "a ballot must fit");
    ballot = xb_ballot_make(outcome, s->rank, s->ranks[s->rank].host, err);
    xb_team_combine(g, &ballot, sizeof ballot, worse_ballot);
    return xb_ballot_read(&ballot, err);
}
