/* copiers.c - threads of a rank that copy chunks between a host buffer and the slots of a ring,
 * or work on them there. */
#include "engine/pipeline/copiers.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* What is to be done with a slot's chunk. Each lies in cache lines of its own. */
struct job {
    _Alignas(128) struct xb_copiers_job is;
    _Atomic uint64_t done; /* k + 1 of the chunk that was done last; 0 before any */
};

struct copier {
    struct xb_copiers *all;
    pthread_t thread;
    sem_t due; /* chunks that were begun and not taken yet, and one more at the end */
    int place;
};

struct xb_copiers {
    struct copier copier[XB_MAX_COPIERS];
    int n, started;
    uint64_t depth;
    atomic_bool ends;
    struct job *job; /* one a slot */
};

static void *copy_chunks(void *ctx)
{
    struct copier *c = ctx;

    for (uint64_t k = (uint64_t)c->place;; k += (uint64_t)c->all->n) {
        while (sem_wait(&c->due) != 0)
            ; /* interrupted */
        if (atomic_load_explicit(&c->all->ends, memory_order_acquire))
            return NULL;
        struct job *job = &c->all->job[k % c->all->depth];
        if (job->is.work)
            job->is.work(job->is.dst, job->is.src, job->is.bytes);
        else
            memcpy(job->is.dst, job->is.src, job->is.bytes);
        atomic_store_explicit(&job->done, k + 1, memory_order_release);
    }
}

/* Start one more; signals are for the threads that are there already. */
static int start_thread(struct xb_copiers *all, struct xb_error *err)
{
    struct copier *c = &all->copier[all->started];
    sigset_t none, before;

    *c = (struct copier){.all = all, .place = all->started};
    if (sem_init(&c->due, 0, 0) != 0)
        return xb_fail(err, "no semaphore for a copying thread");
    sigfillset(&none);
    pthread_sigmask(SIG_BLOCK, &none, &before);
    int rc = pthread_create(&c->thread, NULL, copy_chunks, c);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc != 0) {
        sem_destroy(&c->due);
        return xb_fail(err, "copying thread %d cannot be started: %s", c->place, strerror(rc));
    }
    return 0;
}

struct xb_copiers *xb_copiers_open(int n, uint64_t depth, struct xb_error *err)
{
    struct xb_copiers *all = calloc(1, sizeof *all);

    if (all)
        all->job = aligned_alloc(_Alignof(struct job), depth * sizeof *all->job);
    if (!all || !all->job) {
        free(all);
        xb_fail(err, "out of memory");
        return NULL;
    }
    memset(all->job, 0, depth * sizeof *all->job);
    all->depth = depth;
    all->n = n;
    for (; all->started < n; all->started++)
        if (start_thread(all, err) < 0) {
            xb_copiers_close(all);
            return NULL;
        }
    return all;
}

void xb_copiers_start(struct xb_copiers *copiers, uint64_t k, const struct xb_copiers_job *job)
{
    copiers->job[k % copiers->depth].is = *job;
    sem_post(&copiers->copier[k % (uint64_t)copiers->n].due);
}

bool xb_copiers_done(const struct xb_copiers *copiers, uint64_t k)
{
    const struct job *job = &copiers->job[k % copiers->depth];

    return atomic_load_explicit(&job->done, memory_order_acquire) == k + 1;
}

void xb_copiers_close(struct xb_copiers *copiers)
{
    if (!copiers)
        return;
    atomic_store_explicit(&copiers->ends, true, memory_order_release);
    for (int i = 0; i < copiers->started; i++)
        sem_post(&copiers->copier[i].due);
    for (int i = 0; i < copiers->started; i++) {
        pthread_join(copiers->copier[i].thread, NULL);
        sem_destroy(&copiers->copier[i].due);
    }
    free(copiers->job);
    free(copiers);
}
