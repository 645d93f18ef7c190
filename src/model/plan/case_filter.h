/* SPDX-License-Identifier: BSD-3-Clause */
/* case_filter.h - some of a plan's cases, named by a text.
 *
 *     stream/nccl*                 by the id, with * and ?
 *     method=nccl                  by a key of the case, whose value may have * and ? too
 *     engine=ce, options.engine=ce by an option
 *     path=gpu->gpu@*, size=1MiB   by what the id says
 */
#ifndef XB_MODEL_PLAN_CASE_FILTER_H
#define XB_MODEL_PLAN_CASE_FILTER_H

#include <stdbool.h>

#include "base/error.h"
#include "model/plan/plan.h"

/* Does the case meet the filter? One without such a key does not. */
bool xb_case_filter_meets(const struct xb_case *c, const char *filter);

/* Fail where no case of the plan meets the filter, and say whether any has its key. */
int xb_case_filter_check(const struct xb_plan *plan, const char *filter, struct xb_error *err);

#endif
