/* SPDX-License-Identifier: BSD-3-Clause */
/* compare.h - from launches to a decision: is it faster, slower, the same, or not to be told?
 *
 *     struct xb_launches *launches = xb_launches_new();
 *     xb_launches_add(launches, "before", "a-01.json", &err);     one file a launch
 *     xb_launches_add(launches, "after", "b-01.json", &err);
 *     struct xb_comparison *c = xb_compare(launches, &ask, &err); sets against the first one
 *     xb_comparison_print(c, XB_COMPARE_TABLE, false, stdout);
 *     return xb_comparison_exit(c);
 *
 * A set is the launches of one setting, in the order of their names' first appearance. Sets are
 * compared with the first one, the base; one set alone is summed up. Reports are read one at a
 * time, and of each only what is compared is kept. Nothing here touches MPI, a device or a
 * clock.
 */
#ifndef XB_REPORT_COMPARE_H
#define XB_REPORT_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "report/compare_noise.h"
#include "report/report.h"

/* ---- what was measured ---- */

/* What launches gave; opaque. */
struct xb_launches;

/* None so far; NULL when out of memory. The caller frees it. */
struct xb_launches *xb_launches_new(void);
void xb_launches_free(struct xb_launches *launches);

/* Make a set of this name, unless it is there, so that it stands in its order also where no
 * launch of it has a report. */
int xb_launches_add_set(struct xb_launches *launches, const char *set, struct xb_error *err);

/* Fail where a set has the same file twice, by device and inode when it was read, whatever path
 * names it. Copies of a file are not noticed. */
int xb_launches_expect_once(const struct xb_launches *launches, struct xb_error *err);

/* Add the report of one launch to the set of this name. Fails, with the file, where it cannot
 * be read or is no report; then launches are as before. */
int xb_launches_add(struct xb_launches *launches, const char *set, const char *file,
                    struct xb_error *err);

/* The same of a report that has been read; its name stands for the file. */
int xb_launches_add_report(struct xb_launches *launches, const char *set, const char *name,
                           const struct xb_report *report, struct xb_error *err);

/* Add what a path names: a report; a campaign's folder, with a campaign.json, whose
 * configurations become sets of their names; or another folder, all reports in which are
 * launches of one set. All go into `set`, where that is not NULL: then a campaign of several
 * configurations is an error. Else a report or folder becomes a set of this name. */
int xb_launches_add_path(struct xb_launches *launches, const char *path, const char *set,
                         const char *name, struct xb_error *err);

size_t xb_launches_sets(const struct xb_launches *launches);
size_t xb_launches_count(const struct xb_launches *launches, size_t set);

/* ---- comparing ---- */

enum xb_verdict {
    XB_VERDICT_SAME,    /* the whole interval lies within the threshold */
    XB_VERDICT_FASTER,  /* the whole interval lies beyond it */
    XB_VERDICT_SLOWER,  /* likewise */
    XB_VERDICT_UNCLEAR, /* neither */
    XB_VERDICT_MISSING, /* not measured on one of the two sides */
    XB_VERDICTS
};

/* "same", ...; constant strings. */
const char *xb_verdict_name(enum xb_verdict verdict);

/* What is asked of a comparison. Texts are borrowed. XB_COMPARE_ASK has the defaults. */
struct xb_compare_ask {
    double threshold;  /* a change of less than this share of the time is none: 0.05 */
    double confidence; /* that all intervals hold together: 0.95. Who looks several times shares
                          what is left of 1 among the looks: 1 - 0.05 / looks */
    uint64_t seed;
    const struct xb_noise *noise; /* between launches of this machine; NULL for none */
    const char *const *filters; /* "KEY=PATTERN", each of which cases must meet, with the * and
                                   ? of shells; NULL-terminated, or NULL */
    const char *const *ignores; /* keys that are left out of the match of cases; as above */
    const char *row;            /* key by whose value sides are told apart; NULL: by set */
    const char *col;  /* key whose values stand beside each other in a table; or NULL */
    const char *base; /* name of the side that the others are compared with; NULL: the first */
};
#define XB_COMPARE_ASK                                                                         \
    {                                                                                          \
        .threshold = 0.05, .confidence = 0.95, .seed = 1                                       \
    }

/* What came out; opaque. It keeps no pointer into ask, but into launches. */
struct xb_comparison;

/* Compare all sides with the base. The same launches, ask and seed give the same figures
 * everywhere. The caller frees it. Fails where a key is not known, or the base is no side; NULL
 * then. That nothing can be compared is no error: all rows are missing. */
struct xb_comparison *xb_compare(const struct xb_launches *launches,
                                 const struct xb_compare_ask *ask, struct xb_error *err);
void xb_comparison_free(struct xb_comparison *comparison);

/* Number of cases, of all sides but the base, with this verdict. */
size_t xb_comparison_count(const struct xb_comparison *comparison, enum xb_verdict verdict);

/* Number of cases for which more launches could tell more: the verdict is unclear, and the
 * interval's half-width is above this share of the time. Of one set alone those whose interval
 * is wider. 0: `--until` need not go on. */
size_t xb_comparison_open(const struct xb_comparison *comparison, double half_width);

/* How `compare` ends: 4 where a report holds corrupt cases, 1 where a case is slower, 3 where
 * nothing could be compared or cases of the base are missing, else 0; in this order. */
int xb_comparison_exit(const struct xb_comparison *comparison);

/* ---- what it looks like ---- */

enum xb_compare_format {
    XB_COMPARE_TABLE,
    XB_COMPARE_MARKDOWN,
    XB_COMPARE_CSV,   /* a line for each case and side */
    XB_COMPARE_JSON,  /* results/schema/comparison-v1.schema.json */
    XB_COMPARE_JUNIT, /* a slower case has failed */
};

/* "table", ..., NULL-terminated, in the order of the enum. */
extern const char *const xb_compare_formats[];

/* Print it: what differs in the environment, the cases, the geometric means by method and size
 * class. all: cases that are the same as well, one by one; CSV, JSON and JUnit always have
 * them. -1 when out of memory; whether all reached out is for ferror to say. */
int xb_comparison_print(const struct xb_comparison *comparison, enum xb_compare_format format,
                        bool all, FILE *out);

#endif
