/* SPDX-License-Identifier: BSD-3-Clause */
/* schedule.h - who transfers to whom, when: rounds of chains of lanes.
 *
 * A schedule follows from a case's pattern, path, pairs and contention and the shape of the
 * job. Every rank computes the same one from the same input, and walks it round by round: it is
 * never held whole, since it may have ranks x ranks lanes.
 */
#ifndef XB_MODEL_PLAN_SCHEDULE_H
#define XB_MODEL_PLAN_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "model/plan/lane.h"
#include "model/plan/pair_rounds.h"
#include "model/plan/pattern.h"
#include "model/plan/plan.h"

struct xb_schedule {
    const struct xb_pattern *pattern;
    const struct xb_job *job;
    struct xb_path path;
    const struct xb_traffic *traffic; /* of a pattern that plays one */
    uint64_t bytes;                   /* of the case */
    size_t rounds;
    struct xb_pair_rounds pairs; /* of a pattern of two ends */
    enum xb_contention contention;
    size_t planned; /* rounds that the pattern makes */
    size_t *first;  /* the first of the rounds that each of these becomes, and their end; NULL
                       without contention, where each is one */
    struct xb_whole_round *whole; /* with contention the last of the pattern's rounds: n lanes
                                     of which each is alone for one round cost n steps, not n
                                     times n */
};

/* The lanes of one round, ordered by chain, then step. Zeroed before its first use; its memory
 * is used again for the next round. */
struct xb_round {
    size_t count;
    int chains;
    struct xb_lane *lane;
    size_t room;
    /* NULL, or who gets each lane in place of the array, which stays empty: see
     * xb_schedule_walk */
    int (*take)(void *arg, const struct xb_lane *lane);
    void *arg;
};

/* Make the schedule of a case, which has a pattern. Its list of pairs, its traffic and the job
 * must stay as long as the schedule. 0; 1 with the reason in err where the job has no ranks for
 * it; -1 when out of memory. Except with 0 there is nothing to close. */
int xb_schedule_open(const struct xb_case *c, const struct xb_job *job, struct xb_schedule *out,
                     struct xb_error *err);
void xb_schedule_close(struct xb_schedule *schedule);

/* Fill out with round i, from 0. -1 when out of memory. */
int xb_schedule_round(const struct xb_schedule *schedule, size_t i, struct xb_round *out,
                      struct xb_error *err);
void xb_round_release(struct xb_round *round);

/* Give take the lanes of round i of those that the pattern makes, from 0 to `planned`, in which
 * all are busy; none is kept, so it takes no memory however many they are. Their round and
 * company are not filled in. take returns 0 to go on, or -1, which comes back as when out of
 * memory. */
int xb_schedule_walk(const struct xb_schedule *schedule, size_t i,
                     int (*take)(void *arg, const struct xb_lane *lane), void *arg,
                     struct xb_error *err);

/* How many chains and lanes round 0 has, and how many lanes all rounds have together: by a walk
 * that keeps none. -1 when out of memory. */
int xb_schedule_shape(const struct xb_schedule *schedule, size_t *chains, size_t *lanes,
                      struct xb_error *err);
int xb_schedule_lanes(const struct xb_schedule *schedule, size_t *lanes, struct xb_error *err);

/* Append a lane to a round that is being made. -1 when out of memory. */
int xb_round_add(struct xb_round *round, const struct xb_lane *lane);

/* Lanes whose bytes add up when a round's time is that of all of it: its chains, of which each
 * that has bytes of its own counts for its share of the case's; or its groups, where they
 * are parts of one operation of each. Bandwidth is bytes x this / time. */
double xb_round_concurrent(const struct xb_schedule *schedule, const struct xb_round *round);

#endif
