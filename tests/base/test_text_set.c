/* SPDX-License-Identifier: BSD-3-Clause */
/* test_text_set.c - texts that are numbered in the order in which they come. */
#include "base/text_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

#define MANY 20000

static void test_numbers(void)
{
    struct xb_text_set set = {.n = 0};

    ok(xb_text_set_find(&set, "n1", 2) == -1, "nothing is in an empty set");
    ok(xb_text_set_add(&set, "n1") == 0 && xb_text_set_add(&set, "n2") == 1 &&
           xb_text_set_add(&set, "") == 2,
       "each new text has the next number");
    ok(xb_text_set_add(&set, "n2") == 1 && xb_text_set_add(&set, "") == 2 && set.n == 3,
       "one that is there has the number that it had");
    ok(strcmp(xb_text_set_at(&set, 0), "n1") == 0 && strcmp(xb_text_set_at(&set, 2), "") == 0,
       "and is found by its number");
    ok(xb_text_set_find(&set, "n2:3b:00.0", 2) == 1 && xb_text_set_find(&set, "n2", 1) == -1 &&
           xb_text_set_find(&set, "n22", 3) == -1,
       "a part of a text is found by its length, and no beginning of one");
    xb_text_set_release(&set);
    ok(set.n == 0 && xb_text_set_find(&set, "n1", 2) == -1 && xb_text_set_add(&set, "n2") == 0,
       "what was let go of is empty, and of use again");
    xb_text_set_release(&set);
}

/* Texts in any order, their own copies. */
static void test_many(void)
{
    struct xb_text_set set = {.n = 0};
    char text[32];
    bool good = true;

    for (int turn = 0; turn < 2; turn++)
        for (int i = 0; i < MANY; i++) {
            snprintf(text, sizeof text, "rank %d", i * 7919 % MANY);
            good = good && xb_text_set_add(&set, text) == i;
        }
    ok(good && set.n == MANY, "20000 texts, added twice, keep their numbers");
    for (int i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "rank %d", i * 7919 % MANY);
        good = good && strcmp(xb_text_set_at(&set, (size_t)i), text) == 0;
    }
    ok(good, "and each is what it was");
    xb_text_set_release(&set);
}

int main(void)
{
    test_numbers();
    test_many();
    return done_testing();
}
