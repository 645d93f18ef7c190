/* SPDX-License-Identifier: BSD-3-Clause */
/* outputs.h - what a run writes to: named and looked at before there is anything to write. */
#ifndef XB_CMD_RUN_OUTPUTS_H
#define XB_CMD_RUN_OUTPUTS_H

#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "cmd/run/measure.h"

/* What a run reads, by name; NULL where it reads none. */
struct xb_run_inputs {
    const char *scenario, *policy;
};

#define XB_STEM_LEN 256

/* What a name begins with that no other run makes: "xferbench-SCENARIO-TIME-HOST-PID", with job
 * and array task before the host where there are some. */
void xb_run_stem(const char *scenario, char stem[XB_STEM_LEN]);

/* Report and trace can be written, and are neither each other nor what is read. Rank 0 calls
 * it; the report's name becomes that of the file that it leads to, in path, and whether that
 * may be replaced is set. 0 or -1. */
int xb_run_outputs_check(struct xb_run_options *options, const struct xb_run_inputs *inputs,
                         char path[4096], struct xb_error *err);

/* What people read goes to standard output unless the report does. */
FILE *xb_run_people(const char *output);

#endif
