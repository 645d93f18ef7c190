/* SPDX-License-Identifier: BSD-3-Clause */
/* rest.c - sched_yield of this program, and of the libraries that it uses.
 *
 * Open MPI calls sched_yield some million times a second while it waits, where a launcher has
 * told it to yield. Seen on Linux 6.18: of 24 ranks on two processors those of one node were
 * not heard of for 107 s, in three labs at the same time, and their runs were ended. With ranks
 * that sleep for an instant instead it was not seen in 18 such runs, and they were quicker. Why
 * the kernel lets them starve was not established; that it counts each call as a slice of time
 * that was given up is a guess, and two processes that yield on one processor did not show it.
 */
#include "cmd/rest.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define REST_NS 50000

static atomic_bool resting;

void xb_rest_when_idle(bool rest)
{
    atomic_store(&resting, rest);
}

/* Stands in the program, not in the library: other programs keep the C library's. The linker
 * puts it where shared libraries find it first (Makefile.am). */
int sched_yield(void)
{
    const struct timespec instant = {0, REST_NS};
    int before = errno;

    if (!atomic_load_explicit(&resting, memory_order_relaxed))
        return (int)syscall(SYS_sched_yield);
    nanosleep(&instant, NULL);
    errno = before;
    return 0;
}
