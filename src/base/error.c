/* SPDX-License-Identifier: BSD-3-Clause */
/* error.c - error texts that a caller owns. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a text that is too long its beginning, which says where, and its end, which says what was
 * wrong, are kept: a path of thousands of characters may stand between them. */
static void fill(struct xb_error *err, const char *fmt, va_list args)
{
    static const char gap[] = " ... ";
    enum { HEAD = 200, TAIL = XB_ERROR_LEN - 1 - HEAD - (sizeof gap - 1) };
    char *made = NULL;

    if (vasprintf(&made, fmt, args) < 0) {
        snprintf(err->text, sizeof err->text, "out of memory for a message");
        return;
    }
    size_t len = strlen(made);
    if (len < sizeof err->text) {
        memcpy(err->text, made, len + 1);
    } else {
        size_t head = HEAD, tail = len - TAIL;
        while ((made[head] & 0xC0) == 0x80) /* no half of a character */
            head--;
        while ((made[tail] & 0xC0) == 0x80)
            tail++;
        snprintf(err->text, sizeof err->text, "%.*s%s%s", (int)head, made, gap, made + tail);
    }
    free(made);
}

int(xb_fail)(struct xb_error *err, const char *fmt, ...)
{
    if (!err)
        return -1;
    va_list args;
    va_start(args, fmt);
    fill(err, fmt, args); /* an argument may be the old text itself */
    va_end(args);
    return -1;
}

int(xb_fail_in)(struct xb_error *err, const char *fmt, ...)
{
    if (!err)
        return -1;
    struct xb_error context;
    va_list args;
    va_start(args, fmt);
    fill(&context, fmt, args);
    va_end(args);
    return xb_fail(err, "%s: %s", context.text, err->text);
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
