/* SPDX-License-Identifier: BSD-3-Clause */
/* test_cpu_threads.c - work that all cores share: each item is done once, and before the call
 * returns. */
#include "engine/devices/cpu_threads.h"

#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#include "tests/tap.h"

#define ITEMS 100000

static struct work {
    unsigned char times[ITEMS]; /* that each was done */
    atomic_int threads_in;      /* at this moment */
    atomic_int most_in;
} work;

static void count(void *arg, uint64_t first, uint64_t n)
{
    struct work *w = arg;

    for (uint64_t i = first; i < first + n; i++)
        w->times[i]++;
}

static void test_each_once(void)
{
    static const uint64_t parts[] = {1, 7, 4096, ITEMS - 1, ITEMS, 2 * ITEMS};
    bool all = true;

    for (size_t p = 0; p < sizeof parts / sizeof parts[0]; p++)
        for (int again = 0; again < 20; again++) {
            memset(work.times, 0, sizeof work.times);
            xb_cpu_threads_run(count, &work, ITEMS, parts[p]);
            for (size_t i = 0; i < ITEMS; i++)
                all = all && work.times[i] == 1;
        }
    ok(all, "each item once, however it is parted");
    memset(work.times, 0, sizeof work.times);
    xb_cpu_threads_run(count, &work, 0, 8);
    ok(work.times[0] == 0, "nothing to do");
}

/* Stay until another thread is in as well, or for 10 s: a core may be busy. */
static void meet(void *arg, uint64_t first, uint64_t n)
{
    struct work *w = arg;
    int in = atomic_fetch_add(&w->threads_in, 1) + 1;

    (void)first;
    (void)n;
    if (in > atomic_load(&w->most_in))
        atomic_store(&w->most_in, in);
    for (int ms = 0; ms < 10000 && atomic_load(&w->most_in) < 2; ms++)
        usleep(1000);
    atomic_fetch_sub(&w->threads_in, 1);
}

static void test_shared(void)
{
    cpu_set_t cores;

    if (sched_getaffinity(0, sizeof cores, &cores) < 0 || CPU_COUNT(&cores) < 2) {
        ok(true, "threads share the work # SKIP one core");
        return;
    }
    xb_cpu_threads_run(meet, &work, 2, 1);
    is_int(atomic_load(&work.most_in), 2, "threads share the work");
}

int main(void)
{
    test_each_once();
    test_shared();
    return done_testing();
}
