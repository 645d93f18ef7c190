/* SPDX-License-Identifier: BSD-3-Clause */
/* fields_print.c - a struct as JSON text, without the whole of it as a tree in memory. */
#include "report/fields.h"

#include <stdlib.h>
#include <string.h>

int xb_fields_print_value(cJSON *value, int level, FILE *out)
{
    char *text = value ? xb_json_print(value, true) : NULL;

    cJSON_Delete(value);
    if (!text)
        return -1;
    for (const char *at = text, *end; *at; at = end) { /* texts in it have no line ends */
        end = strchr(at, '\n');
        end = end ? end + 1 : at + strlen(at);
        fwrite(at, 1, (size_t)(end - at), out);
        for (int i = 0; end[-1] == '\n' && i < level; i++)
            fputc('\t', out);
    }
    free(text);
    return 0;
}

/* A list whose own elements are printed. */
struct listed {
    const struct xb_list *list;
    size_t size, next;
};

static const void *next_listed(void *arg)
{
    struct listed *l = arg;

    return l->next < l->list->n ? (const char *)l->list->item + l->size * l->next++ : NULL;
}

static int print_member(const struct xb_field *row, const void *object, int level,
                        const struct xb_list_source *source, FILE *out);

/* Has an object a list, or is it one? Then no tree is made of the whole of it. */
static bool has_list(const struct xb_field *table)
{
    for (; table->name; table++)
        if (table->type == XB_FIELD_LIST)
            return true;
    return false;
}

/* An object so many levels down, member by member. */
static int print_object(const struct xb_field *table, const void *object, int level,
                        const struct xb_list_source *source, FILE *out)
{
    fputc('{', out);
    for (const struct xb_field *row = table; row->name; row++) {
        fprintf(out, "%s\n", row == table ? "" : ",");
        for (int i = 0; i <= level; i++)
            fputc('\t', out);
        fprintf(out, "\"%s\":\t", row->name);
        if (print_member(row, object, level + 1, source, out) < 0)
            return -1;
    }
    fputc('\n', out);
    for (int i = 0; i < level; i++)
        fputc('\t', out);
    fputc('}', out);
    return 0;
}

static int print_element(const struct xb_field *table, const void *item, int level, FILE *out)
{
    if (!has_list(table))
        return xb_fields_print_value(xb_fields_write(table, item), level, out);
    return table->name[0] ? print_object(table, item, level, NULL, out)
                          : print_member(table, item, level, NULL, out);
}

static int print_list(const struct xb_field *row, const void *at, int level,
                      const struct xb_list_source *source, FILE *out)
{
    struct listed listed = {at, row->size, 0};
    const struct xb_list_source own = {row->offset, next_listed, &listed};
    const char *gap = "";

    if (!source || source->offset != row->offset)
        source = &own;
    fputc('[', out);
    for (const void *item; (item = source->next(source->arg)); gap = ", ") {
        fputs(gap, out);
        if (print_element(row->fields, item, level + 1, out) < 0)
            return -1;
    }
    fputc(']', out);
    return 0;
}

/* The value of a row, which stands so many levels down. */
static int print_member(const struct xb_field *row, const void *object, int level,
                        const struct xb_list_source *source, FILE *out)
{
    struct xb_field alone = *row;

    if (row->type == XB_FIELD_LIST)
        return print_list(row, (const char *)object + row->offset, level, source, out);
    alone.name = ""; /* its value, not an object of one member */
    return xb_fields_print_value(xb_fields_write(&alone, object), level, out);
}

int xb_fields_print_from(const struct xb_field *table, const void *object,
                         const struct xb_list_source *source, FILE *out)
{
    return print_object(table, object, 0, source, out);
}

int xb_fields_print(const struct xb_field *table, const void *object, FILE *out)
{
    return xb_fields_print_from(table, object, NULL, out);
}
