/* SPDX-License-Identifier: BSD-3-Clause */
/* test_suspects.c - who is slow: in jobs of which it is known. */
#include "model/figures/suspects.h"

#include <math.h>
#include <stdlib.h>

#include "tests/tap.h"

#define RANKS 16

static const struct xb_slow_limit usual = {.off = 0.03, .mads = 3.5};

/* Every ordered pair of ranks, `per` of them a node: between nodes, or within them. */
static size_t all_pairs(struct xb_like_lane *lanes, int ranks, int per, bool between)
{
    size_t n = 0;

    for (int a = 0; a < ranks; a++)
        for (int b = 0; b < ranks; b++)
            if (a != b && (a / per != b / per) == between)
                lanes[n++] = (struct xb_like_lane){a, b, a / per, b / per, false, 100, 100};
    return n;
}

static void slow_down(struct xb_like_lane *lane, double times)
{
    lane->us *= times;
    lane->least_us *= times;
}

/* One suspect, of this kind, place or link, and roles. */
static void is_one(const struct xb_like_lane *lanes, size_t n, enum xb_suspect_kind kind,
                   int roles, int src, int dst, const char *what)
{
    struct xb_suspect *found;
    int count = xb_suspects_find(lanes, n, &usual, &found);

    is_int(count, 1, what);
    if (count == 1) {
        is_int((int)found->kind, (int)kind, what);
        is_int(found->roles, roles, what);
        is_int(found->src, src, what);
        is_int(found->dst, dst, what);
        ok(found->us > 1.02 * found->usual_us, what);
    }
    free(found);
}

static void is_none(const struct xb_like_lane *lanes, size_t n,
                    const struct xb_slow_limit *limit, const char *what)
{
    struct xb_suspect *found;

    is_int(xb_suspects_find(lanes, n, limit, &found), 0, what);
    ok(!found, what);
}

static void test_ranks(void)
{
    for (int roles = 1; roles <= 3; roles++) {
        struct xb_like_lane lanes[RANKS * RANKS];
        size_t n = all_pairs(lanes, 4, 4, false);
        for (size_t i = 0; i < n; i++)
            if (((roles & XB_SENDS) && lanes[i].src == 2) ||
                ((roles & XB_RECEIVES) && lanes[i].dst == 2))
                slow_down(&lanes[i], 1.04);
        is_one(lanes, n, XB_SUSPECT_RANK, roles, 2, 2, "a rank of four");
    }
    /* four of six lanes touch rank 1: most of them are slow */
    struct xb_like_lane three[RANKS * RANKS];
    size_t n = all_pairs(three, 3, 3, false);
    for (size_t i = 0; i < n; i++)
        if (three[i].src == 1 || three[i].dst == 1)
            slow_down(&three[i], 10);
    is_one(three, n, XB_SUSPECT_RANK, 3, 1, 1, "where most lanes are slow");
    /* a ring: two of its lanes touch rank 3 */
    struct xb_like_lane ring[8];
    for (int i = 0; i < 8; i++)
        ring[i] = (struct xb_like_lane){i, (i + 1) % 8, 0, 0, false, 50, 50};
    slow_down(&ring[2], 2);
    slow_down(&ring[3], 2);
    is_one(ring, 8, XB_SUSPECT_RANK, 3, 3, 3, "a rank in a ring");
    /* between host and GPU of each rank */
    struct xb_like_lane own[4];
    for (int i = 0; i < 4; i++)
        own[i] = (struct xb_like_lane){i, i, 0, 0, false, 50, 50};
    slow_down(&own[3], 1.1);
    is_one(own, 4, XB_SUSPECT_RANK, 3, 3, 3, "a lane within a rank");
    own[3].is_link = true;
    is_one(own, 4, XB_SUSPECT_LINK, XB_SENDS, 3, 3, "a link between two GPUs of a rank");
}

static void test_links(void)
{
    struct xb_like_lane lanes[RANKS * RANKS];
    size_t n = all_pairs(lanes, 4, 4, false);

    for (size_t i = 0; i < n; i++)
        if (lanes[i].src == 1 && lanes[i].dst == 3)
            slow_down(&lanes[i], 1.5);
    is_one(lanes, n, XB_SUSPECT_LINK, XB_SENDS, 1, 3, "one way");
    for (size_t i = 0; i < n; i++)
        if (lanes[i].src == 3 && lanes[i].dst == 1)
            slow_down(&lanes[i], 1.7);
    is_one(lanes, n, XB_SUSPECT_LINK, 3, 1, 3, "both ways");
    struct xb_like_lane ring[4];
    for (int i = 0; i < 4; i++)
        ring[i] = (struct xb_like_lane){i, (i + 1) % 4, i, (i + 1) % 4, false, 50, 50};
    slow_down(&ring[1], 2);
    is_one(ring, 4, XB_SUSPECT_LINK, XB_SENDS, 1, 2, "one lane of a ring is no place's");
}

