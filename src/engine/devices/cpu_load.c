/* SPDX-License-Identifier: BSD-3-Clause */
/* cpu_load.c - work that keeps the cores busy: threads that do their part of each unit.
 *
 * Every thread has words of its own, and does its parts in their order, so that it need not
 * wait for the others: a unit is complete when the slowest thread has done its part. */
#include "engine/devices/cpu_load.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/runtime/near_memory.h"
#include "load_word.h"

#define MOST_THREADS 256
#define ITEMS        64   /* words of a thread, by arithmetic */
#define STEPS        4096 /* of each chain of these */
#define SLICES       64   /* parts of the arrays, one a unit */
/* Bytes of each of two arrays: twice the last cache, within these. */
#define LEAST_ARRAY (32ull << 20)
#define MOST_ARRAY  (128ull << 20)

struct member {
    struct xb_load *load;
    pthread_t thread;
    uint32_t *words, *other;
    uint64_t done; /* parts; under the lock */
};

struct xb_load {
    struct xb_load_ask ask;
    int threads, running; /* that were asked for, and that were made */
    uint64_t n;           /* words of each */
    uint32_t *words;      /* owned: of all, and behind them the others */
    struct member *members;
    pthread_mutex_t lock;
    pthread_cond_t begins, ends;
    uint64_t started, waited; /* units; started: under the lock */
    bool over;                /* under the lock */
};

static int threads_of(const struct xb_load_ask *ask)
{
    cpu_set_t cores;
    int n = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;

    n = ask->threads > 0 ? ask->threads : n;
    return n < MOST_THREADS ? n : MOST_THREADS;
}

/* Words of a thread: by memory whole slices of whole rows of four. */
static uint64_t words_of(const struct xb_load_ask *ask)
{
    long cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
    uint64_t bytes = cache > 0 ? 2 * (uint64_t)cache : 0;

    if (ask->kind == XB_LOAD_ARITHMETIC)
        return ITEMS;
    bytes = bytes < LEAST_ARRAY ? LEAST_ARRAY : bytes > MOST_ARRAY ? MOST_ARRAY : bytes;
    return bytes / sizeof(uint32_t) / (uint64_t)threads_of(ask) / (4 * SLICES) * (4 * SLICES);
}

static uint64_t bytes_of(const struct xb_load_ask *ask)
{
    int arrays = ask->kind == XB_LOAD_MEMORY ? 2 : 1;
    return (uint64_t)arrays * words_of(ask) * sizeof(uint32_t) * (uint64_t)threads_of(ask);
}

static int load_needs(const struct xb_load_ask *ask, uint64_t *bytes, struct xb_error *err)
{
    (void)err;
    *bytes = bytes_of(ask);
    return 0;
}

/* Factor and summand are read where the compiler cannot know them. */
static void add_arithmetic(struct member *m, uint32_t seed)
{
    static const volatile float one = 1.0f;
    const float factor = one, summand = one;

    for (uint32_t i = 0; i < ITEMS; i++) {
        float x[XB_LOAD_CHAINS];
        uint32_t sum = 0;
        for (uint32_t k = 0; k < XB_LOAD_CHAINS; k++)
            x[k] = (float)(seed + i % XB_LOAD_PERIOD + k);
        for (uint32_t n = 0; n < STEPS; n++)
            for (int k = 0; k < XB_LOAD_CHAINS; k++)
                x[k] = x[k] * factor + summand;
        for (int k = 0; k < XB_LOAD_CHAINS; k++)
            sum += (uint32_t)x[k];
        m->words[i] += sum;
    }
}

static void add_memory(struct member *m, uint64_t unit)
{
    const uint64_t slice = m->load->n / SLICES, first = unit % SLICES * slice;
    const uint32_t seed = xb_load_seed(unit);
    uint32_t *words = m->words + first;
    const uint32_t *other = m->other + first;

    for (uint64_t i = 0; i < slice; i++)
        words[i] += seed * other[i];
}

static void *work(void *arg)
{
    struct member *m = arg;
    struct xb_load *l = m->load;

    pthread_mutex_lock(&l->lock);
    for (;;) {
        while (m->done == l->started && !l->over)
            pthread_cond_wait(&l->begins, &l->lock);
        if (l->over)
            break;
        uint64_t unit = m->done;
        pthread_mutex_unlock(&l->lock);
        if (l->ask.kind == XB_LOAD_ARITHMETIC)
            add_arithmetic(m, xb_load_seed(unit));
        else
            add_memory(m, unit);
        pthread_mutex_lock(&l->lock);
        m->done++;
        pthread_cond_signal(&l->ends);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

static void load_close(struct xb_load *l)
{
    if (!l)
        return;
    pthread_mutex_lock(&l->lock);
    l->over = true;
    pthread_cond_broadcast(&l->begins);
    pthread_mutex_unlock(&l->lock);
    for (int i = 0; i < l->running; i++)
        pthread_join(l->members[i].thread, NULL);
    pthread_cond_destroy(&l->begins);
    pthread_cond_destroy(&l->ends);
    pthread_mutex_destroy(&l->lock);
    free(l->members);
    free(l->words);
    free(l);
}

/* Waiting goes by the clock that does not jump. */
static void open_lock(struct xb_load *l)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->begins, NULL);
    pthread_cond_init(&l->ends, &attributes);
    pthread_condattr_destroy(&attributes);
}

