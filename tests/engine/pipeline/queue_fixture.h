/* SPDX-License-Identifier: BSD-3-Clause */
/* queue_fixture.h - what one thread and many need of a queue: each way to move an item, and
 * threads that may never end. */
#ifndef XB_TESTS_ENGINE_PIPELINE_QUEUE_FIXTURE_H
#define XB_TESTS_ENGINE_PIPELINE_QUEUE_FIXTURE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/pipeline/queue.h"
#include "engine/runtime/clock.h"
#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static struct xb_queue_stats stats_of(struct xb_queue *q)
{
    struct xb_queue_stats stats;
    xb_queue_stats(q, &stats);
    return stats;
}

/* The ways to put and to take. */
enum way { WAITING, TRYING, WITHIN };
#define WAYS 3

/* Put an item, or take one; us is for WITHIN. */
static enum xb_queue_result move(struct xb_queue *q, bool puts, enum way way, double us,
                                 void *item)
{
    switch (way) {
    case WAITING:
        return puts ? xb_queue_put(q, item) : xb_queue_take(q, item);
    case TRYING:
        return puts ? xb_queue_try_put(q, item) : xb_queue_try_take(q, item);
    case WITHIN:
        return puts ? xb_queue_put_within(q, item, us) : xb_queue_take_within(q, item, us);
    }
    abort();
}

static void start(pthread_t *thread, void *(*run)(void *), void *arg)
{
    if (pthread_create(thread, NULL, run, arg) != 0)
        abort();
}

/* Join a thread that says so when it ends; false if it does not: then it is left behind, and
 * with it what it uses. */
static bool joined(pthread_t thread, atomic_bool *ended, double us)
{
    double until_us = xb_clock_us() + us;

    while (!atomic_load(ended)) {
        if (xb_clock_us() > until_us)
            return false;
        usleep(1000);
    }
    return pthread_join(thread, NULL) == 0;
}

#endif
