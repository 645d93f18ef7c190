/* SPDX-License-Identifier: BSD-3-Clause */
/* log.c - progress and warnings on stderr. */
#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"

static enum xb_log_level log_level = XB_LOG_NORMAL;
static bool log_progress;

/* One call a line, so that lines of several ranks do not mix, and no text from outside makes a
 * line of its own or speaks to the terminal. */
static void print_line(const char *label, const char *fmt, va_list args)
{
    char *text = NULL, *printable = NULL;

    if (vasprintf(&text, fmt, args) >= 0)
        printable = xb_utf8_printable(text);
    else
        text = NULL;
    fprintf(stderr, "%s%s\n", label, printable ? printable : "out of memory for a message");
    free(printable);
    free(text);
}

void xb_log_setup(enum xb_log_level level, int print_progress)
{
    log_level = level;
    log_progress = print_progress != 0;
}

void xb_log_error(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    print_line("xferbench: error: ", fmt, args);
    va_end(args);
}

void xb_log_warn(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    print_line("xferbench: warning: ", fmt, args);
    va_end(args);
}

void xb_log_notice(const char *fmt, ...)
{
    if (!log_progress)
        return;
    va_list args;
    va_start(args, fmt);
    print_line("", fmt, args);
    va_end(args);
}

void xb_log_progress(const char *fmt, ...)
{
    if (!log_progress || log_level == XB_LOG_QUIET)
        return;
    va_list args;
    va_start(args, fmt);
    print_line("", fmt, args);
    va_end(args);
}

void xb_log_detail(const char *fmt, ...)
{
    if (!log_progress || log_level != XB_LOG_VERBOSE)
        return;
    va_list args;
    va_start(args, fmt);
    print_line("", fmt, args);
    va_end(args);
}
