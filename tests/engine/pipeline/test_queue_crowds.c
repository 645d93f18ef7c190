/* SPDX-License-Identifier: BSD-3-Clause */
/* test_queue_crowds.c - the bounded queue with many threads and as many items as XB_QUEUE_ITEMS
 * says, in a long test millions. */
#include "engine/pipeline/queue.h"

#include <sched.h>

#include "tests/engine/pipeline/queue_fixture.h"

#define ITEMS     300000 /* of all crowds */
#define CROWD_US  100e6
#define MAX_CROWD 8

/* Many threads, who keep watch over the rules together. */
struct stamp {
    int producer;
    int number;
};

struct crowd {
    struct xb_queue *q;
    int producers, consumers, each; /* each: items of a producer */
    size_t capacity;
    atomic_uchar *seen[MAX_CROWD]; /* for each producer, how often each number came */
    atomic_int disorders, refused;
};

struct member {
    struct crowd *crowd;
    int index;
    pthread_t thread;
    atomic_bool ended;
};

/* The members of a crowd use all ways: by index WAITING, TRYING and WITHIN for producers, and
 * the last two turned round for consumers. A way that gave up is tried again; its time is so
 * short that its end and a signal often meet. */
static enum xb_queue_result move_somehow(const struct member *m, bool puts, struct stamp *item)
{
    enum way way = (enum way)((puts ? m->index : 2 * m->index) % WAYS);

    for (;;) {
        enum xb_queue_result rc = move(m->crowd->q, puts, way, 5, item);
        if (way == TRYING && rc == XB_QUEUE_AGAIN)
            sched_yield();
        else if (way != WITHIN || rc != XB_QUEUE_TIMED_OUT)
            return rc;
    }
}

static void *produce(void *arg)
{
    struct member *m = arg;
    struct stamp item = {.producer = m->index};

    for (; item.number < m->crowd->each; item.number++)
        if (move_somehow(m, true, &item) != XB_QUEUE_OK)
            atomic_fetch_add(&m->crowd->refused, 1);
    atomic_store(&m->ended, true);
    return NULL;
}

/* A consumer among several sees gaps, but never an item behind a later one of its producer. */
static void *consume(void *arg)
{
    struct member *m = arg;
    struct crowd *c = m->crowd;
    int next[MAX_CROWD] = {0};
    struct stamp item;

    while (move_somehow(m, false, &item) == XB_QUEUE_OK) {
        if (item.producer < 0 || item.producer >= c->producers || item.number < 0 ||
            item.number >= c->each) {
            atomic_fetch_add(&c->disorders, 1);
            continue;
        }
        bool right = c->consumers == 1 ? item.number == next[item.producer]
                                       : item.number >= next[item.producer];
        if (!right)
            atomic_fetch_add(&c->disorders, 1);
        struct xb_queue_stats stats = stats_of(c->q);
        if (stats.takes > stats.puts || stats.takes + c->capacity < stats.puts)
            atomic_fetch_add(&c->disorders, 1);
        next[item.producer] = item.number + 1;
        atomic_fetch_add_explicit(&c->seen[item.producer][item.number], 1,
                                  memory_order_relaxed);
    }
    atomic_store(&m->ended, true);
    return NULL;
}

/* Run all threads to their end; false if one has none. */
static bool drive(struct crowd *c)
{
    static struct member producers[MAX_CROWD], consumers[MAX_CROWD];
    bool all = true;

    for (int i = 0; i < c->consumers; i++) {
        consumers[i] = (struct member){.crowd = c, .index = i};
        start(&consumers[i].thread, consume, &consumers[i]);
    }
    for (int i = 0; i < c->producers; i++) {
        producers[i] = (struct member){.crowd = c, .index = i};
        start(&producers[i].thread, produce, &producers[i]);
    }
    for (int i = 0; all && i < c->producers; i++)
        all = joined(producers[i].thread, &producers[i].ended, CROWD_US);
    xb_queue_close(c->q);
    for (int i = 0; all && i < c->consumers; i++)
        all = joined(consumers[i].thread, &consumers[i].ended, CROWD_US);
    return all;
}

static void count_crowd(struct crowd *c)
{
    struct xb_queue_stats s = stats_of(c->q);
    long long all = (long long)c->producers * c->each, lost = 0, twice = 0;

    for (int p = 0; p < c->producers; p++) {
        for (int i = 0; i < c->each; i++) {
            int n = atomic_load_explicit(&c->seen[p][i], memory_order_relaxed);
            lost += n == 0;
            twice += n > 1;
        }
    }
    is_int(lost, 0, "none is lost");
    is_int(twice, 0, "none comes twice");
    is_int(atomic_load(&c->disorders), 0, "the order of each producer is kept");
    is_int(atomic_load(&c->refused), 0, "none is refused");
    is_int((long long)s.puts, all, "all went in");
    is_int((long long)s.takes, all, "all came out");
    ok(s.occupancy_max >= 1 && s.occupancy_max <= c->capacity, "never more than the capacity");
    ok(s.occupancy_mean >= 0 && s.occupancy_mean <= (double)c->capacity, "nor on average");
}

static void check_crowd(int producers, int consumers, size_t capacity, int items)
{
    static struct crowd c; /* static: who never ends goes on using it */
    char name[128];

    c = (struct crowd){.producers = producers,
                       .consumers = consumers,
                       .each = items / producers,
                       .capacity = capacity};
    if (xb_queue_open(capacity, sizeof(struct stamp), &c.q, NULL) < 0)
        abort();
    for (int i = 0; i < producers; i++)
        if (!(c.seen[i] = calloc((size_t)c.each, sizeof *c.seen[i])))
            abort();
    snprintf(name, sizeof(name), "%d producers, %d consumers, capacity %zu, %d items: all end",
             producers, consumers, capacity, c.each * producers);
    if (!ok(drive(&c), name))
        exit(done_testing());
    count_crowd(&c);
    xb_queue_free(c.q);
    for (int i = 0; i < producers; i++)
        free(c.seen[i]);
}

/* Shares of the items in percent: the smaller the capacity, the dearer an item. */
static void test_crowds(void)
{
    static const struct {
        int producers, consumers;
        size_t capacity;
        int share;
    } crowds[] = {{4, 4, 1, 8}, {4, 4, 2, 10}, {4, 4, 8, 76},
                  {8, 2, 2, 2}, {4, 1, 2, 2},  {1, 1, XB_QUEUE_CAPACITY, 2}};
    const char *text = getenv("XB_QUEUE_ITEMS");
    int items = text ? atoi(text) : ITEMS;

    if (!ok(items >= 1000, "there are items"))
        return;
    for (size_t i = 0; i < ROWS(crowds); i++)
        check_crowd(crowds[i].producers, crowds[i].consumers, crowds[i].capacity,
                    items / 100 * crowds[i].share);
}

int main(void)
{
    test_crowds();
    return done_testing();
}
