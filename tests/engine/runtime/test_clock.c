/* SPDX-License-Identifier: BSD-3-Clause */
/* test_clock.c - jumps of the clock, told from what clocks may differ by. */
#include "engine/runtime/clock.h"

#include <math.h>

#include "tests/tap.h"

#define HOUR 3600e6

/* What the clock and the other one have advanced between two marks, and what of it is a jump.
 */
static const struct {
    const char *name;
    double us, other_us, spread_us, jump_us;
    double between_us; /* what has passed */
} rows[] = {
    {"both as much", 200, 200, 1, 0, 200},
    {"no time at all", 0, 0, 0, 0, 0},
    {"an hour forward", HOUR + 200, 200, 1, HOUR, 200},
    {"an hour back", 200 - HOUR, 200, 1, -HOUR, 200},
    {"two milliseconds back", -1800, 200, 1, -2000, 200},
    {"what is too little to tell", -600, 200, 1, 0, 0},
    {"both an hour, as when the machine stood still", HOUR, HOUR, 1, 0, HOUR},
    {"slewed by a tenth for a minute", 60e6, 66e6, 1, 0, 60e6},
    {"a second in a second", 2e6, 1e6, 1, 1e6, 1e6},
    {"a mark that was interrupted for that long", 2e6, 1e6, 2e6, 0, 2e6},
};

int main(void)
{
    struct xb_error err = {""};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct xb_clock_mark from = {5 * HOUR, 7 * HOUR, 1}, to = from;
        to.us += rows[i].us;
        to.other_us += rows[i].other_us;
        to.spread_us = rows[i].spread_us;
        ok(fabs(xb_clock_jump(&from, &to) - rows[i].jump_us) < 1e-3, rows[i].name);
        ok(fabs(xb_clock_between(&from, &to) - rows[i].between_us) < 1e-3, "has passed");
    }
    struct xb_clock_mark from = {5 * HOUR, 7 * HOUR, 1}, to = {5 * HOUR + 300, 6 * HOUR, 1};
    ok(fabs(xb_clock_between(&from, &to) - 300) < 1e-3, "the other clock may jump back");
    to = (struct xb_clock_mark){4 * HOUR, 6 * HOUR, 1};
    ok(xb_clock_between(&from, &to) == 0, "what both go back is no time");
    double passed_us = xb_clock_passed_us();
    ok(xb_clock_passed_us() > passed_us, "time passes");
    struct xb_clock_mark a = xb_clock_mark(), b = xb_clock_mark();
    ok(b.us > a.us && b.other_us > a.other_us && a.spread_us >= 0, "marks of the real clock");
    ok(xb_clock_jump(&a, &b) == 0, "which has not jumped");
    is_int(xb_clock_fail(&err, -HOUR), -1, "a jump is an error");
    contains(err.text, "jumped back by 3600 s", "that says how far");
    return done_testing();
}
