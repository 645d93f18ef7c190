/* SPDX-License-Identifier: BSD-3-Clause */
/* progress.h - how fast two activities went while both were going on.
 *
 * An activity does one unit of its work behind another and notes when each was complete. Unit i
 * began when the one before it was complete, the first when the activity began. Two activities
 * that are to disturb each other do not begin or end at the same moment: a rate is that of the
 * units which lie within the time that both were busy, and of no other.
 *
 * Example: units complete at 10, 20, 30, 40 us, the other activity is busy from 15 to 40. The
 * units that count are the third and the fourth, 2 in 20 us.
 */
#ifndef XB_MODEL_FIGURES_PROGRESS_H
#define XB_MODEL_FIGURES_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

/* Fewer units than these make no rate. */
#define XB_PROGRESS_LEAST 3

struct xb_progress {
    double begin_us;       /* when the first unit began */
    const double *done_us; /* when each was complete, in order */
    size_t n;
};

/* A stretch of time, in microseconds. */
struct xb_window {
    double from_us, to_us;
};

/* The time in which both were busy: from the later beginning to the earlier end. False, with
 * *out as it was, where there is none. */
bool xb_progress_together(const struct xb_progress *a, const struct xb_progress *b,
                          struct xb_window *out);

/* All of an activity's time. */
struct xb_window xb_progress_whole(const struct xb_progress *p);

/* Units in a microsecond of those that lie within the window, over the time from the beginning
 * of the first of them to the end of the last; NAN where they are fewer than XB_PROGRESS_LEAST.
 */
double xb_progress_rate(const struct xb_progress *p, const struct xb_window *window);

#endif
