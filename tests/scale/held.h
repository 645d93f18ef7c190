/* SPDX-License-Identifier: BSD-3-Clause */
/* held.h - how many bytes a program holds that malloc gave it, and the most that it has held.
 * For one source file of a program, on the GNU C library, whose own functions do the work.
 */
#ifndef XB_TESTS_SCALE_HELD_H
#define XB_TESTS_SCALE_HELD_H

#include <malloc.h>
#include <stddef.h>

extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t n, size_t bytes);
extern void *__libc_realloc(void *at, size_t bytes);
extern void __libc_free(void *at);

static size_t held, most_held;

static void *note(void *at)
{
    held += at ? malloc_usable_size(at) : 0;
    most_held = held > most_held ? held : most_held;
    return at;
}

void *malloc(size_t bytes)
{
    return note(__libc_malloc(bytes));
}

void *calloc(size_t n, size_t bytes)
{
    return note(__libc_calloc(n, bytes));
}

void *realloc(void *at, size_t bytes)
{
    size_t before = at ? malloc_usable_size(at) : 0;
    void *moved = __libc_realloc(at, bytes);

    held -= moved || bytes == 0 ? before : 0;
    return note(moved);
}

void free(void *at)
{
    held -= at ? malloc_usable_size(at) : 0;
    __libc_free(at);
}

#endif
