/* SPDX-License-Identifier: BSD-3-Clause */
/* options.c - tables of typed options. */
#include "base/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

#define DESCRIPTION_LEN 96
#define OPTION_LEN      320 /* of a value as text */

size_t xb_option_count(const struct xb_option *table)
{
    size_t count = 0;
    while (table && table[count].name)
        count++;
    return count;
}

int xb_option_find(const struct xb_option *table, const char *name)
{
    for (size_t i = 0; i < xb_option_count(table); i++)
        if (strcmp(table[i].name, name) == 0)
            return (int)i;
    return -1;
}

/* ---- values in their struct ---- */

int64_t xb_option_get(const struct xb_option *opt, const struct xb_options *options)
{
    const unsigned char *at = options->bytes + opt->offset;
    int choice;
    bool set;
    int64_t value = 0;

    switch (opt->type) {
    case XB_OPTION_ENUM:
        memcpy(&choice, at, sizeof choice);
        return choice;
    case XB_OPTION_BOOL:
        memcpy(&set, at, sizeof set);
        return set;
    case XB_OPTION_SIZE:
    case XB_OPTION_INT:
    case XB_OPTION_DURATION:
        memcpy(&value, at, sizeof value);
        break;
    }
    return value;
}

void xb_option_set(const struct xb_option *opt, struct xb_options *options, int64_t value)
{
    unsigned char *at = options->bytes + opt->offset;
    int choice = (int)value;
    bool set = value != 0;

    switch (opt->type) {
    case XB_OPTION_ENUM:
        memcpy(at, &choice, sizeof choice);
        break;
    case XB_OPTION_BOOL:
        memcpy(at, &set, sizeof set);
        break;
    case XB_OPTION_SIZE:
    case XB_OPTION_INT:
    case XB_OPTION_DURATION:
        memcpy(at, &value, sizeof value);
        break;
    }
}

struct xb_options xb_options_default(const struct xb_option *table)
{
    struct xb_options options = {{0}};

    for (size_t i = 0; i < xb_option_count(table); i++)
        xb_option_set(&table[i], &options, table[i].fallback);
    return options;
}

int xb_options_read(const struct xb_option *table, const struct xb_node *object,
                    struct xb_options *out, struct xb_error *err)
{
    struct xb_node node;
    int64_t value = 0;

    *out = xb_options_default(table);
    for (size_t i = 0; i < xb_option_count(table); i++) {
        if (!xb_node_member(object, table[i].name, &node))
            continue;
        if (xb_option_read(&table[i], &node, &value, err) < 0)
            return -1;
        xb_option_set(&table[i], out, value);
    }
    return 0;
}

bool xb_option_is_written(const struct xb_option *opt, int64_t value)
{
    return !opt->quiet || value != opt->fallback;
}

const char *xb_options_format(const struct xb_option *table, const struct xb_options *options,
                              char *buf, size_t len)
{
    char value[OPTION_LEN];
    size_t used = 0;

    buf[0] = '\0';
    for (size_t i = 0; i < xb_option_count(table) && used < len; i++) {
        int64_t held = xb_option_get(&table[i], options);
        if (xb_option_is_written(&table[i], held))
            used += (size_t)snprintf(buf + used, len - used, "%s%s=%s", used ? "," : "",
                                     table[i].name,
                                     xb_option_format(&table[i], held, value, sizeof value));
    }
    return buf;
}

bool xb_options_add_json(const struct xb_option *table, const struct xb_options *options,
                         cJSON *object)
{
    for (size_t i = 0; i < xb_option_count(table); i++) {
        int64_t held = xb_option_get(&table[i], options);
        if (!xb_option_is_written(&table[i], held))
            continue;
        cJSON *value = xb_option_json(&table[i], held);
        if (!value || !cJSON_AddItemToObject(object, table[i].name, value)) {
            cJSON_Delete(value);
            return false;
        }
    }
    return true;
}

/* ---- faults in a table ---- */

