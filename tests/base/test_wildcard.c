/* SPDX-License-Identifier: BSD-3-Clause */
/* test_wildcard.c - texts that are named by a pattern. */
#include "base/wildcard.h"

#include "tests/tap.h"

static const struct {
    const char *pattern, *text;
    bool matches;
} rows[] = {
    {"", "", true},
    {"", "a", false},
    {"a", "", false},
    {"abc", "abc", true},
    {"abc", "abd", false},
    {"abc", "abcd", false},
    {"abcd", "abc", false},
    {"?", "a", true},
    {"?", "", false},
    {"a?c", "abc", true},
    {"*", "", true},
    {"*", "anything/at[all]", true},
    {"a*", "a", true},
    {"a*c", "abbc", true},
    {"a*c", "abbcd", false},
    {"*b*", "abc", true},
    {"*b*", "acd", false},
    {"**", "x", true},
    {"a*b*c", "a_b_b_c", true},
    {"a*bc", "abcbc", true}, /* the first bc is not the last */
    {"*[engine=ce]*", "stream/p2p[engine=ce]/8B", true},
    {"*[engine=ce]*", "stream/p2pe/8B", false}, /* brackets are no set of letters */
    {"*\\*", "a*", false},
};

int main(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char name[128];
        snprintf(name, sizeof name, "'%s' and '%s'", rows[i].pattern, rows[i].text);
        is_int(xb_wildcard_matches(rows[i].pattern, rows[i].text), rows[i].matches, name);
    }
    return done_testing();
}
