/* fields.c - writes, reads and frees structs by their tables. */
#include "report/fields.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/report_json.h"

#define LARGEST_WHOLE ((INT64_C(1) << 53) - 1) /* that a double holds exactly */

double xb_round_us(double us)
{
    /* beyond a day to the digits that a double has */
    return fabs(us) < 1e11 ? round(us * 1e4) / 1e4 : us;
}

double xb_round_ratio(double value)
{
    char text[32];

    if (!isfinite(value))
        return value;
    snprintf(text, sizeof(text), "%.6g", value);
    return strtod(text, NULL);
}

void *xb_list_add(struct xb_list *list, size_t size)
{
    if (list->n == list->room) {
        size_t room = list->room ? 2 * list->room : 8;
        void *item = realloc(list->item, room * size);

        if (!item)
            return NULL;
        list->item = item;
        list->room = room;
    }
    return memset((char *)list->item + list->n++ * size, 0, size);
}

int xb_text_copy(const char *text, char **out)
{
    *out = text && text[0] ? strdup(text) : NULL;
    return text && text[0] && !*out ? -1 : 0;
}

int xb_texts_add(struct xb_texts *texts, const char *text)
{
    char **value = realloc(texts->value, (texts->n + 1) * sizeof(*value));

    if (!value)
        return -1;
    texts->value = value;
    value[texts->n] = strdup(text);
    return value[texts->n] ? (texts->n++, 0) : -1;
}

/* ---- null and free ---- */

static void clear(const struct xb_field *row, void *at)
{
    switch (row->type) {
    case XB_FIELD_TEXT:
        *(char **)at = NULL;
        break;
    case XB_FIELD_WORD:
        for (*(int *)at = 0; *(int *)at < row->words && row->word(*(int *)at); ++*(int *)at)
            ;
        if (*(int *)at == row->words)
            *(int *)at = -1;
        break;
    case XB_FIELD_BOOL:
        *(bool *)at = false;
        break;
    case XB_FIELD_WHOLE:
        *(int64_t *)at = -1;
        break;
    case XB_FIELD_DIGITS:
    case XB_FIELD_HASH:
        *(uint64_t *)at = 0;
        break;
    case XB_FIELD_US:
    case XB_FIELD_NS:
    case XB_FIELD_RATIO:
    case XB_FIELD_BYTES:
        *(double *)at = NAN;
        break;
    case XB_FIELD_TIMES:
    case XB_FIELD_SAMPLES:
        *(struct xb_numbers *)at = (struct xb_numbers){NULL, 0};
        break;
    case XB_FIELD_TEXTS:
        *(struct xb_texts *)at = (struct xb_texts){NULL, 0};
        break;
    case XB_FIELD_NAMED:
        *(struct xb_named_texts *)at = (struct xb_named_texts){.there = false};
        break;
    case XB_FIELD_FIGURES:
        *(struct xb_named_numbers *)at = (struct xb_named_numbers){NULL, 0};
        break;
    case XB_FIELD_JSON:
        *(cJSON **)at = NULL;
        break;
    case XB_FIELD_MAYBE:
        *(bool *)at = false;
        xb_fields_clear(row->fields, at);
        break;
    case XB_FIELD_OBJECT:
        xb_fields_clear(row->fields, at);
        break;
    case XB_FIELD_LIST:
        *(struct xb_list *)at = (struct xb_list){NULL, 0, 0};
        break;
    }
}

void xb_fields_clear(const struct xb_field *table, void *object)
{
    for (const struct xb_field *row = table; row->name; row++)
        clear(row, (char *)object + row->offset);
}

static void release_texts(struct xb_texts *texts)
{
    for (size_t i = 0; i < texts->n; i++)
        free(texts->value[i]);
    free(texts->value);
}

static void release_named(struct xb_named_texts *named)
{
    for (size_t i = 0; i < named->n; i++) {
        free(named->item[i].name);
        free(named->item[i].value);
    }
    free(named->item);
}

static void release_figures(struct xb_named_numbers *figures)
{
    for (size_t i = 0; i < figures->n; i++)
        free(figures->item[i].name);
    free(figures->item);
}

static void release_list(const struct xb_field *row, struct xb_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        xb_fields_release(row->fields, (char *)list->item + i * row->size);
    free(list->item);
}

static void release(const struct xb_field *row, void *at)
{
    switch (row->type) {
    case XB_FIELD_TEXT:
        free(*(char **)at);
        break;
    case XB_FIELD_TIMES:
    case XB_FIELD_SAMPLES:
        free(((struct xb_numbers *)at)->value);
        break;
    case XB_FIELD_TEXTS:
        release_texts(at);
        break;
    case XB_FIELD_NAMED:
        release_named(at);
        break;
    case XB_FIELD_FIGURES:
        release_figures(at);
        break;
    case XB_FIELD_JSON:
        cJSON_Delete(*(cJSON **)at);
        break;
    case XB_FIELD_OBJECT:
    case XB_FIELD_MAYBE:
        xb_fields_release(row->fields, at);
        break;
    case XB_FIELD_LIST:
        release_list(row, at);
        break;
    case XB_FIELD_WORD:
    case XB_FIELD_BOOL:
    case XB_FIELD_WHOLE:
    case XB_FIELD_DIGITS:
    case XB_FIELD_HASH:
    case XB_FIELD_US:
    case XB_FIELD_NS:
    case XB_FIELD_RATIO:
    case XB_FIELD_BYTES:
        break;
    }
}

void xb_fields_release(const struct xb_field *table, void *object)
{
    for (const struct xb_field *row = table; row->name; row++) {
        release(row, (char *)object + row->offset);
        clear(row, (char *)object + row->offset);
    }
}

