/* SPDX-License-Identifier: BSD-3-Clause */
/* steps.h - progress of a work of many steps, as a line on a terminal or lines of a log. Pure:
 * the clock is the caller's.
 *
 *     [pass 2/6 13/240] stream/p2p[engi...u@node/64MiB: ok, 412.3 GB/s, about 35 s left
 */
#ifndef XB_BASE_STEPS_H
#define XB_BASE_STEPS_H

#include <stdbool.h>
#include <stddef.h>

#define XB_STEPS_EVERY_S 5.0 /* a log has no more lines than one in this time */

/* What is told of a step. Texts are borrowed. */
struct xb_step {
    const char *where;  /* "[pass 2/6 13/240]": which one, of how many */
    const char *what;   /* an id */
    const char *result; /* "ok, 412.3 GB/s" */
    const char *why;    /* why it is not ok, for lines of a log; or "" */
    const char *left;   /* ", about 35 s left", or "" */
    bool matters;       /* not to be missed: what has failed */
};

/* A step as a line of at most so many columns: "WHERE WHAT: RESULTLEFT". The middle of WHAT is
 * left out first, as far as to 16 columns, then LEFT, then what stands behind. Nothing in it
 * moves the cursor. */
void xb_step_line(const struct xb_step *step, size_t columns, char *buf, size_t len);

/* The same as a line of a log: whole, with WHY behind RESULT. */
void xb_step_text(const struct xb_step *step, char *buf, size_t len);

/* What a log knows of lines before. All 0 at first. */
struct xb_steps_log {
    bool begun;
    double last_s; /* when it had its last line */
};

/* Does a log have a line for a step at this time, in seconds of any clock that goes on? For the
 * first one, for those that matter, and for others once in XB_STEPS_EVERY_S; true counts as a
 * line that is written. */
bool xb_steps_due(struct xb_steps_log *log, double now_s, bool matters);

#endif
