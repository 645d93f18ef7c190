/* SPDX-License-Identifier: BSD-3-Clause */
/* test_pairs.c - the kinds of pairs by their names, and as they stand in an id. */
#include "model/plan/pairs.h"

#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static void test_names(void)
{
    static const char *const names[] = {"classes", "first", "each", "rounds", "together"};
    static int list[][2] = {{0, 3}, {2, 1}, {10, 4095}};
    const struct xb_pairs pairs = {XB_PAIRS_LIST, list, 3};
    char buf[64];

    for (size_t i = 0; i < ROWS(names); i++) {
        const struct xb_pairs named = {.kind = (enum xb_pairs_kind)i};
        is_str(xb_pairs_names[i], names[i], "in the order of the enum");
        is_str(xb_pairs_name((enum xb_pairs_kind)i), names[i], "by its kind");
        is_int((long long)xb_pairs_format(&named, buf, sizeof buf), (long long)strlen(names[i]),
               "its length");
        is_str(buf, names[i], "as in an id");
    }
    ok(xb_pairs_names[ROWS(names)] == NULL, "there are no others");
    is_str(xb_pairs_name(XB_PAIRS_LIST), "list", "a list has a name for messages");
    is_int((long long)xb_pairs_format(&pairs, buf, sizeof buf), 15, "a list's length");
    is_str(buf, "0-3,2-1,10-4095", "and text");
    is_int((long long)xb_pairs_format(&pairs, buf, 9), 15, "where it does not fit, too");
    is_str(buf, "0-3,2-1,", "and what does");
}

int main(void)
{
    test_names();
    return done_testing();
}
