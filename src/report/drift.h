/* SPDX-License-Identifier: BSD-3-Clause */
/* drift.h - whether a case's figure stayed where it was from pass to pass, as a report has it.
 */
#ifndef XB_REPORT_DRIFT_H
#define XB_REPORT_DRIFT_H

#include <stddef.h>

#include "report/report.h"

#define XB_DRIFT_TEXT_LEN 400

/* When passes were made: their times in seconds since the run's start, of those that were made
 * before it negative. Not there where not all are known, or one is before that of the pass in
 * front of it since a clock was set back: then nothing is said of them. */
struct xb_pass_times {
    double *s; /* owned */
    size_t n;
    double start_s; /* of the run, since 1970 */
};

/* Those of a result in a run that began at start_utc; the caller releases them with free(s). -1
 * when out of memory. */
int xb_pass_times_make(const struct xb_result *result, const char *start_utc,
                       struct xb_pass_times *out);

/* Look at the medians of passes (model/figures/trend.h), one series of so many that are told at
 * `level`. Not there where there are too few, or their times are not known. -1 when out of
 * memory. */
int xb_drift_find(const struct xb_pass_times *times, const double *passes_us, size_t n,
                  double level, struct xb_report_drift *out);

/* Has it drifted or stepped? */
bool xb_drift_told(const struct xb_report_drift *drift);

/* "12 % slower from 2026-01-31T14:03:20Z on", "12 % slower within 598 s, steadily"; what is
 * slower takes longer by so much. Of one that is told. */
const char *xb_drift_text(const struct xb_report_drift *drift, char buf[XB_DRIFT_TEXT_LEN]);

#endif
