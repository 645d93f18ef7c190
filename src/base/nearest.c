/* SPDX-License-Identifier: BSD-3-Clause */
/* nearest.c - "did you mean": words by their distance. */
#include "base/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define WORD_MAX 63 /* bytes of a word that is compared */
#define LETTER   3  /* cost of a letter that is added, left out or replaced */
#define SWAP     2  /* of two neighbours that change places */

static char fold(char c)
{
    return c == '_' ? '-' : (char)tolower((unsigned char)c);
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* What it costs to make b of a. Row i of the table is about the first i letters of a; each row
 * needs but the two above it. */
static int distance(const char *a, const char *b)
{
    int table[3][WORD_MAX + 1], n = (int)strlen(b);
    int *above = table[0], *row = table[1], *spare = table[2];

    for (int k = 0; k <= n; k++)
        row[k] = LETTER * k;
    for (int i = 1; a[i - 1]; i++) {
        int *two_above = above;
        above = row;
        row = spare;
        spare = two_above;
        row[0] = LETTER * i;
        for (int k = 1; k <= n; k++) {
            bool same = fold(a[i - 1]) == fold(b[k - 1]);
            row[k] =
                least(above[k - 1] + (same ? 0 : LETTER), least(above[k], row[k - 1]) + LETTER);
            if (i > 1 && k > 1 && fold(a[i - 1]) == fold(b[k - 2]) &&
                fold(a[i - 2]) == fold(b[k - 1]) && !same)
                row[k] = least(row[k], two_above[k - 2] + SWAP);
        }
    }
    return row[n];
}

const char *xb_nearest(const char *given, const char *const *words)
{
    const char *nearest = NULL;
    int cost = 0, length = (int)strnlen(given, WORD_MAX + 1);

    for (size_t i = 0; words[i] && length <= WORD_MAX; i++) {
        int other = (int)strnlen(words[i], WORD_MAX + 1);
        if (other > WORD_MAX)
            continue;
        int this_cost = distance(given, words[i]);
        if (this_cost < (length > other ? length : other) && (!nearest || this_cost < cost)) {
            nearest = words[i];
            cost = this_cost;
        }
    }
    return nearest;
}

const char *xb_did_you_mean(const char *given, const char *const *words, char buf[XB_HINT_LEN])
{
    const char *nearest = xb_nearest(given, words);

    buf[0] = '\0';
    if (nearest && strcmp(nearest, given) != 0)
        snprintf(buf, XB_HINT_LEN, " (did you mean %s?)", nearest);
    return buf;
}
