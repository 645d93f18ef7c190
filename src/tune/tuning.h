/* SPDX-License-Identifier: BSD-3-Clause */
/* tuning.h - from what was measured to a policy, and how good a policy is. Pure functions; the
 * engine measures. */
#ifndef XB_TUNE_TUNING_H
#define XB_TUNE_TUNING_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/units.h"
#include "model/plan/layout.h"
#include "model/plan/plan.h"
#include "model/policy/policy.h"
#include "report/result.h"

/* What is to be transferred, whichever way. Ways of one point are compared with each other. */
struct xb_point {
    struct xb_path path;
    bool one_class; /* by lanes of one link class alone, of several that were told apart */
    int link_class; /* then enum xb_link_class */
    uint64_t bytes;
    struct xb_shape shape; /* that of methods that take no blocks is one piece */
};

struct xb_point xb_point_of(const struct xb_case *c);
bool xb_point_equal(const struct xb_point *a, const struct xb_point *b);

/* Do two points differ in nothing but the size? They are of one line then. */
bool xb_same_line(const struct xb_point *a, const struct xb_point *b);

/* "gpu->gpu@node"; where a point is of one link class alone, "gpu->gpu@node (nvlink)": into
 * buf, which is returned. */
#define XB_WHERE_LEN (XB_PATH_LEN + 20)
const char *xb_where_format(const struct xb_point *point, char buf[XB_WHERE_LEN]);

/* "gpu->gpu@node, 64KiB", "gpu->gpu@node (nvlink), 64KiB", "host->gpu@self, 2MiB in 1024
 * strided blocks", into buf, which is returned. */
#define XB_POINT_LEN (XB_WHERE_LEN + XB_UNITS_LEN + XB_SHAPE_LEN + 8)
const char *xb_point_format(const struct xb_point *point, char buf[XB_POINT_LEN]);

/* One way to carry out a transfer, measured. */
struct xb_trial {
    struct xb_case c;
    bool ok;                       /* else it was skipped or failed, and has no time */
    bool asked;                    /* it is still to be measured, in passes; not ok before */
    bool final;                    /* it was measured in passes, and its time is of these */
    bool again;                    /* it was measured at more than one moment */
    double us, ci_lo_us, ci_hi_us; /* median and its interval; the median where there is none */
    double wall_us;                /* that its first measurement took, all its steps */
    double best_us; /* the smallest of this median and those of measuring it again */
    struct xb_pipeline_times pipeline; /* nstages 0 where nobody looked */
};

/* All that was measured, in any order. */
struct xb_trials {
    struct xb_trial *trial; /* owned by whoever appends */
    size_t count, room;
};

/* Append a trial; -1 when out of memory. */
int xb_trials_add(struct xb_trials *trials, const struct xb_trial *trial);
void xb_trials_release(struct xb_trials *trials);

/* The trial with that id, or NULL. The pointer holds until the next one is added. */
const struct xb_trial *xb_trials_find(const struct xb_trials *trials, const char *id);

/* Is it the same method with the same options, whatever chunk and depth? */
bool xb_same_method(const struct xb_case *a, const struct xb_case *b);

/* The winner of a range of sizes. The ranges of a line follow one another, and where one ends
 * is the one place that says where the next begins: rules, tables and crossovers come from
 * there. Between two numbers of blocks that were measured, the rule of either is for those that
 * are nearer to it, as a ratio. */
struct xb_range {
    uint64_t from,
        to; /* bytes, of blocks those of one; inclusive; to 0 where there is no end */
    int64_t blocks_from,
        blocks_to;      /* inclusive; blocks_to 0 without an end; 1 and 1: one piece */
    struct xb_case use; /* with the path, link class and shape of the line */
    bool parted; /* the next one's use was measured beside this one behind `to`, and was faster
                    beyond doubt; only where another method follows */
};

/* Where a range's method gives way to that of the next one, NULL for none: "gpu->gpu@node:
 * above 304KiB nccl, which is faster than mpi", "host->gpu@self, 64 strided blocks: above 8KiB
 * a block ...", into buf, which is returned; NULL where it does not. */
const char *xb_crossover_format(const struct xb_range *range, const struct xb_range *next,
                                char *buf, size_t len);

/* The same as {"src", "dst", "locality", of one link class "link_class", of blocks "blocks",
 * "order" and "blocks_at", "above" (bytes, of blocks those of one), "before", "after",
 * "parted"}; the caller owns it. NULL where it does not, or when out of memory. */
cJSON *xb_crossover_json(const struct xb_range *range, const struct xb_range *next);
bool xb_range_crosses(const struct xb_range *range, const struct xb_range *next);

/* {"src", "dst", "locality", of one link class "link_class", of blocks "blocks", "order" and
 * "blocks_at", "bytes"}; the caller owns it. NULL when out of memory. */
cJSON *xb_point_json(const struct xb_point *point);

/* {"src", "dst", "locality", "from", "to", "use"} of a range as a policy has it, of blocks
 * {"src", "dst", "locality", "blocks", "order", "blocks_at", "block", "use"}, and "link_class"
 * where it is of one alone; the caller owns it. NULL when out of memory. */
cJSON *xb_range_rule(const struct xb_range *range);

/* Do two cases use the same method, options, chunk and depth? A chunk that is the whole size is
 * the same whatever the size. */
bool xb_same_use(const struct xb_case *a, const struct xb_case *b);

/* "p2p[engine=ce,side=push]", "host-staged[memory=pinned] 4MiB x 3",
 * "direct[memory=pinned,submission=kernel]", into buf, which is returned: what a rule says,
 * without the blocks that it is for. */
const char *xb_use_format(const struct xb_case *c, char *buf, size_t len);

#define XB_REGRET_HIGH 1.05
#define XB_REGRETS     32

/* How much longer a policy's choices take than the best that was measured. */
struct xb_regret {
    size_t points;         /* paths and sizes that count */
    size_t no_answer;      /* where the policy has no rule, or its choice does not work here */
    double worst, median;  /* time of the choice over that of the best; 0 without points */
    struct xb_point where; /* the worst is */
    size_t nhigh;          /* points above XB_REGRET_HIGH, the first of which are kept */
    struct {
        struct xb_point where;
        double ratio;
    } high[XB_REGRETS];
};

/* Of the choices' times and the best ones, both in the order of the points; a time of 0 is no
 * answer. */
struct xb_regret xb_regret_of(const double *choice_us, const double *best_us,
                              const struct xb_point *points, size_t n);

/* {"worst", "median", "points", "no_answer", "where": a point, "high": [a point with "ratio",
 * ...]}; the caller owns it; NULL when out of memory. */
cJSON *xb_regret_json(const struct xb_regret *regret);

#endif
