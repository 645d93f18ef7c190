/* SPDX-License-Identifier: BSD-3-Clause */
/* books.h - rank 0's account of what was measured, and the report that becomes of it. The
 * watchdog's thread reads it under its lock, so it changes under that lock. */
#ifndef XB_CMD_BOOKS_H
#define XB_CMD_BOOKS_H

#include <stdbool.h>

#include "base/error.h"
#include "engine/runtime/environment.h"
#include "engine/runtime/session.h"
#include "model/plan/plan.h"
#include "model/policy/policy.h"
#include "report/report.h"

struct xb_books {
    struct xb_report_head head; /* borrows from scenario, policy and argv */
    struct xb_environment *env;
    struct xb_report report;
    bool samples; /* go into the report */
    char id[40], start_utc[24];
    int nwarnings; /* of the report that have been said */
};

/* What a run is about. All of it outlives the books. */
struct xb_books_subject {
    const struct xb_scenario *scenario;
    const struct xb_plan *plan;
    const struct xb_policy *policy; /* NULL where cases are not decided by one */
    char *const *argv;              /* NULL-terminated */
    int passes;                     /* over the plan; 0 where it is no such run */
    double max_time_s;              /* by which the run is to end; 0: no limit */
    const char *label;              /* what the user calls it; NULL for nothing */
    const char *const *required;    /* filters of cases that must be measured; NULL for none */
};

/* Begin a run's books: head and no cases. 0, or -1 when out of memory; either way
 * xb_books_close lets go of what they hold. */
int xb_books_open(struct xb_books *b, const struct xb_session *session,
                  const struct xb_books_subject *subject, struct xb_error *err);

/* When all is measured: put into the report in what state the ranks' GPUs are now, and say what
 * has happened to them. Called by all ranks; the books are rank 0's, and may be not open.
 * While the watchdog runs: it ends a run in which a rank does not come. */
void xb_books_states(struct xb_books *b, const struct xb_session *session);

/* End the report now, with this status, and write it to file as JSON, in place of one that is
 * there only where replace says so. The cases stay. -1 with err filled when it cannot be
 * written or memory ran out. */
int xb_books_write(struct xb_books *b, const char *file, bool replace,
                   enum xb_run_status status, struct xb_error *err);

void xb_books_close(struct xb_books *b);

#endif
