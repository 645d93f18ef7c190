/* tuning.h - from what was measured to a policy, and how good a policy is. Pure functions; the
 * engine measures. */
#ifndef XB_TUNE_TUNING_H
#define XB_TUNE_TUNING_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "model/plan/plan.h"
#include "model/policy/policy.h"
#include "report/result.h"

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

/* The winner of a range of sizes. The ranges of a path follow one another, and where one ends
 * is the one place that says where the next begins: rules, tables and crossovers come from
 * there. */
struct xb_range {
    struct xb_path path;
    uint64_t from, to; /* inclusive; to is 0 where there is no end */
    struct xb_case use;
    bool parted; /* the next one's use was measured beside this one behind `to`, and was faster
                    beyond doubt; only where another method follows */
};

/* Where a range's method gives way to that of the next one, NULL for none: "gpu->gpu@node:
 * above 304KiB nccl, which is faster than mpi", into buf, which is returned; NULL where it does
 * not.
 */
const char *xb_crossover_format(const struct xb_range *range, const struct xb_range *next,
                                char *buf, size_t len);

/* The same as {"src", "dst", "locality", "above", "before", "after", "parted"}; the caller owns
 * it. NULL where it does not, or when out of memory. */
cJSON *xb_crossover_json(const struct xb_range *range, const struct xb_range *next);
bool xb_range_crosses(const struct xb_range *range, const struct xb_range *next);

/* {"src", "dst", "locality", "bytes"}; the caller owns it. NULL when out of memory. */
cJSON *xb_place_json(const struct xb_path *path, uint64_t bytes);

/* {"src", "dst", "locality", "from", "to", "use"} of a range as a policy has it; the caller
 * owns it. NULL when out of memory. */
cJSON *xb_range_rule(const struct xb_range *range);

/* Do two cases use the same method, options, chunk and depth? A chunk that is the whole size is
 * the same whatever the size. */
bool xb_same_use(const struct xb_case *a, const struct xb_case *b);

/* "p2p[engine=ce,side=push]", "host-staged[memory=pinned] 4MiB x 3", into buf, which is
 * returned. */
const char *xb_use_format(const struct xb_case *c, char *buf, size_t len);

#define XB_REGRET_HIGH 1.05
#define XB_REGRETS     32

/* How much longer a policy's choices take than the best that was measured. */
struct xb_regret {
    size_t points;        /* paths and sizes that count */
    size_t no_answer;     /* where the policy has no rule, or its choice does not work here */
    double worst, median; /* time of the choice over that of the best; 0 without points */
    struct xb_path path;  /* where the worst is */
    uint64_t bytes;
    size_t nhigh; /* points above XB_REGRET_HIGH, the first of which are kept */
    struct {
        struct xb_path path;
        uint64_t bytes;
        double ratio;
    } high[XB_REGRETS];
};

/* Of the choices' times and the best ones, both in the order of the points; a time of 0 is no
 * answer. */
struct xb_regret xb_regret_of(const double *choice_us, const double *best_us,
                              const struct xb_path *paths, const uint64_t *bytes, size_t n);

/* {"worst", "median", "points", "no_answer", "where": {"src", "dst", "locality", "bytes"},
 * "high": [
 * {"src", ..., "ratio"}]}; the caller owns it; NULL when out of memory. */
cJSON *xb_regret_json(const struct xb_regret *regret);

#endif
