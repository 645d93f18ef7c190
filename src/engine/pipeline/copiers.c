/* SPDX-License-Identifier: BSD-3-Clause */
/* copiers.c - threads of a rank that copy chunks between a host buffer and the slots of a ring,
 * or work on them there. */
#include "engine/pipeline/copiers.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* How often a thread looks for more before it sleeps: some tens of microseconds, where the
 * process may use a core for each of these threads and one for itself. */
#define LOOKS 2000
static atomic_int threads_here;

_Static_assert(XB_MAX_COPIERS <= 32, "a part is a bit of a job");

/* A part of a copy begins where a cache line does, if the whole does. */
#define LINE 64

/* What is to be done with a slot's chunks. Each lies in cache lines of its own. */
struct job {
    _Alignas(128) struct xb_copiers_job is;
    _Atomic unsigned taken;      /* parts of the chunk that has the slot, a bit each */
    _Atomic uint64_t parts_done; /* of all chunks that had the slot */
};

struct copier {
    struct xb_copiers *all;
    pthread_t thread;
    uint64_t place;
    uint64_t heard;                   /* chunks that had begun when it last woke others */
    sem_t due;                        /* posted once by whoever ends `asleep` */
    _Alignas(128) atomic_bool asleep; /* or about to be */
};

struct xb_copiers {
    struct copier copier[XB_MAX_COPIERS];
    uint64_t n, parts;  /* threads, and parts of a chunk */
    int started, cores; /* threads, and what the process may use */
    uint64_t depth;
    struct job *job; /* one a slot */
    atomic_bool ends;
    _Alignas(128) _Atomic uint64_t begun; /* chunks */
};

static void pause_a_little(void)
{
#if defined __x86_64__ || defined __i386__
    __builtin_ia32_pause();
#elif defined __aarch64__
    __asm__ volatile("yield");
#endif
}

static bool has_begun(struct xb_copiers *all, uint64_t k)
{
    return atomic_load(&all->begun) > k || atomic_load(&all->ends);
}

static void wake(struct copier *c)
{
    if (atomic_load(&c->asleep) && atomic_exchange(&c->asleep, false))
        sem_post(&c->due);
}

/* Whoever begins a chunk wakes one thread, and each that hears of it wakes two more. True where
 * there was anything to hear. */
static bool pass_on(struct copier *c)
{
    uint64_t begun = atomic_load(&c->all->begun);

    if (begun == c->heard)
        return false;
    c->heard = begun;
    for (uint64_t i = 2 * c->place + 1; i <= 2 * c->place + 2; i++)
        if (i < c->all->n)
            wake(&c->all->copier[i]);
    return true;
}

static void do_part(const struct xb_copiers_job *job, uint64_t part, uint64_t parts)
{
    if (job->work) {
        job->work(job, part, parts);
        return;
    }
    uint64_t from = xb_copiers_part(job->bytes, part, parts, LINE);
    uint64_t to = xb_copiers_part(job->bytes, part + 1, parts, LINE);
    xb_host_copy((unsigned char *)job->dst + from, (const unsigned char *)job->src + from,
                 to - from, job->stores);
}

/* Take the part of whatever chunk has the slot, unless somebody has, and do it. */
static bool take(const struct xb_copiers *all, struct job *job, uint64_t part)
{
    unsigned bit = 1u << part;

    if (atomic_load(&job->taken) & bit || atomic_fetch_or(&job->taken, bit) & bit)
        return false;
    do_part(&job->is, part, all->parts);
    atomic_fetch_add_explicit(&job->parts_done, 1, memory_order_release);
    return true;
}

/* Do a part that another thread has not come to, of the oldest chunk that has one. */
static bool help(struct xb_copiers *all)
{
    uint64_t oldest = atomic_load(&all->begun);

    for (uint64_t i = 0; i < all->depth; i++) {
        struct job *job = &all->job[(oldest + i) % all->depth];
        unsigned taken = atomic_load(&job->taken);
        for (uint64_t part = 0; part < all->parts; part++)
            if (!(taken & 1u << part) && take(all, job, part))
                return true;
    }
    return false;
}

/* Until a chunk has begun that was not heard of, or the end. Whoever takes `asleep` back posts,
 * or need not: so there is one post for each sleep, and none is missed between the look and the
 * sleep. */
static void rest(struct copier *c)
{
    struct xb_copiers *all = c->all;

    atomic_store(&c->asleep, true);
    if ((atomic_load(&all->begun) != c->heard || atomic_load(&all->ends)) &&
        atomic_exchange(&c->asleep, false))
        return;
    while (sem_wait(&c->due) != 0)
        ; /* interrupted */
}

