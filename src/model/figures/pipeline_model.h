/* SPDX-License-Identifier: BSD-3-Clause */
/* pipeline_model.h - how long chunks take to pass through stages, and how to cut them.
 *
 * A transfer of S bytes in n = S/c chunks of c bytes passes stages i; stage i takes t_i = o_i +
 * c/b_i for a chunk, of which o_i does not depend on its size. At most k chunks are in flight.
 *
 * Time. The first chunk leaves the last stage after the sum of all t_i. From then on chunks
 * follow at an interval. The slowest stage can pass one every max t_i; and since chunk j may
 * enter only when chunk j-k has left, k chunks pass in no less than the sum of t_i, so that the
 * interval is no shorter than that sum over k: T = sum t_i + (n-1) * max(max t_i, sum t_i / k)
 *
 * What is measured differs from that in two ways, for which the model has room. A chunk that
 * finds a stage idle, as the first one does everywhere, hides none of its start-up behind the
 * chunk before: it takes f_i, most often more than t_i, in which the stage could pass on the
 * next. And where stages are of two processes, time passes until the next one learns that a
 * chunk is there (h), and until the first one learns that it has left the last (r). Where k is
 * what holds chunks up, they find stages idle, so that a chunk's round is the sum of all these:
 * T = sum f_i + h + (n-1) * max(max t_i, (sum f_i + h + r) / k)
 *
 * Depth. The second bound is not above the first from k = (sum f_i + h + r) / max t_i on: the
 * smallest depth that saturates the slowest stage is its ceiling.
 *
 * Chunk. With that depth and b the slowest stage, T(c) = sum (o_i + c/b_i) + (S/c - 1)(o_b +
 * c/b_b). What depends on c is c * sum over i other than b of 1/b_i, which filling and draining
 * cost, and S * o_b / c, the overheads; the derivative is zero at c* = sqrt(S * o_b / sum over
 * i other than b of 1/b_i) and T grows to both sides. A stage's two figures, a start-up time
 * and an asymptotic rate, are those of R. W. Hockney, "The communication challenge for MPP",
 * Parallel Computing 20 (1994).
 */
#ifndef XB_MODEL_FIGURES_PIPELINE_MODEL_H
#define XB_MODEL_FIGURES_PIPELINE_MODEL_H

#include <stdint.h>

#define XB_MODEL_STAGES 8

struct xb_stage_cost {
    double overhead_us; /* o */
    double us_per_byte; /* 1/b */
};

/* What a chunk's way takes besides the stages' own times, in microseconds; all zeros is
 * nothing. */
struct xb_way {
    double first_us; /* sum of f_i - t_i */
    double there_us; /* h */
    double back_us;  /* r */
};

/* Microseconds of a transfer in `chunks` >= 1 chunks through n >= 1 stages that take t_us each
 * for a chunk, with depth >= 1. */
double xb_pipeline_time(const double *t_us, int n, struct xb_way way, double chunks, int depth);

/* The smallest depth that keeps the slowest stage busy; at least 1. */
int xb_pipeline_saturating_depth(const double *t_us, int n, struct xb_way way);

/* Index of the slowest stage. */
int xb_pipeline_bottleneck(const double *t_us, int n);

/* Line through a stage's times for two sizes of a chunk; what comes out negative is 0. */
struct xb_stage_cost xb_stage_cost_fit(double bytes_a, double us_a, double bytes_b,
                                       double us_b);

/* c* in bytes for a transfer of so many bytes, between 1 and those. The slowest stage is found
 * at the chunk itself: the formula is repeated with the stage that is slowest there. */
double xb_pipeline_best_chunk(const struct xb_stage_cost *cost, int n, double bytes);

#endif
