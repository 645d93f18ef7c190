/* budget.h - memory is asked for before it is taken. */
#ifndef XB_ENGINE_MEASURE_BUDGET_H
#define XB_ENGINE_MEASURE_BUDGET_H

#include "engine/measure/case_run.h"

/* What the members' lanes need beside what their arenas hold, against what is free on each node
 * and GPU. Called by all members; the same on all: XB_GO, or XB_SKIP with the figures. */
int xb_budget_check(struct xb_case_run *run, struct xb_error *err);

/* Could this rank run out of memory in a case for what its arena holds and the case has no use
 * of? For one rank itself; an estimate, since a flush that was not needed costs time alone. */
bool xb_budget_is_tight(const struct xb_session *session, const struct xb_case *c);

#endif