/* Until chunk k has begun, or the end. No thread rests on what it has not passed on. */
static void await(struct copier *c, uint64_t k)
{
    struct xb_copiers *all = c->all;
    int most = atomic_load(&threads_here) < all->cores ? LOOKS : 0, looks = 0;

    while (!has_begun(all, k)) {
        if (pass_on(c) || help(all)) {
            looks = 0;
        } else if (looks++ < most) {
            pause_a_little();
        } else {
            rest(c);
            looks = 0;
        }
    }
    pass_on(c);
}

/* Each thread has a part of its own in every chunk, or every n-th chunk, so that it writes
 * where it has written before. One that waits does what another is late with. */
static void *do_parts(void *ctx)
{
    struct copier *c = ctx;
    struct xb_copiers *all = c->all;
    bool shared = all->parts > 1;

    for (uint64_t k = shared ? 0 : c->place;; k += shared ? 1 : all->n) {
        await(c, k);
        if (atomic_load(&all->ends))
            return NULL;
        take(all, &all->job[k % all->depth], shared ? c->place : 0);
    }
}

/* Start one more; signals are for the threads that are there already. */
static int start_thread(struct xb_copiers *all, struct xb_error *err)
{
    struct copier *c = &all->copier[all->started];
    sigset_t none, before;

    c->all = all;
    c->place = (uint64_t)all->started;
    if (sem_init(&c->due, 0, 0) != 0)
        return xb_fail(err, "no semaphore for a copying thread");
    sigfillset(&none);
    pthread_sigmask(SIG_BLOCK, &none, &before);
    int rc = pthread_create(&c->thread, NULL, do_parts, c);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc != 0) {
        sem_destroy(&c->due);
        return xb_fail(err, "copying thread %d cannot be started: %s", all->started,
                       strerror(rc));
    }
    return 0;
}

/* Cores that the calling thread may use, as hwloc or the launcher has bound it. */
static int cores_of_process(void)
{
    cpu_set_t set;

    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

struct xb_copiers *xb_copiers_open(int n, uint64_t depth, enum xb_copiers_share share,
                                   struct xb_error *err)
{
    struct xb_copiers *all = aligned_alloc(_Alignof(struct xb_copiers), sizeof *all);
    struct job *job = aligned_alloc(_Alignof(struct job), depth * sizeof *job);

    if (!all || !job) {
        free(all);
        free(job);
        xb_fail(err, "out of memory");
        return NULL;
    }
    memset(all, 0, sizeof *all);
    memset(job, 0, depth * sizeof *job);
    for (uint64_t i = 0; i < depth; i++)
        atomic_init(&job[i].taken, ~0u); /* there is nothing to take */
    all->job = job;
    all->depth = depth;
    all->n = (uint64_t)n;
    all->parts = share == XB_CHUNK_OF_ALL ? (uint64_t)n : 1;
    all->cores = cores_of_process();
    for (; all->started < n; all->started++, atomic_fetch_add(&threads_here, 1))
        if (start_thread(all, err) < 0) {
            xb_copiers_close(all);
            return NULL;
        }
    return all;
}

void xb_copiers_start(struct xb_copiers *copiers, uint64_t k, const struct xb_copiers_job *job)
{
    struct job *slot = &copiers->job[k % copiers->depth];

    slot->is = *job;
    atomic_store(&slot->taken, 0);
    atomic_store(&copiers->begun, k + 1);
    wake(&copiers->copier[0]);
}

bool xb_copiers_done(const struct xb_copiers *copiers, uint64_t k)
{
    const struct job *job = &copiers->job[k % copiers->depth];
    uint64_t chunks = k / copiers->depth + 1; /* of this slot */

    return atomic_load_explicit(&job->parts_done, memory_order_acquire) ==
           chunks * copiers->parts;
}

void xb_copiers_close(struct xb_copiers *copiers)
{
    if (!copiers)
        return;
    atomic_store(&copiers->ends, true);
    for (int i = 0; i < copiers->started; i++)
        wake(&copiers->copier[i]);
    for (int i = 0; i < copiers->started; i++) {
        pthread_join(copiers->copier[i].thread, NULL);
        sem_destroy(&copiers->copier[i].due);
    }
    atomic_fetch_sub(&threads_here, copiers->started);
    free(copiers->job);
    free(copiers);
}
