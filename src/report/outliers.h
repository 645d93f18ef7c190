/* SPDX-License-Identifier: BSD-3-Clause */
/* outliers.h - who is slow in a run: GPUs, ranks, links and nodes over all cases.
 *
 * Example: a GPU that receives at half the rate of the others in 12 of 14 cases is one outlier
 * with 12 cases. The lanes of a case are compared with their like: the same kind of ends and
 * link class. model/figures/suspects.h says what becomes of them. A case is not looked at in
 * which lanes of one round share an end, as in fan-in: what one lacks another may have; nor a
 * collective, where each waits for all.
 *
 * Who is found is a suspect. The worst of its cases are measured again, and it is named when
 * more than half of them show it again.
 */
#ifndef XB_REPORT_OUTLIERS_H
#define XB_REPORT_OUTLIERS_H

#include "base/text_set.h"
#include "model/figures/suspects.h"
#include "report/report.h"

struct xb_outlier_case {
    size_t place; /* of the case in the report */
    char *id;
    double gb_per_s, usual_gb_per_s; /* NAN for a method that moves nothing */
    double ratio;                    /* of its rate to what is usual, below 1 */
    bool looked_again;
    double again_ratio; /* NAN: not looked again, or not slow then */
};

struct xb_outlier {
    enum xb_suspect_kind kind;
    int roles, src, dst; /* as in struct xb_suspect */
    bool of_ceiling;     /* compared with its ceiling, not with its like */
    char *link_class;
    char *src_end, *dst_end; /* "gpu", "host" or "gpu+1" */
    struct xb_list cases;    /* of struct xb_outlier_case */
};

struct xb_outlier_looked {
    char *link_class;
    size_t cases; /* whose lanes of that class were compared */
};

struct xb_outliers {
    struct xb_list list;      /* of struct xb_outlier */
    struct xb_text_set known; /* who they are, by their numbers in the list */
    struct xb_list looked;    /* of struct xb_outlier_looked */
};

/* Element i of the lists, with i below their n. */
struct xb_outlier *xb_outlier_at(const struct xb_outliers *o, size_t i);
struct xb_outlier_case *xb_outlier_case_at(const struct xb_outlier *outlier, size_t i);

/* Who is slow in a case of the report, which stands at this place, joins the list. -1 when out
 * of memory. */
int xb_outliers_look(struct xb_outliers *o, const struct xb_report *report,
                     const struct xb_report_case *c, size_t place,
                     const struct xb_outlier_limits *limits, struct xb_error *err);

/* The places of the cases to measure again, at most so many of each suspect, each place once,
 * in ascending order. *places is the caller's to free, NULL where there is none. Returns their
 * number, or -1 when out of memory. */
int xb_outliers_choose(const struct xb_outliers *o, int again, size_t **places);

/* What measuring the case at this place again has given; with 0 or -1 as above. */
int xb_outliers_again(struct xb_outliers *o, const struct xb_report *report,
                      const struct xb_report_case *c, size_t place,
                      const struct xb_outlier_limits *limits, struct xb_error *err);

/* How many of its cases were measured again, and in how many it was seen. */
void xb_outlier_count_again(const struct xb_outlier *outlier, size_t *looked, size_t *seen);

/* Was it measured again, and seen in no more than half of what was? Then it is not named. */
bool xb_outlier_is_gone(const struct xb_outlier *outlier);

/* `outliers` of a report: those that are not gone. The caller owns it; NULL when out of memory.
 */
cJSON *xb_outliers_json(const struct xb_outliers *o, const struct xb_report *report);

void xb_outliers_release(struct xb_outliers *o);

#endif
