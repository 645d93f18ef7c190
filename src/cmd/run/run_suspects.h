/* SPDX-License-Identifier: BSD-3-Clause */
/* run_suspects.h - who is slow in a run, once all passes were made. */
#ifndef XB_CMD_RUN_RUN_SUSPECTS_H
#define XB_CMD_RUN_RUN_SUSPECTS_H

#include "cmd/run/run_slice.h"

/* Put what passes have given into the report, find who is slow (report/outliers.h), measure the
 * worst cases of each suspect again, a slice each, while the run has time, and put who is seen
 * again into the report. Called by all ranks. A second look under way when the run is ended
 * leaves the suspects in the report as not measured again. 0, or -1 on all ranks with err
 * filled on rank 0: the report then has no outliers, and all else. */
int xb_run_suspects(struct xb_run *r, struct xb_error *err);

#endif
