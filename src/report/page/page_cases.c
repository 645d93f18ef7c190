/* SPDX-License-Identifier: BSD-3-Clause */
/* page_cases.c - the last part of a page: a row for each measured case. */
#include "report/page/page_parts.h"

#include "report/formats/case_rows.h"

static int print_cases(const struct xb_format_source *source, FILE *out)
{
    struct xb_case_rows *rows = xb_case_rows_of(source->report);

    if (!rows)
        return -1;
    fputs("<div class=\"later\">\n", out);
    xb_page_box_begin("All measured cases", out);
    xb_case_rows_print(rows, xb_table_print_html, out);
    xb_page_box_end(out);
    fputs("</div>\n", out);
    xb_case_rows_free(rows);
    return 0;
}

int xb_page_cases(const struct xb_html_page *page, FILE *out)
{
    const struct xb_format_set *set = page->set;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < set->n; i++) {
        if (set->n > 1) {
            fputs("<details><summary>", out);
            xb_page_name(&set->source[i], out);
            fputs("</summary>\n", out);
        }
        rc = print_cases(&set->source[i], out);
        fputs(set->n > 1 ? "</details>\n" : "", out);
    }
    return rc;
}
