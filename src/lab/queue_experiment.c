/* SPDX-License-Identifier: BSD-3-Clause */
/* queue_experiment.c - items pass from threads that produce to threads that consume, through
 * the bounded queue that the program itself uses (engine/pipeline/queue.h): what it costs, and
 * who waits for whom.
 *
 * A round is one item, whichever producer and consumer it meets. Every batch has threads of its
 * own, which are all there before the clock starts; it ends when the last item is worked off.
 * Each item carries the batch, its producer and its number at its front, and where there is
 * room at its end again. Consumers keep what they saw to themselves; it is put together when
 * they are through: no item may be lost or come twice, and no consumer may see one behind a
 * later one of the same producer. */
#include "lab/experiment.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "engine/pipeline/queue.h"
#include "engine/runtime/clock.h"
#include "lab/queue_spec.h"

#define MAX_ITEM_BYTES (1u << 20)
#define CACHE_LINE     64 /* bytes; what a thread writes lies on lines of its own */

struct stamp {
    uint32_t batch, producer;
    uint64_t number; /* of this producer's items in this batch, from 0 */
};

struct lab;

struct member {
    _Alignas(CACHE_LINE) struct lab *lab;
    int index; /* among those of its side */
    pthread_t thread;
    unsigned char *item;
    double start_us, end_us;
    /* of a consumer */
    uint64_t *seen; /* a bit for each item of the batch */
    uint64_t
        next[XB_QUEUE_MAX_SIDE]; /* the lowest number that may still come of each producer */
    uint64_t taken, wrong;
};

struct lab {
    const struct xb_lab_case *given;
    struct xb_queue *queue;
    int nproducers, nconsumers, nmembers;
    double work_us;
    struct member *members; /* the producers, then the consumers */
    unsigned char *items;   /* one for each member */
    uint64_t *seen;         /* of all consumers */
    size_t seen_words;      /* of each */

    /* of a batch */
    uint32_t batch;
    uint64_t rounds;
    double
        left_us; /* until the deadline when the batch began: no thread is blocked for longer */
    _Alignas(CACHE_LINE) atomic_int arrived;         /* members at the start line */
    atomic_bool called_off;                          /* they will never all be there */
    atomic_bool late;                                /* one was blocked beyond the deadline */
    _Alignas(CACHE_LINE) atomic_uint_fast64_t asked; /* items that consumers set out for */

    _Alignas(CACHE_LINE) uint64_t checked, wrong; /* items, since they were asked for last */
    size_t nfigures;
    struct xb_figure figures[XB_MAX_FIGURES];
};

static int queue_probe(const struct xb_lab_case *l, struct xb_error *err)
{
    const struct xb_case *c = l->c;

    if (c->window != 1)
        xb_fail(err,
                "the queue's capacity says how many items are on their way, no window of %d: "
                "window must be 1",
                c->window);
    else if (c->bytes < sizeof(struct stamp) || c->bytes > MAX_ITEM_BYTES)
        xb_fail(err, "an item has %zu to %u bytes, for its stamp and the queue's lock",
                sizeof(struct stamp), MAX_ITEM_BYTES);
    else
        return XB_GO;
    return XB_SKIP;
}

static void queue_needs(const struct xb_lab_case *l, struct xb_needs *needs)
{
    const struct xb_queue_options *o = xb_case_options(l->c);
    needs->host += (uint64_t)(o->capacity + o->producers + o->consumers) * l->c->bytes;
}

static void queue_close(void *ctx)
{
    struct lab *l = ctx;

    xb_queue_free(l->queue);
    free(l->members);
    free(l->items);
    free(l->seen);
    free(l);
}

/* n things of so many bytes, all 0, none on another's cache line. */
static void *on_lines(size_t n, size_t bytes)
{
    void *p = aligned_alloc(CACHE_LINE, n * bytes);
    return p ? memset(p, 0, n * bytes) : NULL;
}

