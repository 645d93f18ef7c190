/* options.c - tables of typed options. */
#include "base/options.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

#define DESCRIPTION_LEN 96

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
    char found[DESCRIPTION_LEN], allowed[XB_ERROR_LEN];
    return xb_node_fail(node, err, "found %s, expected %s",
                        xb_node_describe(node, found, sizeof found),
                        xb_error_list(opt->choices, allowed, sizeof allowed));
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
    if (opt->type == XB_OPTION_ENUM)
        return cJSON_CreateString(choice_name(opt, value));
    if (opt->type == XB_OPTION_BOOL)
        return cJSON_CreateBool(value != 0);
    return cJSON_CreateNumber((double)value);
}
