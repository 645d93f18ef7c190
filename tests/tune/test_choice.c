/* SPDX-License-Identifier: BSD-3-Clause */
/* test_choice.c - which trial is taken, and what is simpler, of trials that are made up. */
#include "tune/choice.h"

#include "model/plan/layout.h"
#include "tests/tap.h"
#include "tests/tune/trial_fixture.h"

#define SIZE 65536

static const struct xb_preference nothing_before = {.catalog = &fixture_catalog};

static void add(struct xb_trials *trials, struct xb_trial t)
{
    xb_trials_add(trials, &t);
}

/* A finalist with that interval. */
static struct xb_trial final(struct xb_trial t, double lo, double hi)
{
    t.final = t.again = true;
    t.ci_lo_us = lo;
    t.ci_hi_us = hi;
    return t;
}

/* ---- trials that were measured once ---- */

static void test_winners(void)
{
    struct xb_trials t = {0};

    add(&t, trial(&fixture_direct, &to_gpu, 4096, 0, 0, 10));
    add(&t, trial(&fixture_zero_copy, &to_gpu, 4096, 4096, 1, 12));
    add(&t, trial(&fixture_direct, &to_gpu, SIZE, 0, 0, 20));
    add(&t, trial(&fixture_zero_copy, &to_gpu, SIZE, 4096, 4, 19.8));
    add(&t, trial(&fixture_zero_copy, &to_gpu, SIZE, 8192, 4, 0));
    add(&t, trial(&fixture_zero_copy, &to_gpu, 1 << 20, 65536, 4, 50));
    add(&t, trial(&fixture_direct, &to_gpu, 1 << 20, 0, 0, 90));

    const struct xb_trial *small = xb_trials_best(&t, &AT(to_gpu, 4096));
    const struct xb_preference by = {&fixture_catalog, &small->c};
    ok(small->c.method == &fixture_direct, "the fastest");
    ok(xb_trials_best(&t, &AT(to_gpu, SIZE))->us == 19.8, "what is not ok does not win");
    ok(xb_trials_best(&t, &AT(between, 4096)) == NULL, "nothing was measured there");
    ok(!xb_trials_choose(&t, &AT(between, 4096), &by), "so nothing is chosen");
    ok(xb_trials_choose(&t, &AT(to_gpu, SIZE), &nothing_before)->us == 19.8,
       "nothing was chosen before: the fastest, simple or not");
    ok(xb_trials_choose(&t, &AT(to_gpu, SIZE), &by)->us == 20,
       "intervals overlap: it stays with the method");
    ok(xb_trials_choose(&t, &AT(to_gpu, 1 << 20), &by)->us == 50, "they part: it changes");
    ok(!xb_trials_rival(&t, &t.trial[2], 0), "single measurements have no say in what parts");
    ok(xb_trials_find(&t, small->c.id) == small, "found by id");
    ok(xb_trials_find(&t, "no such") == NULL, "or not");
    xb_trials_release(&t);
}

/* What was measured again counts with the smaller of its times, and before what was not. */
static void test_best_us(void)
{
    struct xb_trials t = {0};

    add(&t, trial(&fixture_direct, &to_gpu, 4096, 0, 0, 10));
    add(&t, trial(&fixture_zero_copy, &to_gpu, 4096, 4096, 1, 12));
    add(&t, trial(&fixture_zero_copy, &to_gpu, 4096, 4096, 2, 0));
    is_near(xb_trials_best_us(&t, &AT(to_gpu, 4096)), 10, 0, "the smallest");
    t.trial[1].best_us = 9;
    is_near(xb_trials_best_us(&t, &AT(to_gpu, 4096)), 9, 0, "of all times");
    is_near(xb_trials_best(&t, &AT(to_gpu, 4096))->us, 10, 0,
            "a choice goes by the first ones");
    t.trial[0].again = true;
    is_near(xb_trials_best_us(&t, &AT(to_gpu, 4096)), 10, 0, "one moment is less than two");
    t.trial[0].again = t.trial[1].ok = false;
    is_near(xb_trials_best_us(&t, &AT(to_gpu, 4096)), 10, 0, "what is not ok has none");
    ok(xb_trials_best_us(&t, &AT(between, 4096)) == 0, "nothing was measured there");
    xb_trials_release(&t);
}

/* ---- finalists ---- */

static void test_finalists(void)
{
    struct xb_trials t = {0};
    size_t out[XB_FINALISTS];

    add(&t, trial(&fixture_host_staged, &between, SIZE, 4096, 4, 12));
    add(&t, trial(&fixture_host_staged, &between, SIZE, 8192, 4, 11));
    add(&t, trial(&fixture_p2p, &between, SIZE, 0, 0, 10));
    add(&t, trial(&fixture_mpi, &between, SIZE, 0, 0, 15.1));
    add(&t, trial(&fixture_nccl, &between, SIZE, 0, 0, 0));
    is_int((long long)xb_trials_finalists(&t, &AT(between, SIZE), out), 2,
           "two are near enough");
    ok(out[0] == 2 && out[1] == 1, "the best of each method, fastest first");
    t.trial[3].us = 14.9;
    is_int((long long)xb_trials_finalists(&t, &AT(between, SIZE), out), 3,
           "one and a half times");
    add(&t, trial(&fixture_unified, &between, SIZE, 0, 0, 13));
    add(&t, trial(&fixture_zero_copy, &between, SIZE, 4096, 1, 12));
    is_int((long long)xb_trials_finalists(&t, &AT(between, SIZE), out), XB_FINALISTS,
           "a handful at most");
    ok(out[2] == 6 && out[3] == 5, "without the slowest");
    is_int((long long)xb_trials_finalists(&t, &AT(to_gpu, SIZE), out), 0,
           "nothing was measured");
    xb_trials_release(&t);
}

