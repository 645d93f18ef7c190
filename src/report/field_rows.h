/* SPDX-License-Identifier: BSD-3-Clause */
/* field_rows.h - how the rows of a table of fields are written. For the files that have such
 * tables, and for no header.
 */
#ifndef XB_REPORT_FIELD_ROWS_H
#define XB_REPORT_FIELD_ROWS_H

#include <stddef.h>

#include "report/fields.h"

/* A member of a struct by its key; NEEDED ones must stand in a file. */
#define ROW(object, key, kind, member)                                                         \
    {                                                                                          \
        .name = (key), .type = (kind), .offset = offsetof(struct object, member)               \
    }
#define NEEDED(object, key, kind, member)                                                      \
    {                                                                                          \
        .name = (key), .type = (kind), .offset = offsetof(struct object, member),              \
        .flags = XB_FIELD_NEEDED                                                               \
    }
/* A list of structs, whose own members have rows. */
#define LIST(object, key, member, element, rows, bits)                                         \
    {                                                                                          \
        .name = (key), .type = XB_FIELD_LIST, .offset = offsetof(struct object, member),       \
        .fields = (rows), .size = sizeof(struct element), .flags = (bits)                      \
    }
/* Behind the last row. */
#define END                                                                                    \
    {                                                                                          \
        .name = NULL                                                                           \
    }

#endif
