/* watchdog.h - a thread of rank 0 that saves what was measured when the main thread cannot.
 *
 * It acts on SIGINT and SIGTERM, which launchers send shortly before they kill, and on a case
 * that does not come back within its time although every wait is bounded: a hang inside the
 * MPI library, the driver or a method. Then it calls the rescue function, once, and ends
 * the process; the launcher ends the other ranks.
 */
#ifndef XB_ENGINE_RUNTIME_WATCHDOG_H
#define XB_ENGINE_RUNTIME_WATCHDOG_H

#include "base/error.h"

enum xb_alarm { XB_ALARM_SIGNAL, XB_ALARM_HANG };

/* Save what there is, on the watchdog's thread; the main thread may be anywhere but between
 * xb_watchdog_lock and unlock. Returns the exit status. */
typedef int (*xb_rescue)(enum xb_alarm alarm, void *arg);

/* Called by every rank after MPI_Init, once. Rank 0 passes its rescue; with NULL signals are
 * only held off, so that rank 0 has the time to save. */
int xb_watchdog_start(xb_rescue rescue, void *arg, struct xb_error *err);

/* The main thread begins something that must end within seconds, of which those hardly count in
 * which this process does not run; 0 disarms. */
void xb_watchdog_arm(double seconds);

/* The main thread changes what the rescue reads. */
void xb_watchdog_lock(void);
void xb_watchdog_unlock(void);

/* End the thread; signals get their default action again. */
void xb_watchdog_stop(void);

#endif
