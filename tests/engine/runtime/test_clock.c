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
} rows[] = {
    {"both as much", 200, 200, 1, 0},
    {"no time at all", 0, 0, 0, 0},
    {"an hour forward", HOUR + 200, 200, 1, HOUR},
    {"an hour back", 200 - HOUR, 200, 1, -HOUR},
    {"two milliseconds back", -1800, 200, 1, -2000},
    {"what is too little to tell", -600, 200, 1, 0},
    {"both an hour, as when the machine stood still", HOUR, HOUR, 1, 0},
    {"slewed by a tenth for a minute", 60e6, 66e6, 1, 0},
    {"a second in a second", 2e6, 1e6, 1, 1e6},
    {"a mark that was interrupted for that long", 2e6, 1e6, 2e6, 0},
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
    }
    struct xb_clock_mark a = xb_clock_mark(), b = xb_clock_mark();
    ok(b.us > a.us && b.other_us > a.other_us && a.spread_us >= 0, "marks of the real clock");
    ok(xb_clock_jump(&a, &b) == 0, "which has not jumped");
    is_int(xb_clock_fail(&err, -HOUR), -1, "a jump is an error");
    contains(err.text, "jumped back by 3600 s", "that says how far");
    return done_testing();
}
