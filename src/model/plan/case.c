/* SPDX-License-Identifier: BSD-3-Clause */
/* case.c - one case: what it is, as text and as JSON. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/units.h"
#include "model/plan/collective_op.h"
#include "model/plan/plan.h"

/* Append to buf, which holds *used characters. Characters that do not fit are counted too. */
__attribute__((format(printf, 4, 5))) static void append(char *buf, size_t len, size_t *used,
                                                         const char *fmt, ...)
{
    size_t at = *used < len ? *used : len;
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(buf + at, len - at, fmt, args);
    va_end(args);
    *used += (size_t)n;
}

const char *xb_case_pattern_name(const struct xb_case *c)
{
    return c->experiment ? c->experiment->name : c->pattern->name;
}

bool xb_case_is_experiment(const struct xb_case *c)
{
    return c->experiment || c->method->kind == XB_KIND_EXPERIMENT;
}

int xb_case_experiment_fits(const struct xb_case *c, struct xb_error *err)
{
    const struct xb_experiment_spec *e = c->experiment;
    char text[XB_PATH_LEN];

    if (!e || c->method != &e->method)
        xb_fail(err,
                "the %s %s is not for what the method %s does here, expected another of one of "
                "them",
                e ? "experiment" : "pattern", xb_case_pattern_name(c), c->method->name);
    else if (e->method.paths[c->path.locality] == 0)
        xb_fail(err, "the experiment %s is within one %s; the path says %s, expected %s",
                e->name, e->method.paths[XB_NODE] ? "node" : "rank",
                xb_locality_name(c->path.locality),
                xb_locality_name(e->method.paths[XB_NODE] ? XB_NODE : XB_SELF));
    else if (!xb_catalog_takes_path(&e->method, &c->path))
        xb_fail(err, "method %s does not do the path %s", c->method->name,
                xb_path_format(&c->path, text));
    else if (c->cache == XB_CACHE_COLD)
        xb_fail(err,
                "the experiment %s moves its bytes many times in one measurement: none "
                "but the first would start cold: cache must be warm",
                e->name);
    else if (c->contention != XB_CONTENTION_NONE)
        xb_fail(err,
                "contention is of lanes; the experiment %s has none: contention must be none",
                e->name);
    else if (c->allocator != XB_ALLOCATOR_MALLOC)
        xb_fail(err,
                "the experiment %s takes its own memory, not that of the allocator %s: "
                "allocator must be malloc",
                e->name, xb_allocator_names[c->allocator]);
    else
        return 0;
    return 1;
}

bool xb_case_via_host(const struct xb_case *c)
{
    bool between = c->path.locality != XB_SELF;
    return c->method->flags & (XB_METHOD_VIA_HOST | (between ? XB_METHOD_RANKS_VIA_HOST : 0));
}

const char *xb_case_options_format(const struct xb_case *c, char *buf, size_t len)
{
    return xb_options_format(c->method->options, &c->options, buf, len);
}

void xb_case_settle_pieces(struct xb_case *c)
{
    if (c->method->flags & XB_METHOD_PIECES && c->chunk >= c->bytes) {
        c->chunk = 0;
        c->depth = 0;
    }
}

/* Write the id; defaults of offsets, window, cache, allocator and contention are left out to
 * keep it readable. */
int xb_case_make_id(struct xb_case *c, struct xb_error *err)
{
    char path[XB_PATH_LEN], size[XB_UNITS_LEN], options[XB_CASE_ID_LEN];
    size_t used = 0;

    append(c->id, sizeof(c->id), &used, "%s/%s", xb_case_pattern_name(c), c->method->name);
    if (xb_case_options_format(c, options, sizeof(options))[0]) /* none where all are quiet */
        append(c->id, sizeof(c->id), &used, "[%s]", options);
    append(c->id, sizeof(c->id), &used, "/%s/%s", xb_path_format(&c->path, path),
           xb_size_format(c->bytes, size));
    if (c->chunk > 0)
        append(c->id, sizeof(c->id), &used, "/chunk=%s,depth=%d",
               xb_size_format(c->chunk, size), c->depth);
    if (c->window != 1)
        append(c->id, sizeof(c->id), &used, "/window=%d", c->window);
    if (c->cache != XB_CACHE_WARM)
        append(c->id, sizeof(c->id), &used, "/cache=%s", xb_cache_names[c->cache]);
    if (c->allocator != XB_ALLOCATOR_MALLOC)
        append(c->id, sizeof(c->id), &used, "/allocator=%s", xb_allocator_names[c->allocator]);
    if (c->contention != XB_CONTENTION_NONE)
        append(c->id, sizeof(c->id), &used, "/contention=%s",
               xb_contention_names[c->contention]);
    if (c->src_offset || c->dst_offset)
        append(c->id, sizeof(c->id), &used, "/offset=%" PRIu64 "+%" PRIu64, c->src_offset,
               c->dst_offset);
    if (c->pairs.kind != XB_PAIRS_CLASSES) {
        char pairs[XB_CASE_ID_LEN];
        size_t len = xb_pairs_format(&c->pairs, pairs, sizeof(pairs));
        append(c->id, sizeof(c->id), &used, "/pairs=%s", pairs);
        used += len < sizeof(pairs) ? 0 : len; /* was cut: too long below */
    }
    if (c->traffic) {
        char traffic[XB_TRAFFIC_TEXT_LEN];
        append(c->id, sizeof(c->id), &used, "/traffic=%s",
               xb_traffic_format(c->traffic, traffic));
    }
    if (used >= sizeof(c->id))
        return xb_fail(err, "the id of a case is longer than %zu characters: %s",
                       sizeof(c->id) - 1, c->id);
    return 0;
}

