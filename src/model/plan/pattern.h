/* pattern.h - which paths are busy at the same time, and in what order.
 *
 * A pattern turns a case's path and the job's shape into lanes. A lane is one path between two
 * concrete ranks. Lanes of one chain follow one another (the next starts when the last byte of
 * the one before has arrived); chains run at the same time. `stream` is one chain of one lane,
 * `bidirectional` two chains of one, `pingpong` one chain of two, `pairs` a chain of one for
 * each pair of ranks.
 *
 * Every rank computes the same lanes from the same input.
 */
#ifndef XB_MODEL_PLAN_PATTERN_H
#define XB_MODEL_PLAN_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "model/plan/path.h"

#define XB_MAX_LANES 64

struct xb_job {
    int nranks;
    const int *node_of_rank; /* nranks entries, nodes numbered from 0 by their lowest rank */
};

struct xb_lane {
    int chain; /* chains are numbered from 0 */
    int step;  /* position in the chain, from 0 */
    struct xb_path path;
    int src_rank, dst_rank; /* equal where the locality is self */
};

struct xb_lanes {
    size_t count;
    int chains;
    bool together; /* the chains are parts of one operation, whose bytes count once */
    struct xb_lane lane[XB_MAX_LANES]; /* ordered by chain, then step */
};

enum xb_metric {
    XB_METRIC_BANDWIDTH, /* time_us is that of one transfer of every chain; bytes add up */
    XB_METRIC_LATENCY,   /* time_us is one way: a chain's time over its lanes */
};

/* What kind of work a method does, and a pattern is for; the two must agree. */
enum xb_kind {
    XB_KIND_TRANSFER,   /* from one endpoint to another, lane by lane */
    XB_KIND_COLLECTIVE, /* an operation of all ranks */
    XB_KIND_EXPERIMENT, /* the laboratory's: no pattern is for it */
};

struct xb_pattern {
    const char *name;
    const char *summary;
    enum xb_metric metric;
    enum xb_kind kind; /* of the work that it is for */
    /* Fill lanes for a path in this job. Returns 0, or 1 with the reason in err when this job
     * has no such ranks ("needs two ranks on one node; this job has 1 rank on 1 node"). */
    int (*lanes)(const struct xb_path *path, const struct xb_job *job, struct xb_lanes *out,
                 struct xb_error *err);
};

/* All patterns, NULL-terminated, in the order of DESIGN. */
extern const struct xb_pattern *const xb_patterns[];

/* The pattern of that name, or NULL. */
const struct xb_pattern *xb_pattern_find(const char *name);

/* Bytes that one round of these lanes (one transfer on each) moves side by side, over the bytes
 * of one transfer: the number of chains, 1 where they are parts of one operation. Bandwidth is
 * bytes x this / time_us, which is as enum xb_metric says. */
double xb_lanes_concurrent(const struct xb_lanes *lanes);

#endif
