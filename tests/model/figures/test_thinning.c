/* SPDX-License-Identifier: BSD-3-Clause */
/* test_thinning.c - a list stays short, evenly spread, and what all numbers come to is known.
 */
#include "model/figures/thinning.h"

#include <stdlib.h>

#include "tests/tap.h"

static void add_up_to(struct xb_thinning *t, double **list, size_t *n, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        xb_thinning_add(t, list, n, &(double){(double)i}, 1);
}

static void test_all(void)
{
    struct xb_thinning t = {.most = 0};
    double *list = NULL, more[] = {3, 1, 2};
    size_t n = 0;

    is_int(xb_thinning_add(&t, &list, &n, more, 3), 0, "three numbers");
    is_int(xb_thinning_add(&t, &list, &n, more, 3), 0, "and three more");
    is_int((long long)n, 6, "without a bound all stay");
    ok(list[0] == 3 && list[5] == 2, "in their order");
    is_int(xb_thinning_add(&t, &list, &n, NULL, 0), 0, "none");
    is_int((long long)n, 6, "adds none");
    free(list);
}

static void test_bound(void)
{
    struct xb_thinning t = {.most = 8};
    struct xb_stats stats;
    double *list = NULL;
    size_t n = 0;

    add_up_to(&t, &list, &n, 0, 8);
    is_int((long long)n, 8, "up to the bound all stay");
    xb_stats_compute(list, n, &stats);
    stats.cv = 77;
    xb_thinning_apply(&t, &stats);
    is_near(stats.cv, 77, 0, "figures of all stay what they are");
    add_up_to(&t, &list, &n, 8, 9);
    is_int((long long)n, 5, "beyond it every second one goes");
    bool even = true;
    for (size_t upto = 9; upto < 1000; upto++) {
        add_up_to(&t, &list, &n, upto, upto + 1);
        even = even && n >= 4 && n <= 8;
        for (size_t i = 0; i < n; i++)
            even = even && list[i] == (double)(i * t.stride);
        even = even && upto - (n - 1) * t.stride < t.stride;
    }
    ok(even, "whenever one looks it is evenly spread from the first to the last");
    xb_stats_compute(list, n, &stats);
    double median = stats.median, p90 = stats.p90;
    xb_thinning_apply(&t, &stats);
    is_int((long long)stats.n, 1000, "all are counted");
    ok(stats.min == 0 && stats.max == 999, "the least and the largest");
    is_near(stats.mean, 499.5, 1e-12, "the mean");
    is_near(stats.cv, sqrt(1000.0 * 1001 / 12) / 499.5, 1e-12, "the variation");
    ok(stats.median == median && stats.p90 == p90, "the rest is the list's");
    free(list);
}

static void test_many_at_once(void)
{
    struct xb_thinning one = {.most = 16}, many = {.most = 16};
    double *a = NULL, *b = NULL, block[300];
    size_t na = 0, nb = 0;

    for (size_t i = 0; i < 300; i++)
        block[i] = (double)i;
    add_up_to(&one, &a, &na, 0, 300);
    xb_thinning_add(&many, &b, &nb, block, 300);
    ok(na == nb && memcmp(a, b, na * sizeof *a) == 0, "one by one or all at once is the same");
    free(a);
    free(b);
}

int main(void)
{
    test_all();
    test_bound();
    test_many_at_once();
    return done_testing();
}