/* Add item under name; frees it and fails when that cannot be done (or item is NULL). */
static bool add(cJSON *object, const char *name, cJSON *item)
{
    if (item && cJSON_AddItemToObject(object, name, item))
        return true;
    cJSON_Delete(item);
    return false;
}

/* What a reduction adds up is said whatever it is. */
static bool add_datatype(const struct xb_case *c, cJSON *options)
{
    const struct xb_option *opt = c->method->datatype_option;

    if (!opt || !xb_case_reduces(c) || cJSON_HasObjectItem(options, opt->name))
        return true;
    return add(options, opt->name, xb_option_json(opt, xb_case_datatype(c)));
}

static cJSON *options_json(const struct xb_case *c)
{
    cJSON *options = cJSON_CreateObject();

    if (options && xb_options_add_json(c->method->options, &c->options, options) &&
        add_datatype(c, options))
        return options;
    cJSON_Delete(options);
    return NULL;
}

static cJSON *number(uint64_t value)
{
    return cJSON_CreateNumber((double)value);
}

static cJSON *traffic_json(const struct xb_case *c)
{
    char text[XB_TRAFFIC_TEXT_LEN];

    return c->traffic ? cJSON_CreateString(xb_traffic_format(c->traffic, text))
                      : cJSON_CreateNull();
}

/* Null where the case is not about pairs. */
static cJSON *pairs_json(const struct xb_case *c)
{
    const struct xb_pairs *pairs = &c->pairs;

    if (!c->pattern || !c->pattern->of_pair)
        return cJSON_CreateNull();
    if (pairs->kind != XB_PAIRS_LIST)
        return cJSON_CreateString(xb_pairs_name(pairs->kind));
    cJSON *list = cJSON_CreateArray();
    bool good = list != NULL;

    for (size_t i = 0; good && i < pairs->count; i++) {
        cJSON *pair = cJSON_CreateIntArray(pairs->list[i], 2);
        good = pair && cJSON_AddItemToArray(list, pair);
        if (!good)
            cJSON_Delete(pair);
    }
    if (good)
        return list;
    cJSON_Delete(list);
    return NULL;
}

cJSON *xb_case_key_json(const struct xb_case *c)
{
    bool chunked = c->chunk > 0;
    char src[XB_PATH_LEN], dst[XB_PATH_LEN];
    cJSON *key = cJSON_CreateObject();

    if (key && add(key, "pattern", cJSON_CreateString(xb_case_pattern_name(c))) &&
        add(key, "pairs", pairs_json(c)) &&
        add(key, "method", cJSON_CreateString(c->method->name)) &&
        add(key, "options", options_json(c)) &&
        add(key, "src", cJSON_CreateString(xb_endpoint_format(c->path.src, src))) &&
        add(key, "dst", cJSON_CreateString(xb_endpoint_format(c->path.dst, dst))) &&
        add(key, "locality", cJSON_CreateString(xb_locality_name(c->path.locality))) &&
        add(key, "bytes", number(c->bytes)) &&
        add(key, "size_class", cJSON_CreateNumber(xb_size_class(c->bytes))) &&
        add(key, "chunk_bytes", chunked ? number(c->chunk) : cJSON_CreateNull()) &&
        add(key, "depth", chunked ? cJSON_CreateNumber(c->depth) : cJSON_CreateNull()) &&
        add(key, "window", cJSON_CreateNumber(c->window)) &&
        add(key, "cache", cJSON_CreateString(xb_cache_names[c->cache])) &&
        add(key, "allocator", cJSON_CreateString(xb_allocator_names[c->allocator])) &&
        add(key, "contention", cJSON_CreateString(xb_contention_names[c->contention])) &&
        add(key, "traffic", traffic_json(c)) && add(key, "src_offset", number(c->src_offset)) &&
        add(key, "dst_offset", number(c->dst_offset)))
        return key;
    cJSON_Delete(key);
    return NULL;
}
