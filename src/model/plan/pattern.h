/* SPDX-License-Identifier: BSD-3-Clause */
/* pattern.h - the table of patterns: what is busy at the same time, and in what order.
 *
 * A pattern of two ends makes the lanes of one pair of ranks (`of_pair`); which pairs there
 * are, and which of them are busy at once, the key `pairs` says. A pattern of the whole job
 * makes its rounds by itself (`rounds`, `round`), or of the traffic that the key `traffic` says
 * (`of_traffic`). All are pure functions: every rank computes the same.
 */
#ifndef XB_MODEL_PLAN_PATTERN_H
#define XB_MODEL_PLAN_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "model/plan/lane.h"
#include "model/plan/pairs.h"

#define XB_PAIR_LANES 2 /* of one pair, at most */

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

struct xb_round;
struct xb_traffic;

struct xb_pattern {
    const char *name;
    const char *summary;
    enum xb_metric metric;
    enum xb_kind kind;  /* of the work that it is for */
    bool one_operation; /* the chains of a round are parts of one operation, whose bytes count
                           once */
    bool worst_round;   /* of several rounds the slowest is what the case came to; else the one
                           in the middle. Of patterns of the whole job. */

    /* Write the lanes of a pair, whose chains and steps count from 0, and return how many. */
    size_t (*of_pair)(const struct xb_lane *pair, struct xb_lane out[XB_PAIR_LANES]);

    /* How many rounds there are for a path in this job: 0 with *count filled, or 1 with the
     * reason in err. */
    int (*rounds)(const struct xb_path *path, const struct xb_job *job, size_t *count,
                  struct xb_error *err);
    /* Add the lanes of round i by xb_round_add, ordered by chain, then step. -1 when out of
     * memory. */
    int (*round)(const struct xb_path *path, const struct xb_job *job, size_t i,
                 struct xb_round *out);

    /* Of a pattern that plays a case's traffic, which fits path and job: the lanes of its one
     * round, with their bytes. -1 when out of memory. */
    int (*of_traffic)(const struct xb_traffic *traffic, const struct xb_path *path,
                      const struct xb_job *job, struct xb_round *out);
};

/* All patterns, NULL-terminated. */
extern const struct xb_pattern *const xb_patterns[];

/* The pattern of that name, or NULL. pairs, where it is not NULL, is what a short name stands
 * for (`matrix` is stream with each, `pairs` stream with together), or NULL where the name says
 * nothing of pairs. */
const struct xb_pattern *xb_pattern_find(const char *name, const struct xb_pairs **pairs);

#endif
