/* test_copiers.c - threads that copy chunks into the slots of a ring: every chunk, whole, and
 * none before it is there. */
#include "engine/pipeline/copiers.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

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
            sched_yield();
        bool same = true;
        for (size_t i = 0; i < CHUNK; i++)
            same = same && slots[k % depth * CHUNK + i] == byte_of(k, i);
        whole += same;
    }
    return whole;
}

int main(void)
{
    unsigned char *from = malloc((size_t)16 * CHUNK), *slots = malloc((size_t)16 * CHUNK);
    struct xb_error err = {""};

    for (size_t r = 0; from && slots && r < sizeof rows / sizeof rows[0]; r++) {
        struct xb_copiers *copiers = xb_copiers_open(rows[r].threads, rows[r].depth, &err);
        char name[64];
        snprintf(name, sizeof name, "%d threads, %d slots", rows[r].threads,
                 (int)rows[r].depth);
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
    free(from);
    free(slots);
    return done_testing();
}
