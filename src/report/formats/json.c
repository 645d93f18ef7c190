/* SPDX-License-Identifier: BSD-3-Clause */
/* json.c - the report as it stands in its file. */
#include "report/formats/format.h"

static int write_json(const struct xb_report *report, FILE *out)
{
    int rc = xb_report_print(report, out);

    fputc('\n', out);
    return rc;
}

const struct xb_format xb_format_json = {
    .name = "json",
    .summary = "the report itself",
    .is_document = true,
    .write = write_json,
};
