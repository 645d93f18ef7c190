/* report_write.c - a report, or other JSON, into a file, whole or not at all. */
#include "report/report.h"

#include <stdlib.h>

#include "base/output.h"

int xb_report_write(const char *file, const cJSON *report, bool replace, struct xb_error *err)
{
    char *text = xb_json_print(report, true);
    int rc = text ? xb_output_write(file, text, replace, err)
                  : xb_fail(err, "%s: cannot write: out of memory", file);

    free(text);
    return rc;
}
