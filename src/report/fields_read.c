/* SPDX-License-Identifier: BSD-3-Clause */
/* fields_read.c - reads structs by their tables. */
#include "report/fields.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST_WHOLE ((INT64_C(1) << 53) - 1) /* that a double holds exactly */

static int out_of_memory(struct xb_error *err)
{
    return xb_fail(err, "out of memory for a report");
}

static int read_text(const struct xb_node *node, char **out, struct xb_error *err)
{
    const char *text;

    if (xb_node_string(node, &text, err) < 0)
        return -1;
    *out = strdup(text);
    return *out ? 0 : out_of_memory(err);
}

static int read_word(const struct xb_field *row, const struct xb_node *node, int *out,
                     struct xb_error *err)
{
    const char *text, *known[32] = {NULL};
    size_t n = 0;

    if (xb_node_string(node, &text, err) < 0)
        return -1;
    for (int i = 0; i < row->words; i++) {
        const char *word = row->word(i);
        if (word && strcmp(word, text) == 0) {
            *out = i;
            return 0;
        }
        if (word && n + 1 < sizeof(known) / sizeof(known[0]))
            known[n++] = word;
    }
    return xb_node_fail_choice(node, row->name, known, err);
}

static int read_unsigned(const struct xb_node *node, uint64_t *out, struct xb_error *err)
{
    int64_t value;

    if (xb_node_int(node, 0, LARGEST_WHOLE, &value, err) < 0)
        return -1;
    *out = (uint64_t)value;
    return 0;
}

static int read_hash(const struct xb_node *node, uint64_t *out, struct xb_error *err)
{
    const char *text;
    char *end;

    if (xb_node_string(node, &text, err) < 0)
        return -1;
    *out = strtoull(text, &end, 16);
    if (strncmp(text, "0x", 2) == 0 && strlen(text) == 18 && *end == '\0')
        return 0;
    return xb_node_fail(node, err, "found \"%s\", expected 0x and 16 hexadecimal digits", text);
}

static int read_times(const struct xb_node *node, struct xb_numbers *out, struct xb_error *err)
{
    struct xb_node child;

    if (xb_node_expect_array(node, 0, err) < 0)
        return -1;
    out->value = calloc(xb_node_count(node) + 1, sizeof(*out->value));
    if (!out->value)
        return out_of_memory(err);
    for (bool more = xb_node_first(node, &child); more; more = xb_node_next(node, &child))
        if (xb_node_number(&child, -DBL_MAX, DBL_MAX, &out->value[out->n++], err) < 0)
            return -1;
    return 0;
}

static int read_texts(const struct xb_node *node, struct xb_texts *out, struct xb_error *err)
{
    struct xb_node child;
    const char *text;

    if (xb_node_expect_array(node, 0, err) < 0)
        return -1;
    for (bool more = xb_node_first(node, &child); more; more = xb_node_next(node, &child)) {
        if (xb_node_string(&child, &text, err) < 0)
            return -1;
        if (xb_texts_add(out, text) < 0)
            return out_of_memory(err);
    }
    return 0;
}

static int expect_object(const struct xb_node *node, struct xb_error *err)
{
    char found[96];

    return cJSON_IsObject(node->item)
               ? 0
               : xb_node_fail(node, err, "found %s, expected an object",
                              xb_node_describe(node, found, sizeof(found)));
}

static int read_named(const struct xb_node *node, struct xb_named_texts *out,
                      struct xb_error *err)
{
    struct xb_node child;

    if (expect_object(node, err) < 0)
        return -1;
    out->there = true;
    out->item = calloc(xb_node_count(node) + 1, sizeof(*out->item));
    if (!out->item)
        return out_of_memory(err);
    for (bool more = xb_node_first(node, &child); more; more = xb_node_next(node, &child)) {
        struct xb_named_text *item = &out->item[out->n++];
        item->name = strdup(child.item->string);
        if (!item->name)
            return out_of_memory(err);
        if (!cJSON_IsNull(child.item) && read_text(&child, &item->value, err) < 0)
            return -1;
    }
    return 0;
}

static int read_figures(const struct xb_node *node, struct xb_named_numbers *out,
                        struct xb_error *err)
{
    struct xb_node child;