int64_t xb_option_choices(const struct xb_option *opt)
{
    int64_t n = 0;

    while (opt->choices && opt->choices[n])
        n++;
    return n;
}

/* Bytes of the member that holds a value of this type. */
static size_t member_size(enum xb_option_type type)
{
    switch (type) {
    case XB_OPTION_ENUM:
        return sizeof(int);
    case XB_OPTION_BOOL:
        return sizeof(bool);
    case XB_OPTION_SIZE:
    case XB_OPTION_INT:
    case XB_OPTION_DURATION:
        return sizeof(int64_t);
    }
    return 0;
}

int xb_option_check(const struct xb_option *opt, struct xb_error *err)
{
    int64_t min = opt->min, max = opt->max;

    if (opt->name[0] == '\0')
        return xb_fail(err, "option \"%s\": the name is empty", opt->name);
    if (opt->type == XB_OPTION_ENUM) {
        min = 0;
        max = xb_option_choices(opt) - 1;
    } else if (opt->type == XB_OPTION_BOOL) {
        min = 0;
        max = 1;
    }
    if (opt->fallback < min || opt->fallback > max)
        return xb_fail(err, "option \"%s\": the default %lld is not within %lld and %lld",
                       opt->name, (long long)opt->fallback, (long long)min, (long long)max);
    if (opt->size != member_size(opt->type))
        return xb_fail(err, "option \"%s\": its member has %zu bytes, expected %zu of type %s",
                       opt->name, opt->size, member_size(opt->type),
                       xb_option_type_name(opt->type));
    if (opt->offset + opt->size > XB_OPTIONS_BYTES)
        return xb_fail(err, "option \"%s\": its struct has more than %d bytes", opt->name,
                       XB_OPTIONS_BYTES);
    return 0;
}

int xb_options_check(const struct xb_option *table, struct xb_error *err)
{
    for (size_t i = 0; i < xb_option_count(table); i++) {
        const struct xb_option *a = &table[i];
        if (xb_option_check(a, err) < 0)
            return -1;
        for (const struct xb_option *b = table; b < a; b++) {
            if (strcmp(a->name, b->name) == 0)
                return xb_fail(err, "option \"%s\" stands twice", a->name);
            if (a->offset < b->offset + b->size && b->offset < a->offset + a->size)
                return xb_fail(err, "the options \"%s\" and \"%s\" share a member", b->name,
                               a->name);
        }
    }
    return 0;
}

/* ---- reading ---- */

static int read_enum(const struct xb_option *opt, const struct xb_node *node, int64_t *value,
                     struct xb_error *err)
{
    const char *text = cJSON_GetStringValue(node->item);
    for (size_t i = 0; text && opt->choices[i]; i++) {
        if (strcmp(opt->choices[i], text) == 0) {
            *value = (int64_t)i;
            return 0;
        }
    }
    return xb_node_fail_choice(node, NULL, opt->choices, err);
}

/* Fail unless a size or a duration is within the option's range. */
static int check_range(const struct xb_option *opt, const struct xb_node *node, int64_t value,
                       struct xb_error *err)
{
    if (value >= opt->min && value <= opt->max)
        return 0;
    char found[DESCRIPTION_LEN], min[XB_UNITS_LEN], max[XB_UNITS_LEN];
    return xb_node_fail(node, err, "found %s, expected a %s from %s to %s",
                        xb_node_describe(node, found, sizeof found),
                        opt->type == XB_OPTION_SIZE ? "size" : "duration",
                        xb_option_format(opt, opt->min, min, sizeof min),
                        xb_option_format(opt, opt->max, max, sizeof max));
}

static int read_size(const struct xb_option *opt, const struct xb_node *node, int64_t *value,
                     struct xb_error *err)
{
    uint64_t bytes;
    if (xb_node_size(node, &bytes, err))
        return -1;
    int64_t held = bytes > INT64_MAX ? -1 : (int64_t)bytes; /* -1 is out of every range */
    if (check_range(opt, node, held, err))
        return -1;
    *value = held;
    return 0;
}

