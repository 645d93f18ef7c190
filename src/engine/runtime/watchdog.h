/* SPDX-License-Identifier: BSD-3-Clause */
/* watchdog.h - a thread of every rank, which sees to it that a run ends whatever becomes of a
 * rank, and says of which.
 *
 * What ranks say of themselves, and where it stands, is in watch_record.h. Who reads it:
 *
 * - Rank 0's watchdog decides. Twenty times a second it looks at the records of its node, and
 *   at what the other nodes have told. It ends the run when a rank is told to end by a signal,
 *   has not left its step by its deadline, is stopped, is not heard of, or is gone. Then it
 *   says so once, with who does what and waits for whom, saves what was measured (the rescue),
 *   and ends its process with a status that is not 0. The launcher then ends the others.
 * - The others move their tick, and end their process when rank 0 has said so and is gone. So
 *   nothing depends on a launcher that ends all ranks when one has ended.
 * - A node's lowest tells rank 0 of its node, where that is not rank 0's own, and ends its node
 *   when nothing is heard of rank 0 any more.
 * - The lowest that lives on rank 0's node says so where rank 0 itself is stopped or gone. A
 *   rank 0 that is stopped is told to go on and to end: then it still saves.
 * - Before ranks have met none can hear of another: each looks for the other processes in
 *   /proc.
 *
 * A rank is not heard of when its tick stands for longer than the patience, which is 30 s
 * unless the variable XFERBENCH_PATIENCE says another number of seconds, and its process
 * is stopped; for one that could run it is 4 times as long, for a node twice. 0 ends nobody for
 * that or for steps that are no cases. Steps that start or end something have 10 times as long,
 * what ranks decide together 4 times, a case its own time. All this is counted on the watch of
 * who looks, on which no time goes by while it does not run: on a busy machine all wait for
 * longer, and nobody is accused when a whole node, or the job, was suspended and goes on.
 *
 * Signals. SIGINT, SIGTERM, SIGHUP (unless ignored, as under nohup), SIGQUIT, SIGUSR1 and
 * SIGUSR2, to any rank, end the run with what was measured. The handler sets a flag; the
 * watchdog puts it into the record. A second one, a quarter of a second later or more, ends the
 * process at once. SIGPIPE is ignored: a run whose output nobody reads any more is still
 * measured and reported. While results are being written (xb_watchdog_conclude) a signal waits
 * until they are.
 */
#ifndef XB_ENGINE_RUNTIME_WATCHDOG_H
#define XB_ENGINE_RUNTIME_WATCHDOG_H

#include "base/error.h"
#include "engine/runtime/watch_record.h"

#define XB_PATIENCE_VARIABLE "XFERBENCH_PATIENCE"

enum xb_alarm {
    XB_ALARM_SIGNAL, /* a rank was told to end */
    XB_ALARM_HANG,   /* a step took too long */
    XB_ALARM_LOST,   /* a rank is stopped or gone */
};

/* Save what there is, on the watchdog's thread; the main thread may be anywhere but between
 * xb_watchdog_lock and unlock. why names ranks and is one line that was not printed yet for a
 * signal, and was for the others. Returns the exit status. */
typedef int (*xb_rescue)(enum xb_alarm alarm, const char *why, void *arg);

/* Called by every rank before MPI_Init, once: the thread begins, and signals are heeded. 0, or
 * -1 with err filled: the patience is no number, or there is no thread. */
int xb_watchdog_start(struct xb_error *err);

/* Called by all ranks after MPI_Init, once: from now on they see each other. */
void xb_watchdog_meet(void);

/* Rank 0 has something to save from now on, or with NULL no more. */
void xb_watchdog_rescue(xb_rescue rescue, void *arg);

/* What the others say when rank 0 cannot: how to go on, one line. Called by all ranks. Cut to
 * 255 characters. */
void xb_watchdog_hint(const char *text);

/* Called by all ranks, when all is measured and is about to be written, with the status to end
 * with should that not come to its end, and again when the status is known. From then on there
 * is no rescue and signals are heard no more; with -1 measuring goes on, and they are again. */
void xb_watchdog_conclude(int status);

/* The main thread changes what the rescue reads. */
void xb_watchdog_lock(void);
void xb_watchdog_unlock(void);

/* MPI has ended: the process ends next, with this exit status, after which nothing but freeing
 * may come. The thread goes on until the very end: it sees who is stopped while libraries let
 * go of their GPUs. Of several ranks each ends by _exit in the last handler of exit, when all
 * ranks that it watches have come there. */
void xb_watchdog_leave(int status);

#endif
