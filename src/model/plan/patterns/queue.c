/* queue.c - the bounded queue between threads of rank 0.
 *
 * It has one lane, from the rank's host memory to itself: the method's threads are its two
 * ends. */
#include "model/plan/patterns/patterns.h"

static int queue_lanes(const struct xb_path *path, const struct xb_job *job,
                       struct xb_lanes *out, struct xb_error *err)
{
    (void)job;
    return xb_pattern_within_rank(path, "a queue is between threads of one rank", out, err);
}

const struct xb_pattern xb_pattern_queue = {
    .name = "queue",
    .summary = "threads of one rank that pass items through a bounded queue",
    .metric = XB_METRIC_BANDWIDTH,
    .kind = XB_KIND_QUEUE,
    .lanes = queue_lanes,
};