static int open_lab(struct lab *l, struct xb_error *err)
{
    const struct xb_case *c = l->given->c;
    const struct xb_queue_options *o = xb_case_options(c);
    size_t stride = (c->bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE, n;

    l->nproducers = (int)o->producers;
    l->nconsumers = (int)o->consumers;
    l->nmembers = l->nproducers + l->nconsumers;
    l->work_us = (double)o->work * 1e-3;
    n = (size_t)l->nmembers;
    l->members = on_lines(n, sizeof *l->members);
    l->items = on_lines(n, stride);
    if (!l->members || !l->items)
        return xb_fail(err, "out of memory");
    for (size_t i = 0; i < n; i++) {
        int index = (int)i < l->nproducers ? (int)i : (int)i - l->nproducers;
        l->members[i] =
            (struct member){.lab = l, .index = index, .item = l->items + i * stride};
    }
    return xb_queue_open((size_t)o->capacity, c->bytes, &l->queue, err);
}

static int queue_open(const struct xb_lab_case *given, void **ctx, struct xb_error *err)
{
    struct lab *l = on_lines(1, sizeof *l);

    if (!l)
        return xb_fail(err, "out of memory");
    l->given = given;
    if (open_lab(l, err) < 0) {
        queue_close(l);
        return XB_ERROR;
    }
    *ctx = l;
    return XB_GO;
}

/* Wait until all members are awake: those who began before the others would have less to wait
 * for. False when some will never come. */
static bool meet(struct member *m)
{
    struct lab *l = m->lab;

    atomic_fetch_add(&l->arrived, 1);
    while (atomic_load(&l->arrived) < l->nmembers) {
        if (atomic_load(&l->called_off))
            return false;
        sched_yield();
    }
    m->start_us = m->end_us = xb_clock_us();
    return true;
}

/* The time is over: nobody waits any longer. */
static bool give_up(struct lab *l)
{
    atomic_store(&l->late, true);
    xb_queue_close(l->queue);
    return false;
}

/* The clock is read only by who must wait: who need not comes to an end anyway. */
static bool put(struct member *m)
{
    struct lab *l = m->lab;
    enum xb_queue_result rc = xb_queue_put_within(l->queue, m->item, l->left_us);

    return rc == XB_QUEUE_OK || (rc == XB_QUEUE_TIMED_OUT && give_up(l));
}

static bool take(struct member *m)
{
    struct lab *l = m->lab;
    enum xb_queue_result rc = xb_queue_take_within(l->queue, m->item, l->left_us);

    return rc == XB_QUEUE_OK || (rc == XB_QUEUE_TIMED_OUT && give_up(l));
}

/* Where the stamp stands once more, or its first place where there is no room. */
static unsigned char *second_place(const struct member *m)
{
    uint64_t bytes = m->lab->given->c->bytes;
    return bytes < 2 * sizeof(struct stamp) ? m->item : m->item + bytes - sizeof(struct stamp);
}

/* The items of a batch are dealt out to the producers in turn. */
static void *produce(void *arg)
{
    struct member *m = arg;
    struct lab *l = m->lab;
    struct stamp stamp = {.batch = l->batch, .producer = (uint32_t)m->index};

    if (!meet(m))
        return NULL;
    for (uint64_t i = (uint64_t)m->index; i < l->rounds; i += (uint64_t)l->nproducers) {
        memcpy(m->item, &stamp, sizeof stamp);
        memcpy(second_place(m), &stamp, sizeof stamp);
        if (!put(m))
            break;
        stamp.number++;
    }
    return NULL;
}

/* Note what has come. One consumer sees each producer's items without gaps. */
static void look_at(struct member *m)
{
    const struct lab *l = m->lab;
    struct stamp s;

    memcpy(&s, m->item, sizeof s);
    uint64_t item = s.number * (uint64_t)l->nproducers + s.producer;
    m->taken++;
    if (s.batch != l->batch || s.producer >= (uint32_t)l->nproducers || s.number >= l->rounds ||
        item >= l->rounds || memcmp(&s, second_place(m), sizeof s) != 0) {
        m->wrong++;
        return;
    }
    uint64_t *next = &m->next[s.producer];
    m->wrong += l->nconsumers == 1 ? s.number != *next : s.number < *next;
    *next = s.number + 1;
    m->seen[item / 64] |= UINT64_C(1) << item % 64;
}

static bool work(struct lab *l)
{
    if (l->work_us <= 0)
        return true;
    double now = xb_clock_us(), until = now + l->work_us;
    while (now < until && now < l->given->deadline_us)
        now = xb_clock_us();
    return now >= until || give_up(l);
}

/* Who sets out to take an item will get one, as long as nothing is lost. */
static void *consume(void *arg)
{
    struct member *m = arg;
    struct lab *l = m->lab;

    if (!meet(m))
        return NULL;
    while (atomic_fetch_add(&l->asked, 1) < l->rounds && take(m)) {
        look_at(m);
        if (!work(l))
            break;
    }
    m->end_us = xb_clock_us();
    return NULL;
}

/* Nothing has been seen yet, by anybody. */
static int begin(struct lab *l, int64_t rounds, struct xb_error *err)
{
    size_t words = ((size_t)rounds + 63) / 64, all = words * (size_t)l->nconsumers;

    if (words > l->seen_words) {
        uint64_t *seen = realloc(l->seen, all * sizeof *seen);
        if (!seen)
            return xb_fail(err, "out of memory");
        l->seen = seen;
        l->seen_words = words;
    }
    memset(l->seen, 0, all * sizeof *l->seen);
    for (int i = 0; i < l->nconsumers; i++) {
        struct member *m = &l->members[l->nproducers + i];
        m->seen = l->seen + (size_t)i * words;
        memset(m->next, 0, sizeof m->next);
        m->taken = m->wrong = 0;
    }
    l->batch++;
    l->rounds = (uint64_t)rounds;
    l->left_us = l->given->deadline_us - xb_clock_us();
    atomic_store(&l->arrived, 0);
    atomic_store(&l->asked, 0);
    return 0;
}

/* All threads from their start to their end: XB_GO, XB_ERROR or XB_TIMED_OUT. */
static int run_members(struct lab *l, struct xb_error *err)
{
    int n, rc = 0;

    for (n = 0; n < l->nmembers; n++) {
        struct member *m = &l->members[n];
        rc = pthread_create(&m->thread, NULL, n < l->nproducers ? produce : consume, m);
        if (rc != 0)
            break;
    }
    if (rc != 0)
        atomic_store(&l->called_off, true);
    for (int i = 0; i < n; i++)
        pthread_join(l->members[i].thread, NULL);
    if (rc != 0)
        return xb_fail(err, "thread %d of %d does not start: %s", n + 1, l->nmembers,
                       strerror(rc));
    return atomic_load(&l->late) ? XB_TIMED_OUT : XB_GO;
}

/* From the first start to the last end. */
static double time_of(const struct lab *l)
{
    double start_us = l->members[0].start_us, end_us = l->members[0].end_us;

    for (int i = 1; i < l->nmembers; i++) {
        const struct member *m = &l->members[i];
        start_us = m->start_us < start_us ? m->start_us : start_us;
        end_us = m->end_us > end_us ? m->end_us : end_us;
    }
    return end_us - start_us;
}

/* Put together what the consumers saw. */
static void check_batch(struct lab *l)
{
    size_t words = (size_t)(l->rounds + 63) / 64;
    uint64_t wrong = 0, seen = 0;

    for (size_t w = 0; w < words; w++) {
        uint64_t all = 0;
        for (int i = l->nproducers; i < l->nmembers; i++) {
            uint64_t here = l->members[i].seen[w];
            wrong += (uint64_t)__builtin_popcountll(all & here); /* twice */
            all |= here;
        }
        seen += (uint64_t)__builtin_popcountll(all);
    }
    wrong += l->rounds - seen; /* lost */
    for (int i = l->nproducers; i < l->nmembers; i++)
        wrong += l->members[i].wrong;
    l->checked += l->rounds;
    l->wrong += wrong < l->rounds ? wrong : l->rounds; /* one may be wrong in two ways */
}

static void add_figure(struct lab *l, const char *name, double value)
{
    struct xb_figure *f = &l->figures[l->nfigures++];

    strncpy(f->name, name, sizeof f->name - 1);
    f->value = value;
}

/* The queue's figures are those of the case so far: of the batch is what it has added, but for
 * the highest occupancy. */
static void make_figures(struct lab *l, const struct xb_queue_stats *before, double us)
{
    struct xb_queue_stats s;
    double n = (double)l->rounds;
    cpu_set_t cpus;

    xb_queue_stats(l->queue, &s);
    double found = round(s.occupancy_mean * (double)s.puts) -
                   round(before->occupancy_mean * (double)before->puts);
    l->nfigures = 0;
    add_figure(l, "items_per_s", us > 0 ? n / us * 1e6 : 0);
    add_figure(l, "producer_wait_us", (s.put_wait_us - before->put_wait_us) / n);
    add_figure(l, "consumer_wait_us", (s.take_wait_us - before->take_wait_us) / n);
    add_figure(l, "occupancy_mean", found / n);
    add_figure(l, "occupancy_max", (double)s.occupancy_max);
    if (sched_getaffinity(0, sizeof cpus, &cpus) == 0)
        add_figure(l, "cpus", CPU_COUNT(&cpus));
}

static int queue_run(void *ctx, int64_t rounds, double *us, struct xb_error *err)
{
    struct lab *l = ctx;
    struct xb_queue_stats before;

    if (begin(l, rounds, err) < 0)
        return XB_ERROR;
    xb_queue_stats(l->queue, &before);
    int rc = run_members(l, err);
    if (rc != XB_GO)
        return rc;
    *us = time_of(l);
    check_batch(l);
    make_figures(l, &before, *us);
    return XB_GO;
}

static void queue_verify(void *ctx, struct xb_verify *out)
{
    struct lab *l = ctx;

    out->checked_bytes += l->checked * l->given->c->bytes;
    out->wrong_bytes += l->wrong * l->given->c->bytes;
    l->checked = l->wrong = 0;
}

static size_t queue_figures(void *ctx, struct xb_figure *out, size_t max)
{
    const struct lab *l = ctx;
    size_t n = l->nfigures < max ? l->nfigures : max;

    memcpy(out, l->figures, n * sizeof *out);
    return n;
}

const struct xb_experiment xb_experiment_queue = {
    .spec = XB_QUEUE_EXPERIMENT,
    .probe = queue_probe,
    .needs = queue_needs,
    .open = queue_open,
    .run = queue_run,
    .least_batch_us = 10e3, /* its threads do not all begin at once */
    .verify = queue_verify,
    .figures = queue_figures,
    .close = queue_close,
};
