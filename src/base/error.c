/* SPDX-License-Identifier: BSD-3-Clause */
/* error.c - error texts that a caller owns. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int xb_fail(struct xb_error *err, const char *fmt, ...)
{
    if (!err)
        return -1;
    /* An argument may be the old text itself, so the new text is made beside it. */
    struct xb_error made;
    va_list args;
    va_start(args, fmt);
    vsnprintf(made.text, sizeof made.text, fmt, args);
    va_end(args);
    *err = made;
    return -1;
}

int xb_fail_in(struct xb_error *err, const char *fmt, ...)
{
    if (!err)
        return -1;
    char context[XB_ERROR_LEN];
    va_list args;
    va_start(args, fmt);
    vsnprintf(context, sizeof context, fmt, args);
    va_end(args);
    return xb_fail(err, "%s: %s", context, err->text);
}

const char *xb_error_list(const char *const *words, char *buf, size_t len)
{
    size_t used = 0;
    buf[0] = '\0';
    for (size_t i = 0; words[i] && used < len; i++) {
        const char *separator = i == 0 ? "" : words[i + 1] ? ", " : " or ";
        int n = snprintf(buf + used, len - used, "%s%s", separator, words[i]);
        used += n > 0 ? (size_t)n : 0;
    }
    return buf;
}
