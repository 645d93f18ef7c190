/* SPDX-License-Identifier: BSD-3-Clause */
/* test_order.c - in which order a pass takes the cases of a plan. */
#include "model/plan/order.h"

#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define MOST        1000

static size_t order[MOST], other[MOST];

static bool is_the_plans(size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (order[i] != i)
            return false;
    return true;
}

static void test_each_once(void)
{
    static const size_t counts[] = {0, 1, 2, 3, 17, MOST};

    for (size_t r = 0; r < ROWS(counts); r++) {
        size_t n = counts[r];
        bool seen[MOST] = {false}, once = true;
        char name[64];

        xb_pass_order(n, 7, 1, 6, order);
        for (size_t i = 0; i < n; i++) {
            once = once && order[i] < n && !seen[order[i]];
            seen[order[i] % MOST] = true;
        }
        snprintf(name, sizeof name, "each of %zu cases once", n);
        ok(once, name);
    }
}

/* Is the order of one pass that of another? */
static bool same(uint64_t seed, int pass, uint64_t other_seed, int other_pass)
{
    xb_pass_order(MOST, seed, pass, 6, order);
    xb_pass_order(MOST, other_seed, other_pass, 6, other);
    return memcmp(order, other, sizeof order) == 0;
}

/* Known numbers: who resumes a run with another build finds the same order. */
static void test_known(void)
{
    static const size_t want[] = {0, 5, 2, 7, 3, 4, 1, 6};

    xb_pass_order(ROWS(want), 1, 0, 6, order);
    for (size_t i = 0; i < ROWS(want); i++)
        is_int((long long)order[i], (long long)want[i], "seed 1, first pass, eight cases");
}

int main(void)
{
    test_each_once();
    ok(same(1, 2, 1, 2), "the same everywhere");
    ok(!same(1, 2, 1, 3), "each pass another");
    ok(!same(1, 2, 2, 2), "each seed another");
    ok(!same(1, 1, 2, 0), "also where seed and pass add up to the same");
    xb_pass_order(MOST, 1, 0, 6, order);
    ok(!is_the_plans(MOST), "the first pass is shuffled too");
    xb_pass_order(MOST, 1, 0, 1, order);
    ok(is_the_plans(MOST), "a single one has the plan's order");
    test_known();
    return done_testing();
}
