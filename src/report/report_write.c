/* report_write.c - a report, or other JSON, into a file, whole or not at all. */
#include "report/report.h"

#include <stdlib.h>

#include "base/output.h"

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
