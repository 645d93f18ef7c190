/* format.h - the forms that a report can be shown in: a row a form. */
#ifndef XB_REPORT_FORMATS_FORMAT_H
#define XB_REPORT_FORMATS_FORMAT_H

#include <stdbool.h>
#include <stdio.h>

#include <cjson/cJSON.h>

#include "report/report.h"

struct xb_format {
    const char *name;
    const char *summary; /* one line */
    bool is_document;    /* for programs to read: nothing else stands beside it */
    /* Write the report to out; 0, or -1 when out of memory. Whether all reached out is for
     * ferror to say. */
    int (*write)(const struct xb_report *report, FILE *out);
};

/* All formats, NULL-terminated. */
extern const struct xb_format *const xb_formats[];

/* The format of that name, or NULL. */
const struct xb_format *xb_format_find(const char *name);

/* Name of format i, or NULL behind the last: for the catalog. */
const char *xb_format_name(size_t i);

/* ---- what formats share ---- */

#define XB_METHOD_TEXT_LEN 256
#define XB_CELL_LEN        96

/* "p2p[engine=ce,side=push]", "auto: p2p[...]" where the policy chose it; offsets, window and
 * cache only where they are not the usual ones. */
const char *xb_format_method(const struct xb_report_case *c, char buf[XB_METHOD_TEXT_LEN]);

/* "gpu->gpu@node". */
const char *xb_format_path(const struct xb_report_case *c, char buf[XB_CELL_LEN]);

/* At least four significant digits down to 1 GB/s; "-" for no rate. */
const char *xb_format_rate(double rate, char buf[XB_CELL_LEN]);

/* A rank's end of a lane: "3b:00.0" for the GPU that it is bound to where its bus id is known,
 * without the domain where that is 0, else the endpoint, "host" or "gpu+1". */
const char *xb_format_end(const struct xb_report *report, int64_t rank, const char *endpoint,
                          char buf[XB_CELL_LEN]);

/* Write a document and a line's end to out, and free the document; NULL is one for which there
 * was no memory. 0, or -1 when out of memory. */
int xb_format_write_json(cJSON *json, FILE *out);

#endif
