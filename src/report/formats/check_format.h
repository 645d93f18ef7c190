/* SPDX-License-Identifier: BSD-3-Clause */
/* check_format.h - the forms that verdicts can be shown in: a row a form. */
#ifndef XB_REPORT_FORMATS_CHECK_FORMAT_H
#define XB_REPORT_FORMATS_CHECK_FORMAT_H

#include <stdio.h>

#include "report/expect_check.h"

struct xb_check_format {
    const char *name;
    const char *summary; /* one line */
    /* Write the verdicts to out; 0, or -1 when out of memory. Whether all reached out is for
     * ferror to say. */
    int (*write)(const struct xb_check *check, FILE *out);
};

/* All formats, NULL-terminated. The first is the default. */
extern const struct xb_check_format *const xb_check_formats[];

/* The format of that name, or NULL with the names there are. */
const struct xb_check_format *xb_check_format_find(const char *name, struct xb_error *err);

/* ---- what formats share ---- */

#define XB_CHECK_LINE 1024

/* "XFERBENCH OK - 34 cases good": the first line of a monitoring plug-in, without figures and
 * without a line's end, into buf, which is returned; NULL when out of memory. Source: Nagios
 * Plugins Development Guidelines, "Print only one line of text". */
const char *xb_check_line(const struct xb_check *check, char buf[XB_CHECK_LINE]);

/* Make a text fit for that line, in place, and return it: one line, and without a bar, behind
 * which stand figures. */
char *xb_check_make_line(char *text);

/* Cases with a verdict of this level, over all reports. */
size_t xb_check_count(const struct xb_check *check, enum xb_level level);

#endif
