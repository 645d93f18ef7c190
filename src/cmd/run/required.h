/* SPDX-License-Identifier: BSD-3-Clause */
/* required.h - cases that a run must measure, by the filters that it was told. Rank 0's. */
#ifndef XB_CMD_RUN_REQUIRED_H
#define XB_CMD_RUN_REQUIRED_H

#include <stddef.h>

#include "base/error.h"
#include "model/plan/plan.h"
#include "report/result.h"

struct xb_required {
    const struct xb_plan *plan;
    const char *const *filters; /* borrowed, NULL-terminated; NULL for none */
    char **why;                 /* owned; of each case that was not measured, its reason */
    size_t missing;             /* how many there are */
};

/* 0, or -1 when out of memory; the caller releases in either case. */
int xb_required_open(struct xb_required *r, const struct xb_plan *plan,
                     const char *const *filters, struct xb_error *err);
void xb_required_release(struct xb_required *r);

/* Note what the first pass gave of case i: what it skips no other one measures. */
int xb_required_note(struct xb_required *r, size_t i, const struct xb_result *result,
                     struct xb_error *err);

/* Name those that were not measured, each with its reason, on stderr. */
void xb_required_say(const struct xb_required *r);

#endif
