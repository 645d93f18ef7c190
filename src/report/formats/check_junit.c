/* SPDX-License-Identifier: BSD-3-Clause */
/* check_junit.c - verdicts as JUnit XML: a test case for each case, and for each need of a GPU.
 */
#include "report/formats/check_format.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

#include "report/formats/junit.h"

static enum xb_junit_outcome outcome_of(enum xb_level level)
{
    switch (level) {
    case XB_LEVEL_GOOD:
        break;
    case XB_LEVEL_UNKNOWN:
        return XB_JUNIT_ERROR;
    case XB_LEVEL_WARNING:
    case XB_LEVEL_CRITICAL:
        return XB_JUNIT_FAILED;
    }
    return XB_JUNIT_PASSED;
}

struct suite {
    struct xb_list cases; /* of struct xb_junit_case */
    struct xb_list texts; /* of char *: what they borrow */
};

/* A text that lives as long as the suite; NULL when out of memory. */
__attribute__((format(printf, 2, 3))) static const char *make_text(struct suite *s,
                                                                   const char *fmt, ...)
{
    char *text, **kept = NULL;
    va_list args;

    va_start(args, fmt);
    int made = vasprintf(&text, fmt, args);
    va_end(args);
    if (made < 0)
        return NULL;
    kept = xb_list_add(&s->texts, sizeof *kept);
    if (!kept) {
        free(text);
        return NULL;
    }
    *kept = text;
    return text;
}

static int add(struct suite *s, const struct xb_checked *k, const char *group, const char *name,
               const struct xb_finding *f)
{
    const char *suite = make_text(s, "%s.%s", k->file, group);
    const char *message =
        make_text(s, "%s: %s%s%s%s%s", xb_level_name(f->level), f->host ? f->host : "",
                  f->host ? ": " : "", f->where ? f->where : "", f->where ? ": " : "", f->text);
    struct xb_junit_case *c = xb_list_add(&s->cases, sizeof *c);

    if (!c || !suite || !message)
        return -1;
    *c = (struct xb_junit_case){.suite = suite,
                                .name = name,
                                .outcome = outcome_of(f->level),
                                .message = message,
                                .seconds = NAN};
    return 0;
}

static int add_report(struct suite *s, const struct xb_checked *k)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < k->cases.n; i++) {
        const struct xb_checked_case *c = xb_checked_case_at(k, i);
        rc = add(s, k, c->method, c->id, xb_checked_worst(k, c, false));
    }
    for (size_t i = 0; rc == 0 && i < k->findings.n; i++) {
        const struct xb_finding *f = xb_finding_at(k, i);
        if (f->place != XB_NO_CASE)
            continue;
        const char *what =
            f->by && f->of == XB_FINDING_MACHINE ? xb_expect_needs[f->bound].name : f->text;
        const char *name =
            make_text(s, "%s%s%s%s%s", f->host ? f->host : "", f->host ? " " : "",
                      f->where ? f->where : "", f->where ? " " : "", what);
        rc = name ? add(s, k, xb_finding_of_name(f->of), name, f) : -1;
    }
    return rc;
}

static int write_junit(const struct xb_check *check, FILE *out)
{
    struct suite s = {.cases = {NULL, 0, 0}};
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < check->reports.n; i++)
        rc = add_report(&s, xb_checked_at(check, i));
    if (rc == 0)
        xb_junit_write("xferbench check", s.cases.item, s.cases.n, out);
    for (size_t i = 0; i < s.texts.n; i++)
        free(((char **)s.texts.item)[i]);
    free(s.texts.item);
    free(s.cases.item);
    return rc;
}

const struct xb_check_format xb_check_format_junit = {
    .name = "junit",
    .summary = "JUnit XML",
    .write = write_junit,
};
