/* SPDX-License-Identifier: BSD-3-Clause */
/* options.h - tables of typed options, as methods declare them and scenarios fill them.
 *
 * Whoever takes options has one struct of them and a table with a row for each member: its
 * name, type, range, default, help and place in the struct. Reading, checking, writing and
 * help come from the rows alone. A member is an int for an enum, a bool for a bool, and an
 * int64_t for all other types. A single value is handed around as an int64_t whatever its type:
 * the index of an enum's choice, bytes, a whole number, nanoseconds, 0 or 1.
 */
#ifndef XB_BASE_OPTIONS_H
#define XB_BASE_OPTIONS_H

#include <stdbool.h>
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
    size_t offset, size;        /* of the member; see XB_OPTION_MEMBER */
    bool quiet; /* not written while it is at its default: what was named before it came, or
                   has no use for it, keeps its name */
};

/* The place of an option's value, in its row: XB_OPTION_MEMBER(struct xb_p2p_options, side). */
#define XB_OPTION_MEMBER(type, member)                                                         \
    .offset = offsetof(type, member), .size = sizeof(((type *)0)->member)

#define XB_OPTIONS_BYTES 80 /* of an options struct at most */

/* Room for any options struct. What no option holds is 0, so that memcmp tells whether two of
 * one table are equal. */
struct xb_options {
    _Alignas(max_align_t) unsigned char bytes[XB_OPTIONS_BYTES];
};

/* Number of rows of a table that ends with a NULL name. table may be NULL (0 rows). */
size_t xb_option_count(const struct xb_option *table);

/* Row index of a name, or -1. */
int xb_option_find(const struct xb_option *table, const char *name);

/* Can the row be relied on: a name, a default within its range, and a member of the type's size
 * within XB_OPTIONS_BYTES? 0, or -1 with what is wrong, the programmer's fault. */
int xb_option_check(const struct xb_option *opt, struct xb_error *err);

/* The same for all rows of a table; no two of one name, none on another's member. */
int xb_options_check(const struct xb_option *table, struct xb_error *err);

/* The value that an option's member holds, and putting one there, which must be in range. */
int64_t xb_option_get(const struct xb_option *opt, const struct xb_options *options);
void xb_option_set(const struct xb_option *opt, struct xb_options *options, int64_t value);

/* All options of a table at their defaults. table may be NULL. */
struct xb_options xb_options_default(const struct xb_option *table);

/* Those that a JSON object has, the others at their defaults. Other keys are not looked at. */
int xb_options_read(const struct xb_option *table, const struct xb_node *object,
                    struct xb_options *out, struct xb_error *err);

/* All of them as text, "engine=ce,side=push", "" for none, into buf, which is returned; quiet
 * ones at their defaults are left out. */
const char *xb_options_format(const struct xb_option *table, const struct xb_options *options,
                              char *buf, size_t len);

/* The same added to a JSON object, each under its name; false when out of memory. */
bool xb_options_add_json(const struct xb_option *table, const struct xb_options *options,
                         cJSON *object);

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

/* What the option may be, for help: "push|pull", "true|false", "1 to 64", "0s to 1s". */
const char *xb_option_range(const struct xb_option *opt, char *buf, size_t len);

/* Number of an enum's choices; 0 without a list of them. */
int64_t xb_option_choices(const struct xb_option *opt);

/* Does the value stand where an option is written: is it not quiet, or not at its default? */
bool xb_option_is_written(const struct xb_option *opt, int64_t value);

/* "enum", "size", "int", "duration" or "bool"; a constant string. */
const char *xb_option_type_name(enum xb_option_type type);

#endif
