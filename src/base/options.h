/* options.h - tables of typed options, as methods declare them and scenarios fill them.
 *
 * A value is held as one int64_t whatever its type: the index of an enum's choice, bytes, a
 * whole number, nanoseconds, 0 or 1. An option's name, type, range and default stand in its
 * row.
 */
#ifndef XB_BASE_OPTIONS_H
#define XB_BASE_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/json.h"

enum xb_option_type {
    XB_OPTION_ENUM,     /* choices: NULL-terminated names */
    XB_OPTION_SIZE,     /* bytes, "16MiB" */
    XB_OPTION_INT,      /* whole number */
    XB_OPTION_DURATION, /* nanoseconds, "2.5us" */
    XB_OPTION_BOOL,
};

struct xb_option {
    const char *name; /* NULL ends a table */
    enum xb_option_type type;
    const char *const *choices; /* of an enum */
    int64_t min, max;           /* of the other types but bool, inclusive */
    int64_t fallback;           /* the value when nothing is said */
    const char *summary;        /* one line for `xferbench list` */
};

/* Number of rows of a table that ends with a NULL name. table may be NULL (0 rows). */
size_t xb_option_count(const struct xb_option *table);

/* Row index of a name, or -1. */
int xb_option_find(const struct xb_option *table, const char *name);

/* Read a JSON value as this option's type; fails with the path, what was found and what is
 * allowed (choices or range). */
int xb_option_read(const struct xb_option *opt, const struct xb_node *node, int64_t *value,
                   struct xb_error *err);

/* The value as text, as it stands in a case id and in help ("push", "16MiB", "300ms"). */
const char *xb_option_format(const struct xb_option *opt, int64_t value, char *buf, size_t len);

/* The value as it stands in a report: enum as string, size in bytes and int as number,
 * duration in nanoseconds as number, bool as bool. The caller owns it; NULL when out of memory.
 */
cJSON *xb_option_json(const struct xb_option *opt, int64_t value);

#endif
