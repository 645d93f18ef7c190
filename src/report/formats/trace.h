/* trace.h - a timeline of pipelined transfers in the trace-event format that Perfetto and
 * chrome://tracing read ("Trace Event Format", the Chromium project): a process for each case,
 * a thread for each stage, a complete event ("X") for each chunk, flow events ("s", "f") from a
 * chunk's bar in one stage to that in the next. */
#ifndef XB_REPORT_FORMATS_TRACE_H
#define XB_REPORT_FORMATS_TRACE_H

#include <cjson/cJSON.h>

#include "report/report.h"

/* What the file of a trace begins with. */
#define XB_TRACE_BEGINS "{\n\t\"displayTimeUnit\":\t\"ns\""

/* The bars of a report's cases, each case that has any as the process of its number with its id
 * as its name. Times begin at its first bar. The caller owns it; NULL when out of memory. */
cJSON *xb_trace_json(const struct xb_report *report);

#endif
