/* SPDX-License-Identifier: BSD-3-Clause */
/* watch_record.h - what each rank says of itself all the time, and where it stands.
 *
 * A rank has one record. Two threads move it, and others read it:
 *
 *   the main thread     says which step it is in, by when it must have left it (xb_watch_step,
 *                       xb_watch_due), and for whom it waits (xb_watch_wait, xb_watch_meet).
 *   the watchdog        moves `tick` twenty times a second, and with it `watched_us`: the time
 *                       for which it has watched. A rank that is stopped (SIGSTOP, a debugger)
 *                       moves no tick, and that is how the others tell it from one that hangs.
 *
 * Until ranks have met, the record lies in the process's own memory. Then the records of a node
 * lie side by side on a board in shared memory, which the lowest rank of the node makes
 * (watch_board.h): each watchdog of the node reads all of them. Between nodes the watchdog of
 * each node's lowest rank tells rank 0's once a second (watch_link.h). Who decides what by it
 * stands in watchdog.h.
 *
 * All times in a record are of the rank's own watched time, which leaves out the time for which
 * it was stopped or its machine suspended: what was stopped and goes on has missed nothing. So
 * no two clocks are ever compared.
 */
#ifndef XB_ENGINE_RUNTIME_WATCH_RECORD_H
#define XB_ENGINE_RUNTIME_WATCH_RECORD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define XB_WATCH_STEP_LEN 160
#define XB_WATCH_WORDS    (XB_WATCH_STEP_LEN / 8)

/* Whom a rank waits for, beside the number of one. */
enum { XB_WAIT_NOBODY = -1, XB_WAIT_ALL = -2 };

/* Which deadline a step has: so many times the patience (watchdog.h). Not a case: its own. */
enum xb_watch_limit {
    XB_LIMIT_NONE = 0,
    XB_LIMIT_DECISION = 4, /* what ranks decide together, and what rank 0 writes meanwhile */
    XB_LIMIT_START = 10,   /* MPI, drivers and devices start and end */
};

/* Zeroed is one of a rank that has said nothing yet. */
struct xb_watch_record {
    _Alignas(128) _Atomic uint64_t tick; /* by the watchdog */
    _Atomic int64_t watched_us;          /* by the watchdog */
    _Atomic int signal;                  /* that this rank got, for all; 0 for none */
    _Atomic int ended;                   /* not 0: it has nothing more to do and may go */
    _Atomic int waits_for;               /* rank + 1, 0 for nobody, -1 for all */
    _Atomic uint64_t meetings;           /* of all ranks that this one has come to */
    _Atomic uint32_t version;            /* of the step; odd while it changes */
    _Atomic int64_t since_us, due_us;    /* of the step; due 0: whenever */
    _Atomic uint64_t step[XB_WATCH_WORDS];
    _Atomic int32_t rank, pid;
    _Atomic uint64_t born;     /* when the process began, as the kernel counts */
    _Atomic uint64_t place[8]; /* a text: host, and GPU once it is known */
};

/* This process's record: its own memory, or its place on the board. */
struct xb_watch_record *xb_watch_mine(void);

/* Move to a record on a board, with what stands in the one before. By the main thread. */
void xb_watch_move(struct xb_watch_record *to);

/* How long a limit is, and a patience of 0 has none: in seconds. Before anything else. */
void xb_watch_set_patience(double seconds);
double xb_watch_patience(void);

/* The main thread begins a step, and waits for nobody. It must have left it within the limit,
 * or within so many seconds from now (0: whenever). */
void xb_watch_step(enum xb_watch_limit limit, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void xb_watch_due(double seconds);

/* The main thread waits for a rank, for nobody any more, or for all: of these it waits for
 * those that have not come to as many meetings as it has. */
void xb_watch_wait(int rank);
void xb_watch_meet(void);

/* Where the rank runs, as texts name it. Cut to 63 characters. */
void xb_watch_place(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A text that words of a record hold; room for 8 * n characters. */
void xb_watch_put_text(_Atomic uint64_t *words, int n, const char *text);
void xb_watch_get_text(const _Atomic uint64_t *words, int n, char *text);

/* The watchdog moves its record: so much time has gone by. More than half a second is none of
 * its own: it did not run meanwhile. */
void xb_watch_tick(double us);

#endif
