/* SPDX-License-Identifier: BSD-3-Clause */
/* lane_run.c - a lane as one of its ranks carries it out. */
#include "engine/measure/lane_run.h"

#include "engine/devices/arena.h"
#include "engine/measure/lost.h"
#include "model/plan/lane_case.h"

int xb_lane_starter(const struct xb_case *c, const struct xb_lane *lane)
{
    return xb_method_mover(c) == XB_MOVER_DST ? lane->dst_rank : lane->src_rank;
}

static bool is_active(const struct xb_case *c, unsigned roles)
{
    switch (xb_method_mover(c)) {
    case XB_MOVER_SRC:
        return roles & XB_ROLE_SRC;
    case XB_MOVER_DST:
        return roles & XB_ROLE_DST;
    case XB_MOVER_BOTH:
        return true;
    }
    return true;
}

void xb_lane_run_init(struct xb_lane_run *l, const struct xb_session *s,
                      const struct xb_case *c, const struct xb_lane *lane, MPI_Comm comm)
{
    unsigned roles = (lane->src_rank == s->rank ? XB_ROLE_SRC : 0u) |
                     (lane->dst_rank == s->rank ? XB_ROLE_DST : 0u);

    *l = (struct xb_lane_run){.lane = *lane,
                              .active = is_active(c, roles),
                              .starter = xb_lane_starter(c, lane) == s->rank,
                              .finisher = lane->dst_rank == s->rank};
    l->tells = xb_method_mover(c) == XB_MOVER_SRC && !l->finisher;
    l->told = l->finisher && !l->active;
    l->looks = l->told && xb_method_of(c)->may_err && xb_method_of(c)->may_err(c);
    l->t = (struct xb_transfer){.session = s,
                                .device = s->device,
                                .c = xb_lane_case(c, lane, &l->own),
                                .lane = &l->lane,
                                .roles = roles,
                                .comm = comm,
                                .peer = lane->src_rank == s->rank ? lane->dst_rank
                                                                  : lane->src_rank};
    l->step = xb_transfer_step(l->t.c);
}

void xb_lane_run_stamp(struct xb_lane_run *l, uint64_t unit)
{
    l->stamps = xb_stamps_make(l->t.c->bytes, l->step, unit);
}

struct xb_batch xb_lane_run_batch(const struct xb_lane_run *l, const struct xb_batch *batch)
{
    struct xb_batch own = *batch;

    own.step = batch->step ? l->step : 0;
    return own;
}

void xb_lane_run_turn(struct xb_lane_run *l, const struct xb_batch *batch, int64_t round)
{
    l->t.turn = xb_turn_of(batch, round);
    l->t.turn.step = batch->step ? l->step : 0;
    l->t.turn.forwards = l->forwards;
}

int xb_lane_run_take_stream(struct xb_lane_run *l, struct xb_error *err)
{
    const struct xb_method *m = xb_method_of(l->t.c);

    if (xb_lost_is(l->t.session, l->t.session->rank)) /* the lane goes on without its device */
        return 0;
    return xb_arena_stream(l->t.session->arena, m->gpu ? m->gpu(&l->t) : 0, l->t.index,
                           &l->t.stream, err);
}

void xb_lane_run_close(struct xb_lane_run *l, bool broken)
{
    l->t.broken = broken;
    if (l->ctx)
        xb_method_of(l->t.c)->close(l->ctx);
    xb_signal_give_up(&l->signal);
    xb_signal_close(&l->signal);
    xb_look_close(&l->look);
    if (broken && l->t.stream)
        xb_arena_stream_broken(l->t.session->arena, l->t.stream);
    l->ctx = NULL;
    l->t.stream = NULL;
}
