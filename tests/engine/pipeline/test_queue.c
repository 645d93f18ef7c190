/* SPDX-License-Identifier: BSD-3-Clause */
/* test_queue.c - the bounded queue: its limits and its end one by one. */
#include "engine/pipeline/queue.h"

#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/engine/pipeline/queue_fixture.h"

#define SOON_US  30e3 /* that a thread is left where it blocks */
#define STUCK_US 20e6 /* who takes that long will never end */

/* A queue of ints, full of 0, 1, ... up to `fill`. */
static struct xb_queue *ints(size_t capacity, int fill)
{
    struct xb_queue *q = NULL;

    if (xb_queue_open(capacity, sizeof(int), &q, NULL) < 0)
        abort();
    for (int i = 0; i < fill; i++)
        xb_queue_try_put(q, &i);
    return q;
}

static void test_open(void)
{
    static const struct {
        size_t capacity, item_bytes;
        const char *text;
    } bad[] = {
        {0, 8, "a queue of 0 items of 8 bytes: expected at least 1 of each"},
        {2, 0, "a queue of 2 items of 0 bytes: expected at least 1 of each"},
        {SIZE_MAX / 8, 9, "no memory for a queue of"},
        {2, SIZE_MAX / 4, "no memory for a queue of"},
    };

    for (size_t i = 0; i < ROWS(bad); i++) {
        struct xb_queue *q = NULL;
        struct xb_error err = {""};
        is_int(xb_queue_open(bad[i].capacity, bad[i].item_bytes, &q, &err), -1, bad[i].text);
        contains(err.text, bad[i].text, "the error says so");
        ok(q == NULL, "nothing is opened");
    }
    xb_queue_free(NULL);
}

static void test_capacity(void)
{
    static const size_t capacities[] = {1, 2, 3, 8, 1024};

    for (size_t i = 0; i < ROWS(capacities); i++) {
        struct xb_queue *q = ints(capacities[i], 0);
        int in = 0, out = 0, got = -1;
        bool ordered = true;
        /* three fillings, the second and third from the middle of the ring on */
        for (int round = 0; round < 3; round++) {
            while (xb_queue_try_put(q, &in) == XB_QUEUE_OK)
                in++;
            for (int left = in - out - (round < 2); left > 0; left--)
                ordered = ordered && xb_queue_take(q, &got) == XB_QUEUE_OK && got == out++;
        }
        is_int(in, (int)(3 * capacities[i]) - 2, "it takes what it has room for and no more");
        ok(ordered, "it comes out in order");
        is_int(xb_queue_try_take(q, &got), XB_QUEUE_AGAIN, "then it is empty");
        is_int((long long)stats_of(q).occupancy_max, (long long)capacities[i],
               "its capacity was used and held");
        xb_queue_free(q);
    }
}

static void test_item_bytes(void)
{
    static const size_t sizes[] = {1, 7, 64, 100000};

    for (size_t i = 0; i < ROWS(sizes); i++) {
        struct xb_queue *q = NULL;
        unsigned char *in = malloc(sizes[i]), *out = malloc(sizes[i] + 1);
        bool whole = in && out && xb_queue_open(2, sizes[i], &q, NULL) == 0;
        for (int item = 0; whole && item < 5; item++) {
            memset(in, item + 1, sizes[i]);
            memset(out, 0xee, sizes[i] + 1);
            whole = xb_queue_put(q, in) == XB_QUEUE_OK;
            memset(in, 0xdd, sizes[i]); /* the queue has a copy */
            whole = whole && xb_queue_take(q, out) == XB_QUEUE_OK;
            for (size_t b = 0; b < sizes[i]; b++)
                whole = whole && out[b] == item + 1;
            whole = whole && out[sizes[i]] == 0xee;
        }
        ok(whole, "items are copied whole, and nothing beside them");
        xb_queue_free(q);
        free(in);
        free(out);
    }
}

