/* SPDX-License-Identifier: BSD-3-Clause */
/* compare_internal.h - what the files that compare share. For compare_*.c, for the chart of a
 * comparison, and for no other. */
#ifndef XB_REPORT_COMPARE_INTERNAL_H
#define XB_REPORT_COMPARE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/json_span.h"
#include "base/text_set.h"
#include "report/compare.h"
#include "report/facts.h"
#include "report/fields.h"
#include "report/result.h"

/* ---- launches: what is kept of reports ---- */

/* A case that some launch has in its report. */
struct xb_measured {
    const char *id;      /* belongs to the launches' ids */
    struct xb_facts key; /* as the report has it: "method", "options.side", "bytes", ... */
    int64_t bytes, size_class;
};

/* A lane that was measured: which one, and the log of its median time; NAN where it was not ok.
 */
struct xb_seen_lane {
    uint32_t lane;  /* number in launches.lanes */
    uint32_t place; /* where the report has it among the lanes of its case */
    double log_us;
};

/* What a case gave in a launch. */
struct xb_seen {
    int status;                 /* enum xb_status; -1 where it is not in the report */
    char *reason;               /* owned; NULL where it is ok */
    double log_us;              /* of the median time; NAN where it is not ok */
    double gb_per_s;            /* NAN without bytes */
    size_t first_pass, npasses; /* in launch.passes; 0 where the run made one */
    size_t first_lane, nlanes;  /* in launch.lanes, by their numbers; 0 where it has one */
    bool has_carried;
    float carried[XB_WIRES]; /* NAN where a counter could not be read */
};

struct xb_launch {
    size_t set;
    char *file;
    dev_t device; /* with the inode: which file it is, whatever path names it */
    ino_t inode;
    bool interrupted;
    struct xb_facts facts;
    struct xb_list seen;   /* of struct xb_seen, by case; cases that came later are not there */
    struct xb_list passes; /* of double: logs of passes' medians */
    struct xb_list lanes;  /* of struct xb_seen_lane */
};

struct xb_launches {
    struct xb_texts sets;
    struct xb_list launches;  /* of struct xb_launch */
    struct xb_list cases;     /* of struct xb_measured, in the order in which they were met */
    struct xb_text_set ids;   /* theirs */
    struct xb_text_set lanes; /* where lanes are: "0:3b:00.0 -> 0:5e:00.0" */
};

static inline struct xb_launch *xb_launch_at(const struct xb_launches *l, size_t i)
{
    return (struct xb_launch *)l->launches.item + i;
}

static inline const struct xb_measured *xb_measured_at(const struct xb_launches *l, size_t i)
{
    return (const struct xb_measured *)l->cases.item + i;
}

/* What a case gave in a launch, or NULL where it is not in its report. */
const struct xb_seen *xb_seen_at(const struct xb_launch *launch, size_t c);

/* What a lane, by its number, gave in this case of the launch, or NULL. */
const struct xb_seen_lane *xb_seen_lane_find(const struct xb_launch *launch,
                                             const struct xb_seen *seen, size_t lane);

/* ---- keys ---- */

#define XB_KEY_TEXT 512 /* longer values end in a hash of the whole */

/* What a key of a comparison is about: "method" or "options.side" of cases, "driver" or
 * "variables.UCX_TLS" of launches. */
enum xb_key_kind { XB_KEY_NONE, XB_KEY_CASE, XB_KEY_LAUNCH };
enum xb_key_kind xb_key_kind(const struct xb_launches *launches, const char *key);

/* The value of a key, as text in buf or elsewhere, for people: sizes with their units, texts
 * without quotes; "-" where it has none. `method` of a case is the method with its options, as
 * in its id. */
const char *xb_case_key(const struct xb_measured *c, const char *key, char buf[XB_KEY_TEXT]);
const char *xb_launch_key(const struct xb_launches *launches, size_t launch, const char *key,
                          char buf[XB_KEY_TEXT]);

/* Check that all keys of ask are some, and filters have a '='. */
int xb_keys_check(const struct xb_launches *launches, const struct xb_compare_ask *ask,
                  struct xb_error *err);

/* Do cases and launches meet the filters, each of which is about a key of this kind? Those of
 * one key are alternatives. */
bool xb_case_meets(const struct xb_measured *c, const char *const *filters,
                   const enum xb_key_kind *kinds);
bool xb_launch_meets(const struct xb_launches *launches, size_t launch,
                     const char *const *filters, const enum xb_key_kind *kinds);

/* The kinds of the filters' keys; the caller frees them; NULL when out of memory. */
enum xb_key_kind *xb_filter_kinds(const struct xb_launches *launches,
                                  const char *const *filters);

/* An id without what the keys are about, which end with NULL: of "method" and "chunk_bytes",
 * "stream/gpu->gpu@node/8MiB/depth=4". Written to out, cut at len. */
void xb_id_without(const char *id, const char *const *keys, char *out, size_t len);

/* ---- sides and rows ---- */

struct xb_members {
    size_t *cases; /* indices into the launches' cases */
    size_t n;
};

