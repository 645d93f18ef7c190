/* SPDX-License-Identifier: BSD-3-Clause */
/* case_groups.h - the measured cases of a report by pattern and path, ordered so that what is
 * to be compared stands together: by size, and within a size method by method. Of a case some
 * numbers are kept; its words are read back for its row.
 */
#ifndef XB_REPORT_FORMATS_CASE_GROUPS_H
#define XB_REPORT_FORMATS_CASE_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/formats/format.h"

enum xb_case_mark {
    XB_MARK_BEST = 1 << 0,      /* the fastest of its size, or not told apart from it */
    XB_MARK_NOISY = 1 << 1,     /* its interval is wide */
    XB_MARK_SLOW = 1 << 2,      /* something that is slow was seen in it */
    XB_MARK_BAD = 1 << 3,       /* it is not ok */
    XB_MARK_GRID = 1 << 4,      /* it stands in a grid of chunks and depths */
    XB_MARK_GRID_BEST = 1 << 5, /* it is the best of one */
};

/* What a case has to show besides its figure. */
enum xb_case_part {
    XB_HAS_SLOWEST = 1 << 0, /* a slowest lane, of lanes with times of their own */
    XB_HAS_MANY = 1 << 1,    /* more than two lanes */
    XB_HAS_SWEEP = 1 << 2,   /* many pairs, by what was asked for */
    XB_HAS_CEILING = 1 << 3,
    XB_HAS_NOTES = 1 << 4, /* beside that it is noisy, or a status that is not ok */
};

/* A measured case. */
struct xb_grouped_case {
    size_t place;     /* in the report */
    size_t method;    /* index into those of its group */
    uint64_t variant; /* hash of its method with all options, and of its conditions */
    uint64_t company; /* hash of its conditions alone: what it can be compared with */
    int64_t bytes, chunk, depth;
    double us, lo_us, hi_us, rate; /* NAN where not known */
    unsigned has;                  /* enum xb_case_part */
    unsigned marks;                /* enum xb_case_mark */
};

/* An option that cases of a method in a group have. */
struct xb_group_term {
    char *name, *value;
    size_t cases; /* that have it */
    bool differs; /* not all have this value */
};

/* A method in a group; or, without a name, the conditions of all cases there. */
struct xb_group_method {
    char *name;
    size_t cases;
    struct xb_group_term *term;
    size_t nterms;
};

struct xb_case_group {
    char *title;   /* "stream each, gpu->gpu@node" */
    bool latency;  /* the pattern is about time, or no case has a rate */
    bool compares; /* its cases do the same work, in other ways */
    struct xb_group_method conditions;
    struct xb_group_method *method;
    size_t nmethods;
    struct xb_grouped_case *c;
    size_t n, room;
};

struct xb_case_groups {
    const struct xb_report *report;
    struct xb_case_group *group;
    size_t n;
    struct xb_text_set *slow; /* ids of cases in which something slow was seen */
};

/* 0, or -1 when out of memory or where a case cannot be read back; released either way. */
int xb_case_groups_of(const struct xb_report *report, struct xb_case_groups *out);
void xb_case_groups_release(struct xb_case_groups *groups);

/* What a group shows of a case: its time in microseconds, or its rate in GB/s. */
double xb_group_value(const struct xb_case_group *group, const struct xb_grouped_case *c);

/* The method of a case with those options that not all of its group have alike:
 * "p2p[engine=ce]". */
const char *xb_group_label(const struct xb_case_group *group, const struct xb_grouped_case *of,
                           const struct xb_report_case *c, char buf[XB_METHOD_TEXT_LEN]);

#endif
