/* patterns.h - the rows of the pattern table, and what they share. */
#ifndef XB_MODEL_PLAN_PATTERNS_PATTERNS_H
#define XB_MODEL_PLAN_PATTERNS_PATTERNS_H

#include "model/plan/pattern.h"

extern const struct xb_pattern xb_pattern_stream;
extern const struct xb_pattern xb_pattern_bidirectional;
extern const struct xb_pattern xb_pattern_pingpong;
extern const struct xb_pattern xb_pattern_pairs;
extern const struct xb_pattern xb_pattern_collective;

/* The lane of a path between the lowest ranks of this job that have its locality: rank 0 with
 * itself, the first two ranks of one node, or the first two of two nodes. Chain and step are 0.
 * Returns 0, or 1 with the reason in err when the job has no such ranks. */
int xb_pattern_first_lane(const struct xb_path *path, const struct xb_job *job,
                          struct xb_lane *out, struct xb_error *err);

/* Say in err what a pattern asks of the job ("needs two ranks on one node") and what the job
 * has. Always returns 1, for lanes to pass on. */
int xb_pattern_unfit(const struct xb_job *job, const char *needs, struct xb_error *err);

/* The lane that carries the same bytes back: reversed path, ranks swapped. */
struct xb_lane xb_pattern_lane_back(const struct xb_lane *lane);

#endif
