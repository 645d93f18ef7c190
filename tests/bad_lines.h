/* SPDX-License-Identifier: BSD-3-Clause */
/* bad_lines.h - files that are good but for one line, and what they are answered with. */
#ifndef XB_TESTS_BAD_LINES_H
#define XB_TESTS_BAD_LINES_H

#include <stdlib.h>

#include "base/error.h"
#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

struct bad {
    int line; /* replaced, from 1 */
    const char *text;
    const char *where;    /* begins the error */
    const char *expected; /* stands in it */
};

/* n good lines with one of them replaced (0: none), which the caller frees. */
static char *with_line(const char *const *good, int n, int line, const char *replacement)
{
    size_t size = 1024 + (replacement ? strlen(replacement) : 0), used = 0;
    char *text = malloc(size);

    for (int i = 1; text && i <= n; i++)
        used += (size_t)snprintf(text + used, size - used, "%s\n",
                                 i == line ? replacement : good[i - 1]);
    return text;
}

static void check_error(const struct xb_error *err, const char *where, const char *expected)
{
    if (!ok(strncmp(err->text, where, strlen(where)) == 0, "the error says where"))
        printf("#      got: %s\n# expected: %s\n", err->text, where);
    contains(err->text, expected, "the error says what");
}

#endif
