/* SPDX-License-Identifier: BSD-3-Clause */
/* test_caches.c - memory put out of the processor's caches: it holds what it held, and whoever
 * reads it next waits for it. */
#include "engine/runtime/caches.h"

#include <stdlib.h>
#include <string.h>

#include "engine/runtime/clock.h"
#include "tests/tap.h"

#define BYTES  (256 * 1024) /* less than a core's caches hold */
#define ROUNDS 50
#define TRIES  20
#ifdef __SANITIZE_THREAD__
#define COPIES_ARE_NOTED true /* byte for byte, which takes longer than the copy */
#else
#define COPIES_ARE_NOTED false
#endif

static double least(double a, double b)
{
    return a < b ? a : b;
}

static double time_copy(unsigned char *to, const unsigned char *from)
{
    double start_us = xb_clock_us();

    memcpy(to, from, BYTES);
    return xb_clock_us() - start_us;
}

static bool holds(const unsigned char *at, size_t bytes, unsigned char value)
{
    for (size_t i = 0; i < bytes; i++)
        if (at[i] != value)
            return false;
    return true;
}

static void test_contents(unsigned char *a)
{
    memset(a, 7, BYTES);
    xb_caches_flush(a, BYTES);
    ok(holds(a, BYTES, 7), "what was written is there");
    memset(a, 9, BYTES);
    xb_caches_flush(a + 3, 1);
    xb_caches_flush(a + 61, 130);
    ok(holds(a, BYTES, 9), "also where it begins and ends within a line");
    xb_caches_flush(a, 0);
    xb_caches_flush(NULL, 0);
    ok(holds(a, BYTES, 9), "nothing of nothing");
}

/* The quickest of many: an interruption makes none quicker. A cache is several times as fast as
 * memory. Other work has it too, so that it is tried again where it is not. */
static void test_time(unsigned char *a, unsigned char *b)
{
    double warm_us = 1e9, cold_us = 0;

    for (int try = 0; try < TRIES && !(cold_us > 1.2 * warm_us); try++) {
        warm_us = cold_us = 1e9;
        for (int i = 0; i < ROUNDS; i++) {
            time_copy(b, a);
            warm_us = least(warm_us, time_copy(b, a));
            xb_caches_flush(a, BYTES);
            xb_caches_flush(b, BYTES);
            cold_us = least(cold_us, time_copy(b, a));
        }
    }
    if (!ok(cold_us > 1.2 * warm_us, "a copy waits for memory"))
        printf("# cold %.2f us, warm %.2f us\n", cold_us, warm_us);
}

int main(void)
{
    struct xb_error why = {""};
    unsigned char *a = aligned_alloc(4096, BYTES), *b = aligned_alloc(4096, BYTES);

    if (!a || !b)
        return 1;
    memset(a, 1, BYTES);
    memset(b, 1, BYTES);
    if (xb_caches_can_flush(&why) == 0) {
        test_contents(a);
        if (COPIES_ARE_NOTED)
            ok(true,
               "a copy waits for memory # SKIP copies take as long as a sanitizer's notes");
        else
            test_time(a, b);
    } else {
        ok(why.text[0], "the reason is given");
        test_contents(a);
    }
    free(a);
    free(b);
    return done_testing();
}
