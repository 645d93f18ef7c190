/* SPDX-License-Identifier: BSD-3-Clause */
/* traffic.h - an application's own traffic: which rank sends how many bytes to which.
 *
 * A scenario's case says it as a list of lanes, or as a file with a matrix (scenario/
 * scenario_traffic.h, scenario/traffic_file.h). The pattern `neighbour` plays it: all lanes at
 * the same time, each with its own bytes.
 */
#ifndef XB_MODEL_PLAN_TRAFFIC_H
#define XB_MODEL_PLAN_TRAFFIC_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/plan/lane.h"
#include "model/plan/path.h"

#define XB_TRAFFIC_LANES 32768 /* at most */

struct xb_traffic_lane {
    int src, dst;   /* ranks */
    uint64_t bytes; /* of one transfer; 0: the case's size */
};

/* Sorted by source, then destination; each pair of ranks stands there once. Either all lanes
 * say their bytes or none does. */
struct xb_traffic {
    struct xb_traffic_lane *lane; /* the owner's */
    size_t count;
    int nranks; /* of the jobs that it is for; 0: of any that has the ranks it names */
};

/* Sort a traffic that was read. 0, or -1 with the reason: a pair stands twice, or some lanes
 * say their bytes and others do not. */
int xb_traffic_settle(struct xb_traffic *traffic, struct xb_error *err);

/* Bytes of the largest lane; 0 where lanes are of the case's size. */
uint64_t xb_traffic_largest(const struct xb_traffic *traffic);

/* The traffic as it stands in a case's id, into buf, which is returned: the lanes of a short
 * one, "0-1:1MiB,1-0:64KiB", of a longer one how many there are and a hash of them all,
 * "12-lanes-9c0f31de02b144aa". */
#define XB_TRAFFIC_TEXT_LEN 64
const char *xb_traffic_format(const struct xb_traffic *traffic, char buf[XB_TRAFFIC_TEXT_LEN]);

/* Can a job play it on paths of this locality? 0, or 1 with the reason: it is of another number
 * of ranks, or none of its lanes is there. */
int xb_traffic_fits(const struct xb_traffic *traffic, const struct xb_path *path,
                    const struct xb_job *job, struct xb_error *err);

/* The lanes that such a path leaves out, in words, "2 lanes between nodes and 1 within a rank",
 * into buf, which is returned; "" for none. For a job that can play it. */
#define XB_LEFT_OUT_LEN 80
const char *xb_traffic_left_out(const struct xb_traffic *traffic, const struct xb_path *path,
                                const struct xb_job *job, char buf[XB_LEFT_OUT_LEN]);

/* Where the ends of a lane are, in a job that has them. */
enum xb_locality xb_traffic_locality(const struct xb_traffic_lane *lane,
                                     const struct xb_job *job);

#endif
