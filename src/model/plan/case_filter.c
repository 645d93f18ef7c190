/* SPDX-License-Identifier: BSD-3-Clause */
/* case_filter.c - some of a plan's cases, named by a text. */
#include "model/plan/case_filter.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "base/units.h"
#include "base/wildcard.h"
#include "model/plan/path.h"

#define VALUE_LEN 128
#define KEY_LEN   64

/* What a filter says: a key and its value, or of a NULL value an id. */
struct asked {
    char key[KEY_LEN];
    const char *value;
};

/* Ids have slashes and brackets, keys have none. */
static struct asked read_filter(const char *filter)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-.";
    size_t n = strspn(filter, letters);
    struct asked asked = {.value = NULL};

    if (n > 0 && n < sizeof asked.key && filter[n] == '=') {
        memcpy(asked.key, filter, n);
        asked.value = filter + n + 1;
    }
    return asked;
}

static const char *option_value(const struct xb_case *c, const char *name, char buf[VALUE_LEN])
{
    int row = xb_option_find(c->method->options, name);
    const struct xb_option *opt = c->method->options + row;

    return row < 0 ? NULL
                   : xb_option_format(opt, xb_option_get(opt, &c->options), buf, VALUE_LEN);
}

static const char *number(uint64_t value, char buf[VALUE_LEN])
{
    snprintf(buf, VALUE_LEN, "%" PRIu64, value);
    return buf;
}

/* The value that a case has for a key, as text, which may be in buf; NULL for none. */
static const char *value_of(const struct xb_case *c, const char *key, char buf[VALUE_LEN])
{
    static const char prefix[] = "options.";
    const bool chunked = c->chunk > 0;
    const struct {
        const char *key;
        uint64_t value;
        bool there, is_size;
    } numbers[] = {
        {"bytes", c->bytes, true, false},
        {"size", c->bytes, true, true},
        {"size_class", (uint64_t)xb_size_class(c->bytes), true, false},
        {"chunk_bytes", c->chunk, chunked, false},
        {"chunk", c->chunk, chunked, true},
        {"depth", (uint64_t)c->depth, chunked, false},
        {"window", (uint64_t)c->window, true, false},
        {"src_offset", c->src_offset, true, false},
        {"dst_offset", c->dst_offset, true, false},
    };

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (strcmp(numbers[i].key, key) == 0 && numbers[i].there)
            return numbers[i].is_size ? xb_size_format(numbers[i].value, buf)
                                      : number(numbers[i].value, buf);
    if (strcmp(key, "pattern") == 0)
        return xb_case_pattern_name(c);
    if (strcmp(key, "method") == 0)
        return c->method->name;
    if (strcmp(key, "path") == 0)
        return xb_path_format(&c->path, buf);
    if (strcmp(key, "src") == 0)
        return xb_endpoint_format(c->path.src, buf);
    if (strcmp(key, "dst") == 0)
        return xb_endpoint_format(c->path.dst, buf);
    if (strcmp(key, "locality") == 0)
        return xb_locality_name(c->path.locality);
    if (strcmp(key, "cache") == 0)
        return xb_cache_names[c->cache];
    if (strcmp(key, "allocator") == 0)
        return xb_allocator_names[c->allocator];
    if (strcmp(key, "contention") == 0)
        return xb_contention_names[c->contention];
    if (strcmp(key, "pairs") == 0 && c->pattern && c->pattern->of_pair) {
        xb_pairs_format(&c->pairs, buf, VALUE_LEN);
        return buf;
    }
    if (strcmp(key, "traffic") == 0 && c->traffic)
        return xb_traffic_format(c->traffic, buf);
    return option_value(
        c, strncmp(key, prefix, sizeof prefix - 1) == 0 ? key + sizeof prefix - 1 : key, buf);
}

bool xb_case_filter_meets(const struct xb_case *c, const char *filter)
{
    struct asked asked = read_filter(filter);
    char buf[VALUE_LEN];

    if (!asked.value)
        return xb_wildcard_matches(filter, c->id);
    const char *value = value_of(c, asked.key, buf);
    return value && xb_wildcard_matches(asked.value, value);
}

int xb_case_filter_check(const struct xb_plan *plan, const char *filter, struct xb_error *err)
{
    static const char *const keys[] = {
        "pattern",    "pairs", "method", "path",   "src",       "dst",
        "locality",   "size",  "bytes",  "cache",  "allocator", "contention",
        "size_class", "chunk", "depth",  "window", "traffic",   NULL};
    struct asked asked = read_filter(filter);
    char buf[VALUE_LEN], list[XB_ERROR_LEN], hint[XB_HINT_LEN];
    bool has_key = false;

    for (size_t i = 0; i < plan->count; i++) {
        if (xb_case_filter_meets(&plan->cases[i], filter))
            return 0;
        has_key = has_key || (asked.value && value_of(&plan->cases[i], asked.key, buf));
    }
    if (asked.value && !has_key)
        return xb_fail(err, "no case has the key \"%s\"%s, expected %s, or an option, or an id",
                       asked.key, xb_did_you_mean(asked.key, keys, hint),
                       xb_error_list(keys, list, sizeof list));
    return xb_fail(err, "no case of the plan meets it, expected KEY=VALUE or the id of one, "
                        "with * and ? for what varies; plan lists them");
}
