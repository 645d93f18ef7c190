/* SPDX-License-Identifier: BSD-3-Clause */
/* fields.h - structs and JSON objects of the same members, joined by a table: a row a member,
 * shared by writer and reader.
 *
 * What is not known is null: a number NAN, a whole number -1, a text NULL. Numbers are rounded
 * when they are written, to what was measured: times to 0.1 ns, rates and ratios to 6 digits.
 * Structs own all that their rows point to.
 */
#ifndef XB_REPORT_FIELDS_H
#define XB_REPORT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/json.h"

struct xb_numbers {
    double *value;
    size_t n;
};

struct xb_texts {
    char **value;
    size_t n;
};

/* Members of an object whose names are not known beforehand. */
struct xb_named_texts {
    bool there;
    struct xb_named_text {
        char *name, *value;
    } * item;
    size_t n;
};

struct xb_named_numbers {
    struct xb_named_number {
        char *name;
        double value;
    } * item;
    size_t n;
};

/* Structs of one kind, one behind the other. */
struct xb_list {
    void *item;
    size_t n, room;
};

enum xb_field_type {
    XB_FIELD_TEXT,    /* char *; "" is null as well */
    XB_FIELD_WORD,    /* int, named by row.word; what has no name is null */
    XB_FIELD_BOOL,    /* bool */
    XB_FIELD_WHOLE,   /* int64_t, from 0 to 2^53 */
    XB_FIELD_DIGITS,  /* uint64_t below 2^53, written digit by digit */
    XB_FIELD_HASH,    /* uint64_t, as the text "0x0123456789abcdef" */
    XB_FIELD_US,      /* double, microseconds */
    XB_FIELD_NS,      /* double, nanoseconds */
    XB_FIELD_RATIO,   /* double, a rate or a ratio */
    XB_FIELD_BYTES,   /* double, written as it is */
    XB_FIELD_TIMES,   /* struct xb_numbers, microseconds; [] where there are none */
    XB_FIELD_SAMPLES, /* the same; null where there are none */
    XB_FIELD_TEXTS,   /* struct xb_texts */
    XB_FIELD_NAMED,   /* struct xb_named_texts; null where it is not there */
    XB_FIELD_FIGURES, /* struct xb_named_numbers; null where there are none. Those whose names
                         end in "_us" are times */
    XB_FIELD_JSON,    /* cJSON *, as it is; NULL is null */
    XB_FIELD_OBJECT,  /* a struct of row.fields */
    XB_FIELD_MAYBE,   /* the same or null; its first member is `bool there` */
    XB_FIELD_LIST, /* struct xb_list of structs of row.size bytes with row.fields. Where these
                      are one row without a name, each element is that row's value */
};

enum {
    XB_FIELD_NEEDED = 1 << 0,  /* never null, and there in every version */
    XB_FIELD_SINCE_2 = 1 << 1, /* version 1 has it not, or in another form: passed over */
    XB_FIELD_LATER = 1 << 2,   /* the first reports of version 2 lack it: then it is null */
};

struct xb_field {
    const char *name; /* NULL ends a table */
    enum xb_field_type type;
    size_t offset;
    unsigned flags;
    const char *(*word)(int value); /* NULL for a value without a name */
    int words;                      /* values are below it */
    const struct xb_field *fields;
    size_t size;
};

/* Set every member to null. */
void xb_fields_clear(const struct xb_field *table, void *object);

/* Free what the members own, and clear them. */
void xb_fields_release(const struct xb_field *table, void *object);

/* The object; the caller owns it; NULL when out of memory. */
cJSON *xb_fields_write(const struct xb_field *table, const void *object);

/* Print the object to out as cJSON would format it, but with one element of each of its lists,
 * and of the lists in these, in memory at a time. Whether all reached out is for ferror to say.
 * -1 when out of memory. */
int xb_fields_print(const struct xb_field *table, const void *object, FILE *out);

/* The same, but the elements of the list at this offset of the object are not in it: the next
 * one lives until it is asked for another, or is NULL. */
struct xb_list_source {
    size_t offset;
    const void *(*next)(void *arg);
    void *arg;
};
int xb_fields_print_from(const struct xb_field *table, const void *object,
                         const struct xb_list_source *source, FILE *out);

/* Print a value, which is freed, as it stands so many levels down in what cJSON would format;
 * NULL is one for which there was no memory. As above. */
int xb_fields_print_value(cJSON *value, int level, FILE *out);

/* Read an object into a struct, which is cleared first. In version 1 a missing member is null,
 * since older reports lack some; later it is an error but for those that came later. Members
 * without a row are passed over: who checks them is the schema. Each error names the path, what
 * was found and what was expected. On failure the struct is cleared. */
int xb_fields_read(const struct xb_field *table, const struct xb_node *node, int version,
                   void *object, struct xb_error *err);

/* One more struct of so many bytes at a list's end, all zeros; NULL when out of memory. */
void *xb_list_add(struct xb_list *list, size_t size);

/* A copy that the caller owns; *out is NULL where text is NULL or "". -1 when out of memory. */
int xb_text_dup(const char *text, char **out);

/* The same for several, a row a text. */
struct xb_text_copy {
    const char *from;
    char **to;
};
int xb_text_copies(const struct xb_text_copy *copies, size_t n);

/* Add a text to a list; -1 when out of memory. */
int xb_texts_add(struct xb_texts *texts, const char *text);

#endif
