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

/* A part of a copy begins where a cache line does, if the whole does. */
#define LINE 64

/* What is to be done with a slot's chunks. Each lies in cache lines of its own. */
struct job {
    _Alignas(128) struct xb_copiers_job is;
    _Atomic uint64_t parts_done; /* of all chunks that had the slot */
};

struct copier {
    struct xb_copiers *all;
    pthread_t thread;
    sem_t due;                        /* posted once by whoever ends `asleep` */
    _Alignas(128) atomic_bool asleep; /* or about to be */
    uint64_t place;
};

struct xb_copiers {
    struct copier copier[XB_MAX_COPIERS];
    uint64_t n, parts;  /* threads, and those at a chunk */
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

/* Until chunk k has begun, or the end. Whoever takes `asleep` back posts, or need not: so there
 * is one post for each sleep, and none is missed between the look and the sleep. */
static void await(struct copier *c, uint64_t k)
{
    int looks = atomic_load(&threads_here) < c->all->cores ? LOOKS : 0;

    for (int i = 0; i < looks; i++) {
        if (has_begun(c->all, k))
            return;
        pause_a_little();
    }
    while (!has_begun(c->all, k)) {
        atomic_store(&c->asleep, true);
        if (has_begun(c->all, k) && atomic_exchange(&c->asleep, false))
            return;
        while (sem_wait(&c->due) != 0)
            ; /* interrupted */
    }
}

static void wake(struct copier *c)
{
    if (atomic_load(&c->asleep) && atomic_exchange(&c->asleep, false))
        sem_post(&c->due);
}

/* A thread that is awake wakes two more: whoever begins a chunk pays for one. */
static void wake_next(const struct copier *c)
{
    for (uint64_t i = 2 * c->place + 1; i <= 2 * c->place + 2 && i < c->all->n; i++)
        wake(&c->all->copier[i]);
}

static void do_part(const struct xb_copiers_job *job, uint64_t part, uint64_t parts)
{
    if (job->work) {
        job->work(job, part, parts);
        return;
    }
    uint64_t from = xb_copiers_part(job->bytes, part, parts, LINE);
    uint64_t to = xb_copiers_part(job->bytes, part + 1, parts, LINE);
    memcpy((unsigned char *)job->dst + from, (const unsigned char *)job->src + from, to - from);
}

static void *do_chunks(void *ctx)
{
    struct copier *c = ctx;
    struct xb_copiers *all = c->all;
    bool shared = all->parts > 1;

    for (uint64_t k = shared ? 0 : c->place;; k += shared ? 1 : all->n) {
        await(c, k);
        if (atomic_load(&all->ends))
            return NULL;
        struct job *job = &all->job[k % all->depth];
        if (shared)
            wake_next(c);
        do_part(&job->is, shared ? c->place : 0, all->parts);
        atomic_fetch_add_explicit(&job->parts_done, 1, memory_order_release);
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
    int rc = pthread_create(&c->thread, NULL, do_chunks, c);
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
    copiers->job[k % copiers->depth].is = *job;
    atomic_store(&copiers->begun, k + 1);
    wake(&copiers->copier[copiers->parts > 1 ? 0 : k % copiers->n]);
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
