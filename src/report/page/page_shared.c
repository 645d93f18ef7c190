/* SPDX-License-Identifier: BSD-3-Clause */
/* page_shared.c - what the parts of a page share. */
#include "report/page/page_parts.h"

#include <math.h>
#include <string.h>

#include "report/page/markup.h"

static const char *last_part(const char *path)
{
    const char *slash = path ? strrchr(path, '/') : NULL;

    return slash ? slash + 1 : path;
}

void xb_page_name(const struct xb_format_source *source, FILE *out)
{
    const char *name = last_part(source->name);
    size_t len = source->set ? strlen(source->set) : 0;

    xb_markup_text(name ? name : "the report", out);
    /* a report that is alone has its file's name */
    if (len > 0 && !(name && strncmp(name, source->set, len) == 0)) {
        fputs(" of ", out);
        xb_markup_text(source->set, out);
    }
}

void xb_page_element(const char *element, const char *text, FILE *out)
{
    fprintf(out, "<%s>", element);
    xb_markup_text(text, out);
    fprintf(out, "</%s>\n", element);
}

void xb_page_box_begin(const char *what, FILE *out)
{
    fputs("<div class=\"box\" role=\"region\" tabindex=\"0\" aria-label=\"", out);
    xb_markup_text(what, out);
    fputs("\">\n", out);
}

void xb_page_box_end(FILE *out)
{
    fputs("</div>\n", out);
}

int xb_page_table(struct xb_table *table, const char *what, FILE *out)
{
    if (!table)
        return -1;
    xb_page_box_begin(what, out);
    int rc = xb_table_print_html(table, 0, NULL, out);
    xb_page_box_end(out);
    xb_table_free(table);
    return rc;
}

const char *xb_page_text_of(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

double xb_page_number_of(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    return cJSON_IsNumber(item) ? item->valuedouble : NAN;
}
