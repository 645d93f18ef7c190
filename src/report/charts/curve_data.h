/* SPDX-License-Identifier: BSD-3-Clause */
/* curve_data.h - the cases of a report sorted into curves: for the charts of sizes, and for no
 * other.
 */
#ifndef XB_REPORT_CHARTS_CURVE_DATA_H
#define XB_REPORT_CHARTS_CURVE_DATA_H

#include "report/charts/draft.h"

/* What a method gave at a size: of several chunks and depths the fastest. */
struct xb_curve_point {
    int64_t bytes, chunk_bytes, depth; /* the last two -1 where it goes as one piece */
    struct xb_report_rate rate;        /* GB/s */
    double us, us_lo, us_hi, ceiling;
};

struct xb_curve_series {
    char *method;
    char *name;                   /* of the method alone, without options */
    struct xb_curve_point *point; /* by bytes */
    size_t n;
    size_t wins;  /* sizes at which it is the fastest */
    double score; /* mean of its rate over the fastest's, over all sizes of the curve */
    bool drawn;   /* one of those that a picture has room for */
};

/* A pattern on a path. */
struct xb_curve {
    char *about;                    /* "stream, gpu->gpu@node" */
    struct xb_curve_series *series; /* in the order of the report */
    size_t n;
    size_t points, drawn; /* of all series; series that are */
    int64_t least, most;  /* bytes */
    double best;          /* GB/s */
};

struct xb_curves {
    struct xb_curve *curve;
    size_t n;
};

/* All that was measured of transfers; -1 when a case cannot be read back, or out of memory. The
 * caller releases it, also on failure. */
int xb_curves_of(const struct xb_report *report, struct xb_curves *out, struct xb_error *err);
void xb_curves_release(struct xb_curves *curves);

/* What a series has at a size, or NULL. */
const struct xb_curve_point *xb_curve_at(const struct xb_curve_series *series, int64_t bytes);

/* Letters of the longest name of a series that is drawn. */
size_t xb_curve_longest(const struct xb_curve *curve);

/* The fastest series of a curve at a size, NULL where there is none; and the next larger size
 * that any has, 0 behind the last. */
const struct xb_curve_series *xb_curve_best(const struct xb_curve *curve, int64_t bytes);
int64_t xb_curve_next(const struct xb_curve *curve, int64_t bytes);

#endif