/* A thread that makes one call. */
struct caller {
    struct xb_queue *q;
    bool puts;
    double within_us; /* 0: as long as it takes */
    int item;
    pthread_t thread;
    atomic_bool begun, ended;
    atomic_int tid;
    enum xb_queue_result result;
};

static void *call(void *arg)
{
    struct caller *c = arg;

    atomic_store(&c->tid, (int)syscall(SYS_gettid));
    atomic_store(&c->begun, true);
    c->result =
        move(c->q, c->puts, c->within_us > 0 ? WITHIN : WAITING, c->within_us, &c->item);
    atomic_store(&c->ended, true);
    return NULL;
}

/* Wait until a thread of this process sleeps, for STUCK_US at most: it has come to where it
 * blocks. */
static void await_sleep(int tid)
{
    const double until_us = xb_clock_us() + STUCK_US;
    char name[64], state = 'R';

    snprintf(name, sizeof name, "/proc/self/task/%d/stat", tid);
    while (state != 'S' && xb_clock_us() < until_us) {
        usleep(1000);
        FILE *f = fopen(name, "r");
        if (!f || fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
            state = 'R';
        if (f)
            fclose(f);
    }
}

/* A thread that is blocked goes on when the other side does something, and not before. */
static void check_wakes(bool puts, double within_us, const char *name)
{
    struct xb_queue *q = ints(1, puts);
    struct caller c = {.q = q, .puts = puts, .within_us = within_us, .item = 7};
    int item = 7;

    start(&c.thread, call, &c);
    while (!atomic_load(&c.begun))
        usleep(1000);
    await_sleep(atomic_load(&c.tid));
    usleep((useconds_t)SOON_US);
    ok(!atomic_load(&c.ended), name);
    is_int(puts ? xb_queue_take(q, &item) : xb_queue_put(q, &item), XB_QUEUE_OK,
           "the other side moves");
    if (!ok(joined(c.thread, &c.ended, STUCK_US), "which wakes it"))
        exit(done_testing());
    is_int(c.result, XB_QUEUE_OK, "it succeeds");
    if (puts)
        xb_queue_take(q, &c.item);
    is_int(item + c.item, puts ? 0 + 7 : 7 + 7, "with the right item");
    struct xb_queue_stats s = stats_of(q);
    double waited_us = puts ? s.put_wait_us : s.take_wait_us;
    ok(waited_us > 0.05 * SOON_US && waited_us < 2 * STUCK_US, "the time it waited is counted");
    ok((puts ? s.take_wait_us : s.put_wait_us) == 0, "the other side did not wait");
    xb_queue_free(q);
}

static void test_wakes(void)
{
    check_wakes(true, 0, "put waits while it is full");
    check_wakes(false, 0, "take waits while it is empty");
    check_wakes(true, 10e6, "put_within waits too");
    check_wakes(false, 10e6, "take_within waits too");
    check_wakes(true, 1e300, "put_within waits for ages");
    check_wakes(false, INFINITY, "take_within waits for ever");
}

static void check_close_wakes(bool puts, double within_us, const char *name)
{
    static struct caller callers[4]; /* static: those who are not woken go on using them */
    struct xb_queue *q = ints(2, puts ? 2 : 0);
    bool all = true;

    for (size_t i = 0; i < ROWS(callers); i++) {
        callers[i] = (struct caller){.q = q, .puts = puts, .within_us = within_us, .item = 9};
        start(&callers[i].thread, call, &callers[i]);
    }
    usleep((useconds_t)SOON_US);
    xb_queue_close(q);
    for (size_t i = 0; all && i < ROWS(callers); i++)
        all = joined(callers[i].thread, &callers[i].ended, STUCK_US);
    if (!ok(all, name))
        exit(done_testing());
    for (size_t i = 0; i < ROWS(callers); i++)
        all = all && callers[i].result == XB_QUEUE_CLOSED;
    ok(all, "each is told that it is closed");
    is_int((long long)stats_of(q).puts, puts ? 2 : 0, "and nothing of theirs is in it");
    xb_queue_free(q);
}

static void test_close_wakes(void)
{
    check_close_wakes(true, 0, "close wakes all producers");
    check_close_wakes(false, 0, "close wakes all consumers");
    check_close_wakes(true, 2 * STUCK_US, "close wakes producers with a time");
    check_close_wakes(false, 2 * STUCK_US, "close wakes consumers with a time");
}

static void test_drain(void)
{
    static const char *const puts[] = {"after close: put", "try_put", "put_within"};
    static const char *const takes[] = {"then take says closed", "try_take", "take_within"};

    for (int left = 0; left <= WAYS; left++) {
        struct xb_queue *q = ints(WAYS, left);
        int item = 5;
        bool ordered = true;

        xb_queue_close(q);
        xb_queue_close(q);
        for (int way = 0; way < WAYS; way++)
            is_int(move(q, true, (enum way)way, 1, &item), XB_QUEUE_CLOSED, puts[way]);
        for (int i = 0; i < left; i++) {
            enum xb_queue_result rc = move(q, false, (enum way)i, 1, &item);
            ordered = ordered && rc == XB_QUEUE_OK && item == i;
        }
        ok(ordered, "take drains what is left");
        item = 5;
        for (int way = 0; way < WAYS; way++)
            is_int(move(q, false, (enum way)way, 1, &item), XB_QUEUE_CLOSED, takes[way]);
        is_int(item, 5, "and the item is left alone");
        xb_queue_free(q);
    }
}

static void test_times(void)
{
    static const struct {
        double us, least_us;
    } rows[] = {{60e3, 59e3}, {1050e3, 1049e3}, {10, 0}, {0, 0}, {-1, 0}, {NAN, 0}};

    for (size_t i = 0; i < ROWS(rows); i++) {
        struct xb_queue *full = ints(1, 1), *empty = ints(1, 0);
        double least_us = rows[i].least_us, start_us = xb_clock_us();
        int item = 5;

        is_int(xb_queue_put_within(full, &item, rows[i].us), XB_QUEUE_TIMED_OUT, "full");
        double put_us = xb_clock_us() - start_us;
        start_us = xb_clock_us();
        is_int(xb_queue_take_within(empty, &item, rows[i].us), XB_QUEUE_TIMED_OUT, "empty");
        double take_us = xb_clock_us() - start_us;
        ok(put_us >= least_us && put_us < least_us + STUCK_US, "put_within takes its time");
        ok(take_us >= least_us && take_us < least_us + STUCK_US, "take_within takes its time");
        is_int(item, 5, "the item is left alone");
        ok(stats_of(full).put_wait_us >= 0.99 * least_us, "which counts as waiting");
        is_int((long long)(stats_of(full).puts + stats_of(empty).takes), 1, "and as nothing");
        xb_queue_free(full);
        xb_queue_free(empty);
    }
}

static void test_stats(void)
{
    struct xb_queue *q = ints(4, 0);
    struct xb_queue_stats s = stats_of(q);
    int item = 0;

    ok(s.puts == 0 && s.takes == 0 && s.occupancy_mean == 0 && s.occupancy_max == 0,
       "nothing has passed yet");
    for (int i = 0; i < 3; i++)
        xb_queue_put(q, &item);
    xb_queue_take(q, &item);
    xb_queue_put(q, &item);
    xb_queue_put(q, &item);
    xb_queue_try_put(q, &item);
    xb_queue_put_within(q, &item, 1);
    s = stats_of(q);
    is_int((long long)s.puts, 5, "puts that succeeded");
    is_int((long long)s.takes, 1, "takes");
    is_near(s.occupancy_mean, (0 + 1 + 2 + 2 + 3) / 5.0, 1e-12, "what the puts found");
    is_int((long long)s.occupancy_max, 4, "the most there was");
    xb_queue_free(q);
}

int main(void)
{
    test_open();
    test_capacity();
    test_item_bytes();
    test_wakes();
    test_close_wakes();
    test_drain();
    test_times();
    test_stats();
    return done_testing();
}