static int read_duration(const struct xb_option *opt, const struct xb_node *node,
                         int64_t *value, struct xb_error *err)
{
    int64_t ns;
    if (xb_node_duration(node, &ns, err) || check_range(opt, node, ns, err))
        return -1;
    *value = ns;
    return 0;
}

static int read_bool(const struct xb_node *node, int64_t *value, struct xb_error *err)
{
    bool set;
    if (xb_node_bool(node, &set, err))
        return -1;
    *value = set;
    return 0;
}

int xb_option_read(const struct xb_option *opt, const struct xb_node *node, int64_t *value,
                   struct xb_error *err)
{
    switch (opt->type) {
    case XB_OPTION_ENUM:
        return read_enum(opt, node, value, err);
    case XB_OPTION_SIZE:
        return read_size(opt, node, value, err);
    case XB_OPTION_INT:
        return xb_node_int(node, opt->min, opt->max, value, err);
    case XB_OPTION_DURATION:
        return read_duration(opt, node, value, err);
    case XB_OPTION_BOOL:
        return read_bool(node, value, err);
    }
    return xb_node_fail(node, err, "the option \"%s\" has no type", opt->name);
}

/* ---- writing ---- */

/* The name of an enum's choice; "?" for a value that is none. */
static const char *choice_name(const struct xb_option *opt, int64_t value)
{
    for (int64_t i = 0; opt->choices[i]; i++)
        if (i == value)
            return opt->choices[i];
    return "?";
}

const char *xb_option_format(const struct xb_option *opt, int64_t value, char *buf, size_t len)
{
    char text[XB_UNITS_LEN];
    switch (opt->type) {
    case XB_OPTION_ENUM:
        snprintf(buf, len, "%s", choice_name(opt, value));
        break;
    case XB_OPTION_SIZE:
        snprintf(buf, len, "%s", xb_size_format((uint64_t)value, text));
        break;
    case XB_OPTION_INT:
        snprintf(buf, len, "%" PRId64, value);
        break;
    case XB_OPTION_DURATION:
        snprintf(buf, len, "%s", xb_duration_format(value, text));
        break;
    case XB_OPTION_BOOL:
        snprintf(buf, len, "%s", value ? "true" : "false");
        break;
    }
    return buf;
}

cJSON *xb_option_json(const struct xb_option *opt, int64_t value)
{
    switch (opt->type) {
    case XB_OPTION_ENUM:
        return cJSON_CreateString(choice_name(opt, value));
    case XB_OPTION_BOOL:
        return cJSON_CreateBool(value != 0);
    case XB_OPTION_SIZE:
    case XB_OPTION_INT:
    case XB_OPTION_DURATION:
        break;
    }
    return cJSON_CreateNumber((double)value);
}

const char *xb_option_range(const struct xb_option *opt, char *buf, size_t len)
{
    char min[XB_UNITS_LEN], max[XB_UNITS_LEN];
    size_t used = 0;

    switch (opt->type) {
    case XB_OPTION_ENUM:
        buf[0] = '\0';
        for (size_t i = 0; opt->choices[i] && used < len; i++)
            used +=
                (size_t)snprintf(buf + used, len - used, "%s%s", i ? "|" : "", opt->choices[i]);
        break;
    case XB_OPTION_BOOL:
        snprintf(buf, len, "true|false");
        break;
    case XB_OPTION_SIZE:
    case XB_OPTION_INT:
    case XB_OPTION_DURATION:
        snprintf(buf, len, "%s to %s", xb_option_format(opt, opt->min, min, sizeof min),
                 xb_option_format(opt, opt->max, max, sizeof max));
        break;
    }
    return buf;
}

const char *xb_option_type_name(enum xb_option_type type)
{
    static const char *const names[] = {
        [XB_OPTION_ENUM] = "enum",         [XB_OPTION_SIZE] = "size", [XB_OPTION_INT] = "int",
        [XB_OPTION_DURATION] = "duration", [XB_OPTION_BOOL] = "bool",
    };
    return names[type];
}
