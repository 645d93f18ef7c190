/* SPDX-License-Identifier: BSD-3-Clause */
/* format_table.c - the table of formats. */
#include "report/formats/format.h"

#include <string.h>

extern const struct xb_format xb_format_budget, xb_format_contention, xb_format_csv,
    xb_format_html, xb_format_interference, xb_format_json, xb_format_markdown,
    xb_format_matrix, xb_format_setup, xb_format_table, xb_format_trace;

const struct xb_format *const xb_formats[] = {
    &xb_format_budget,       &xb_format_contention, &xb_format_csv,      &xb_format_html,
    &xb_format_interference, &xb_format_json,       &xb_format_markdown, &xb_format_matrix,
    &xb_format_setup,        &xb_format_table,      &xb_format_trace,    NULL,
};

const struct xb_format *xb_format_find(const char *name)
{
    for (size_t i = 0; xb_formats[i]; i++)
        if (strcmp(xb_formats[i]->name, name) == 0)
            return xb_formats[i];
    return NULL;
}

const char *xb_format_name(size_t i)
{
    return xb_formats[i] ? xb_formats[i]->name : NULL;
}