/* ---- write ---- */

static cJSON *write_times(const struct xb_numbers *times)
{
    cJSON *array = cJSON_CreateArray();
    bool good = array != NULL;

    for (size_t i = 0; good && i < times->n; i++)
        good = xb_report_push(array, xb_report_number(xb_round_us(times->value[i])));
    return xb_report_done(array, good);
}

static cJSON *write_texts(const struct xb_texts *texts)
{
    cJSON *array = cJSON_CreateArray();
    bool good = array != NULL;

    for (size_t i = 0; good && i < texts->n; i++)
        good = xb_report_push(array, cJSON_CreateString(texts->value[i]));
    return xb_report_done(array, good);
}

/* An empty value stays "": a variable that is set to nothing is not an unset one. */
static cJSON *write_named(const struct xb_named_texts *named)
{
    if (!named->there)
        return cJSON_CreateNull();
    cJSON *object = cJSON_CreateObject();
    bool good = object != NULL;

    for (size_t i = 0; good && i < named->n; i++) {
        const char *value = named->item[i].value;
        good = xb_report_put(object, named->item[i].name,
                             value ? cJSON_CreateString(value) : cJSON_CreateNull());
    }
    return xb_report_done(object, good);
}

static bool ends_in_us(const char *name)
{
    size_t n = strlen(name);
    return n > 3 && strcmp(name + n - 3, "_us") == 0;
}

static cJSON *write_figures(const struct xb_named_numbers *figures)
{
    if (figures->n == 0)
        return cJSON_CreateNull();
    cJSON *object = cJSON_CreateObject();
    bool good = object != NULL;

    for (size_t i = 0; good && i < figures->n; i++) {
        const struct xb_named_number *f = &figures->item[i];
        bool count = f->value == floor(f->value);
        good = xb_report_put(object, f->name,
                             xb_report_number(ends_in_us(f->name) ? xb_round_us(f->value)
                                              : count             ? f->value
                                                                  : xb_round_ratio(f->value)));
    }
    return xb_report_done(object, good);
}

static cJSON *write_value(const struct xb_field *row, const void *at);

static cJSON *write_list(const struct xb_field *row, const struct xb_list *list)
{
    cJSON *array = cJSON_CreateArray();
    bool good = array != NULL;

    for (size_t i = 0; good && i < list->n; i++)
        good = xb_report_push(
            array, xb_fields_write(row->fields, (const char *)list->item + i * row->size));
    return xb_report_done(array, good);
}

/* As digits: cJSON rounds a double near 2^53 to 15 of them. */
static cJSON *write_digits(uint64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRIu64, value);
    return cJSON_CreateRaw(text);
}

static cJSON *write_hash(uint64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "0x%016" PRIx64, value);
    return cJSON_CreateString(text);
}

static const char *word_of(const struct xb_field *row, int value)
{
    return value >= 0 && value < row->words ? row->word(value) : NULL;
}

static cJSON *write_value(const struct xb_field *row, const void *at)
{
    int64_t whole;

    switch (row->type) {
    case XB_FIELD_TEXT:
        return xb_report_text(*(char *const *)at);
    case XB_FIELD_WORD:
        return xb_report_text(word_of(row, *(const int *)at));
    case XB_FIELD_BOOL:
        return cJSON_CreateBool(*(const bool *)at);
    case XB_FIELD_WHOLE:
        whole = *(const int64_t *)at;
        return xb_report_number(whole >= 0 ? (double)whole : NAN);
    case XB_FIELD_DIGITS:
        return write_digits(*(const uint64_t *)at);
    case XB_FIELD_HASH:
        return write_hash(*(const uint64_t *)at);
    case XB_FIELD_US:
        return xb_report_number(xb_round_us(*(const double *)at));
    case XB_FIELD_NS:
        return xb_report_number(round(*(const double *)at * 10) / 10);
    case XB_FIELD_RATIO:
        return xb_report_number(xb_round_ratio(*(const double *)at));
    case XB_FIELD_BYTES:
        return xb_report_number(*(const double *)at);
    case XB_FIELD_SAMPLES:
        return ((const struct xb_numbers *)at)->n ? write_times(at) : cJSON_CreateNull();
    case XB_FIELD_TIMES:
        return write_times(at);
    case XB_FIELD_TEXTS:
        return write_texts(at);
    case XB_FIELD_NAMED:
        return write_named(at);
    case XB_FIELD_FIGURES:
        return write_figures(at);
    case XB_FIELD_JSON:
        return *(cJSON *const *)at ? cJSON_Duplicate(*(cJSON *const *)at, true)
                                   : cJSON_CreateNull();
    case XB_FIELD_MAYBE:
        return *(const bool *)at ? xb_fields_write(row->fields, at) : cJSON_CreateNull();
    case XB_FIELD_OBJECT:
        return xb_fields_write(row->fields, at);
    case XB_FIELD_LIST:
        return write_list(row, at);
    }
    return NULL;
}

cJSON *xb_fields_write(const struct xb_field *table, const void *object)
{
    if (table->name && table->name[0] == '\0')
        return write_value(table, (const char *)object + table->offset);
    cJSON *json = cJSON_CreateObject();
    bool good = json != NULL;

    for (const struct xb_field *row = table; good && row->name; row++)
        good = xb_report_put(json, row->name,
                             write_value(row, (const char *)object + row->offset));
    return xb_report_done(json, good);
}

/* ---- read ---- */

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
    struct xb_node member;

    if (version < 2 && row->flags & XB_FIELD_SINCE_2)
        return 0;
    if (!xb_node_member(node, row->name, &member))
        return version < 2 && !needed ? 0 : xb_node_require(node, row->name, &member, err);
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
