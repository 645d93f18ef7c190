/* SPDX-License-Identifier: BSD-3-Clause */
/* test_together.c - two activities alone and together: what counts, and what is no company. */
#include "lab/interference/together.h"

#include <math.h>
#include <time.h>

#include "engine/runtime/agree.h"
#include "engine/runtime/clock.h"
#include "tests/tap.h"

/* An activity of the test: a unit takes so long. */
struct activity {
    long us;
    long fails_at, late_at; /* units from 1; 0 for none */
    long begins, units, ends;
};

static int begin(void *ctx, struct xb_error *err)
{
    struct activity *a = ctx;

    (void)err;
    a->begins++;
    return XB_GO;
}

static int unit(void *ctx, struct xb_error *err)
{
    struct activity *a = ctx;
    const struct timespec pause = {.tv_nsec = a->us * 1000};

    if (++a->units == a->fails_at)
        return xb_fail(err, "a unit failed");
    if (a->units == a->late_at)
        return XB_TIMED_OUT;
    nanosleep(&pause, NULL);
    return XB_GO;
}

static int end(void *ctx, struct xb_error *err)
{
    struct activity *a = ctx;

    (void)err;
    a->ends++;
    return XB_GO;
}

static const struct xb_device device = {.name = "none"};

static struct xb_together make(struct activity *first, struct activity *second, double limit_us)
{
    struct activity *const a[] = {first, second};
    struct xb_together t = {.name = {"this", "that"}, .deadline_us = xb_clock_us() + limit_us};

    for (int i = 0; i < XB_SIDES; i++)
        t.side[i] = (struct xb_side){
            .device = &device, .work = {.ctx = a[i], .begin = begin, .unit = unit, .end = end}};
    return t;
}

static void test_alone(void)
{
    struct activity first = {.us = 500}, second = {.us = 500};
    struct xb_together t = make(&first, &second, 60e6);
    struct xb_rates rates;
    struct xb_error err = {""};

    is_int(xb_together_run(&t, XB_FIRST_ALONE, &rates, &err), XB_GO, "the first alone");
    ok(rates.unit_per_us[0] > 0 && rates.unit_per_us[0] <= 1 / 500.0, "has a rate");
    ok(isnan(rates.unit_per_us[1]) && second.units == 0, "and the other did nothing");
    ok(rates.window_us >= 15e3, "for a while");
    is_int(first.begins == 1 && first.ends == 1, 1, "from its beginning to its end");
    first.units = 0;
    is_int(xb_together_run(&t, XB_SECOND_ALONE, &rates, &err), XB_GO, "the second alone");
    ok(rates.unit_per_us[1] > 0 && rates.unit_per_us[1] <= 1 / 500.0, "has a rate");
    ok(isnan(rates.unit_per_us[0]) && first.units == 0, "and the other did nothing");
    xb_together_free(&t);
}

/* A slow side has time for its units, however quick the other is. */
static void test_both(void)
{
    struct activity quick = {.us = 100}, slow = {.us = 20000};
    struct xb_together t = make(&quick, &slow, 60e6);
    struct xb_rates rates;
    struct xb_error err = {""};

    is_int(xb_together_run(&t, XB_BOTH_SIDES, &rates, &err), XB_GO,
           "a quick one and a slow one");
    ok(rates.unit_per_us[1] > 0 && rates.unit_per_us[1] <= 1 / 20000.0, "the slow one's rate");
    ok(rates.unit_per_us[0] > rates.unit_per_us[1], "the quick one's is higher");
    ok(rates.window_us > 5 * 20000.0, "it went on for the slow one");
    xb_together_free(&t);

    t = make(&slow, &quick, 60e6);
    is_int(xb_together_run(&t, XB_BOTH_SIDES, &rates, &err), XB_GO, "the other way round");
    ok(rates.unit_per_us[1] > rates.unit_per_us[0], "the quick one's is higher");
    xb_together_free(&t);
}

static void test_ends(void)
{
    static const struct {
        const char *name;
        struct activity first, second;
        double limit_us;
        int rc;
        const char *why;
    } rows[] = {
        {"the first fails",
         {.us = 100, .fails_at = 3},
         {.us = 100},
         60e6,
         XB_ERROR,
         "a unit failed"},
        {"the second fails",
         {.us = 100},
         {.us = 100, .fails_at = 5},
         60e6,
         XB_ERROR,
         "a unit failed"},
        {"the first is late", {.us = 100, .late_at = 3}, {.us = 100}, 60e6, XB_TIMED_OUT, ""},
        {"the second is late", {.us = 100}, {.us = 100, .late_at = 1}, 60e6, XB_TIMED_OUT, ""},
        {"no time", {.us = 10000}, {.us = 10000}, 30e3, XB_TIMED_OUT, ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct activity first = rows[i].first, second = rows[i].second;
        struct xb_together t = make(&first, &second, rows[i].limit_us);
        struct xb_rates rates;
        struct xb_error err = {""};
        is_int(xb_together_run(&t, XB_BOTH_SIDES, &rates, &err), rows[i].rc, rows[i].name);
        is_str(err.text, rows[i].why, "and says why");
        xb_together_free(&t);
    }
}

/* Sides that were not busy at the same time have no rates in company. */
static void test_no_company(void)
{
    static double early[] = {10, 20, 30, 40, 50}, late[] = {110, 120, 130, 140, 150},
                  one[] = {25, 200};
    static const struct {
        const char *name;
        double *first, *second;
        double second_begins;
        size_t n;
        const char *why;
    } rows[] = {
        {"one after the other", early, late, 100, 5,
         "this and that were not busy at the same time"},
        {"one unit beside many", early, one, 0, 2,
         "that completed fewer than 3 units of work in the 50 us that count"},
        {"one that began when the other was nearly through", early, late, 35, 5,
         "this completed fewer than 3 units of work in the 15 us that count"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct xb_together t = {.name = {"this", "that"},
                                      .side = {{.done_us = rows[i].first, .n = 5},
                                               {.begin_us = rows[i].second_begins,
                                                .done_us = rows[i].second,
                                                .n = rows[i].n}}};
        struct xb_rates rates;
        struct xb_error err = {""};
        is_int(xb_together_rates(&t, XB_BOTH_SIDES, &rates, &err), XB_ERROR, rows[i].name);
        is_str(err.text, rows[i].why, "is no company");
    }
}

int main(void)
{
    test_alone();
    test_both();
    test_ends();
    test_no_company();
    return done_testing();
}
