/* rest.c - sched_yield of this program, and of the libraries that it uses.
 *
 * Open MPI calls sched_yield some million times a second while it waits, where a launcher has
 * told it to yield. Linux 6.18 takes each call for a slice of processor time that was given up:
 * who has called for a while is put off behind everybody, and so is what runs beside it, the
 * kernel's own threads too. With 24 ranks on two processors no packet went from one network
 * namespace to another for 107 s, and runs were ended since nothing was heard of a node.
 * Sleeping for an instant gives up the processor and owes nothing: the same ranks took 20 s for
 * what had taken 60 s and failed. */
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
