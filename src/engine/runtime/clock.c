/* SPDX-License-Identifier: BSD-3-Clause */
/* clock.c - reading and measuring the host clock. */
#include "engine/runtime/clock.h"

#include <math.h>
#include <stdbool.h>
#include <time.h>

#define READINGS 10000

/* Two clocks may differ by this before one has jumped: a share of the time between, for what
 * may be slewed (a tenth), and a part that never matters. */
#define SLEWED_SHARE 0.2
#define LEAST_JUMP   1000.0

#define MARK_SPREAD 20.0 /* microseconds; a mark that was interrupted is made again */
#define MARK_TRIES  5

static double read_us(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

double xb_clock_us(void)
{
    return read_us(CLOCK_MONOTONIC_RAW);
}

struct xb_clock_mark xb_clock_mark(void)
{
    struct xb_clock_mark m = {.spread_us = MARK_SPREAD + 1};

    for (int i = 0; i < MARK_TRIES && !(m.spread_us >= 0 && m.spread_us <= MARK_SPREAD); i++) {
        m.us = xb_clock_us();
        m.other_us = read_us(CLOCK_MONOTONIC);
        m.spread_us = xb_clock_us() - m.us;
    }
    return m;
}

double xb_clock_jump(const struct xb_clock_mark *from, const struct xb_clock_mark *to)
{
    double other = to->other_us - from->other_us, jump = to->us - from->us - other;
    double allowed =
        LEAST_JUMP + SLEWED_SHARE * fabs(other) + fabs(from->spread_us) + fabs(to->spread_us);

    return fabs(jump) > allowed ? jump : 0;
}

int xb_clock_fail(struct xb_error *err, double jump_us)
{
    return xb_fail(err,
                   "this host's clock, CLOCK_MONOTONIC_RAW, has jumped %s by %g s meanwhile, "
                   "or CLOCK_MONOTONIC the other way",
                   jump_us < 0 ? "back" : "forward", fabs(jump_us) * 1e-6);
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
                                  .overhead_ns = fmax(total_us, 0) * 1e3 / READINGS};
}

/* Of a clock that has jumped the other one tells how much time has passed; where both have gone
 * on, the one that says less has not jumped forward. */
double xb_clock_between(const struct xb_clock_mark *from, const struct xb_clock_mark *to)
{
    double us = to->us - from->us, other_us = to->other_us - from->other_us;

    if (xb_clock_jump(from, to) != 0 && other_us >= 0 && (us < 0 || other_us < us))
        us = other_us;
    return fmax(us, 0);
}

double xb_clock_passed_us(void)
{
    static struct xb_clock_mark last;
    static double passed_us;
    static bool began;
    struct xb_clock_mark now = xb_clock_mark();

    if (began)
        passed_us += xb_clock_between(&last, &now);
    last = now;
    began = true;
    return passed_us;
}

double xb_clock_unix_s(void)
{
    static double began_s, began_us;

    if (began_s <= 0) {
        struct timespec t;
        clock_gettime(CLOCK_REALTIME, &t);
        began_s = (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
        began_us = xb_clock_passed_us();
    }
    return began_s + (xb_clock_passed_us() - began_us) * 1e-6;
}

void xb_clock_utc(char buf[24])
{
    time_t now = time(NULL);
    struct tm tm;
    gmtime_r(&now, &tm);
    strftime(buf, 24, "%Y-%m-%dT%H:%M:%SZ", &tm);
}
