/* SPDX-License-Identifier: BSD-3-Clause */
/* run_check.h - run --check: what was measured is held against expectations, and a case that is
 * not good is measured once more before it counts, at the end, when the others are done.
 *
 * The second look is a run of its own over those cases, in the same session, with a report of
 * its own beside the first one: r.json, r-again.json. So both results are kept.
 */
#ifndef XB_CMD_RUN_RUN_CHECK_H
#define XB_CMD_RUN_RUN_CHECK_H

#include <stddef.h>

#include "base/error.h"
#include "cmd/check/expectations.h"
#include "report/expect_check.h"

struct xb_run_check {
    struct xb_expectation_files files;
    struct xb_check first, again; /* of both runs; those of rank 0 alone hold anything */
    char *output;                 /* owned; the first report's file */
    bool is_again;
};

/* The name of the report of the second look, beside the first one's. */
void xb_run_check_name(const char *output, char *buf, size_t len);

/* Called by all ranks: rank 0 reads the expectations of a NULL-terminated list of files and
 * names, or with NULL all there are. 0 or -1 on all. The caller releases either way. */
int xb_run_check_open(struct xb_run_check *check, char *const *given, struct xb_error *err);
void xb_run_check_release(struct xb_run_check *check);

/* Called by rank 0 once a report is written to output: hold it against the expectations. */
int xb_run_check_take(struct xb_run_check *check, const struct xb_report *report,
                      const char *output, struct xb_error *err);

#endif