    if (expect_object(node, err) < 0)
        return -1;
    out->item = calloc(xb_node_count(node) + 1, sizeof(*out->item));
    if (!out->item)
        return out_of_memory(err);
    for (bool more = xb_node_first(node, &child); more; more = xb_node_next(node, &child)) {
        struct xb_named_number *item = &out->item[out->n++];
        item->value = NAN;
        item->name = strdup(child.item->string);
        if (!item->name)
            return out_of_memory(err);
        if (!cJSON_IsNull(child.item) &&
            xb_node_number(&child, -DBL_MAX, DBL_MAX, &item->value, err) < 0)
            return -1;
    }
    return 0;
}

static int read_value(const struct xb_field *row, const struct xb_node *node, int version,
                      void *at, struct xb_error *err);

static int read_list(const struct xb_field *row, const struct xb_node *node, int version,
                     struct xb_list *out, struct xb_error *err)
{
    struct xb_node child;

    if (xb_node_expect_array(node, 0, err) < 0)
        return -1;
    for (bool more = xb_node_first(node, &child); more; more = xb_node_next(node, &child)) {
        void *item = xb_list_add(out, row->size);
        if (!item)
            return out_of_memory(err);
        if (xb_fields_read(row->fields, &child, version, item, err) < 0)
            return -1;
    }
    return 0;
}

static int read_value(const struct xb_field *row, const struct xb_node *node, int version,
                      void *at, struct xb_error *err)
{
    switch (row->type) {
    case XB_FIELD_TEXT:
        return read_text(node, at, err);
    case XB_FIELD_WORD:
        return read_word(row, node, at, err);
    case XB_FIELD_BOOL:
        return xb_node_bool(node, at, err);
    case XB_FIELD_WHOLE:
        return xb_node_int(node, 0, LARGEST_WHOLE, at, err);
    case XB_FIELD_DIGITS:
        return read_unsigned(node, at, err);
    case XB_FIELD_HASH:
        return read_hash(node, at, err);
    case XB_FIELD_US:
    case XB_FIELD_NS:
    case XB_FIELD_RATIO:
    case XB_FIELD_BYTES:
        return xb_node_number(node, -DBL_MAX, DBL_MAX, at, err);
    case XB_FIELD_TIMES:
    case XB_FIELD_SAMPLES:
        return read_times(node, at, err);
    case XB_FIELD_TEXTS:
        return read_texts(node, at, err);
    case XB_FIELD_NAMED:
        return read_named(node, at, err);
    case XB_FIELD_FIGURES:
        return read_figures(node, at, err);
    case XB_FIELD_JSON:
        *(cJSON **)at = cJSON_Duplicate(node->item, true);
        return *(cJSON **)at ? 0 : out_of_memory(err);
    case XB_FIELD_MAYBE:
        *(bool *)at = true;
        return xb_fields_read(row->fields, node, version, at, err);
    case XB_FIELD_OBJECT:
        return xb_fields_read(row->fields, node, version, at, err);
    case XB_FIELD_LIST:
        return read_list(row, node, version, at, err);
    }
    return -1;
}

static int read_member(const struct xb_field *row, const struct xb_node *node, int version,
                       void *at, struct xb_error *err)
{
    bool needed = row->flags & XB_FIELD_NEEDED;
    bool may_lack = row->flags & XB_FIELD_LATER || (version < 2 && !needed);
    struct xb_node member;

    if (version < 2 && row->flags & XB_FIELD_SINCE_2)
        return 0;
    if (!xb_node_member(node, row->name, &member))
        return may_lack ? 0 : xb_node_require(node, row->name, &member, err);
    if (cJSON_IsNull(member.item) && !needed)
        return 0;
    return read_value(row, &member, version, at, err);
}

int xb_fields_read(const struct xb_field *table, const struct xb_node *node, int version,
                   void *object, struct xb_error *err)
{
    bool whole = table->name && table->name[0] == '\0';
    int rc = 0;

    xb_fields_clear(table, object);
    if (whole)
        rc = read_value(table, node, version, (char *)object + table->offset, err);
    else
        rc = expect_object(node, err);
    for (const struct xb_field *row = table; rc == 0 && !whole && row->name; row++)
        rc = read_member(row, node, version, (char *)object + row->offset, err);
    if (rc < 0)
        xb_fields_release(table, object);
    return rc;
}
