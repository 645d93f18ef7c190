/* SPDX-License-Identifier: BSD-3-Clause */
/* test_launch_order.c - in which order a campaign starts its configurations. */
#include "model/campaign/launch_order.h"

#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define MOST        (XB_CONFIGS_MAX * 2 * XB_CONFIGS_MAX)

/* Known letters: who goes on with another build finds the same order. */
static const struct {
    size_t configs;
    uint64_t seed;
    const char *order;
} known[] = {
    {1, 1, "AAAA"},
    {2, 1, "ABBABAABBAABABBA"},
    {2, 2, "BAABABBAABBABAAB"},
    {3, 1, "ABCCBABCAACBCABBAC"},
    {4, 1, "CABDDBACADCBBCDA"},
};

static void test_known(void)
{
    for (size_t r = 0; r < ROWS(known); r++) {
        char got[64] = "", name[64];
        for (size_t i = 0; i < strlen(known[r].order); i++)
            got[i] = (char)('A' + xb_launch_config(known[r].configs, known[r].seed, i));
        snprintf(name, sizeof name, "%zu configurations, seed %d", known[r].configs,
                 (int)known[r].seed);
        is_str(got, known[r].order, name);
    }
}

/* What holds of launches `from` to `to`, for any number of configurations. */
static size_t order[MOST];

static bool once_a_round(size_t k, size_t rounds)
{
    for (size_t r = 0; r < rounds; r++) {
        bool seen[XB_CONFIGS_MAX] = {false};
        for (size_t at = 0; at < k; at++) {
            size_t config = order[r * k + at];
            if (config >= k || seen[config])
                return false;
            seen[config] = true;
        }
    }
    return true;
}

/* Is every second round the one before it backwards? Then the mean place of all is the same. */
static bool mirrored(size_t k, size_t rounds)
{
    for (size_t r = 0; r + 1 < rounds; r += 2)
        for (size_t at = 0; at < k; at++)
            if (order[r * k + at] != order[(r + 2) * k - 1 - at])
                return false;
    return true;
}

/* Has each configuration stood in each place, and within a round right behind each other one,
 * equally often? */
static bool balanced(size_t k, size_t rounds)
{
    static size_t places[XB_CONFIGS_MAX][XB_CONFIGS_MAX],
        behind[XB_CONFIGS_MAX][XB_CONFIGS_MAX];

    memset(places, 0, sizeof places);
    memset(behind, 0, sizeof behind);
    for (size_t r = 0; r < rounds; r++)
        for (size_t at = 0; at < k; at++) {
            places[order[r * k + at]][at]++;
            if (at > 0)
                behind[order[r * k + at]][order[r * k + at - 1]]++;
        }
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < k; b++)
            if (places[a][b] != rounds / k || (a != b && behind[a][b] != rounds / k))
                return false;
    return true;
}

static void test_balance(void)
{
    for (size_t k = 1; k <= XB_CONFIGS_MAX; k += k < 9 ? 1 : 11) {
        size_t rounds = k % 2 ? 2 * k : k;
        char name[64];

        for (size_t i = 0; i < k * rounds; i++)
            order[i] = xb_launch_config(k, 7, i);
        snprintf(name, sizeof name, "%zu configurations", k);
        ok(once_a_round(k, rounds), name);
        ok(mirrored(k, rounds), name);
        ok(balanced(k, rounds), name);
    }
}

/* Sum of +-i^power over a campaign of two: what a trend of that power adds to their difference.
 */
static long long trend(size_t launches, int power)
{
    long long sum = 0;

    for (size_t i = 0; i < launches; i++) {
        long long value = 1;
        for (int p = 0; p < power; p++)
            value *= (long long)i;
        sum += xb_launch_config(2, 5, i) ? value : -value;
    }
    return sum;
}

static void test_trends(void)
{
    static const struct {
        size_t launches;
        int power;
    } rows[] = {{4, 0}, {4, 1}, {8, 2}, {16, 3}, {12, 1}};

    for (size_t r = 0; r < ROWS(rows); r++) {
        char name[64];
        snprintf(name, sizeof name, "%zu launches, a trend of power %d", rows[r].launches,
                 rows[r].power);
        is_int(trend(rows[r].launches, rows[r].power), 0, name);
    }
}

/* Do seeds deal out the first place about evenly? */
static void test_seeds(void)
{
    int first[5] = {0};

    for (uint64_t seed = 0; seed < 1000; seed++)
        first[xb_launch_config(5, seed, 0)]++;
    for (int k = 0; k < 5; k++)
        ok(first[k] > 150 && first[k] < 250, "each is the first with a fifth of the seeds");
}

int main(void)
{
    test_known();
    test_balance();
    test_trends();
    test_seeds();
    return done_testing();
}