/* By medians where they part, else the simplest of those that nobody surely beats. */
static void test_contenders(void)
{
    struct xb_trials t = {0};
    const struct xb_trial *chosen;

    add(&t, trial(&fixture_direct, &to_gpu, SIZE, 0, 0, 1)); /* lucky, and measured once */
    add(&t, final(trial(&fixture_zero_copy, &to_gpu, SIZE, 4096, 4, 10), 9.9, 10.4));
    add(&t, final(trial(&fixture_unified, &to_gpu, SIZE, 0, 0, 11), 10.5, 11));
    chosen = xb_trials_choose(&t, &AT(to_gpu, SIZE), &nothing_before);
    ok(chosen == &t.trial[1], "they part: the faster one of the finalists");
    ok(!xb_trials_rival(&t, chosen, 0), "without a rival");
    t.trial[2].ci_lo_us = 10.4;
    chosen = xb_trials_choose(&t, &AT(to_gpu, SIZE), &nothing_before);
    ok(chosen == &t.trial[2], "they touch: the simpler one");
    ok(xb_trials_rival(&t, chosen, 0) == &t.trial[1] && !xb_trials_rival(&t, chosen, 1),
       "which does not part from the other");
    /* as near to the fastest, but surely slower than a third */
    t.trial[1].ci_hi_us = 12;
    add(&t, final(trial(&fixture_host_staged, &to_gpu, SIZE, 4096, 2, 10.1), 10, 10.3));
    chosen = xb_trials_choose(&t, &AT(to_gpu, SIZE), &nothing_before);
    ok(chosen == &t.trial[3], "what another surely beats is not chosen, simple as it is");
    t.trial[1].ok = t.trial[2].ok = t.trial[3].ok = false;
    ok(xb_trials_choose(&t, &AT(to_gpu, SIZE), &nothing_before) == &t.trial[0],
       "without a finalist that is ok the others count");
    xb_trials_release(&t);
}

/* ---- what is simpler ---- */

/* a is simpler than b, and not the other way round. */
static void check_simpler(const struct xb_trial *a, const struct xb_trial *b,
                          const struct xb_case *before, const char *why)
{
    const struct xb_preference by = {&fixture_catalog, before};

    ok(xb_is_simpler(&a->c, &b->c, &by), why);
    ok(!xb_is_simpler(&b->c, &a->c, &by), "and the other is not");
}

static void test_simpler(void)
{
    struct xb_trial direct = trial(&fixture_direct, &to_gpu, SIZE, 0, 0, 1);
    struct xb_trial mpi = trial(&fixture_mpi, &to_gpu, SIZE, 0, 0, 1);
    struct xb_trial whole = trial(&fixture_zero_copy, &to_gpu, SIZE, SIZE, 1, 1);
    struct xb_trial halves = trial(&fixture_zero_copy, &to_gpu, SIZE, SIZE / 2, 2, 1);
    struct xb_trial deep = trial(&fixture_zero_copy, &to_gpu, SIZE, SIZE / 2, 3, 1);
    struct xb_trial bits = trial(&fixture_zero_copy, &to_gpu, SIZE, 4096, 1, 1);
    struct xb_trial staged = trial(&fixture_host_staged, &to_gpu, SIZE, SIZE / 2, 2, 1);
    struct xb_trial pull = trial(&fixture_p2p, &between, SIZE, 0, 0, 1), push = pull;

    check_simpler(&direct, &whole, NULL, "no depth is less than one");
    check_simpler(&halves, &bits, NULL, "fewer pieces, whatever the depth");
    check_simpler(&mpi, &halves, NULL, "not cut at all, whatever the method");
    check_simpler(&halves, &deep, NULL, "less depth");
    check_simpler(&direct, &mpi, NULL, "the method that stands first in the table");
    check_simpler(&staged, &halves, NULL, "also of those that are cut");
    xb_option_set(&fixture_p2p.options[1], &pull.c.options, XB_P2P_PULL);
    check_simpler(&push, &pull, NULL, "options as they are by default");
    check_simpler(&bits, &direct, &deep.c, "what goes on with the method before all that");
    check_simpler(&deep, &halves, &deep.c, "with its chunk and depth, before less of it");
    check_simpler(&pull, &push, &pull.c, "the method with its options");
    push = direct;
    strcpy(push.c.id, "z");
    strcpy(direct.c.id, "a");
    check_simpler(&direct, &push, NULL, "the id where nothing else differs");
}

/* Same methods are told by all bytes of their options, also those that no option holds. */
static void test_shapes(void)
{
    static const unsigned char mark[] = {0x5a, 0xa5, 0x5a, 0xa5};
    const size_t members = offsetof(struct xb_layout_options, submission) + sizeof(int);
    struct xb_case c = trial(&fixture_zero_copy, &to_gpu, 4096, 4096, 1, 10).c;
    unsigned char *behind = c.options.bytes + c.method->layout_at + members;

    is_int((long long)(sizeof(struct xb_layout_options) - members), (long long)sizeof mark,
           "four bytes behind the members");
    memcpy(behind, mark, sizeof mark);
    xb_case_set_shape(&c, &XB_ONE_PIECE);
    ok(memcmp(behind, mark, sizeof mark) == 0, "a shape leaves what no option holds");
    xb_case_set_submission(&c, XB_SUBMIT_KERNEL);
    ok(memcmp(behind, mark, sizeof mark) == 0, "so does a submission");
}

int main(void)
{
    test_winners();
    test_best_us();
    test_finalists();
    test_contenders();
    test_simpler();
    test_shapes();
    return done_testing();
}
