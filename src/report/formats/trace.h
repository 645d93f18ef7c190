/* trace.h - a timeline of pipelined transfers in the trace-event format that Perfetto and
 * chrome://tracing read ("Trace Event Format", the Chromium project): a process for each case,
 * a thread for each stage, a complete event ("X") for each chunk, flow events ("s", "f") from a
 * chunk's bar in one stage to that in the next. */
#ifndef XB_REPORT_FORMATS_TRACE_H
#define XB_REPORT_FORMATS_TRACE_H

#include <stddef.h>

#include <cjson/cJSON.h>

#include "report/result.h"

/* An empty trace; the caller owns it. NULL when out of memory. */
cJSON *xb_trace_new(void);

/* Add the bars of a case, if it has any, as the process of that number with the case's id as
 * its name. Times begin at the first bar. 0, or -1 when out of memory. */
int xb_trace_add(cJSON *trace, int process, const char *id, const struct xb_result *result);

#endif
