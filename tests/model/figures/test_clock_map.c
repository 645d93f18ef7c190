/* SPDX-License-Identifier: BSD-3-Clause */
/* test_clock_map.c - clocks of two hosts, whatever the ways between them take. */
#include "model/figures/clock_map.h"

#include <math.h>

#include "tests/tap.h"

/* The other clock, as it truly is. */
#define OFFSET_US 5e9
#define DRIFT     50e-6 /* more than that of common oscillators */

static double there(double here_us)
{
    return here_us + OFFSET_US + DRIFT * here_us;
}

/* A message that takes so long each way. */
static struct xb_clock_exchange exchange(double left_us, double out_us, double home_us)
{
    return (struct xb_clock_exchange){.left_us = left_us,
                                      .there_us = there(left_us + out_us),
                                      .back_us = left_us + out_us + home_us};
}

/* The largest error of a map over a time. */
static double worst(const struct xb_clock_map *map, double from_us, double to_us)
{
    double most = 0;

    for (int i = 0; i <= 1000; i++) {
        double here = from_us + (to_us - from_us) * i / 1000;
        most = fmax(most, fabs(xb_clock_map_there(map, here) - there(here)));
    }
    return most;
}

static void test_ways(void)
{
    static const struct {
        const char *name;
        double out_us, home_us; /* of the quickest exchange */
        double most_us;         /* that the map may be wrong */
    } cases[] = {
        {"both ways alike", 5, 5, 0.01},
        {"the way out takes all the time", 10, 0, 5.01},
        {"the way home takes all the time", 0, 10, 5.01},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        /* others are held up on one of the ways, and would tell something else */
        struct xb_clock_exchange before[] = {exchange(100, 700, 3),
                                             exchange(1000, cases[i].out_us, cases[i].home_us),
                                             exchange(1200, 2, 90)},
                                 after[] = {exchange(50000, 4, 30),
                                            exchange(50100, cases[i].out_us, cases[i].home_us)};
        struct xb_clock_map map = xb_clock_map_make(before, 3, after, 2);
        double error = worst(&map, 1000, 50100);
        ok(error < cases[i].most_us, cases[i].name);
        ok(error <= map.error_us + 0.01, "- the error is within what it says");
        ok(map.error_us < 5.01, "- which is half of the quickest exchange");
    }
}

static void test_drift(void)
{
    struct xb_clock_exchange before = exchange(0, 1, 1), after = exchange(1e9, 1, 1);
    struct xb_clock_map map = xb_clock_map_make(&before, 1, &after, 1);

    ok(fabs(map.drift - DRIFT) < 1e-8, "a drift of 50 millionths");
    map = xb_clock_map_make(&before, 1, &before, 1);
    ok(map.drift == 0, "none can be told where no time has passed");
    ok(fabs(xb_clock_map_there(&map, 1) - there(1)) < 1.01, "but the offset can");
}

int main(void)
{
    test_ways();
    test_drift();
    return done_testing();
}
