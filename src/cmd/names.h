/* SPDX-License-Identifier: BSD-3-Clause */
/* names.h - the names that the program's tables give to things, for help and completion. */
#ifndef XB_CMD_NAMES_H
#define XB_CMD_NAMES_H

#include <stddef.h>

enum xb_names {
    XB_NAMES_NONE, /* an empty table */
    XB_NAMES_METHODS,
    XB_NAMES_PATTERNS,
    XB_NAMES_EXPERIMENTS,
    XB_NAMES_DEVICES,
    XB_NAMES_ALLOCATORS,
    XB_NAMES_PAIRS,
    XB_NAMES_LINK_CLASSES,
    XB_NAMES_FORMATS, /* of reports, but those that only run has */
    XB_NAMES_CHECK_FORMATS,
};

/* Name i of a table, or NULL behind its last one; *summary is what its row says of it, or "".
 * Constant strings. */
const char *xb_names_at(enum xb_names table, size_t i, const char **summary);

#endif
