/* SPDX-License-Identifier: BSD-3-Clause */
/* page_cases.c - the last part of a page: a row for each measured case. */
#include "report/page/page_parts.h"

#include "report/formats/case_rows.h"

/* Rows that are laid out at a time: all of a long table would hold up who scrolls to it. */
#define PART_ROWS 200

static void begin_part(FILE *out)
{
    fputs("<div class=\"later rows\">\n", out);
    xb_page_box_begin("All measured cases", out);
}

static void end_part(FILE *out)
{
    xb_page_box_end(out);
    fputs("</div>\n", out);
}

static void between_parts(FILE *out)
{
    end_part(out);
    begin_part(out);
}

static int print_cases(const struct xb_format_source *source, FILE *out)
{
    struct xb_case_rows *rows = xb_case_rows_of(source->report);

    if (!rows)
        return -1;
    begin_part(out);
    const struct xb_table *table = xb_case_rows_table(rows);
    int rc = table ? xb_table_print_html(table, PART_ROWS, between_parts, out) : 0;
    if (!table)
        fputs("<p>No case was measured.</p>\n", out);
    end_part(out);
    xb_case_rows_free(rows);
    return rc;
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
