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

static int print_list(const struct xb_field *row, const void *at,
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
        if (xb_fields_print_value(xb_fields_write(row->fields, item), 2, out) < 0)
            return -1;
    }
    fputc(']', out);
    return 0;
}

int xb_fields_print_from(const struct xb_field *table, const void *object,
                         const struct xb_list_source *source, FILE *out)
{
    fputs("{\n", out);
    for (const struct xb_field *row = table; row->name; row++) {
        const void *at = (const char *)object + row->offset;
        struct xb_field alone = *row;
        alone.name = ""; /* its value, not an object of one member */
        fprintf(out, "%s\t\"%s\":\t", row == table ? "" : ",\n", row->name);
        int rc = row->type == XB_FIELD_LIST
                     ? print_list(row, at, source, out)
                     : xb_fields_print_value(xb_fields_write(&alone, object), 1, out);
        if (rc < 0)
            return -1;
    }
    fputs("\n}", out);
    return 0;
}

int xb_fields_print(const struct xb_field *table, const void *object, FILE *out)
{
    return xb_fields_print_from(table, object, NULL, out);
}
