/* SPDX-License-Identifier: BSD-3-Clause */
/* markdown.c - a report for an issue or a page: what it was measured on, and its table. */
#include "report/formats/format.h"

#include "report/formats/case_rows.h"
#include "report/formats/run_facts.h"

static int write_cases(const struct xb_case_rows *rows, FILE *out)
{
    xb_case_rows_print(rows, xb_table_print_markdown, out);
    if (!xb_case_rows_has_notes(rows))
        return 0;
    fputs("\n```", out); /* what kept cases from the table is no Markdown */
    int rc = xb_case_rows_print_notes(rows, out);
    fputs("```\n", out);
    return rc;
}

static int write_one(const struct xb_format_source *source, FILE *out)
{
    struct xb_table *facts = xb_run_facts(source);

    if (!facts)
        return -1;
    xb_table_print_markdown(facts, out);
    xb_table_free(facts);
    fputc('\n', out);
    if (xb_format_has_outliers(source->report)) {
        fputs("```\n", out);
        xb_format_outliers(source->report, out);
        fputs("```\n\n", out);
    }
    struct xb_case_rows *rows = xb_case_rows_of(source->report);
    int rc = rows ? write_cases(rows, out) : -1;
    xb_case_rows_free(rows);
    return rc;
}

static int write_set(const struct xb_format_set *set, FILE *out)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < set->n; i++) {
        fputs(i ? "\n" : "", out);
        rc = write_one(&set->source[i], out);
    }
    return rc;
}

const struct xb_format xb_format_markdown = {
    .name = "markdown",
    .summary = "what was measured on and the table, for an issue or a page",
    .is_document = true,
    .write_set = write_set,
};
