/* SPDX-License-Identifier: BSD-3-Clause */
/* error.h - the one way a function says what went wrong.
 *
 * A function that can fail takes a `struct xb_error *err` as its last argument, fills it once
 * at the place that detects the error, and returns -1. Callers pass it on or add where it
 * happened; only the commands print it.
 */
#ifndef XB_BASE_ERROR_H
#define XB_BASE_ERROR_H

#include <stddef.h>

#define XB_ERROR_LEN 512

struct xb_error {
    char text[XB_ERROR_LEN];
};

/* Format the error text into err, which the caller owns and may pass as NULL. The text names
 * what was wrong, where, and what was expected, without a trailing newline. Always returns -1,
 * so that callers write `return xb_fail(err, ...)`. Of a text that does not fit the middle is
 * left out. */
int xb_fail(struct xb_error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Put "context: " before the text that err holds. Always returns -1. */
int xb_fail_in(struct xb_error *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#ifdef __clang_analyzer__
/* clang-tidy reads one source at a time, and takes no function with "..." in: it is told here
 * that the path of a failure ends in -1. Where they are defined the names are in brackets. */
#define xb_fail(...)    (xb_fail(__VA_ARGS__), -1)
#define xb_fail_in(...) (xb_fail_in(__VA_ARGS__), -1)
#endif

/* Write the words of a NULL-terminated list as "a, b or c", for texts that say what is allowed,
 * into buf, which it returns. A list that does not fit is cut. */
const char *xb_error_list(const char *const *words, char *buf, size_t len);

#endif
