/* SPDX-License-Identifier: BSD-3-Clause */
/* check_lines.c - verdicts as lines of a key and a value, for scripts. */
#include "report/formats/check_format.h"

#include <stdlib.h>
#include <string.h>

#include "report/expect_reason.h"

/* A value is one line, whatever a text from outside holds. */
static void print_line(const char *key, const char *value, FILE *out)
{
    fprintf(out, "%s: ", key);
    for (; *value; value++)
        fputc(*value == '\n' || *value == '\r' ? ' ' : *value, out);
    fputc('\n', out);
}

static void print_finding(const struct xb_checked *k, const struct xb_finding *f, FILE *out)
{
    const struct xb_checked_case *c = xb_finding_case(k, f);
    const char *parts[] = {f->host, f->where, c ? c->id : NULL, f->text};
    size_t len = 1;

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        len += parts[i] ? strlen(parts[i]) + 2 : 0;
    char *text = calloc(1, len);
    for (size_t i = 0; text && i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i])
            strcat(strcat(text, text[0] ? ": " : ""), parts[i]);
    print_line(xb_level_name(f->level), text ? text : f->text, out);
    free(text);
}

static void print_report(const struct xb_checked *k, FILE *out)
{
    print_line("report", k->file, out);
    for (size_t i = 0; i < k->hosts.n; i++)
        print_line("host", k->hosts.value[i], out);
    for (size_t e = 0; e < k->by.n; e++)
        print_line("expectations", xb_checked_by(k, e)->name, out);
    print_line("report_status", xb_level_name(k->level), out);
    for (int level = 0; level < XB_LEVELS; level++)
        fprintf(out, "cases_%s: %zu\n", xb_level_name((enum xb_level)level), k->count[level]);
    fprintf(out, "cases_without_bound: %zu\n", k->free_cases);
    for (size_t f = 0; f < k->findings.n; f++)
        if (xb_finding_at(k, f)->level != XB_LEVEL_GOOD)
            print_finding(k, xb_finding_at(k, f), out);
    for (size_t c = 0; c < k->cases.n; c++)
        if (xb_checked_case_at(k, c)->earlier)
            fprintf(out, "measured_again: %s: first %s\n", xb_checked_case_at(k, c)->id,
                    xb_checked_case_at(k, c)->earlier);
}

static int write_lines(const struct xb_check *check, FILE *out)
{
    enum xb_level level = check->reports.n > 0 ? check->level : XB_LEVEL_UNKNOWN;
    char line[XB_CHECK_LINE];
    struct xb_reason *reasons;
    size_t n;

    if (!xb_check_line(check, line) || xb_check_reasons(check, &reasons, &n) < 0)
        return -1;
    print_line("status", xb_level_name(level), out);
    fprintf(out, "exit_status: %d\n", xb_level_exit(level));
    print_line("line", line, out);
    for (size_t i = 0; i < n; i++)
        print_line("reason", reasons[i].text, out);
    for (size_t i = 0; i < check->reports.n; i++)
        print_report(xb_checked_at(check, i), out);
    free(reasons);
    return 0;
}

const struct xb_check_format xb_check_format_lines = {
    .name = "lines",
    .summary = "lines of a key and a value",
    .write = write_lines,
};

static int write_reason(const struct xb_check *check, FILE *out)
{
    struct xb_reason *reasons;
    size_t n;

    if (xb_check_reasons(check, &reasons, &n) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        fprintf(out, "xferbench: %s\n", reasons[i].text);
    free(reasons);
    return 0;
}

const struct xb_check_format xb_check_format_reason = {
    .name = "reason",
    .summary = "a line for each host that is not good, none where all are",
    .write = write_reason,
};
