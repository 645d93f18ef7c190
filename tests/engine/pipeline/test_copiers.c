/* SPDX-License-Identifier: BSD-3-Clause */
/* test_copiers.c - threads that copy chunks into the slots of a ring: every chunk, whole, and
 * none before it is there. */
#include "engine/pipeline/copiers.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/tap.h"

#define CHUNK  5003
#define CHUNKS 301

static const struct {
    int threads;
    uint64_t depth;
} rows[] = {{1, 1}, {2, 2}, {2, 3}, {3, 3}, {3, 7}, {5, 16}, {XB_MAX_COPIERS, 16}};

/* Byte i of chunk k. */
static unsigned char byte_of(uint64_t k, size_t i)
{
    return (unsigned char)(k * 131 + i * 7 + i / 256);
}

/* Pass all chunks through a ring, as many at once as there are slots; returns how many came out
 * whole. */
static int pass_chunks(struct xb_copiers *copiers, uint64_t depth, unsigned char *from,
                       unsigned char *slots)
{
    uint64_t started = 0;
    int whole = 0;

    for (uint64_t k = 0; k < CHUNKS; k++) {
        for (; started < CHUNKS && started < k + depth; started++) {
            unsigned char *src = from + started % depth * CHUNK;
            for (size_t i = 0; i < CHUNK; i++)
                src[i] = byte_of(started, i);
            xb_copiers_start(copiers, started,
                             &(struct xb_copiers_job){.dst = slots + started % depth * CHUNK,
                                                      .src = src,
                                                      .bytes = CHUNK});
        }
        while (!xb_copiers_done(copiers, k))
            nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
        bool same = true;
        for (size_t i = 0; i < CHUNK; i++)
            same = same && slots[k % depth * CHUNK + i] == byte_of(k, i);
        whole += same;
    }
    return whole;
}

/* Each part is called for once, and together they are the whole. */
static void note_part(const struct xb_copiers_job *job, uint64_t part, uint64_t parts)
{
    atomic_int *seen = job->dst;

    if (parts == job->bytes && part < parts)
        atomic_fetch_add(&seen[part], 1);
}

static void test_parts(void)
{
    atomic_int seen[5] = {0};
    struct xb_error err = {""};
    struct xb_copiers *copiers = xb_copiers_open(5, 2, XB_CHUNK_OF_ALL, &err);

    for (uint64_t k = 0; copiers && k < 40; k++) {
        if (k % 10 == 9) /* long enough for threads to fall asleep */
            nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
        xb_copiers_start(copiers, k,
                         &(struct xb_copiers_job){.work = note_part, .dst = seen, .bytes = 5});
        while (!xb_copiers_done(copiers, k))
            nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
    }
    xb_copiers_close(copiers);
    for (int i = 0; i < 5; i++)
        is_int(seen[i], 40, "each part of each chunk, once");
    for (uint64_t count = 0; count < 1000; count += 37) {
        uint64_t at = 0;
        for (uint64_t i = 0; i < 7; i++)
            at += xb_copiers_part(count, i + 1, 7, 64) - xb_copiers_part(count, i, 7, 64);
        is_int((long long)at, (long long)count, "parts are the whole");
    }
    is_int((long long)xb_copiers_part(1000, 3, 7, 64), 384, "a part begins at a cache line");
}

/* Part 0 of the first chunk lasts until the test lets it go. */
static atomic_bool may_end;

static void stay_in_first(const struct xb_copiers_job *job, uint64_t part, uint64_t parts)
{
    (void)parts;
    while (part == 0 && job->bytes == 0 && !atomic_load(&may_end))
        nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
}

/* A thread that has lost its core holds up its part alone: others do the rest of its work. */
static void test_late_thread(void)
{
    struct xb_error err = {""};
    struct xb_copiers *copiers = xb_copiers_open(3, 4, XB_CHUNK_OF_ALL, &err);
    time_t give_up = time(NULL) + 30;

    for (uint64_t k = 0; copiers && k < 4; k++)
        xb_copiers_start(copiers, k,
                         &(struct xb_copiers_job){.work = stay_in_first, .bytes = k});
    while (copiers && !xb_copiers_done(copiers, 3) && time(NULL) < give_up)
        nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
    ok(copiers && xb_copiers_done(copiers, 3), "chunks behind one that lasts are done");
    ok(copiers && !xb_copiers_done(copiers, 0), "that one is not");
    atomic_store(&may_end, true);
    while (copiers && !xb_copiers_done(copiers, 0) && time(NULL) < give_up)
        nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
    ok(copiers && xb_copiers_done(copiers, 0), "but it ends");
    xb_copiers_close(copiers);
}

int main(void)
{
    unsigned char *from = malloc((size_t)16 * CHUNK), *slots = malloc((size_t)16 * CHUNK);
    struct xb_error err = {""};

    for (size_t i = 0; from && slots && i < 2 * sizeof rows / sizeof rows[0]; i++) {
        size_t r = i / 2;
        struct xb_copiers *copiers = xb_copiers_open(
            rows[r].threads, rows[r].depth, i % 2 ? XB_CHUNK_OF_ALL : XB_CHUNK_OF_ONE, &err);
        char name[64];
        snprintf(name, sizeof name, "%d threads, %d slots, a chunk of %s", rows[r].threads,
                 (int)rows[r].depth, i % 2 ? "all" : "one");
        if (!ok(copiers != NULL, name))
            continue;
        ok(!xb_copiers_done(copiers, 0), "nothing is done before it was begun");
        is_int(pass_chunks(copiers, rows[r].depth, from, slots), CHUNKS,
               "all chunks are whole");
        xb_copiers_start(copiers, CHUNKS,
                         &(struct xb_copiers_job){.dst = slots, .src = from, .bytes = CHUNK});
        xb_copiers_close(copiers); /* with one that may not have been taken yet */
    }
    xb_copiers_close(NULL);
    test_parts();
    test_late_thread();
    free(from);
    free(slots);
    return done_testing();
}
