/* SPDX-License-Identifier: BSD-3-Clause */
/* watch_view.h - what one looks like who is watched, and what is to be thought of it. */
#ifndef XB_ENGINE_RUNTIME_WATCH_VIEW_H
#define XB_ENGINE_RUNTIME_WATCH_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/runtime/watch_record.h"

/* A rank as a watchdog sees it: plain bytes, which travel between nodes. */
struct xb_watch_view {
    int32_t rank, pid;
    int32_t waits_for; /* a rank, XB_WAIT_NOBODY or XB_WAIT_ALL */
    int32_t signal;    /* that it got; 0 for none */
    int32_t ended;
    int32_t state;  /* of its process, where it is silent (process.h); else 'R' */
    float silent_s; /* for so long it has moved no tick, on the watch of who looks */
    float since_s;  /* for so long it has been in its step */
    float over_s;   /* for so long beyond the step's deadline; negative before */
    float limit_s;  /* which is so many seconds from its beginning; 0 for none */
    uint64_t meetings;
    char place[64];
    char step[XB_WATCH_STEP_LEN];
};

/* Why a run cannot go on, the worst first. */
enum xb_watch_cause {
    XB_CAUSE_NONE,
    XB_CAUSE_GONE,    /* a process has ended and should not have */
    XB_CAUSE_STOPPED, /* one is stopped */
    XB_CAUSE_SILENT,  /* nothing is heard of a rank, or of a node */
    XB_CAUSE_SIGNAL,  /* a rank was told to end */
    XB_CAUSE_OVERDUE, /* a step has taken too long */
};

struct xb_watch_verdict {
    enum xb_watch_cause cause;
    int who;        /* place among the views, of the rank that it is about */
    int signal;     /* XB_CAUSE_SIGNAL: which */
    char text[512]; /* names rank, place and step; one line */
};

/* Judge so many views, by rank: is any of them a reason to end the run? The silence
 * of a process that is stopped counts when it is longer than patience_s (0: never), that of a
 * node after twice as long, and after four times as long that of a process which could run,
 * since it may be waiting for a processor; a process that is gone counts a second after its
 * last sign.
 * Where a rank has a signal or is overdue, a process that is gone or stopped is the cause. */
struct xb_watch_verdict xb_watch_judge(const struct xb_watch_view *views, size_t n,
                                       double patience_s);

/* Is nothing heard of this one any more, as xb_watch_judge says? */
bool xb_watch_is_silent(const struct xb_watch_view *view, double patience_s);

/* Write line i of who does what and waits for whom, ranks that do the same in one: "rank 1
 * (host, GPU): step, for 12 s, waits for rank 0". *done is set for ranks that have been named;
 * all false at first. False when there is none left. */
bool xb_watch_describe(const struct xb_watch_view *views, size_t n, bool *done, char *line,
                       size_t len);

/* "SIGTERM". */
const char *xb_watch_signal_name(int number);

#endif
