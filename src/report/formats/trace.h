/* SPDX-License-Identifier: BSD-3-Clause */
/* trace.h - a timeline of pipelined transfers in the trace-event format that Perfetto and
 * chrome://tracing read ("Trace Event Format", the Chromium project): a process for each case,
 * a thread for each stage, a complete event ("X") for each chunk, flow events ("s", "f") from a
 * chunk's bar in one stage to that in the next. */
#ifndef XB_REPORT_FORMATS_TRACE_H
#define XB_REPORT_FORMATS_TRACE_H

#include <stdio.h>

#include "report/report.h"

/* What the file of a trace begins with. */
#define XB_TRACE_BEGINS "{\n\t\"displayTimeUnit\":\t\"ns\""

/* Print the bars of a report's cases to out, each case that has any as the process of its
 * number with its id as its name, one case in memory at a time. Times begin at its first bar.
 * -1 when a case cannot be read back, or out of memory; whether all reached out is for ferror
 * to say. */
int xb_trace_print(const struct xb_report *report, FILE *out);

#endif
