/* SPDX-License-Identifier: BSD-3-Clause */
/* log.h - progress and warnings on stderr. Tables go to stdout and are not this file's.
 *
 * On a terminal the last step is a line that is written again and again (steps.h), which makes
 * room for every other message. Control characters in messages are shown as question marks.
 */
#ifndef XB_BASE_LOG_H
#define XB_BASE_LOG_H

#include "base/steps.h"

enum xb_log_level {
    XB_LOG_QUIET,   /* errors, warnings, notices */
    XB_LOG_NORMAL,  /* and progress */
    XB_LOG_VERBOSE, /* and details, and a line for each step */
};

/* Set what is printed, and whether this process prints progress at all (rank 0 does). Call
 * before any other function here; without it errors and warnings are printed, progress is not.
 */
void xb_log_setup(enum xb_log_level level, int print_progress);

/* Print "xferbench: error: ..." with a newline, always. */
void xb_log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Print "xferbench: warning: ...", always: what spoils a figure is not to be missed. */
void xb_log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Print a line that also who wants quiet must see, where this process prints progress. */
void xb_log_notice(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Print a progress line where this process prints progress and is not quiet. */
void xb_log_progress(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Print a detail where verbose and this process prints progress. */
void xb_log_detail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Tell of a step that is done, where this process prints progress and is not quiet: on a
 * terminal in the line that is written again, and by a line of its own where it matters; in a
 * log by a line where one is due. Verbose, each step has a line. */
void xb_log_step(const struct xb_step *step);

/* There are no more steps for now: the line goes, and a log has the last step. To be called
 * before anything is printed that is not by a function of this file. */
void xb_log_steps_end(void);

#endif
