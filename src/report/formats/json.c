/* json.c - the report as it stands in its file. */
#include "report/formats/format.h"

static int write_json(const struct xb_report *report, FILE *out)
{
    cJSON *json = xb_report_json(report);
    char *text = json ? cJSON_Print(json) : NULL;
    int rc = text ? 0 : -1;

    if (text)
        fprintf(out, "%s\n", text);
    cJSON_free(text);
    cJSON_Delete(json);
    return rc;
}

const struct xb_format xb_format_json = {
    .name = "json",
    .summary = "the report itself",
    .write = write_json,
};
