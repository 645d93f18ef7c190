/* SPDX-License-Identifier: BSD-3-Clause */
/* check_formats.c - the table of forms that verdicts can be shown in. */
#include "report/formats/check_format.h"

#include <string.h>

#include "base/nearest.h"

extern const struct xb_check_format xb_check_format_json, xb_check_format_junit,
    xb_check_format_lines, xb_check_format_plugin, xb_check_format_prometheus,
    xb_check_format_reason;

const struct xb_check_format *const xb_check_formats[] = {
    &xb_check_format_plugin,
    &xb_check_format_lines,
    &xb_check_format_reason,
    &xb_check_format_junit,
    &xb_check_format_prometheus,
    &xb_check_format_json,
    NULL,
};

const struct xb_check_format *xb_check_format_find(const char *name, struct xb_error *err)
{
    const char *names[sizeof xb_check_formats / sizeof xb_check_formats[0]] = {NULL};
    char known[XB_ERROR_LEN], hint[XB_HINT_LEN];

    for (size_t i = 0; xb_check_formats[i]; i++) {
        if (strcmp(xb_check_formats[i]->name, name) == 0)
            return xb_check_formats[i];
        names[i] = xb_check_formats[i]->name;
    }
    xb_fail(err, "--format: got '%s'%s, expected %s", name, xb_did_you_mean(name, names, hint),
            xb_error_list(names, known, sizeof known));
    return NULL;
}
