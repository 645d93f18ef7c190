/* SPDX-License-Identifier: BSD-3-Clause */
/* queue.c - a ring of items under one lock, with a condition for each side.
 *
 * Signals are sent when the lock is free again: a thread that wakes while it is held would have
 * to wait once more. */
#include "engine/pipeline/queue.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/runtime/clock.h"

#define LONGEST_US                                                                             \
    1e15 /* of a timed wait, some thirty years: what a timespec holds anywhere                 \
          */

struct xb_queue {
    pthread_mutex_t lock;
    pthread_cond_t not_full, not_empty;
    size_t capacity, item_bytes;
    size_t first, count; /* the oldest item, and how many there are */
    bool closed;
    uint64_t puts, takes;
    double put_wait_us, take_wait_us;
    double found; /* sum over puts of the items that each found */
    size_t most;
    unsigned char items[];
};

/* How long a caller waits. */
struct patience {
    enum { NOT_AT_ALL, LIMITED, AS_LONG_AS_IT_TAKES } kind;
    double us;
};

static int open_condition(pthread_cond_t *cond)
{
    pthread_condattr_t attr;
    int rc = pthread_condattr_init(&attr);

    if (rc != 0)
        return rc;
    rc = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    if (rc == 0)
        rc = pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
    return rc;
}

static int open_lock(struct xb_queue *q)
{
    int rc = pthread_mutex_init(&q->lock, NULL);

    if (rc != 0)
        return rc;
    if ((rc = open_condition(&q->not_full)) != 0)
        goto destroy_lock;
    if ((rc = open_condition(&q->not_empty)) != 0)
        goto destroy_not_full;
    return 0;

destroy_not_full:
    pthread_cond_destroy(&q->not_full);
destroy_lock:
    pthread_mutex_destroy(&q->lock);
    return rc;
}

int xb_queue_open(size_t capacity, size_t item_bytes, struct xb_queue **out,
                  struct xb_error *err)
{
    struct xb_queue *q;

    if (capacity == 0 || item_bytes == 0)
        return xb_fail(err, "a queue of %zu items of %zu bytes: expected at least 1 of each",
                       capacity, item_bytes);
    if (item_bytes > (PTRDIFF_MAX - sizeof *q) / capacity ||
        !(q = calloc(1, sizeof *q + capacity * item_bytes)))
        return xb_fail(err, "no memory for a queue of %zu items of %zu bytes", capacity,
                       item_bytes);
    q->capacity = capacity;
    q->item_bytes = item_bytes;
    int rc = open_lock(q);
    if (rc != 0) {
        free(q);
        return xb_fail(err, "no lock for a queue: %s", strerror(rc));
    }
    *out = q;
    return 0;
}

static struct patience within(double us)
{
    return (struct patience){.kind = us > 0 ? LIMITED : NOT_AT_ALL, .us = us};
}

/* So many microseconds from now. */
static struct timespec after(double us)
{
    double wait_us = us < LONGEST_US ? us : LONGEST_US;
    time_t seconds = (time_t)(wait_us * 1e-6);
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += seconds;
    t.tv_nsec += (long)((wait_us - 1e6 * (double)seconds) * 1e3);
    if (t.tv_nsec >= 1000000000L) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000L;
    }
    return t;
}

static bool can_put(const struct xb_queue *q)
{
    return q->closed || q->count < q->capacity;
}

static bool can_take(const struct xb_queue *q)
{
    return q->closed || q->count > 0;
}

/* With the lock held: wait for `can` to hold, and say whether it does. The clocks are read only
 * where the thread really blocks. A waiter whose time is over looks once more: the signal that
 * came at the same moment may have been for it alone. */
static bool await(struct xb_queue *q, pthread_cond_t *change,
                  bool (*can)(const struct xb_queue *), struct patience p, double *waited_us)
{
    struct timespec until = {0};
    int rc = 0;

    if (can(q) || p.kind == NOT_AT_ALL)
        return can(q);
    double start_us = xb_clock_us();
    if (p.kind == LIMITED)
        until = after(p.us);
    while (!can(q) && rc == 0)
        rc = p.kind == LIMITED ? pthread_cond_timedwait(change, &q->lock, &until)
                               : pthread_cond_wait(change, &q->lock);
    *waited_us += xb_clock_us() - start_us;
    return can(q);
}

