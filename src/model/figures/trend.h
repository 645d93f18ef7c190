/* SPDX-License-Identifier: BSD-3-Clause */
/* trend.h - does a figure that was seen at many moments stay where it is, drift, or step from
 * one level to another? Pure arrays in, numbers out.
 *
 * Nothing is assumed of how the values scatter, and a single value that is far off moves none
 * of this: all tests are by ranks, all estimates medians.
 *
 * Drift: the test of Mann and Kendall, with the correction for ties (H. B. Mann, "Nonparametric
 * tests against trend", Econometrica 13, 1945; M. G. Kendall, "Rank correlation methods", 1975;
 * R. O. Gilbert, "Statistical methods for environmental pollution monitoring", 1987, ch. 16).
 * How much: the slope of Theil and Sen, the median of the slopes between all pairs (P. K. Sen,
 * "Estimates of the regression coefficient based on Kendall's tau", JASA 63, 1968).
 *
 * Steps: S(k) is the sum of the first k ranks less what it would be on average. One change
 * makes its largest magnitude large (A. N. Pettitt, "A non-parametric approach to the
 * change-point problem", Applied Statistics 28, 1979, whose K is 2 max|S|), and stands there. A
 * phase that comes and goes makes its range large (T. A. Buishand, "Some methods for testing
 * the homogeneity of rainfall records", Journal of Hydrology 58, 1982). With v = max|S| or
 * range, times sqrt(12 / (n^2 (n + 1))), their limits are 2 exp(-2 v^2), as Pettitt has it, and
 * the sum over j of 2 (4 j^2 v^2 - 1) exp(-2 j^2 v^2) (N. H. Kuiper, "Tests concerning random
 * points on a circle", 1960). A short phase moves neither: of each phase of up to a quarter of
 * the values it is counted how many pairs of one in it and one outside stand the other way
 * round than most (H. B. Mann, D. R. Whitney, "On a test of whether one of two random variables
 * is stochastically larger than the other", Ann. Math. Stat. 18, 1947, whose U this is, with
 * its exact distribution), and p is that of the best one times the number of phases. p is three
 * times the smallest of the three. The limits say too large a p for short series, so where none
 * of these suffices it is counted in how many of 20000 shuffles of the values max|S| or the
 * range is as large. Either side of a change is looked at likewise until there is none; then
 * each goes to where the values on both sides are nearest to their medians.
 *
 * Of more than XB_TREND_MOST values the medians of those of equal spans of time are looked at,
 * of which the time between two values counts no more than a hundred times what is usual: a
 * pause between two runs must not press all values into a few spans.
 *
 * Where one of the two tests tells something, which of both it is, or neither: a line, levels
 * and no change are compared by 2 n ln(mean deviation) + parameters ln(n), Schwarz's criterion
 * for errors of Laplace (G. Schwarz, "Estimating the dimension of a model", Annals of
 * Statistics 6, 1978).
 *
 * The tests take the values for independent. What wanders slowly for reasons of its own, as on
 * a machine that others use, is told as well: it did not stay where it was.
 */
#ifndef XB_MODEL_FIGURES_TREND_H
#define XB_MODEL_FIGURES_TREND_H

#include <stddef.h>

#define XB_TREND_LEAST     12  /* values: of fewer nothing is said */
#define XB_TREND_MOST      512 /* that are looked at: of more, medians by equal spans of time */
#define XB_TREND_STEPS     8   /* that are told at most */
#define XB_TREND_PHASE     3   /* values that a level has at least */
#define XB_TREND_CHANGE    0.01 /* less than this share of the level is not worth a word */
#define XB_TREND_P         0.001
#define XB_TREND_ANY_FALSE 0.05

enum xb_trend_kind {
    XB_TREND_NONE, /* too few values to say */
    XB_TREND_STEADY,
    XB_TREND_DRIFTS,
    XB_TREND_STEPPED,
};

struct xb_trend_step {
    size_t at;            /* index of the first value behind it */
    double before, after; /* medians of the levels that it parts */
};

struct xb_trend {
    enum xb_trend_kind kind;
    double p;      /* of no change: twice the smaller of both tests' */
    double change; /* end of the line, or last level, over its beginning, less 1 */
    double slope;  /* of a drift, in the value's unit for one of time; else 0 */
    size_t nsteps;
    struct xb_trend_step step[XB_TREND_STEPS]; /* in their order */
};

/* p below which one of so many series is told, so that in a run in which nothing changes any at
 * all is told with XB_TREND_ANY_FALSE at most (Bonferroni), and XB_TREND_P in any case. */
double xb_trend_level(size_t series);

/* Look at n positive values in the order of their times, which grow. Values are taken for
 * steady where their median is not positive. 0, or -1 when out of memory. */
int xb_trend_find(const double *times, const double *values, size_t n, double level,
                  struct xb_trend *out);

/* "steady", "drifts", "steps"; NULL for XB_TREND_NONE. Constant strings. */
const char *xb_trend_name(enum xb_trend_kind kind);

#endif