/* A line of the comparison: cases that stand for each other on the sides. */
struct xb_row {
    char *id;    /* of the case, without what is ignored */
    char *label; /* the same without the column */
    char *col;   /* NULL without columns */
    char *method;
    int64_t bytes, size_class;
    struct xb_members *members; /* of each side */
};

struct xb_grouping {
    struct xb_texts sides; /* the base first */
    bool by_case;          /* sides are cases of the same launches */
    int *side;             /* of each launch: -1 where it is left out; 0 where by_case */
    struct xb_list rows;   /* of struct xb_row */
};

/* Sort launches and cases into sides and rows. The caller releases it, on failure too. */
int xb_grouping_make(const struct xb_launches *launches, const struct xb_compare_ask *ask,
                     struct xb_grouping *out, struct xb_error *err);
void xb_grouping_release(struct xb_grouping *grouping);

/* ---- what came out ---- */

/* What a row's cases gave on one side, over its launches. Times are of launches' medians. */
struct xb_side_value {
    size_t n;      /* launches with a time */
    size_t all;    /* launches of the side */
    double log_us; /* mean */
    double gb_per_s;
    double median_us, ci_lo_us, ci_hi_us; /* interval of the median: NAN below 6 launches */
    double next_lo_us, next_hi_us; /* where the next launch's will be: NAN below 2 launches */
    char *carried; /* "nvlink", "nvlink in 6, pcie in 2"; NULL where nobody counted */
    char *reason;  /* why launches have no time: "skipped: no GPU"; NULL where all have one */
    bool corrupt;
};

/* How a side differs from the base. */
struct xb_change {
    enum xb_verdict verdict;
    double log_ratio;   /* of times, to the base; NAN where one has none */
    double half;        /* of its interval; NAN without */
    size_t n[2];        /* launches on the base and on the side */
    const char *reason; /* why it is missing; borrowed, or NULL */
};

struct xb_lane_change {
    size_t lane;
    double log_us[2]; /* of the base and of the side */
    struct xb_change change;
};

/* How a row came out on a side that is not the base. */
struct xb_outcome {
    struct xb_change change;
    struct xb_list lanes; /* of struct xb_lane_change, where there are several */
};

/* Rows of one method and size class together. */
struct xb_class_mean {
    const char *method; /* borrowed from a row */
    int64_t size_class;
    size_t cases;
    struct xb_change change;
};

/* A fact, and its values on the sides: each once, in order, of JSON; a list may be empty. */
struct xb_side_fact {
    char *name;
    struct xb_texts *values;
};

struct xb_comparison {
    struct xb_grouping grouping;
    double threshold, confidence;
    uint64_t seed;
    char *row, *col;
    struct xb_texts files;            /* of the launches */
    struct xb_texts lanes;            /* where lanes are */
    size_t *launches;                 /* of each side */
    struct xb_side_value *values;     /* nrows times nsides */
    struct xb_outcome *outcomes;      /* nrows times nsides, of the base unused */
    struct xb_list *means;            /* of each side, of struct xb_class_mean */
    struct xb_list shared, differing; /* of struct xb_side_fact; a shared one has one value */
    struct xb_texts warnings;
};

static inline size_t xb_rows(const struct xb_comparison *c)
{
    return c->grouping.rows.n;
}

static inline size_t xb_sides(const struct xb_comparison *c)
{
    return c->grouping.sides.n;
}

static inline const struct xb_row *xb_row_at(const struct xb_comparison *c, size_t row)
{
    return (const struct xb_row *)c->grouping.rows.item + row;
}

static inline struct xb_side_value *xb_value_at(const struct xb_comparison *c, size_t row,
                                                size_t side)
{
    return &c->values[row * xb_sides(c) + side];
}

static inline struct xb_outcome *xb_outcome_at(const struct xb_comparison *c, size_t row,
                                               size_t side)
{
    return &c->outcomes[row * xb_sides(c) + side];
}

/* The steps of xb_compare, each in a file of its name; -1 when out of memory. */
int xb_compare_sides(struct xb_comparison *c, const struct xb_launches *launches);
int xb_compare_changes(struct xb_comparison *c, const struct xb_launches *launches,
                       const struct xb_noise *noise);
void xb_compare_facts_release(struct xb_comparison *c);
int xb_compare_facts(struct xb_comparison *c, const struct xb_launches *launches,
                     const char *const *ignores);

/* The log of a row's time on a side in a launch, in a version (simultaneous.h): the mean over
 * its cases; NAN where one of them has none. */
double xb_row_value(const struct xb_comparison *c, const struct xb_launches *launches,
                    size_t row, size_t side, size_t launch, size_t version);

/* Has no side a time for the row? */
bool xb_row_is_nowhere(const struct xb_comparison *c, size_t row);

/* Is the launch one of the side's? */
bool xb_is_of_side(const struct xb_comparison *c, size_t launch, size_t side);

/* Add a warning; -1 when out of memory. */
int xb_compare_warn(struct xb_comparison *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
