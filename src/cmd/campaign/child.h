/* SPDX-License-Identifier: BSD-3-Clause */
/* child.h - the processes of one launch, from the first to the last.
 *
 * A launcher runs in a session of its own: what the terminal sends does not reach it. Whatever
 * its processes start stays below this process, which takes over what others leave, so that
 * nothing of a launch outlives it on this node. What runs on other nodes the launcher ends,
 * which is sent SIGTERM first.
 */
#ifndef XB_CMD_CAMPAIGN_CHILD_H
#define XB_CMD_CAMPAIGN_CHILD_H

#include <stdbool.h>
#include <stddef.h>

#include <signal.h>
#include <sys/types.h>

#include "base/error.h"
#include "report/fields.h"

/* What is held back while launches are waited for. */
struct xb_child_guard {
    sigset_t awaited; /* signals that end a campaign, and SIGCHLD */
    sigset_t before;  /* the mask that launchers get */
    pid_t *others;    /* children that this process had before: not its own launches */
    size_t nothers;
};

/* Begin and end to hold back the signals that end a run (INT, TERM, HUP, QUIT, USR1, USR2), but
 * for those that are ignored, as HUP is under nohup. */
int xb_child_guard_begin(struct xb_child_guard *guard, struct xb_error *err);
void xb_child_guard_end(struct xb_child_guard *guard);

/* A signal that has come meanwhile, or 0. */
int xb_child_guard_signal(const struct xb_child_guard *guard);

struct xb_child {
    const struct xb_texts *argv;              /* one word at least */
    const struct xb_named_texts *environment; /* set, or where the value is NULL unset */
    const char *log;                          /* stdout and stderr are added to its end */
    double timeout_s;
};

struct xb_child_end {
    int exit_status, signal; /* one of them is -1 */
    double seconds;
    bool hung;        /* it was ended when its time was over */
    int interrupted;  /* the signal with which it was ended, or 0 */
    size_t left;      /* processes that it left behind, which were ended */
    size_t surviving; /* that could not be ended */
};

/* Start it and wait until none of its processes is left. When its time is over, or a signal
 * comes, its group is sent SIGTERM; XB_CHILD_GRACE_S later, or with a second signal, all of its
 * processes SIGKILL. What cannot be started ends with the status 127, and its log says why.
 * Fails where there can be no process, or no log. */
#define XB_CHILD_GRACE_S 10
int xb_child_run(const struct xb_child_guard *guard, const struct xb_child *child,
                 struct xb_child_end *end, struct xb_error *err);

#endif
