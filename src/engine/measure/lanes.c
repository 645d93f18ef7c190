/* SPDX-License-Identifier: BSD-3-Clause */
/* lanes.c - what this rank does in which lane of a round. */
#include "engine/measure/lanes.h"

#include <stdlib.h>
#include <string.h>

/* The lane so many steps on in the chain of lane i; the first follows the last. Where a lane
 * arrives the next one leaves. */
static const struct xb_lane *neighbour(const struct xb_round *round, size_t i, int steps)
{
    const struct xb_lane *lanes = round->lane, *end = lanes + round->count;
    const struct xb_lane *first = &lanes[i] - lanes[i].step;
    int n = 1; /* lanes of the chain */

    while (first + n < end && first[n].chain == first->chain)
        n++;
    return &first[(lanes[i].step + steps + n) % n];
}

/* Does a lane send on what the one before it brought? So it is in a pingpong, for a message
 * cannot leave before it has arrived then; but the bytes must be the same piece of memory, and
 * blocks of a source lie elsewhere than those of a destination. */
static bool forwards(const struct xb_case *c, const struct xb_lane *lane)
{
    const struct xb_method *m = xb_method_of(c);

    if (m->is_resident && m->is_resident(c))
        return lane->step > 0;
    return lane->step > 0 && c->src_offset == c->dst_offset && !m->reset &&
           !xb_case_is_submitted(c) && !(c->method->flags & XB_METHOD_NO_BYTES) &&
           xb_method_memory(c, lane->path.src, XB_ROLE_SRC) ==
               xb_method_memory(c, lane->path.src, XB_ROLE_DST);
}

/* Who carries out the operation that this lane is a part of. */
static void join_group(const struct xb_case_run *run, struct xb_transfer *t)
{
    t->members = t->lane->members;
    t->group = run->round->lane + t->lane->group;
    t->group_tag = xb_tag(run->team.epoch, XB_TAG_LANE, t->lane->group);
    for (int k = 0; k < t->members; k++)
        if (t->group[k].src_rank == run->session->rank)
            t->member = k;
}

static void describe(struct xb_case_run *run, size_t i)
{
    struct xb_lane_run *l = &run->mine[run->nmine];

    xb_lane_run_init(l, run->session, run->c, &run->round->lane[i], run->team.comm);
    l->index = i;
    l->forwards = forwards(run->c, &l->lane);
    l->origin = &run->round->lane[l->forwards ? i - (size_t)l->lane.step : i];
    l->awaits_turn = l->starter && neighbour(run->round, i, -1)->dst_rank != run->session->rank;
    l->t.tag = xb_tag(run->team.epoch, XB_TAG_LANE, (int)i);
    if (l->lane.members > 0)
        join_group(run, &l->t);
    l->t.index = (int)run->nmine++;
    l->t.deadline_us = run->deadline_us;
}

/* Whom the finishers of this rank's lanes pass the turn on to. */
static void link_lanes(struct xb_case_run *run)
{
    for (size_t i = 0; i < run->nmine; i++) {
        struct xb_lane_run *l = &run->mine[i];
        const struct xb_lane *next = neighbour(run->round, l->index, 1);
        if (!l->finisher || xb_lane_starter(run->c, next) == run->session->rank)
            continue;
        for (size_t k = 0; k < run->nmine; k++)
            if (&run->round->lane[run->mine[k].index] == next)
                l->next = &run->mine[k];
    }
}

int xb_lanes_open(struct xb_case_run *run, struct xb_error *err)
{
    const struct xb_round *round = run->round;
    int me = run->session->rank;
    size_t mine = 0, chains = 0;

    run->starter = calloc((size_t)round->chains, sizeof *run->starter);
    if (!run->starter)
        return xb_fail(err, "out of memory for the lanes of a round");
    for (size_t i = 0; i < round->count; i++) {
        const struct xb_lane *lane = &round->lane[i];
        mine += lane->src_rank == me || lane->dst_rank == me;
        if (lane->step > 0)
            continue;
        run->starter[lane->chain] = xb_lane_starter(run->c, lane);
        chains += run->starter[lane->chain] == me;
    }
    run->mine = calloc(mine + 1, sizeof *run->mine);
    run->chains = calloc(chains + 1, sizeof *run->chains);
    if (!run->mine || !run->chains)
        return xb_fail(err, "out of memory for the lanes of a round");
    for (size_t i = 0; i < round->count; i++) {
        const struct xb_lane *lane = &round->lane[i];
        if (lane->src_rank == me || lane->dst_rank == me)
            describe(run, i);
    }
    link_lanes(run);
    for (int c = 0; c < round->chains; c++)
        if (run->starter[c] == me)
            run->chains[run->nchains++].chain = c;
    return 0;
}

int xb_lanes_reset(struct xb_case_run *run, struct xb_error *err)
{
    int rc = XB_GO;

    if (!run->method->reset)
        return XB_GO;
    for (size_t i = 0; rc == XB_GO && i < run->nmine; i++)
        rc = run->method->reset(run->mine[i].ctx, err);
    return xb_case_agree(run, rc, err);
}

void xb_lanes_exchange(const struct xb_case_run *run, const void *mine, void *theirs,
                       size_t bytes)
{
    const unsigned char *out = mine;
    unsigned char *in = theirs;
    int me = run->session->rank;

    for (size_t i = 0; i < run->nmine; i++) {
        const struct xb_transfer *t = &run->mine[i].t;
        bool lower = me < t->peer;
        if (t->peer == me) {
            memcpy(in + i * bytes, out + i * bytes, bytes);
            continue;
        }
        /* the lower rank speaks first, so that no two wait for each other's receive */
        if (lower)
            xb_team_send(&run->team, t->peer, t->tag, out + i * bytes, bytes);
        xb_team_receive(&run->team, t->peer, t->tag, in + i * bytes, bytes);
        if (!lower)
            xb_team_send(&run->team, t->peer, t->tag, out + i * bytes, bytes);
    }
}

void xb_lanes_close(struct xb_case_run *run)
{
    for (size_t i = 0; i < run->nchains; i++)
        free(run->chains[i].samples_us);
    free(run->chains);
    free(run->mine);
    free(run->starter);
    run->chains = NULL;
    run->mine = NULL;
    run->starter = NULL;
    run->nmine = run->nchains = 0;
}
