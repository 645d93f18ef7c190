/* SPDX-License-Identifier: BSD-3-Clause */
/* wildcard.c - texts that are named by a pattern. */
#include "base/wildcard.h"

#include <stddef.h>

bool xb_wildcard_matches(const char *pattern, const char *text)
{
    const char *star = NULL,
               *from = NULL; /* the last star, and what lies behind what it took */

    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            from = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star) { /* let it take one more */
            pattern = star + 1;
            text = ++from;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}