/* Signals are for the threads that the program itself has. */
static int start_members(struct xb_load *l, struct xb_error *err)
{
    uint32_t *others = l->words + l->n * (uint64_t)l->threads;
    sigset_t all, before;
    int rc = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (; rc == 0 && l->running < l->threads; l->running += rc == 0) {
        struct member *m = &l->members[l->running];
        const uint64_t first = l->n * (uint64_t)l->running;
        *m = (struct member){.load = l, .words = l->words + first};
        if (l->ask.kind == XB_LOAD_MEMORY) {
            m->other = others + first;
            for (uint64_t i = 0; i < l->n; i++)
                m->other[i] = (uint32_t)(i % XB_LOAD_PERIOD) + 1;
        }
        rc = pthread_create(&m->thread, NULL, work, m);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc == 0 ? 0
                   : xb_fail(err, "thread %d of %d does not start: %s", l->running + 1,
                             l->threads, strerror(rc));
}

static int load_open(const struct xb_load_ask *ask, struct xb_load **out, struct xb_error *err)
{
    struct xb_load *l = calloc(1, sizeof *l);
    struct xb_near_memory policy;

    *out = NULL;
    if (!l)
        return xb_fail(err, "out of memory");
    *l = (struct xb_load){.ask = *ask, .threads = threads_of(ask), .n = words_of(ask)};
    open_lock(l);
    l->members = calloc((size_t)l->threads, sizeof *l->members);
    l->words = malloc(bytes_of(ask));
    if (l->words) {
        xb_near_memory_begin(&policy);
        memset(l->words, 0, bytes_of(ask));
        xb_near_memory_end(&policy);
    }
    if (!l->members || !l->words || start_members(l, err) < 0) {
        if (!l->members || !l->words)
            xb_fail(err, "out of memory for %llu bytes of work",
                    (unsigned long long)bytes_of(ask));
        load_close(l);
        return -1;
    }
    *out = l;
    return 0;
}

static double load_unit(const struct xb_load *l)
{
    const size_t slice = l->n / SLICES;
    double each = l->ask.kind == XB_LOAD_ARITHMETIC ? 2.0 * ITEMS * STEPS * XB_LOAD_CHAINS
                                                    : 3.0 * sizeof(uint32_t) * (double)slice;
    return each * l->threads;
}

static int load_start(struct xb_load *l, struct xb_error *err)
{
    (void)err;
    pthread_mutex_lock(&l->lock);
    l->started++;
    pthread_cond_broadcast(&l->begins);
    pthread_mutex_unlock(&l->lock);
    return 0;
}

static bool is_done(const struct xb_load *l, uint64_t units)
{
    for (int i = 0; i < l->threads; i++)
        if (l->members[i].done < units)
            return false;
    return true;
}

static int load_wait(struct xb_load *l, double limit_us, struct xb_error *err)
{
    struct timespec until;
    int rc = 0;

    (void)err;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + (int64_t)(limit_us * 1e3);
    until.tv_sec += ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    pthread_mutex_lock(&l->lock);
    while (rc == 0 && !is_done(l, l->waited + 1))
        rc = pthread_cond_timedwait(&l->ends, &l->lock, &until);
    bool done = is_done(l, l->waited + 1);
    pthread_mutex_unlock(&l->lock);
    l->waited += done;
    return done;
}

/* How many parts of a thread's words take turns. */
static uint64_t slice_step(const struct xb_load *l)
{
    return l->ask.kind == XB_LOAD_ARITHMETIC ? 1 : SLICES;
}

/* What the words of a slice must be behind all units. */
static struct xb_load_sum sum_of(const struct xb_load *l, uint64_t slice)
{
    struct xb_load_sum sum = {0, 0};

    for (uint64_t unit = slice; unit < l->waited; unit += slice_step(l))
        if (l->ask.kind == XB_LOAD_ARITHMETIC)
            xb_load_add_arithmetic(&sum, xb_load_seed(unit), STEPS);
        else
            xb_load_add_memory(&sum, xb_load_seed(unit));
    return sum;
}

static int load_check(struct xb_load *l, struct xb_verify *out, struct xb_error *err)
{
    const uint64_t slices = slice_step(l), each = l->n / slices;

    (void)err;
    out->done = true;
    for (uint64_t s = 0; s < slices; s++) {
        const struct xb_load_sum sum = sum_of(l, s);
        for (int t = 0; t < l->threads; t++)
            for (uint64_t i = s * each; i < (s + 1) * each; i++) {
                uint64_t at = ((uint64_t)t * l->n + i) * sizeof(uint32_t);
                if (l->members[t].words[i] == xb_load_word(sum, i))
                    continue;
                if (out->wrong_bytes == 0 || at < out->first_bad)
                    out->first_bad = at;
                out->wrong_bytes += sizeof(uint32_t);
            }
    }
    out->checked_bytes += l->n * (uint64_t)l->threads * sizeof(uint32_t);
    return 0;
}

const struct xb_loads xb_cpu_loads = {
    .needs = load_needs,
    .open = load_open,
    .unit = load_unit,
    .start = load_start,
    .wait = load_wait,
    .check = load_check,
    .close = load_close,
};
