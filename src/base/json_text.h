/* SPDX-License-Identifier: BSD-3-Clause */
/* json_text.h - what the files that implement json.h share: JSON as text. Private to base. */
#ifndef XB_BASE_JSON_TEXT_H
#define XB_BASE_JSON_TEXT_H

#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/json.h"

/* Parse len bytes at text, which a NUL follows, as one strict JSON value; the caller owns *out.
 * Besides what cJSON checks, fails on nesting deeper than XB_JSON_MAX_DEPTH, bytes
 * that are not UTF-8, control characters, NULs (escaped ones too), numbers that JSON does not
 * allow or a double cannot hold, and bytes behind the value. Comments, commas before a closing
 * bracket, single quotes, NaN and words without quotes are named as what they are. Errors say
 * where, "FILE:LINE:COLUMN: ", both from 1 and the column in characters. */
int xb_json_text_parse(const char *name, const char *text, size_t len, cJSON **out,
                       struct xb_error *err);

/* The line of the document's text, from 1, where an item of its tree begins (for a member of an
 * object: its key). 0 when the item does not come from the text. */
size_t xb_json_text_line(const struct xb_json *doc, const cJSON *item);

/* The option of the command line that gave a JSON path its value, or NULL. */
const char *xb_json_option(const struct xb_json *doc, const char *path);

/* The option for whose sake something was made at a JSON path that the text has not: one of a
 * value that lies below it, or NULL. */
const char *xb_json_maker(const struct xb_json *doc, const char *path);

#endif
