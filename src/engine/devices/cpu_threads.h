/* SPDX-License-Identifier: BSD-3-Clause */
/* cpu_threads.h - what stands for a kernel's multiprocessors on the device cpu: a thread for
 * each core that this process may use, the calling one among them. */
#ifndef XB_ENGINE_DEVICES_CPU_THREADS_H
#define XB_ENGINE_DEVICES_CPU_THREADS_H

#include <stdint.h>

/* Call work(arg, first, count) for parts of [0, items), none larger than `part` (at least 1),
 * on all threads, and return when all are done. The threads are made by the first call that has
 * more than one part, and stay as long as the process; where there are none to be had, the
 * calling one does all. Called by one thread of the process at a time. */
void xb_cpu_threads_run(void (*work)(void *arg, uint64_t first, uint64_t count), void *arg,
                        uint64_t items, uint64_t part);

#endif
