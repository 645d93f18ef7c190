/* SPDX-License-Identifier: BSD-3-Clause */
/* test_student.c - Student's t, and intervals for the next value. */
#include "model/figures/student.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/random.h"
#include "tests/tap.h"

/* From the tables of any handbook. */
static const struct {
    double level;
    int df;
    double t;
} quantiles[] = {
    {0.95, 1, 12.70620},  {0.95, 2, 4.302653},       {0.95, 3, 3.182446},
    {0.95, 4, 2.776445},  {0.95, 7, 2.364624},       {0.99, 5, 4.032143},
    {0.9, 30, 1.697261},  {0.95, 1000, 1.962339},    {0.5, 1, 1.0},
    {0.999, 6, 5.958816}, {0.99998, 14, 6.28654936},
};

/* Of how many runs of n values and one more that one lies within the interval of the others. */
static double held(size_t n, int kind, int runs)
{
    uint64_t state = 20260131 + n;
    int in = 0;

    for (int run = 0; run < runs; run++) {
        double x[16], lo, hi;
        for (size_t i = 0; i <= n; i++) {
            x[i] = 0;
            for (int k = 0; k < 12; k++) /* normal but for its farthest tails */
                x[i] += (double)(xb_random_next(&state) >> 11) * 0x1p-53 - 0.5;
            if (kind == 1 && xb_random_next(&state) % 3 == 0)
                x[i] += 3; /* of two kinds */
        }
        xb_prediction_interval(x, n, 0.95, &lo, &hi);
        in += x[n] >= lo && x[n] <= hi;
    }
    return (double)in / runs;
}

int main(void)
{
    const double x[] = {1, 2, 3, 6};
    double mean, sd, lo, hi;
    char name[64];

    for (size_t i = 0; i < sizeof quantiles / sizeof quantiles[0]; i++) {
        snprintf(name, sizeof name, "%g with %d degrees of freedom", quantiles[i].level,
                 quantiles[i].df);
        is_near(xb_student_quantile(quantiles[i].level, quantiles[i].df), quantiles[i].t, 1e-6,
                name);
    }
    is_near(xb_student_within(1, 1), 0.5, 1e-12, "half of Cauchy's values lie within 1");
    xb_mean_sd(x, 4, &mean, &sd);
    is_near(mean, 3, 1e-12, "a mean");
    is_near(sd, sqrt(14. / 3), 1e-12, "a standard deviation");
    xb_mean_sd(x, 1, &mean, &sd);
    is_near(sd, 0, 0, "none of one value");
    ok(xb_prediction_interval(x, 4, 0.95, &lo, &hi), "the next value");
    is_near(hi, 3 + 3.182446 * sqrt(14. / 3) * sqrt(1.25), 1e-6, "will be below this");
    is_near(lo, 3 - 3.182446 * sqrt(14. / 3) * sqrt(1.25), 1e-6, "and above this");
    ok(!xb_prediction_interval(x, 1, 0.95, &lo, &hi), "of one value nothing is told");
    for (size_t n = 2; n <= 8; n += 2)
        for (int kind = 0; kind < 2; kind++) {
            double share = held(n, kind, 4000);
            snprintf(name, sizeof name, "the next of %zu %s is in it: %.3f", n,
                     kind ? "values of two kinds" : "values", share);
            ok(fabs(share - 0.95) < (kind ? 0.06 : 0.012), name);
        }
    return done_testing();
}
