/* SPDX-License-Identifier: BSD-3-Clause */
/* sample.h - warm-up, batch size, samples, and other times of a round. All members call each
 * function; each gives XB_GO or what ended it, the same on all. */
#ifndef XB_ENGINE_MEASURE_SAMPLE_H
#define XB_ENGINE_MEASURE_SAMPLE_H

#include "engine/measure/case_run.h"

/* Warm up, and find the rounds of a batch; where an earlier slice has found them, two batches
 * warm up, or fewer where one takes long. */
int xb_sample_size(struct xb_case_run *run, int64_t *rounds, struct xb_error *err);

/* So many batches that are not timed; fewer, or none, where the last one took long. */
int xb_sample_warm(struct xb_case_run *run, int64_t rounds, int batches, struct xb_error *err);

/* Take samples: those of the whole round into out on the first member, each chain's own with
 * the rank that starts it. */
int xb_sample_take(struct xb_case_run *run, int64_t rounds, struct xb_result *out,
                   struct xb_error *err);

/* What a batch's signals take of each transfer's time: overhead_us of out on the first member,
 * NAN where the case has no signals. */
int xb_sample_overhead(struct xb_case_run *run, struct xb_result *out, struct xb_error *err);

/* What posting one transfer takes of the first member's time, in batches of so many rounds that
 * are for it alone: post_us of out there, 0 where nothing is posted. */
int xb_sample_posts(struct xb_case_run *run, int64_t rounds, struct xb_result *out,
                    struct xb_error *err);

/* Is there a time of single transfers that batches of so many rounds do not tell? */
bool xb_sample_wants_each(const struct xb_case_run *run, int64_t rounds);

/* As many single transfers as a tenth of the samples' time allows; fills and poisons the
 * buffers before them. */
int xb_sample_each(struct xb_case_run *run, struct xb_result *out, struct xb_error *err);

/* The device's own time, where the one lane is within a rank and a GPU moves its bytes. */
int xb_sample_by_device(struct xb_case_run *run, int64_t rounds, struct xb_result *out,
                        struct xb_error *err);

#endif
