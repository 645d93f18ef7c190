/* SPDX-License-Identifier: BSD-3-Clause */
/* run_facts.h - what a run was made with, as a table for people. */
#ifndef XB_REPORT_FORMATS_RUN_FACTS_H
#define XB_REPORT_FORMATS_RUN_FACTS_H

#include "report/formats/format.h"
#include "report/formats/table.h"

/* A line each for the run, its device, ranks and GPUs, versions, and the variables that the
 * user has set, where they are known. The caller frees it; NULL when out of memory. */
struct xb_table *xb_run_facts(const struct xb_format_source *source);

#endif
