/* clock.c - reading and measuring the host clock. */
#include "engine/runtime/clock.h"

#include <time.h>

#define READINGS 10000

double xb_clock_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC_RAW, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

struct xb_clock_info xb_clock_measure(void)
{
    struct timespec a, b;
    long step = 1000000000L;

    double start = xb_clock_us();
    clock_gettime(CLOCK_MONOTONIC_RAW, &a);
    for (int i = 0; i < READINGS; i++) {
        clock_gettime(CLOCK_MONOTONIC_RAW, &b);
        long d = (b.tv_sec - a.tv_sec) * 1000000000L + b.tv_nsec - a.tv_nsec;
        if (d > 0 && d < step)
            step = d;
        a = b;
    }
    double total_us = xb_clock_us() - start;
    return (struct xb_clock_info){.resolution_ns = (double)step,
                                  .overhead_ns = total_us * 1e3 / READINGS};
}

double xb_clock_unix_s(void)
{
    static double began_s, began_us;

    if (began_s <= 0) {
        struct timespec t;
        clock_gettime(CLOCK_REALTIME, &t);
        began_s = (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
        began_us = xb_clock_us();
    }
    return began_s + (xb_clock_us() - began_us) * 1e-6;
}

void xb_clock_utc(char buf[24])
{
    time_t now = time(NULL);
    struct tm tm;
    gmtime_r(&now, &tm);
    strftime(buf, 24, "%Y-%m-%dT%H:%M:%SZ", &tm);
}
