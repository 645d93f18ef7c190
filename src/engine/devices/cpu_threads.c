/* SPDX-License-Identifier: BSD-3-Clause */
/* cpu_threads.c - a thread for each core, which take parts of a piece of work. */
#include "engine/devices/cpu_threads.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

#define MOST 16 /* threads: more than a socket's memory can use */

/* One piece of work. `next` is what nobody has taken yet; the rest changes under the lock. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t begins, ends;
    void (*work)(void *arg, uint64_t first, uint64_t count);
    void *arg;
    uint64_t items, part;
    atomic_uint_fast64_t next;
    unsigned long number; /* of the pieces so far */
    int helpers;          /* threads besides the calling one; -1 while none was made */
    int busy;             /* helpers that may still work on this piece */
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER,
          .begins = PTHREAD_COND_INITIALIZER,
          .ends = PTHREAD_COND_INITIALIZER,
          .helpers = -1};

static void take_parts(void)
{
    uint64_t first;

    while ((first = atomic_fetch_add(&pool.next, pool.part)) < pool.items) {
        uint64_t left = pool.items - first;
        pool.work(pool.arg, first, left < pool.part ? left : pool.part);
    }
}

static void *help(void *unused)
{
    unsigned long done = 0;

    (void)unused;
    for (;;) {
        pthread_mutex_lock(&pool.lock);
        while (pool.number == done)
            pthread_cond_wait(&pool.begins, &pool.lock);
        done = pool.number;
        pthread_mutex_unlock(&pool.lock);
        take_parts();
        pthread_mutex_lock(&pool.lock);
        if (--pool.busy == 0)
            pthread_cond_signal(&pool.ends);
        pthread_mutex_unlock(&pool.lock);
    }
    return NULL;
}

/* Signals are for the threads that the program itself has. */
static void make_helpers(void)
{
    sigset_t all, before;
    cpu_set_t cores;
    pthread_t thread;
    int n = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pool.helpers = 0;
    while (pool.helpers + 1 < n && pool.helpers + 1 < MOST &&
           pthread_create(&thread, NULL, help, NULL) == 0) {
        pthread_detach(thread);
        pool.helpers++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void xb_cpu_threads_run(void (*work)(void *arg, uint64_t first, uint64_t count), void *arg,
                        uint64_t items, uint64_t part)
{
    if (items <= part) {
        work(arg, 0, items);
        return;
    }
    if (pool.helpers < 0)
        make_helpers();
    pthread_mutex_lock(&pool.lock);
    pool.work = work;
    pool.arg = arg;
    pool.items = items;
    pool.part = part;
    atomic_store(&pool.next, 0);
    pool.busy = pool.helpers;
    pool.number++;
    pthread_cond_broadcast(&pool.begins);
    pthread_mutex_unlock(&pool.lock);
    take_parts();
    pthread_mutex_lock(&pool.lock);
    while (pool.busy > 0)
        pthread_cond_wait(&pool.ends, &pool.lock);
    pthread_mutex_unlock(&pool.lock);
}
