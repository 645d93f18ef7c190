/* SPDX-License-Identifier: BSD-3-Clause */
/* pipeline_part.h - what a pipelined transfer was seen to spend its time on, as a report has
 * it.
 */
#ifndef XB_REPORT_PIPELINE_PART_H
#define XB_REPORT_PIPELINE_PART_H

#include "report/report.h"

/* Fill out, of which nothing is there where nobody looked. median_us, which the model is
 * compared with, is NAN where it is not known. -1 when out of memory; the caller releases out.
 */
int xb_pipeline_part_fill(const struct xb_pipeline_times *times, double median_us,
                          struct xb_report_pipeline *out);

/* And back. */
struct xb_pipeline_times xb_pipeline_part_times(const struct xb_report_pipeline *part);

#endif
