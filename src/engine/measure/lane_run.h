/* lane_run.h - a lane as one of its ranks carries it out: the engine's rounds and the library's
 * transfers alike. */
#ifndef XB_ENGINE_MEASURE_LANE_RUN_H
#define XB_ENGINE_MEASURE_LANE_RUN_H

#include "engine/methods/method.h"
#include "model/plan/lane.h"
#include "report/result.h"

/* A lane in which this rank has a role. */
struct xb_lane_run {
    struct xb_lane lane;
    size_t index; /* in the round */
    struct xb_transfer t;
    void *ctx;
    bool active;             /* this rank's post and wait make it happen */
    bool starter;            /* its clock, or its turn in the chain, starts here */
    bool finisher;           /* this rank knows when the last byte is in place */
    int token_from;          /* rank that gives the turn to the starter; own rank if local */
    int token_to;            /* rank that gets it from the finisher; own rank if local */
    struct xb_verify verify; /* what this rank found as the destination */
    uint64_t outside;        /* bytes beside the destination that were overwritten */
    const char *when;        /* of the first wrong bytes; NULL while there are none */
    struct xb_setup setup;   /* of this rank's part */
};

/* World rank whose clock or turn starts a lane of a case, and the one that knows its end. */
int xb_lane_starter(const struct xb_case *c, const struct xb_lane *lane);
int xb_lane_finisher(const struct xb_case *c, const struct xb_lane *lane);

/* Describe what a rank of the session does in a lane of a case, in which it has a role: all of
 * l but buffers, stream and context, and of its transfer index, tag and deadline. The lane's
 * messages go over comm, whose ranks are those of the world. l points into itself, so it must
 * stay where it is. */
void xb_lane_run_init(struct xb_lane_run *l, const struct xb_session *session,
                      const struct xb_case *c, const struct xb_lane *lane, MPI_Comm comm);

/* Take the stream that the lane's work goes through, of the arena. 0 or -1. */
int xb_lane_run_take_stream(struct xb_lane_run *l, struct xb_error *err);

/* Close what was opened; broken: the case failed, and the other end may never come. The stream
 * goes back too. */
void xb_lane_run_close(struct xb_lane_run *l, bool broken);

#endif
