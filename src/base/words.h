/* SPDX-License-Identifier: BSD-3-Clause */
/* words.h - a command line in a text, and its words: split and quoted as a shell would. */
#ifndef XB_BASE_WORDS_H
#define XB_BASE_WORDS_H

#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

/* Words of a command line; the list ends with NULL behind them. */
struct xb_words {
    char **list;
    size_t n;
};

/* Split a text at blanks, tabs and line ends. 'a b', "a b" and a\ b are one word; within ""
 * a backslash stands for itself unless ", \, $, ` or a line's end follows (POSIX, Shell Command
 * Language, 2.2). Nothing is expanded: $HOME, ~ and * are words like others. What would end a
 * command in a shell (| & ; < > and brackets, outside of quotes) is an error, and so is a quote
 * without its end. The caller releases; on failure there is nothing to release. */
int xb_words_split(const char *text, struct xb_words *out, struct xb_error *err);

void xb_words_release(struct xb_words *words);

/* Print n words so that a shell, and xb_words_split, would read the same ones: in '' where
 * needed, with blanks between them. */
void xb_words_print(const char *const *words, size_t n, FILE *out);

#endif