/* With the lock held, and room. */
static void copy_in(struct xb_queue *q, const void *item)
{
    size_t free_slot = (q->first + q->count) % q->capacity;

    memcpy(q->items + free_slot * q->item_bytes, item, q->item_bytes);
    q->count++;
    q->puts++;
    if (q->count > q->most)
        q->most = q->count;
}

/* With the lock held, and an item. */
static void copy_out(struct xb_queue *q, void *item)
{
    memcpy(item, q->items + q->first * q->item_bytes, q->item_bytes);
    q->first = (q->first + 1) % q->capacity;
    q->count--;
    q->takes++;
}

static enum xb_queue_result put(struct xb_queue *q, const void *item, struct patience p,
                                enum xb_queue_result no_room)
{
    enum xb_queue_result result = no_room;

    pthread_mutex_lock(&q->lock);
    size_t found = q->count;
    bool can = await(q, &q->not_full, can_put, p, &q->put_wait_us);
    if (q->closed) {
        result = XB_QUEUE_CLOSED;
    } else if (can) {
        q->found += (double)found;
        copy_in(q, item);
        result = XB_QUEUE_OK;
    }
    pthread_mutex_unlock(&q->lock);
    if (result == XB_QUEUE_OK)
        pthread_cond_signal(&q->not_empty);
    return result;
}

static enum xb_queue_result take(struct xb_queue *q, void *item, struct patience p,
                                 enum xb_queue_result no_item)
{
    enum xb_queue_result result = no_item;

    pthread_mutex_lock(&q->lock);
    bool can = await(q, &q->not_empty, can_take, p, &q->take_wait_us);
    if (q->count > 0) {
        copy_out(q, item);
        result = XB_QUEUE_OK;
    } else if (can) {
        result = XB_QUEUE_CLOSED;
    }
    pthread_mutex_unlock(&q->lock);
    if (result == XB_QUEUE_OK)
        pthread_cond_signal(&q->not_full);
    return result;
}

enum xb_queue_result xb_queue_put(struct xb_queue *q, const void *item)
{
    return put(q, item, (struct patience){.kind = AS_LONG_AS_IT_TAKES}, XB_QUEUE_CLOSED);
}

enum xb_queue_result xb_queue_try_put(struct xb_queue *q, const void *item)
{
    return put(q, item, (struct patience){.kind = NOT_AT_ALL}, XB_QUEUE_AGAIN);
}

enum xb_queue_result xb_queue_put_within(struct xb_queue *q, const void *item, double us)
{
    return put(q, item, within(us), XB_QUEUE_TIMED_OUT);
}

enum xb_queue_result xb_queue_take(struct xb_queue *q, void *item)
{
    return take(q, item, (struct patience){.kind = AS_LONG_AS_IT_TAKES}, XB_QUEUE_CLOSED);
}

enum xb_queue_result xb_queue_try_take(struct xb_queue *q, void *item)
{
    return take(q, item, (struct patience){.kind = NOT_AT_ALL}, XB_QUEUE_AGAIN);
}

enum xb_queue_result xb_queue_take_within(struct xb_queue *q, void *item, double us)
{
    return take(q, item, within(us), XB_QUEUE_TIMED_OUT);
}

void xb_queue_close(struct xb_queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->closed = true;
    pthread_cond_broadcast(&q->not_full);
    pthread_cond_broadcast(&q->not_empty);
    pthread_mutex_unlock(&q->lock);
}

void xb_queue_free(struct xb_queue *q)
{
    if (!q)
        return;
    pthread_cond_destroy(&q->not_empty);
    pthread_cond_destroy(&q->not_full);
    pthread_mutex_destroy(&q->lock);
    free(q);
}

void xb_queue_stats(struct xb_queue *q, struct xb_queue_stats *out)
{
    pthread_mutex_lock(&q->lock);
    *out = (struct xb_queue_stats){
        .puts = q->puts,
        .takes = q->takes,
        .put_wait_us = q->put_wait_us,
        .take_wait_us = q->take_wait_us,
        .occupancy_mean = q->puts ? q->found / (double)q->puts : 0,
        .occupancy_max = q->most,
    };
    pthread_mutex_unlock(&q->lock);
}
