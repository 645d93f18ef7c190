/* SPDX-License-Identifier: BSD-3-Clause */
/* report_write.c - a report as text, case by case, and into a file, as other JSON: whole or not
 * at all. */
#include "report/report.h"

#include <stdlib.h>

#include "base/output.h"
#include "report/case_walk.h"
#include "report/tables.h"

static const void *next_case(void *walk)
{
    return xb_cases_next(walk);
}

int xb_report_print(const struct xb_report *report, FILE *out)
{
    struct xb_report last = *report;
    struct xb_case_walk walk = xb_cases(report);
    const struct xb_list_source cases = {offsetof(struct xb_report, cases), next_case, &walk};

    last.schema = (struct xb_report_schema){(char[]){XB_REPORT_NAME}, XB_REPORT_VERSION};
    int rc = xb_fields_print_from(xb_report_fields, &last, &cases, out);
    return xb_cases_end(&walk) < 0 ? -1 : rc;
}

static int print(const void *report, FILE *out)
{
    return xb_report_print(report, out);
}

int xb_report_save(const struct xb_report *report, const char *file, bool replace,
                   struct xb_error *err)
{
    return xb_output_print(file, print, report, replace, err);
}

int xb_report_write(const char *file, const cJSON *json, bool replace, struct xb_error *err)
{
    char *text = xb_json_print(json, true);
    int rc = text ? xb_output_write(file, text, replace, err)
                  : xb_fail(err, "%s: cannot write: out of memory", file);

    free(text);
    return rc;
}
