/* SPDX-License-Identifier: BSD-3-Clause */
/* differences.h - in what two runs' builds and environments differ, for who would put their
 * figures side by side or into one report. */
#ifndef XB_REPORT_DIFFERENCES_H
#define XB_REPORT_DIFFERENCES_H

#include <stddef.h>

#include "report/report.h"

/* Write to text, cut at len, what differs: "build.git was "a", is "b"; variables.UCX_TLS was
 * nothing, is "tcp"". Compared are the build, driver, libraries, the variables that the user
 * has set and what the nodes say of themselves; not what is another in each run, as the load
 * and the clock's resolution. Returns how many differences there are, also where text could not
 * hold them all; -1 when out of memory. Of a report without a build nothing is known: that is
 * one difference. */
int xb_report_differences(const struct xb_report *was, const struct xb_report *is, char *text,
                          size_t len);

#endif
