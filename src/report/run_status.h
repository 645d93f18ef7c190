/* SPDX-License-Identifier: BSD-3-Clause */
/* run_status.h - what a whole run came to. */
#ifndef XB_REPORT_RUN_STATUS_H
#define XB_REPORT_RUN_STATUS_H

/* Of the whole run; decides the exit status. */
enum xb_run_status {
    XB_RUN_OK,
    XB_RUN_FAILED,
    XB_RUN_CORRUPT,
    XB_RUN_INTERRUPTED,
    XB_RUN_NOTHING, /* was measured: all cases were skipped, or there is none */
};

/* "ok", "failed", "corrupt", "interrupted", "nothing"; and the exit status 0, 1, 4, 5, 3. */
const char *xb_run_status_name(enum xb_run_status status);
int xb_run_exit_status(enum xb_run_status status);

#endif
