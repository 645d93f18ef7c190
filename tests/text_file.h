/* SPDX-License-Identifier: BSD-3-Clause */
/* text_file.h - what a small file holds, for tests that write some. */
#ifndef XB_TESTS_TEXT_FILE_H
#define XB_TESTS_TEXT_FILE_H

#include <stdio.h>

/* What a file holds, cut at a buffer's length, until the next call; "" when it is not there. */
static const char *content_of(const char *file)
{
    static char text[1024];
    FILE *f = fopen(file, "r");
    size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

    text[n] = '\0';
    if (f)
        fclose(f);
    return text;
}

#endif
