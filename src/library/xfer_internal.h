/* xfer_internal.h - the parts of the library face: one transfer within a rank, made by a method
 * between memory that the engine did not allocate. */
#ifndef XB_LIBRARY_XFER_INTERNAL_H
#define XB_LIBRARY_XFER_INTERNAL_H

#include <stdbool.h>

#include "engine/measure/lane_run.h"
#include "model/policy/policy.h"

/* Where a transfer begins and ends. */
struct xb_xfer_end {
    void *ptr; /* of the whole buffer */
    uint64_t buffer_bytes;
    uint64_t offset;
    struct xb_endpoint endpoint;
};

/* What is to be moved. */
struct xb_xfer_move {
    struct xb_xfer_end dst, src;
    uint64_t bytes;
};

/* A transfer with all that its method needs, as long as it is open. run and c point into it, so
 * it must stay where it is. */
struct xb_xfer_lane {
    bool is_open;
    bool replaced;          /* the policy's choice is not what is done */
    struct xb_choice asked; /* that choice; without a method where no rule matches */
    struct xb_case c;       /* what is done */
    struct xb_lane_run run; /* of the engine: this rank is both its ends */
};

/* Find a method for a transfer: the policy's choice if it can work on these buffers, else what
 * stands for it. Fills all of lane but what opening makes. -1 with the reason where no method
 * does the path. */
int xb_xfer_lane_choose(const struct xb_session *session, struct xb_policy *policy,
                        const struct xb_xfer_move *move, struct xb_xfer_lane *lane,
                        struct xb_error *err);

/* Open what was chosen; on failure nothing is left behind. */
int xb_xfer_lane_open(struct xb_xfer_lane *lane, struct xb_error *err);

/* Transfer once and wait for it. After a failure the lane must be closed. */
int xb_xfer_lane_run(struct xb_xfer_lane *lane, struct xb_error *err);

/* Close a lane; broken: a transfer on it has failed. One that is not open is allowed. */
void xb_xfer_lane_close(struct xb_xfer_lane *lane, bool broken);

#endif
