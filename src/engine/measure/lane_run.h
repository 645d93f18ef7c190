/* SPDX-License-Identifier: BSD-3-Clause */
/* lane_run.h - a lane as one of its ranks carries it out: the engine's rounds and the library's
 * transfers alike. */
#ifndef XB_ENGINE_MEASURE_LANE_RUN_H
#define XB_ENGINE_MEASURE_LANE_RUN_H

#include "engine/measure/look.h"
#include "engine/measure/signal.h"
#include "engine/methods/method.h"
#include "model/plan/lane.h"
#include "report/result.h"

/* The checksum of a transfer as it was taken on its way, and of what its source had. */
struct xb_sums {
    uint64_t taken, expected;
};

/* A lane in which this rank has a role. */
struct xb_lane_run {
    struct xb_lane lane;
    size_t index;       /* in the round */
    struct xb_case own; /* the case with the lane's bytes, where it has its own: t.c is this */
    struct xb_transfer t;
    uint64_t step;           /* bytes between the places where transfers of a batch begin */
    struct xb_stamps stamps; /* where they lie in its source */
    struct xb_mem src_places, dst_places; /* of blocks that are scattered */
    void *ctx;
    bool active;              /* this rank's post and wait make it happen */
    bool starter;             /* its clock, or its turn in the chain, starts here */
    bool finisher;            /* its end is this rank's to know: it is the destination */
    bool tells;               /* the source alone works: it says when all is sent */
    bool told;                /* and the destination, the finisher, hears so */
    bool awaits_turn;         /* its starter gets the turn from another rank: its other end */
    struct xb_lane_run *next; /* where the finisher passes the turn on to another rank: the lane
                                 whose starter that is, in which this rank is the other end */
    struct xb_signal signal;  /* with the other end */
    bool looks;               /* the destination looks for itself what has arrived */
    struct xb_look look;
    uint64_t stamp_key; /* of the pattern of the last batch's stamps */
    bool forwards;      /* it sends on what the lane before it brought, from where it lies */
    const struct xb_lane *origin; /* the lane from whose source its bytes come: its own or,
                                     where it forwards, the one before it */
    struct xb_verify verify;      /* what this rank found as the destination */
    struct xb_sums sum;           /* both 0 where no checksum is taken */
    uint64_t outside;             /* bytes beside the destination that were overwritten */
    const char *when;             /* of the first wrong bytes; NULL while there are none */
    uint64_t wrong_batch;         /* behind which stamps were wrong; 0 where they were not */
    uint64_t stamped;             /* batches whose stamps were compared */
    struct xb_setup setup;        /* of this rank's part */
};

/* World rank whose clock or turn starts a lane of a case. */
int xb_lane_starter(const struct xb_case *c, const struct xb_lane *lane);

/* Describe what a rank of the session does in a lane of a case, in which it has a role: all of
 * l but buffers, stream and context, and of its transfer index, tag and deadline. The lane's
 * messages go over comm, whose ranks are those of the world. l points into itself, so it must
 * stay where it is. */
void xb_lane_run_init(struct xb_lane_run *l, const struct xb_session *session,
                      const struct xb_case *c, const struct xb_lane *lane, MPI_Comm comm);

/* Lay the lane's stamps, for transfers that are cut into units of so many bytes, or into none
 * (0). */
void xb_lane_run_stamp(struct xb_lane_run *l, uint64_t unit);

/* The batch as this lane has it: its transfers begin the lane's own step apart. */
struct xb_batch xb_lane_run_batch(const struct xb_lane_run *l, const struct xb_batch *batch);

/* Say which bytes the lane moves in round `round` of a batch. What it sends on lies where it
 * arrived. */
void xb_lane_run_turn(struct xb_lane_run *l, const struct xb_batch *batch, int64_t round);

/* Take the stream that the lane's work goes through, of the arena. 0 or -1. */
int xb_lane_run_take_stream(struct xb_lane_run *l, struct xb_error *err);

/* Close what was opened; broken: the case failed, and the other end may never come. The stream
 * goes back too. */
void xb_lane_run_close(struct xb_lane_run *l, bool broken);

#endif
