/* SPDX-License-Identifier: BSD-3-Clause */
/* expect_learn.h - expectations made from reports of machines that are well.
 *
 * Of each case the figures of all reports lie around their median m. The band is
 * max(3 %, 4 s / m), with s = 1.4826 MAD, MAD the median of the deviations from m: the factor
 * makes s estimate the standard deviation of figures that are normally distributed (P. J.
 * Rousseeuw, C. Croux, "Alternatives to the Median Absolute Deviation", JASA 88, 1993, section
 * 1). A figure that is worse than m by more than the band is a warning, by more than twice the
 * band critical; one that is better by more than twice the band is a warning: then the machine
 * is not of the kind that was learnt.
 */
#ifndef XB_REPORT_EXPECT_LEARN_H
#define XB_REPORT_EXPECT_LEARN_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "report/expect.h"
#include "report/report.h"

#define XB_LEARN_LEAST_BAND 0.03
#define XB_LEARN_FACTOR     4
#define XB_LEARN_MAD_SCALE  1.4826 /* 1 / the upper quartile of the standard normal */
#define XB_LEARN_LAUNCHES   4      /* of a case at least, unless told */

struct xb_learn_options {
    const char *name; /* of the expectations */
    bool one_node;    /* reports of a single node will do */
    size_t launches;  /* what fewer reports have is left out */
    /* The bounds of these are made anew, each for the cases that it is about and of the same
     * figure; of `require` what they ask for. NULL: a bound for each case is made. */
    const struct xb_expectations *like;
    const struct xb_case_terms
        *cases; /* then of which one must meet a case; all where n is 0 */
    size_t n;
};

/* What was made of the reports. */
struct xb_learnt {
    size_t reports, nodes; /* that they are of */
    size_t bounds;         /* that were written */
    size_t seldom;         /* cases that too few launches have */
    size_t broken;         /* cases of a report that failed, are corrupt or the like */
    size_t noisy;          /* figures that are so far apart that no bound is left */
};

/* The band of n >= 1 figures around their median, as above, relative to it; also the median and
 * the MAD. -1 when out of memory. */
int xb_learn_band(const double *figures, size_t n, double *median, double *mad, double *band);

/* Expectations as JSON, owned by the caller, or NULL with err filled: reports of machines of
 * several kinds, of a single node without one_node, or none with a case that counts. A rate is
 * bound as fraction of the ceiling where all its figures have one, that of a ping-pong, or of
 * what moves nothing, as time. Lanes of a case are taken together, by link class where there
 * are several. */
cJSON *xb_expect_learn(const struct xb_report *reports, size_t n,
                       const struct xb_learn_options *options, struct xb_learnt *learnt,
                       struct xb_error *err);

#endif
