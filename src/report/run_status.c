/* SPDX-License-Identifier: BSD-3-Clause */
/* run_status.c - what a whole run came to, in words. */
#include "report/run_status.h"

static const struct {
    const char *name;
    int exit_status;
} run_statuses[] = {
    [XB_RUN_OK] = {"ok", 0},           [XB_RUN_FAILED] = {"failed", 1},
    [XB_RUN_CORRUPT] = {"corrupt", 4}, [XB_RUN_INTERRUPTED] = {"interrupted", 5},
    [XB_RUN_NOTHING] = {"nothing", 3},
};

const char *xb_run_status_name(enum xb_run_status status)
{
    return run_statuses[status].name;
}

int xb_run_exit_status(enum xb_run_status status)
{
    return run_statuses[status].exit_status;
}
