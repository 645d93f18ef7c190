/* SPDX-License-Identifier: BSD-3-Clause */
/* steps.c - progress as a line, or as lines now and then. */
#include "base/steps.h"

#include <stdio.h>
#include <string.h>

#include "base/screen.h"

#define LEAST_OF_ID 16 /* columns */
#define LINE_LEN    1024

void xb_step_text(const struct xb_step *step, char *buf, size_t len)
{
    snprintf(buf, len, "%s %s: %s%s%s%s", step->where, step->what, step->result,
             step->why[0] ? ": " : "", step->why, step->left);
}

void xb_step_line(const struct xb_step *step, size_t columns, char *buf, size_t len)
{
    const size_t id = xb_screen_text_width(step->what);
    const size_t least = id < LEAST_OF_ID ? id : LEAST_OF_ID;
    const char *left = step->left;
    char what[LINE_LEN], line[LINE_LEN];
    /* a blank, and ": " */
    size_t others = xb_screen_text_width(step->where) + xb_screen_text_width(step->result) + 3;

    if (others + least + xb_screen_text_width(left) > columns)
        left = "";
    others += xb_screen_text_width(left);
    size_t room = columns > others + least ? columns - others : least;
    snprintf(line, sizeof line, "%s %s: %s%s", step->where,
             xb_screen_elide(step->what, room, what, sizeof what), step->result, left);
    xb_screen_tame(line, false);
    snprintf(buf, len, "%s", xb_screen_elide(line, columns, what, sizeof what));
}

bool xb_steps_due(struct xb_steps_log *log, double now_s, bool matters)
{
    if (log->begun && !matters && now_s - log->last_s < XB_STEPS_EVERY_S)
        return false;
    log->begun = true;
    log->last_s = now_s;
    return true;
}
