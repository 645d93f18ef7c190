/* SPDX-License-Identifier: BSD-3-Clause */
/* junit.c - verdicts as JUnit XML. */
#include "report/formats/junit.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* The element of an outcome; NULL where the case has none. */
static const char *const elements[] = {[XB_JUNIT_PASSED] = NULL,
                                       [XB_JUNIT_FAILED] = "failure",
                                       [XB_JUNIT_ERROR] = "error",
                                       [XB_JUNIT_SKIPPED] = "skipped"};

/* U+FFFE and U+FFFF, which are UTF-8 but no characters of XML. Source: Extensible Markup
 * Language 1.0, fifth edition, 2.2. */
static bool is_no_character(const char *text)
{
    return strncmp(text, "\xEF\xBF\xBE", 3) == 0 || strncmp(text, "\xEF\xBF\xBF", 3) == 0;
}

/* An attribute, ' name="text"'. A line's end and a tab are written as references, else readers
 * make blanks of them. */
static void print_attribute(const char *name, const char *text, FILE *out)
{
    fprintf(out, " %s=\"", name);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '&')
            fputs("&amp;", out);
        else if (c == '<')
            fputs("&lt;", out);
        else if (c == '"')
            fputs("&quot;", out);
        else if (c == '\n' || c == '\t' || c == '\r')
            fprintf(out, "&#%d;", c);
        else if (is_no_character(text)) {
            fputc('?', out);
            text += 2;
        } else
            fputc(c < ' ' ? '?' : c, out);
    }
    fputc('"', out);
}

static size_t count(const struct xb_junit_case *cases, size_t n, enum xb_junit_outcome outcome)
{
    size_t found = 0;

    for (size_t i = 0; i < n; i++)
        found += cases[i].outcome == outcome;
    return found;
}

void xb_junit_write(const char *name, const struct xb_junit_case *cases, size_t n, FILE *out)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite", out);
    print_attribute("name", name, out);
    fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n", n,
            count(cases, n, XB_JUNIT_FAILED), count(cases, n, XB_JUNIT_ERROR),
            count(cases, n, XB_JUNIT_SKIPPED));
    for (size_t i = 0; i < n; i++) {
        const char *element = elements[cases[i].outcome];

        fputs("<testcase", out);
        print_attribute("classname", cases[i].suite, out);
        print_attribute("name", cases[i].name, out);
        if (isfinite(cases[i].seconds))
            fprintf(out, " time=\"%.9g\"", cases[i].seconds);
        if (element) {
            fprintf(out, "><%s", element);
            print_attribute("message", cases[i].message ? cases[i].message : "", out);
            fputs("/></testcase>\n", out);
        } else
            fputs("/>\n", out);
    }
    fputs("</testsuite>\n</testsuites>\n", out);
}
