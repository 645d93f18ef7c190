/* SPDX-License-Identifier: BSD-3-Clause */
/* test_turn.c - which bytes a batch leaves, against a batch that is carried out byte by byte,
 * and that what is left out shows. */
#include "engine/pipeline/turn.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

#define STEP 16
#define MOST 400
#define NONE (-1)

struct shape {
    uint64_t bytes;
    int64_t rounds;
    int window;
    unsigned odd;
};

static struct xb_batch batch_of(const struct shape *s)
{
    return (struct xb_batch){.step = STEP,
                             .rounds = s->rounds,
                             .window = s->window,
                             .odd = s->odd,
                             .written = s->bytes};
}

/* Carry out a batch without some of its transfers: each byte of dst gets its place in the
 * source, NONE where nothing was written. */
static void carry_out(const struct shape *s, bool (*left_out)(int64_t k, int64_t n), int *dst)
{
    struct xb_batch batch = batch_of(s);
    int64_t n = s->rounds * s->window;

    for (int i = 0; i < MOST; i++)
        dst[i] = NONE;
    for (int64_t k = 0; k < n; k++) {
        struct xb_turn turn = xb_turn_of(&batch, k / s->window);
        int i = (int)(k % s->window);
        if (left_out && left_out(k, n))
            continue;
        for (uint64_t b = 0; b < s->bytes; b++)
            dst[xb_turn_dst(&turn, i) + b] = (int)(xb_turn_src(&turn, i) + b);
    }
}

/* What the patches say is in dst. */
static bool read_patches(const struct shape *s, int *dst)
{
    struct xb_batch batch = batch_of(s);
    struct xb_patch patches[XB_TURN_PATCHES];
    uint64_t size = s->bytes + 2 * STEP, covered = 0;
    int n = xb_turn_patches(&batch, size, patches);

    for (int i = 0; i < MOST; i++)
        dst[i] = NONE;
    for (int p = 0; p < n; p++) {
        const struct xb_patch *patch = &patches[p];
        covered += patch->bytes;
        for (uint64_t b = 0; !patch->untouched && b < patch->bytes; b++)
            dst[patch->at + b] = (int)(patch->at + b - patch->dst + patch->src);
    }
    return n <= XB_TURN_PATCHES && covered == size;
}

static bool all(int64_t k, int64_t n)
{
    (void)k;
    (void)n;
    return true;
}

static bool first(int64_t k, int64_t n)
{
    (void)n;
    return k == 0;
}

static bool last(int64_t k, int64_t n)
{
    return k == n - 1;
}

static bool even(int64_t k, int64_t n)
{
    (void)n;
    return k % 2 == 0;
}

static bool odd(int64_t k, int64_t n)
{
    (void)n;
    return k % 2 == 1;
}

static bool middle(int64_t k, int64_t n)
{
    return k > 0 && k < n - 1;
}

static const struct {
    bool (*left_out)(int64_t k, int64_t n);
    const char *name;
} omissions[] = {{all, "all"}, {first, "the first"}, {last, "the last"}, {even, "every other"}};

/* Shapes as batches have them: rounds are powers of two, windows any. */
static void test_shapes(void)
{
    static int done[MOST], said[MOST];
    bool same = true, covered = true, shows[4] = {true, true, true, true}, odd_shows = true,
         middle_shows = true;

    for (uint64_t bytes = 1; bytes <= 6 * STEP; bytes += bytes < 8 ? 1 : 7)
        for (int64_t rounds = 1; rounds <= 16; rounds *= 2)
            for (int window = 1; window <= 5; window++)
                for (unsigned o = 0; o < 2; o++) {
                    struct shape s = {bytes, rounds, window, o};
                    carry_out(&s, NULL, done);
                    covered = read_patches(&s, said) && covered;
                    same = same && memcmp(done, said, sizeof done) == 0;
                    for (size_t i = 0; i < 4; i++) {
                        carry_out(&s, omissions[i].left_out, said);
                        shows[i] = shows[i] && memcmp(done, said, sizeof done) != 0;
                    }
                    carry_out(&s, odd, said);
                    if (rounds * window > 1 && rounds * window % 2 == 0)
                        odd_shows = odd_shows && memcmp(done, said, sizeof done) != 0;
                    carry_out(&s, middle, said);
                    if (rounds > 1 && rounds * window > 2)
                        middle_shows = middle_shows && memcmp(done, said, sizeof done) != 0;
                }
    ok(covered, "patches cover the destination, once");
    ok(same, "and say of each byte where it comes from");
    for (size_t i = 0; i < 4; i++)
        ok(shows[i], omissions[i].name);
    ok(odd_shows, "every other, from the second on, of an even number");
    ok(middle_shows, "all but the first and the last, of several rounds");
}

