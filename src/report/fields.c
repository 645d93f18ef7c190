/* SPDX-License-Identifier: BSD-3-Clause */
/* fields.c - writes and frees structs by their tables. */
#include "report/fields.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/report_json.h"

#define EXACT_DIGITS INT64_C(999999999999999) /* the largest that cJSON writes in full */

void *xb_list_add(struct xb_list *list, size_t size)
{
    if (list->n == list->room) {
        size_t room = list->room ? 2 * list->room : 1; /* most cases have one lane */
        void *item = realloc(list->item, room * size);

        if (!item)
            return NULL;
        list->item = item;
        list->room = room;
    }
    return memset((char *)list->item + list->n++ * size, 0, size);
}

int xb_text_dup(const char *text, char **out)
{
    *out = text && text[0] ? strdup(text) : NULL;
    return text && text[0] && !*out ? -1 : 0;
}

int xb_text_copies(const struct xb_text_copy *copies, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (xb_text_dup(copies[i].from, copies[i].to) < 0)
            return -1;
    return 0;
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

/* As digits, of which cJSON writes 15. */
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
        if (whole > EXACT_DIGITS)
            return write_digits((uint64_t)whole);
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
