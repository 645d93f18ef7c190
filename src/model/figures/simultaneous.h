/* SPDX-License-Identifier: BSD-3-Clause */
/* simultaneous.h - how much several quantities differ between two sides that were each seen a
 * few times, with intervals that hold for all of them together. Pure arrays in, numbers out.
 *
 * Seen are N launches, each on one of two sides; every launch gives a value of K series, which
 * may depend on each other in any way: a launch that is slow is slow in many. Of a series the
 * difference of the sides' means d is estimated, with the standard error s = sqrt(v0/n0 +
 * v1/n1) of the variances v within the sides (B. L. Welch, Biometrika 34, 1947). Where all
 * launches are of side 1 their mean is compared with 0: so differences within launches are.
 *
 * The intervals are d +- c s with one c for all series, the `level` quantile of the largest
 * |d*|/s* of them in draws that know no difference ("max-t": P. H. Westfall, S. S. Young,
 * "Resampling-based multiple testing", 1993). A draw takes each launch's deviations from the
 * means of its side, all series together, and turns them over with probability 1/2: the wild
 * bootstrap with Rademacher weights, a launch being the cluster (A. C. Cameron, J. B. Gelbach,
 * D. L. Miller, "Bootstrap-based improvements for inference with clustered errors", Review of
 * Economics and Statistics 90, 2008; R. Davidson, E. Flachaire, "The wild bootstrap, tamed at
 * last", Journal of Econometrics 146, 2008). A launch's values in a draw are one of several
 * versions: made from passes that were drawn, with replacement, from those of the launch.
 *
 * Why deviations are turned over, and launches not drawn with replacement: of four launches the
 * latter draws the same one four times now and then, and its s* is next to nothing. With four
 * launches a side and 30 series its c was 14 where 5.7 holds the level, and of 600 simulated
 * equal pairs none was told apart, where 5 % should be; with eight, c was 4.3 for 3.7, and 2 %
 * were. Turned over, 2.5 to 6.2 % of 2000 were, in ten worlds: 4, 6 or 8 launches a side, one
 * series or 20, values that are normal, skewed or of two kinds, passes that scatter less or
 * more than launches, one side that scatters five times as much as the other. Exchanging
 * launches between the sides told 8 to 60 % apart in the last of these.
 */
#ifndef XB_MODEL_FIGURES_SIMULTANEOUS_H
#define XB_MODEL_FIGURES_SIMULTANEOUS_H

#include <stddef.h>
#include <stdint.h>

#define XB_SIMULTANEOUS_LEAST    4 /* launches a side; of fewer, ask Student's t */
#define XB_SIMULTANEOUS_VERSIONS 8 /* of a launch's values; version 0 as they were seen */
#define XB_SIMULTANEOUS_DRAWS    999

/* What was seen. */
struct xb_series {
    size_t series, launches;
    const unsigned char *side; /* of each launch: 0 or 1 */

    /* The value of a series in a launch, in this version; NAN where there is none, in all
     * versions. Asked for once each. */
    double (*value)(const void *arg, size_t series, size_t launch, size_t version);

    /* The least standard deviation that a value of this series can have, since it was rounded:
     * more than 0. */
    double (*least_sd)(const void *arg, size_t series);
    const void *arg;
};

/* What a series tells. */
struct xb_estimate {
    size_t n[2];
    double mean[2];        /* NAN where n is 0 */
    double sd[2];          /* n-1; NAN where n is below 2 */
    double difference, se; /* NAN where they cannot be told */
};

/* The estimates of all series, out[series]. -1 when out of memory. */
int xb_series_estimate(const struct xb_series *in, struct xb_estimate *out);

/* The factor c that holds at this level, 0.95 say, for all series that have at least two values
 * on each side that has launches. *factor is NAN where none has. The same input and seed give
 * the same on every machine. -1 when out of memory. */
int xb_simultaneous_factor(const struct xb_series *in, const struct xb_estimate *estimates,
                           double level, uint64_t seed, double *factor);

/* Number i of the passes that make up a version of a launch, of so many passes: from 0 below
 * passes, drawn with replacement, the same for all series. */
size_t xb_simultaneous_pass(uint64_t seed, size_t launch, size_t version, size_t i,
                            size_t passes);

#endif
