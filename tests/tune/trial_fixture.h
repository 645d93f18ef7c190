/* SPDX-License-Identifier: BSD-3-Clause */
/* trial_fixture.h - trials that are made up. */
#ifndef XB_TESTS_TUNE_TRIAL_FIXTURE_H
#define XB_TESTS_TUNE_TRIAL_FIXTURE_H

#include "tests/catalog_fixture.h"
#include "tune/tuning.h"

static const struct xb_path to_gpu = {{XB_HOST, 0}, {XB_GPU, 0}, XB_SELF};
static const struct xb_path between = {{XB_GPU, 0}, {XB_GPU, 0}, XB_NODE};

/* One piece of n bytes on a path. */
#define AT(p, n) ((const struct xb_point){.path = (p), .bytes = (n), .shape = XB_ONE_PIECE})

/* Measured once, with an interval of 1 % to either side; not ok where the time is 0. */
static inline struct xb_trial trial(const struct xb_method_spec *method,
                                    const struct xb_path *path, uint64_t bytes, uint64_t chunk,
                                    int depth, double us)
{
    struct xb_error err;
    struct xb_trial t = {.c = {.pattern = xb_pattern_find("stream", NULL),
                               .method = method,
                               .options = xb_options_default(method->options),
                               .path = *path,
                               .bytes = bytes,
                               .chunk = chunk,
                               .depth = depth,
                               .window = 1},
                         .ok = us > 0,
                         .us = us,
                         .best_us = us,
                         .ci_lo_us = 0.99 * us,
                         .ci_hi_us = 1.01 * us};
    xb_case_make_id(&t.c, &err);
    return t;
}

#endif
