/* SPDX-License-Identifier: BSD-3-Clause */
/* check_plugin.c - verdicts as a monitoring plug-in prints them: one line with figures, then
 * what is not good.
 */
#include "report/formats/check_format.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "report/expect_reason.h"

size_t xb_check_count(const struct xb_check *check, enum xb_level level)
{
    size_t n = 0;

    for (size_t i = 0; i < check->reports.n; i++)
        n += xb_checked_at(check, i)->count[level];
    return n;
}

/* ---- the line ---- */

struct line {
    char *text;
    size_t len;
};

__attribute__((format(printf, 2, 3))) static void append(struct line *l, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    int n = vsnprintf(l->text + l->len, XB_CHECK_LINE - l->len, fmt, args);
    va_end(args);
    l->len += n > 0 ? (size_t)n : 0;
    if (l->len >= XB_CHECK_LINE)
        l->len = XB_CHECK_LINE - 1;
}

/* What is unknown first, in words. */
static const char *first_unknown(const struct xb_check *check)
{
    for (size_t i = 0; i < check->reports.n; i++) {
        const struct xb_checked *k = xb_checked_at(check, i);
        for (size_t f = 0; f < k->findings.n; f++)
            if (xb_finding_at(k, f)->level == XB_LEVEL_UNKNOWN)
                return xb_finding_at(k, f)->text;
    }
    return "nothing was checked";
}

/* "1 case critical, 2 cases warning, 33 cases good, 4 not expected". */
static void append_counts(struct line *l, const struct xb_check *check)
{
    static const enum xb_level order[] = {XB_LEVEL_CRITICAL, XB_LEVEL_WARNING, XB_LEVEL_UNKNOWN,
                                          XB_LEVEL_GOOD};
    size_t unbound = 0;

    for (size_t i = 0; i < XB_LEVELS; i++) {
        size_t n = xb_check_count(check, order[i]);
        if (n > 0 || order[i] == XB_LEVEL_GOOD)
            append(l, "%zu case%s %s%s", n, n == 1 ? "" : "s", xb_level_name(order[i]),
                   order[i] == XB_LEVEL_GOOD ? "" : ", ");
    }
    for (size_t i = 0; i < check->reports.n; i++)
        unbound += xb_checked_at(check, i)->free_cases;
    if (unbound > 0)
        append(l, ", %zu without a bound", unbound);
    if (check->reports.n > 1)
        append(l, ", %zu reports", check->reports.n);
}

char *xb_check_make_line(char *text)
{
    xb_utf8_make_line(text);
    for (char *c = text; *c; c++)
        *c = *c == '|' ? '/' : *c;
    return text;
}

const char *xb_check_line(const struct xb_check *check, char buf[XB_CHECK_LINE])
{
    static const char *const words[] = {[XB_LEVEL_GOOD] = "OK",
                                        [XB_LEVEL_UNKNOWN] = "UNKNOWN",
                                        [XB_LEVEL_WARNING] = "WARNING",
                                        [XB_LEVEL_CRITICAL] = "CRITICAL"};
    enum xb_level level = check->reports.n > 0 ? check->level : XB_LEVEL_UNKNOWN;
    struct xb_reason *reasons;
    struct line l = {.text = buf};
    size_t n;

    if (xb_check_reasons(check, &reasons, &n) < 0)
        return NULL;
    append(&l, "XFERBENCH %s - ", words[level]);
    if (n > 0)
        append(&l, "%s; ", reasons[0].text);
    else if (level == XB_LEVEL_UNKNOWN)
        append(&l, "%s; ", first_unknown(check));
    if (n > 1)
        append(&l, "and %zu more host%s; ", n - 1, n == 2 ? "" : "s");
    append_counts(&l, check);
    free(reasons);
    return xb_check_make_line(buf);
}

/* ---- figures ---- */

/* A range that is good: "379.1:" is 379.1 or more, "~:8.2" 8.2 or less. Source: Nagios Plugins
 * Development Guidelines, "Threshold and Ranges". */
static void print_range(double least, double most, FILE *out)
{
    if (isnan(least) && isnan(most))
        return;
    if (isnan(least))
        fprintf(out, "~:");
    else
        fprintf(out, "%.6g:", least);
    if (!isnan(most))
        fprintf(out, "%.6g", most);
}

/* 'label'=value;warning;critical. A label must have neither "=" nor "'". */
static void print_figure(const struct xb_finding *f, const char *id, const char *report,
                         FILE *out)
{
    fputs(" '", out);
    for (const char *c = id; *c; c++)
        fputc(*c == '=' || *c == '|' ? ':' : *c == '\'' ? '"' : *c, out);
    if (report)
        for (fputc(' ', out); *report; report++)
            fputc(*report == '=' || *report == '\'' || *report == '|' ? ':' : *report, out);
    fprintf(out, "'=%.6g%s;", f->value, f->is_time ? "us" : "GB/s");
    print_range(f->below.warning, f->above.warning, out);
    fputc(';', out);
    print_range(f->below.critical, f->above.critical, out);
}

static void print_figures(const struct xb_check *check, FILE *out)
{
    bool several = check->reports.n > 1, bar = false;

    for (size_t i = 0; i < check->reports.n; i++) {
        const struct xb_checked *k = xb_checked_at(check, i);
        for (size_t c = 0; c < k->cases.n; c++) {
            const struct xb_checked_case *one = xb_checked_case_at(k, c);
            const struct xb_finding *f = xb_checked_worst(k, one, true);
            if (!f)
                continue;
            fputs(bar ? "" : " |", out);
            bar = true;
            print_figure(f, one->id, several ? k->file : NULL, out);
        }
    }
}

/* ---- what is not good ---- */

static void print_finding(const struct xb_checked *k, const struct xb_finding *f, FILE *out)
{
    const struct xb_checked_case *c = xb_finding_case(k, f);

    fprintf(out, "%s: ", xb_level_name(f->level));
    if (f->host)
        fprintf(out, "%s: ", f->host);
    if (f->where)
        fprintf(out, "%s: ", f->where);
    if (c)
        fprintf(out, "%s: ", c->id);
    fprintf(out, "%s\n", f->text);
}

/* Both results of a case that was measured twice. */
static void print_earlier(const struct xb_checked *k, const struct xb_checked_case *c,
                          FILE *out)
{
    if (c->earlier)
        fprintf(out, "measured again: %s: %s; first %s\n", c->id,
                xb_checked_worst(k, c, false)->text, c->earlier);
}

static int write_plugin(const struct xb_check *check, FILE *out)
{
    char line[XB_CHECK_LINE];

    if (!xb_check_line(check, line))
        return -1;
    fputs(line, out);
    print_figures(check, out);
    fputc('\n', out);
    for (size_t i = 0; i < check->reports.n; i++) {
        const struct xb_checked *k = xb_checked_at(check, i);
        fprintf(out, "%s:", k->file);
        for (size_t e = 0; e < k->by.n; e++)
            fprintf(out, "%s %s", e ? "," : " held against", xb_checked_by(k, e)->name);
        fprintf(out, "%s\n", k->by.n ? "" : " not held against anything");
        for (size_t f = 0; f < k->findings.n; f++)
            if (xb_finding_at(k, f)->level != XB_LEVEL_GOOD)
                print_finding(k, xb_finding_at(k, f), out);
        for (size_t c = 0; c < k->cases.n; c++)
            print_earlier(k, xb_checked_case_at(k, c), out);
    }
    return 0;
}

const struct xb_check_format xb_check_format_plugin = {
    .name = "plugin",
    .summary = "as monitoring plug-ins print",
    .write = write_plugin,
};