static void test_nodes(void)
{
    for (int per = 1; per <= 4; per *= 2) {
        struct xb_like_lane lanes[RANKS * RANKS];
        size_t n = all_pairs(lanes, 4 * per, per, true);
        for (size_t i = 0; i < n; i++)
            if (lanes[i].src_node == 3 || lanes[i].dst_node == 3)
                slow_down(&lanes[i], 10);
        is_one(lanes, n, XB_SUSPECT_NODE, 3, 3, 3, "a node of four");
    }
    struct xb_like_lane lanes[RANKS * RANKS];
    size_t n = all_pairs(lanes, 8, 2, true);
    for (size_t i = 0; i < n; i++)
        if (lanes[i].src == 5)
            slow_down(&lanes[i], 1.2);
    is_one(lanes, n, XB_SUSPECT_RANK, XB_SENDS, 5, 5, "one of a node's two ranks");
    /* within nodes */
    n = all_pairs(lanes, 12, 4, false);
    for (size_t i = 0; i < n; i++)
        if (lanes[i].src_node == 1)
            slow_down(&lanes[i], 1.1);
    is_one(lanes, n, XB_SUSPECT_NODE, 3, 1, 1, "all lanes within a node");
    /* half of the nodes, each in both roles */
    struct xb_suspect *found;
    n = all_pairs(lanes, 4, 1, true);
    for (size_t i = 0; i < n; i++)
        if (lanes[i].src > 1 || lanes[i].dst > 1)
            slow_down(&lanes[i], 3);
    is_int(xb_suspects_find(lanes, n, &usual, &found), 2, "two nodes of four");
    ok(found && found[0].src == 2 && found[1].src == 3, "which they are");
    free(found);
}

static void test_none(void)
{
    struct xb_like_lane lanes[RANKS * RANKS];
    size_t n = all_pairs(lanes, 4, 4, false);

    is_none(lanes, n, &usual, "all alike");
    is_none(lanes, 0, &usual, "nothing");
    for (size_t i = 0; i < n; i++)
        if (lanes[i].src == 2)
            slow_down(&lanes[i], 1.029);
    is_none(lanes, n, &usual, "2.9 % off");
    for (size_t i = 0; i < n; i++)
        if (lanes[i].src == 2) {
            lanes[i].us = 130;
            lanes[i].least_us = 101;
        }
    is_none(lanes, n, &usual, "an interval that reaches the others");
    n = all_pairs(lanes, 2, 2, false);
    slow_down(&lanes[0], 5);
    is_none(lanes, n, &usual, "of two nobody knows which is slow");
    n = all_pairs(lanes, 2, 1, true);
    slow_down(&lanes[1], 5);
    is_none(lanes, n, &usual, "nor of two nodes");
    /* spread out by 2 % a rank: the last one is not far from what is usual here */
    n = all_pairs(lanes, 8, 8, false);
    for (size_t i = 0; i < n; i++)
        slow_down(&lanes[i],
                  1 + 0.02 * (lanes[i].src > lanes[i].dst ? lanes[i].src : lanes[i].dst));
    is_none(lanes, n, &usual, "a spread");
}

static void test_rate(void)
{
    struct xb_like_lane lanes[RANKS * RANKS];
    struct xb_suspect *found;
    const struct xb_slow_limit rate = {.than_us = 110};
    size_t n = all_pairs(lanes, 3, 3, false);

    is_none(lanes, n, &rate, "all keep the rate");
    for (size_t i = 0; i < n; i++)
        if (lanes[i].dst == 1)
            slow_down(&lanes[i], 1.2);
    is_int(xb_suspects_find(lanes, n, &rate, &found), 1, "one does not");
    ok(found && found->kind == XB_SUSPECT_RANK && found->roles == XB_RECEIVES &&
           found->src == 1 && found->usual_us == 110,
       "the rank that receives");
    free(found);
    for (size_t i = 0; i < n; i++)
        lanes[i].us = lanes[i].least_us = 200 + (double)i;
    is_int(xb_suspects_find(lanes, n, &rate, &found), 1, "none keeps it");
    ok(found && found->kind == XB_SUSPECT_ALL && found->us == 200, "all of them");
    free(found);
}

static void test_limit(void)
{
    double middle;

    is_near(xb_slow_above((double[]){1, 5, 2, 3, 9}, 5, &usual, &middle), 3 + 3.5 * 1.4826 * 2,
            1e-9, "deviations of 0, 1, 2, 2 and 6");
    is_near(middle, 3, 0, "the middle of five");
    is_near(xb_slow_above((double[]){1, 2, 4, 5}, 4, &usual, &middle), 2 + 3.5 * 1.4826, 1e-9,
            "deviations of 0, 1, 2 and 3");
    is_near(middle, 2, 0, "the lower middle of four");
    is_near(xb_slow_above((double[]){100, 100, 104}, 3, &usual, &middle), 103, 1e-9,
            "a share at least");
    ok(isinf(xb_slow_above((double[]){1, 9}, 2, &usual, &middle)), "none of two");
}

int main(void)
{
    test_limit();
    test_ranks();
    test_links();
    test_nodes();
    test_none();
    test_rate();
    return done_testing();
}
