/* SPDX-License-Identifier: BSD-3-Clause */
/* test_overlap_figure.c - how much of the possible overlap was reached. */
#include "model/figures/overlap_figure.h"

#include "tests/tap.h"

struct row {
    const char *name;
    double busy[3];
    long images;
    double total, want; /* NAN: nothing to overlap */
};

static const struct row rows[] = {
    {"one after the other", {10, 20, 30}, 10, 60, 0},
    {"the slowest stage alone", {10, 20, 30}, 10, 30, 1},
    {"half of what is possible", {10, 20, 30}, 10, 45, 0.5},
    {"two stages", {0, 40, 40}, 8, 45, 0.875},
    {"the most of four images of equal stages", {40, 40, 40}, 4, 60, 0.75},
    {"time of no stage", {10, 20, 30}, 10, 75, -0.5},
    {"one image", {10, 20, 30}, 1, 60, NAN},
    {"one stage", {0, 20, 0}, 10, 20, NAN},
    {"no stage", {0, 0, 0}, 10, 20, NAN},
};

int main(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        double got = xb_overlap_reached(r->busy, 3, r->images, r->total);
        if (isnan(r->want))
            ok(isnan(got), r->name);
        else
            ok(fabs(got - r->want) < 1e-12, r->name);
    }
    return done_testing();
}
