/* SPDX-License-Identifier: BSD-3-Clause */
/* page_tuned.c - of reports of tune, what it chose. */
#include "report/page/page_parts.h"

#include <stdlib.h>
#include <string.h>

#include "report/formats/tuned_table.h"

static int print_regrets(const struct xb_report_tuned *tuned, FILE *out)
{
    xb_tuned_print_regrets(tuned, out);
    return 0;
}

/* A paragraph each of the lines that `print` prints. */
static int print_lines(int (*print)(const struct xb_report_tuned *tuned, FILE *out),
                       const struct xb_report_tuned *tuned, FILE *out)
{
    char *text = NULL, *rest = NULL;
    size_t len;
    FILE *lines = open_memstream(&text, &len);

    if (!lines)
        return -1;
    int rc = print(tuned, lines);
    if (fclose(lines) != 0)
        rc = -1;
    for (char *line = rc == 0 ? strtok_r(text, "\n", &rest) : NULL; line;
         line = strtok_r(NULL, "\n", &rest))
        xb_page_element("p", line, out);
    free(text);
    return rc;
}

static int print_tuned(const struct xb_report_tuned *tuned, FILE *out)
{
    fputs("<p>A regret is the time of a choice over that of the best that was measured for the "
          "same path and size: 1 is the best.</p>\n",
          out);
    if (print_lines(print_regrets, tuned, out) < 0)
        return -1;
    xb_page_element("h3", "The choice for each path and size", out);
    if (xb_page_table(xb_tuned_points(tuned, true), "What was chosen for each path and size",
                      out) < 0 ||
        print_lines(xb_tuned_print_nothing, tuned, out) < 0)
        return -1;
    xb_page_element("h3", "Where one method gives way to another", out);
    if (tuned->crossovers.n == 0) {
        xb_page_element("p", "Nowhere: each path has one method for all sizes.", out);
        return 0;
    }
    return xb_page_table(xb_tuned_crossovers(tuned), "Sizes above which the method changes",
                         out);
}

int xb_page_tuned(const struct xb_html_page *page, FILE *out)
{
    const struct xb_format_set *set = page->set;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < set->n; i++) {
        if (!set->source[i].report->tuned.there)
            continue;
        if (set->n > 1) {
            fputs("<details open><summary>", out);
            xb_page_name(&set->source[i], out);
            fputs("</summary>\n", out);
        }
        rc = print_tuned(&set->source[i].report->tuned, out);
        fputs(set->n > 1 ? "</details>\n" : "", out);
    }
    return rc;
}
