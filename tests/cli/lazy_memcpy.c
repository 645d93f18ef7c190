/* SPDX-License-Identifier: BSD-3-Clause */
/* lazy_memcpy.c - xferbench with a memcpy that does nothing where the first bytes are the same
 * already, as something that remembers what it copied might; with XB_LAZY_BLIND set it does
 * nothing whatever is there. Only copies of XB_LAZY_BYTES are meant, for MPI copies what is its
 * own too. What is defined here is found before the library's own. */
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define COMPARED 64 /* bytes that it looks at */

/* The compiler must not make a memcpy of it. */
static void *(*const volatile copy)(void *, const void *, size_t) = memmove;

void *memcpy(void *restrict dst, const void *restrict src, size_t bytes)
{
    static size_t lazy;
    static bool blind;

    if (lazy == 0) {
        const char *text = getenv("XB_LAZY_BYTES");
        blind = getenv("XB_LAZY_BLIND") != NULL;
        lazy = text ? strtoul(text, NULL, 10) : 1;
    }
    if (bytes == lazy && bytes > COMPARED && (blind || memcmp(dst, src, COMPARED) == 0))
        return dst;
    return copy(dst, src, bytes);
}
