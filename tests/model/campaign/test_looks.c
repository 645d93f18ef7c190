/* SPDX-License-Identifier: BSD-3-Clause */
/* test_looks.c - at which numbers of launches a campaign looks whether it can end. */
#include "model/campaign/looks.h"

#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
    size_t most, n, launches[6];
} rows[] = {
    {1, 1, {1}},
    {6, 1, {6}},
    {7, 2, {6, 7}},
    {8, 2, {6, 8}},
    {10, 2, {6, 10}},
    {32, 5, {6, 10, 16, 24, 32}},
    {36, 5, {6, 10, 16, 24, 36}},
    {37, 6, {6, 10, 16, 24, 36, 37}},
};

int main(void)
{
    struct xb_look looks[XB_LOOKS_MAX];
    char name[64];

    for (size_t r = 0; r < ROWS(rows); r++) {
        double sum = 0;
        size_t n = xb_looks_plan(rows[r].most, 0.05, looks);
        snprintf(name, sizeof name, "at most %zu launches", rows[r].most);
        is_int((long long)n, (long long)rows[r].n, name);
        for (size_t i = 0; i < n && i < rows[r].n; i++) {
            is_int((long long)looks[i].launches, (long long)rows[r].launches[i], name);
            sum += 1 - looks[i].level;
        }
        is_near(sum, 0.05, 1e-9, "what they leave adds up to 5 %");
    }
    xb_looks_plan(32, 0.05, looks);
    is_near(1 - looks[0].level, 0.05 * 6 / 88, 1e-9, "the first has its share");
    is_near(1 - looks[4].level, 0.05 * 32 / 88, 1e-9, "the last has its share");
    size_t n = xb_looks_plan(1000000, 0.05, looks);
    ok(n == XB_LOOKS_MAX && looks[n - 1].launches == 1000000, "the limit is the last look");
    return done_testing();
}
