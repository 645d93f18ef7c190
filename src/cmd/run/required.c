/* SPDX-License-Identifier: BSD-3-Clause */
/* required.c - cases that a run must measure. */
#include "cmd/run/required.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "model/plan/case_filter.h"

int xb_required_open(struct xb_required *r, const struct xb_plan *plan,
                     const char *const *filters, struct xb_error *err)
{
    *r = (struct xb_required){
        .plan = plan, .filters = filters, .why = calloc(plan->count + 1, sizeof *r->why)};
    return r->why ? 0 : xb_fail(err, "out of memory for a plan of %zu cases", plan->count);
}

void xb_required_release(struct xb_required *r)
{
    for (size_t i = 0; r->why && i < r->plan->count; i++)
        free(r->why[i]);
    free(r->why);
    *r = (struct xb_required){.plan = NULL};
}

static bool is_required(const struct xb_required *r, size_t i)
{
    for (const char *const *filter = r->filters; filter && *filter; filter++)
        if (xb_case_filter_meets(&r->plan->cases[i], *filter))
            return true;
    return false;
}

int xb_required_note(struct xb_required *r, size_t i, const struct xb_result *result,
                     struct xb_error *err)
{
    if (result->status != XB_SKIPPED || !is_required(r, i))
        return 0;
    r->why[i] = strdup(result->reason);
    r->missing++;
    return r->why[i] ? 0 : xb_fail(err, "out of memory");
}

void xb_required_say(const struct xb_required *r)
{
    for (size_t i = 0; r->missing > 0 && i < r->plan->count; i++)
        if (r->why[i])
            xb_log_error("required, but not measured: %s: %s", r->plan->cases[i].id, r->why[i]);
}
