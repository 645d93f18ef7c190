/* SPDX-License-Identifier: BSD-3-Clause */
/* test_pair_rounds_walk.c - rounds of pairs are had one by one: in any order, not to their end,
 * and in a large job without storing them. */
#include "model/plan/pair_rounds.h"

#include <malloc.h>

#include "tests/model/plan/pair_rounds_fixture.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

#define MOST_ROUNDS 256

static bool same_lanes(const struct copy *a, const struct copy *b)
{
    bool same = a->count == b->count;

    for (int i = 0; same && i < a->count; i++)
        same = a->lane[i].src_rank == b->lane[i].src_rank &&
               a->lane[i].dst_rank == b->lane[i].dst_rank &&
               a->lane[i].link_class == b->lane[i].link_class &&
               xb_path_equal(&a->lane[i].path, &b->lane[i].path);
    return same;
}

/* Rounds that are walked from the last to the first, by another walker, are the same. */
static bool same_backwards(const struct shape *s, const struct xb_path *path,
                           enum xb_pairs_kind kind)
{
    static struct copy forth[MOST_ROUNDS];
    const struct xb_job job = {.nranks = s->nranks, .node_of_rank = s->nodes};
    const struct xb_pairs pairs = {.kind = kind};
    struct xb_pair_rounds one, other;
    bool same = true;

    if (xb_pair_rounds_open(path, &pairs, &job, &one, NULL) != 0)
        return true;
    if (one.rounds > MOST_ROUNDS || xb_pair_rounds_open(path, &pairs, &job, &other, NULL) != 0)
        return false;
    for (size_t i = 0; i < one.rounds; i++) {
        forth[i].count = 0;
        xb_pair_rounds_walk(&one, i, keep, &forth[i]);
    }
    for (size_t i = one.rounds; i-- > 0;) {
        struct copy back = {.count = 0};
        xb_pair_rounds_walk(&other, i, keep, &back);
        same = same && same_lanes(&forth[i], &back);
    }
    xb_pair_rounds_close(&one);
    xb_pair_rounds_close(&other);
    return same;
}

static void test_random_access(void)
{
    struct over_shapes same = {0};

    for (int kind = XB_PAIRS_CLASSES; kind < XB_PAIRS_LIST; kind++)
        for (int l = 0; l < XB_LOCALITIES; l++)
            for (struct shape s = {0}; next_shape(&s);) {
                struct xb_path path;
                xb_path_parse(localities[l], &path, NULL);
                also(&same, same_backwards(&s, &path, (enum xb_pairs_kind)kind), &s,
                     (enum xb_locality)l, xb_pairs_names[kind]);
            }
    all_good(&same, "a round is the same whatever was walked before");
}

static int stop_after(void *arg, const struct xb_lane *pair)
{
    int *left = arg;
    (void)pair;
    return --*left == 0 ? 7 : 0;
}

static void test_early_end(void)
{
    static const int nodes[MOST_RANKS] = {0};
    const struct xb_job job = {.nranks = 8, .node_of_rank = nodes};

    for (int kind = XB_PAIRS_CLASSES; kind < XB_PAIRS_LIST; kind++) {
        const struct xb_pairs pairs = {.kind = (enum xb_pairs_kind)kind};
        struct xb_pair_rounds rounds;
        struct xb_path path;
        int left = 1;
        xb_path_parse("gpu->gpu@node", &path, NULL);
        xb_pair_rounds_open(&path, &pairs, &job, &rounds, NULL);
        is_int(xb_pair_rounds_walk(&rounds, 0, stop_after, &left), 7, "a walk that is ended");
        is_int(left, 0, "goes no further");
        xb_pair_rounds_close(&rounds);
    }
}

/* ---- a large job ---- */

#define LARGE_RANKS 4096
#define LARGE_NODE  8

static int count_pair(void *arg, const struct xb_lane *pair)
{
    size_t *sums = arg;
    sums[0]++;
    sums[1] += (size_t)pair->src_rank;
    sums[2] += (size_t)pair->dst_rank;
    return 0;
}

/* All of `rounds`, and of `each` the ends and some between: every round can be had by itself,
 * and none of them is stored. */
static void test_large(void)
{
    static int nodes[LARGE_RANKS];
    const struct xb_job job = {.nranks = LARGE_RANKS, .node_of_rank = nodes};
    const struct xb_pairs in_rounds = {.kind = XB_PAIRS_ROUNDS}, each = {.kind = XB_PAIRS_EACH};
    const size_t remote = (size_t)LARGE_RANKS * (LARGE_RANKS - LARGE_NODE),
                 ranks = (size_t)LARGE_RANKS * (LARGE_RANKS - 1) / 2;
    struct xb_pair_rounds rounds;
    struct xb_path path;
    size_t sums[3] = {0};

    for (int r = 0; r < LARGE_RANKS; r++)
        nodes[r] = r / LARGE_NODE;
    xb_path_parse("gpu->gpu@remote", &path, NULL);
    size_t before = mallinfo2().uordblks;
    is_int(xb_pair_rounds_open(&path, &in_rounds, &job, &rounds, NULL), 0, "a large job");
    ok(mallinfo2().uordblks - before < (size_t)LARGE_RANKS * 64, "takes little memory");
    is_int((long long)rounds.rounds, 2 * LARGE_NODE * (LARGE_RANKS / LARGE_NODE - 1),
           "8176 rounds between nodes");
    for (size_t i = 0; i < rounds.rounds; i++)
        xb_pair_rounds_walk(&rounds, i, count_pair, sums);
    is_int((long long)sums[0], (long long)remote, "of all pairs");
    is_int((long long)sums[1], (long long)(ranks * (LARGE_RANKS - LARGE_NODE)),
           "every source as often");
    is_int((long long)sums[2], (long long)sums[1], "and every destination");
    xb_pair_rounds_close(&rounds);

    xb_pair_rounds_open(&path, &each, &job, &rounds, NULL);
    is_int((long long)rounds.rounds, (long long)remote, "as many, each by itself");
    const struct {
        size_t round;
        int src, dst;
    } places[] = {
        {0, 0, 8},
        {4087, 0, 4095},
        {4088, 1, 8},
        {remote / 2, 2048, 0},
        {remote - 1, 4095, 4087},
    };
    for (size_t i = 0; i < ROWS(places); i++) {
        struct copy copy = {.count = 0};
        xb_pair_rounds_walk(&rounds, places[i].round, keep, &copy);
        is_int(copy.lane[0].src_rank, places[i].src, "its source");
        is_int(copy.lane[0].dst_rank, places[i].dst, "its destination");
    }
    xb_pair_rounds_close(&rounds);
    xb_path_parse("gpu->gpu@node", &path, NULL);
    xb_pair_rounds_open(&path, &in_rounds, &job, &rounds, NULL);
    is_int((long long)rounds.rounds, 14, "2(n-1) rounds on all nodes at once");
    xb_pair_rounds_close(&rounds);
}

int main(void)
{
    test_random_access();
    test_early_end();
    test_large();
    return done_testing();
}