/* Transfers of one round may end in any order. */
static void test_order(void)
{
    bool same = true;

    for (int window = 2; window <= 5; window++)
        for (unsigned o = 0; o < 2; o++) {
            struct shape s = {100, 2, window, o};
            struct xb_batch batch = batch_of(&s);
            for (int64_t round = 0; round < 2; round++) {
                struct xb_turn turn = xb_turn_of(&batch, round);
                for (int i = 1; i < window; i++)
                    same = same && xb_turn_src(&turn, i) - xb_turn_dst(&turn, i) ==
                                       xb_turn_src(&turn, 0) - xb_turn_dst(&turn, 0);
            }
        }
    ok(same, "transfers of one round write the same where they overlap");
}

/* The next round, and the next batch, find other bytes than their own. */
static void test_alternation(void)
{
    struct xb_batch batch = {.step = STEP, .rounds = 4, .window = 1};
    bool apart = true;

    for (int64_t round = 1; round < 4; round++) {
        struct xb_turn before = xb_turn_of(&batch, round - 1), turn = xb_turn_of(&batch, round);
        apart = apart && xb_turn_src(&turn, 0) - xb_turn_dst(&turn, 0) !=
                             xb_turn_src(&before, 0) - xb_turn_dst(&before, 0);
    }
    ok(apart, "each round reads from another place than the one before");
    struct xb_turn plain = {0};
    ok(xb_turn_dst(&plain, 3) == 0 && xb_turn_src(&plain, 3) == 0,
       "without steps all go from one place to one place");
    struct xb_turn forwards = {.step = STEP, .ahead = 1, .forwards = true, .n = 1};
    is_int((long long)xb_turn_src(&forwards, 0), STEP,
           "what is forwarded lies where it arrived");
    is_int((long long)xb_turn_origin(&forwards, 0), 2 * STEP,
           "and came from a step further on");
}

static bool has_stamp(const struct xb_stamps *s, uint64_t from, uint64_t to)
{
    for (uint64_t i = 0; i < xb_stamps_count(s, from, to - from); i++) {
        uint64_t at = xb_stamps_at(s, from, i);
        if (at >= from && at + XB_STAMP_BYTES <= to)
            return true;
    }
    return false;
}

/* Each unit has a stamp wherever it begins, and so have the steps at both ends. */
static void test_stamps(void)
{
    static const uint64_t sizes[] = {4096, 65536, 1 << 20, (1 << 20) + 3, 64 << 20};
    char name[96];

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (uint64_t unit = 128; unit <= sizes[i]; unit *= 8) {
            struct xb_stamps s = xb_stamps_make(sizes[i], XB_TURN_STEP, unit);
            bool good = true;
            for (uint64_t at = 0; at + unit <= sizes[i]; at += unit)
                good = good && has_stamp(&s, at, at + unit);
            snprintf(name, sizeof name, "each %llu of %llu bytes has a stamp",
                     (unsigned long long)unit, (unsigned long long)sizes[i]);
            ok(good, name);
            for (uint64_t k = 0; k <= 3; k++)
                good = good &&
                       has_stamp(&s, k * XB_TURN_STEP, k * XB_TURN_STEP + XB_STAMP_BYTES) &&
                       has_stamp(&s, sizes[i] + k * XB_TURN_STEP - XB_STAMP_BYTES,
                                 sizes[i] + k * XB_TURN_STEP);
            ok(good, "and so have the ends");
            ok(unit < 512 || xb_stamps_count(&s, 0, sizes[i]) < 300 + 4 * sizes[i] / unit,
               "and there are not many more");
        }
}

int main(void)
{
    test_shapes();
    test_order();
    test_alternation();
    test_stamps();
    return done_testing();
}
