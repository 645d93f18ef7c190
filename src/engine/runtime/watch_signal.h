/* SPDX-License-Identifier: BSD-3-Clause */
/* watch_signal.h - signals that tell a rank to end; which, and what a second one does, stands
 * in watchdog.h. */
#ifndef XB_ENGINE_RUNTIME_WATCH_SIGNAL_H
#define XB_ENGINE_RUNTIME_WATCH_SIGNAL_H

/* Heed them from now on. */
void xb_watch_signals_heed(void);

/* The signal that came first; 0 for none. */
int xb_watch_signal_got(void);

#endif
