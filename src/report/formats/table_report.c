/* SPDX-License-Identifier: BSD-3-Clause */
/* table_report.c - the measured cases of a report as a table, and what kept others from it. */
#include "report/formats/case_rows.h"
#include "report/formats/format.h"

static int write_table(const struct xb_report *report, FILE *out)
{
    struct xb_case_rows *rows = xb_case_rows_of(report);

    if (!rows)
        return -1;
    xb_case_rows_print(rows, xb_table_print, out);
    int rc = xb_case_rows_print_notes(rows, out);
    xb_case_rows_free(rows);
    return rc;
}

const struct xb_format xb_format_table = {
    .name = "table",
    .summary = "a row for each measured case, and what kept others from it",
    .write = write_table,
};
