/* SPDX-License-Identifier: BSD-3-Clause */
/* test_progress.c - rates of two activities while both went on. */
#include "model/figures/progress.h"

#include "tests/tap.h"

static const double tens[] = {10, 20, 30, 40, 50, 60};

struct row {
    const char *name;
    struct xb_progress of, other;
    double want; /* units in a microsecond; NAN: none can be told */
};

static const double late[] = {35, 45, 80}, slow[] = {100, 101, 102}, early[] = {1, 2, 3},
                    two[] = {5, 58}, uneven[] = {10, 30, 60, 100};

static const struct row rows[] = {
    {"both all the time", {0, tens, 6}, {0, tens, 6}, 0.1},
    {"the other begins within a unit, which does not count", {0, tens, 6}, {5, tens, 6}, 0.1},
    {"the other ends within a unit, which does not count", {0, tens, 6}, {0, two, 2}, 0.1},
    {"slow while both are busy, whatever it was before",
     {-50, uneven, 4},
     {5, slow, 3},
     3 / 90.0},
    {"too few units while both are busy", {0, tens, 6}, {30, late, 1}, NAN},
    {"the other was over before", {5, tens, 6}, {0, early, 3}, NAN},
    {"the other began when it was over", {0, tens, 6}, {70, slow, 3}, NAN},
    {"the other has done nothing", {0, tens, 6}, {0, NULL, 0}, NAN},
    {"it has done nothing itself", {0, NULL, 0}, {0, tens, 6}, NAN},
};

int main(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        struct xb_window both;
        double got = NAN;

        if (xb_progress_together(&r->of, &r->other, &both))
            got = xb_progress_rate(&r->of, &both);
        ok(isnan(r->want) ? isnan(got) : fabs(got - r->want) < 1e-12, r->name);
    }

    const struct xb_progress alone = {0, tens, 6}, brief = {0, tens, XB_PROGRESS_LEAST - 1};
    struct xb_window whole = xb_progress_whole(&alone), untouched = {1, 2};
    ok(whole.from_us == 0 && whole.to_us == 60, "all of its time");
    ok(fabs(xb_progress_rate(&alone, &whole) - 0.1) < 1e-12, "its rate by itself");
    whole = xb_progress_whole(&brief);
    ok(isnan(xb_progress_rate(&brief, &whole)), "too few units by itself");
    const struct xb_progress later = {100, slow, 3};
    ok(!xb_progress_together(&alone, &later, &untouched) && untouched.from_us == 1 &&
           untouched.to_us == 2,
       "no time together leaves the window as it was");
    return done_testing();
}
