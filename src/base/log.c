/* SPDX-License-Identifier: BSD-3-Clause */
/* log.c - progress and warnings on stderr. */
#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/screen.h"
#include "base/utf8.h"

#define LINE_LEN 1024
#define CLEAR    "\r\033[K" /* to the line's begin, and nothing behind it */

static enum xb_log_level log_level = XB_LOG_NORMAL;
static bool log_progress;

/* Of steps. Messages come from the watchdog's thread too, which ends what the main thread tells
 * of. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    struct xb_steps_log log;
    bool shown;             /* there is a line on the terminal that is to go */
    char waiting[LINE_LEN]; /* a step that the log has no line for yet, or "" */
} steps;

/* One call a line, so that lines of several ranks do not mix. What is in colour comes before
 * what is not. With the lock. */
static void print_locked(const char *colour, const char *label, const char *text)
{
    bool colours = colour[0] && xb_screen_colours(STDERR_FILENO);

    fprintf(stderr, "%s%s%s%s%s\n", steps.shown ? CLEAR : "", colours ? colour : "", label,
            colours ? XB_SCREEN_PLAIN : "", text);
    steps.shown = false;
}

/* No text from outside makes a line of its own or speaks to the terminal. */
static void print_line(const char *colour, const char *label, const char *fmt, va_list args)
{
    char *text = NULL, *printable = NULL;

    if (vasprintf(&text, fmt, args) >= 0)
        printable = xb_utf8_printable(text);
    else
        text = NULL;
    if (printable)
        xb_screen_tame(printable, true);
    pthread_mutex_lock(&lock);
    print_locked(colour, label, printable ? printable : "out of memory for a message");
    pthread_mutex_unlock(&lock);
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
    print_line(XB_SCREEN_RED, "xferbench: error: ", fmt, args);
    va_end(args);
}

void xb_log_warn(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    print_line(XB_SCREEN_YELLOW, "xferbench: warning: ", fmt, args);
    va_end(args);
}

void xb_log_notice(const char *fmt, ...)
{
    if (!log_progress)
        return;
    va_list args;
    va_start(args, fmt);
    print_line("", "", fmt, args);
    va_end(args);
}

void xb_log_progress(const char *fmt, ...)
{
    if (!log_progress || log_level == XB_LOG_QUIET)
        return;
    va_list args;
    va_start(args, fmt);
    print_line("", "", fmt, args);
    va_end(args);
}

void xb_log_detail(const char *fmt, ...)
{
    if (!log_progress || log_level != XB_LOG_VERBOSE)
        return;
    va_list args;
    va_start(args, fmt);
    print_line("", "", fmt, args);
    va_end(args);
}

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Write the line again, with the lock. Its last column stays free: what ends there makes some
 * terminals go to the next line. */
static void show_line(const struct xb_step *step)
{
    int width = xb_screen_width(STDERR_FILENO);
    char line[LINE_LEN];

    if (width < 2)
        return;
    xb_step_line(step, (size_t)width - 1, line, sizeof line);
    fprintf(stderr, CLEAR "%s", line);
    steps.shown = true;
}

void xb_log_step(const struct xb_step *step)
{
    const bool rewrites = log_level != XB_LOG_VERBOSE && xb_screen_rewrites(STDERR_FILENO);
    char text[LINE_LEN];

    if (!log_progress || log_level == XB_LOG_QUIET)
        return;
    xb_step_text(step, text, sizeof text);
    xb_screen_tame(text, false);
    pthread_mutex_lock(&lock);
    bool due = rewrites ? step->matters
                        : log_level == XB_LOG_VERBOSE ||
                              xb_steps_due(&steps.log, now_s(), step->matters);
    if (due)
        print_locked(step->matters ? XB_SCREEN_RED : "", text, "");
    snprintf(steps.waiting, sizeof steps.waiting, "%s", due || rewrites ? "" : text);
    if (rewrites)
        show_line(step);
    pthread_mutex_unlock(&lock);
}

void xb_log_steps_end(void)
{
    pthread_mutex_lock(&lock);
    if (steps.waiting[0])
        print_locked("", "", steps.waiting);
    if (steps.shown)
        fputs(CLEAR, stderr);
    steps.shown = false;
    steps.waiting[0] = '\0';
    steps.log = (struct xb_steps_log){.begun = false};
    pthread_mutex_unlock(&lock);
}
