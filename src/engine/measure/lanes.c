/* lanes.c - what this rank does in which lane of a case. */
#include "engine/measure/case_run.h"

#include <stdlib.h>
#include <string.h>

/* Place of a world rank in the case's communicator. */
static int member_index(const struct xb_case_run *run, int world_rank)
{
    for (int i = 0; i < run->nmembers; i++)
        if (run->members[i] == world_rank)
            return i;
    return -1;
}

/* World rank whose clock or turn starts a lane, and the one that knows its end. */
static int starter_of(const struct xb_case_run *run, const struct xb_lane *lane)
{
    return xb_method_mover(run->c) == XB_MOVER_DST ? lane->dst_rank : lane->src_rank;
}

static int finisher_of(const struct xb_case_run *run, const struct xb_lane *lane)
{
    return xb_method_mover(run->c) == XB_MOVER_SRC ? lane->src_rank : lane->dst_rank;
}

static bool is_active(const struct xb_case_run *run, unsigned roles)
{
    switch (xb_method_mover(run->c)) {
    case XB_MOVER_SRC:
        return roles & XB_ROLE_SRC;
    case XB_MOVER_DST:
        return roles & XB_ROLE_DST;
    case XB_MOVER_BOTH:
        break;
    }
    return true;
}

/* The lane so many steps on in the chain of lane i; the first follows the last. */
static const struct xb_lane *neighbour(const struct xb_case_run *run, size_t i, int steps)
{
    const struct xb_lane *lanes = run->lanes.lane;
    const struct xb_lane *first = &lanes[i] - lanes[i].step, *end = lanes + run->lanes.count;
    int n = 0;

    while (first + n < end && first[n].chain == first->chain)
        n++;
    return &first[(lanes[i].step + steps + n) % n];
}

static void describe(struct xb_case_run *run, size_t i, unsigned roles)
{
    const struct xb_session *s = run->session;
    struct xb_lane_run *l = &run->mine[run->nmine++];

    l->lane = run->lanes.lane[i];
    l->active = is_active(run, roles);
    l->starter = starter_of(run, &l->lane) == s->rank;
    l->finisher = finisher_of(run, &l->lane) == s->rank;
    l->token_from = member_index(run, finisher_of(run, neighbour(run, i, -1)));
    l->token_to = member_index(run, starter_of(run, neighbour(run, i, 1)));
    int other = l->lane.src_rank == s->rank ? l->lane.dst_rank : l->lane.src_rank;
    l->t = (struct xb_transfer){.session = s,
                                .device = s->device,
                                .c = run->c,
                                .lane = &l->lane,
                                .roles = roles,
                                .comm = run->comm,
                                .deadline_us = run->deadline_us,
                                .peer = member_index(run, other),
                                .tag = XB_TAG_LANE + (int)i};
}

int xb_lanes_open(struct xb_case_run *run, struct xb_error *err)
{
    run->mine = calloc(run->lanes.count, sizeof *run->mine);
    run->starter = calloc((size_t)run->lanes.chains, sizeof *run->starter);
    if (!run->mine || !run->starter)
        return xb_fail(err, "out of memory");
    for (size_t i = 0; i < run->lanes.count; i++) {
        const struct xb_lane *lane = &run->lanes.lane[i];
        unsigned roles = (lane->src_rank == run->session->rank ? XB_ROLE_SRC : 0u) |
                         (lane->dst_rank == run->session->rank ? XB_ROLE_DST : 0u);
        if (lane->step == 0)
            run->starter[lane->chain] = member_index(run, starter_of(run, lane));
        if (roles)
            describe(run, i, roles);
    }
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

void xb_lanes_close(struct xb_case_run *run)
{
    free(run->mine);
    free(run->starter);
    run->mine = NULL;
    run->starter = NULL;
    run->nmine = 0;
}
