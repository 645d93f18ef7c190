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
 * allow or a double cannot hold, and bytes behind the value. Errors name the line. */
int xb_json_text_parse(const char *name, const char *text, size_t len, cJSON **out,
                       struct xb_error *err);

/* The line of the document's text, from 1, where an item of its tree begins (for a member of an
 * object: its key). 0 when the item does not come from the text. */
size_t xb_json_text_line(const struct xb_json *doc, const cJSON *item);

/* The command-line override that gave a JSON path its value, or NULL. */
const char *xb_json_override(const struct xb_json *doc, const char *path);

#endif
