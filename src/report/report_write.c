/* report_write.c - a report, or other JSON, into a file, whole or not at all. */
#include "report/report.h"

#include "base/output.h"

int xb_report_write(const char *file, const cJSON *report, bool replace, struct xb_error *err)
{
    char *text = cJSON_Print(report);
    int rc = text ? xb_output_write(file, text, replace, err)
                  : xb_fail(err, "%s: cannot write: out of memory", file);

    cJSON_free(text);
    return rc;
}
