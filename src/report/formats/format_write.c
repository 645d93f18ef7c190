/* SPDX-License-Identifier: BSD-3-Clause */
/* format_write.c - a set of reports in one form. */
#include "report/formats/format.h"

int xb_format_write(const struct xb_format *format, const struct xb_format_set *set, FILE *out)
{
    int rc = format->write_set ? format->write_set(set, out) : 0;

    for (size_t i = 0; rc == 0 && !format->write_set && i < set->n; i++) {
        if (set->n > 1)
            fprintf(out, "%s%s\n\n", i ? "\n" : "", set->source[i].name);
        if (!format->is_document && xb_format_has_outliers(set->source[i].report)) {
            xb_format_outliers(set->source[i].report, out);
            fputc('\n', out);
        }
        rc = format->write(set->source[i].report, out);
    }
    return rc;
}
