/* SPDX-License-Identifier: BSD-3-Clause */
/* watch_alone.h - who is stopped, before ranks can see each other. */
#ifndef XB_ENGINE_RUNTIME_WATCH_ALONE_H
#define XB_ENGINE_RUNTIME_WATCH_ALONE_H

/* This rank has not left a step of the start within so many seconds: say so, and which
 * processes of the job on this node are stopped or not there, as /proc tells. The lowest rank
 * of the node that is not stopped speaks; others wait for the launcher to end them, and speak
 * in the end. Stopped ones go on, so that they end by themselves. By the watchdog, which then
 * ends its own. */
void xb_watch_say_alone(int rank, const char *step, double limit_s);

#endif
