/* SPDX-License-Identifier: BSD-3-Clause */
/* expectations.h - the expectations that a check goes by: those that were named, or all that
 * are shipped or that the user has put beside scenarios. */
#ifndef XB_CMD_CHECK_EXPECTATIONS_H
#define XB_CMD_CHECK_EXPECTATIONS_H

#include <stddef.h>

#include "base/error.h"
#include "report/expect.h"

struct xb_expectation_files {
    struct xb_expectations *expect;
    char **file; /* of each */
    size_t n;
};

/* Read those of a NULL-terminated list of files and names; of NULL all that stand in the
 * folders expectations/ beside scenarios, of one name the first. The caller releases them; on
 * failure there are none. */
int xb_expectation_files_open(char *const *given, struct xb_expectation_files *out,
                              struct xb_error *err);
void xb_expectation_files_release(struct xb_expectation_files *files);

#endif
