/* SPDX-License-Identifier: BSD-3-Clause */
/* compare_keys.c - keys by which launches and cases are filtered, told apart and matched. */
#include "report/compare_internal.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/hash.h"
#include "base/units.h"

#define HASH_LEN 20 /* of "...#0123456789abcdef" */

/* ---- values ---- */

/* A text in buf, or of one that is too long as much as there is room for, and a hash of the
 * whole: two lists of folders that differ at their ends are two values. */
static const char *fit(const char *text, size_t len, char buf[XB_KEY_TEXT])
{
    if (len < XB_KEY_TEXT)
        snprintf(buf, XB_KEY_TEXT, "%.*s", (int)len, text);
    else
        snprintf(buf, XB_KEY_TEXT, "%.*s...#%016" PRIx64, XB_KEY_TEXT - HASH_LEN - 1, text,
                 xb_hash_text(XB_HASH_BASIS, text));
    return buf;
}

/* The fact of this name, or of the same behind a prefix that may be left out. */
static const struct xb_fact *find_fact(const struct xb_facts *facts, const char *prefix,
                                       const char *name)
{
    const struct xb_fact *found = xb_facts_find(facts, name);
    char whole[XB_KEY_TEXT];

    if (found)
        return found;
    snprintf(whole, sizeof whole, "%s%s", prefix, name);
    return xb_facts_find(facts, whole);
}

/* A value as people write it: a text without its quotes and escapes. */
static const char *plain(const char *json, char buf[XB_KEY_TEXT])
{
    size_t len = strlen(json);

    if (len < 2 || json[0] != '"')
        return json;
    cJSON *text = memchr(json, '\\', len) ? cJSON_ParseWithLength(json, len) : NULL;
    if (text && cJSON_IsString(text))
        fit(text->valuestring, strlen(text->valuestring), buf);
    else
        fit(json + 1, len - 2, buf);
    cJSON_Delete(text);
    return buf;
}

static bool ends_in(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

/* The part of an id from the n-th '/' on, up to the next one. */
static struct xb_span part_of(const char *id, int n)
{
    for (; n > 0 && *id; id++)
        n -= *id == '/';
    return (struct xb_span){id, strcspn(id, "/")};
}

static const char *span_text(struct xb_span span, char buf[XB_KEY_TEXT])
{
    snprintf(buf, XB_KEY_TEXT, "%.*s", (int)span.len, span.at);
    return buf;
}

/* The value of a key of cases; NULL where it has none. */
static const char *case_value(const struct xb_measured *c, const char *key,
                              char buf[XB_KEY_TEXT])
{
    if (strcmp(key, "id") == 0)
        return c->id;
    if (strcmp(key, "method") == 0)
        return span_text(part_of(c->id, 1), buf);
    if (strcmp(key, "path") == 0)
        return span_text(part_of(c->id, 2), buf);
    if (strcmp(key, "size") == 0)
        return xb_size_format((uint64_t)c->bytes, buf);
    const struct xb_fact *fact = find_fact(&c->key, "options.", key);
    if (!fact)
        return NULL;
    if (ends_in(fact->name, "bytes"))
        return xb_size_format(strtoull(fact->value, NULL, 10), buf);
    return plain(fact->value, buf);
}

static const char *launch_value(const struct xb_launches *l, size_t i, const char *key,
                                char buf[XB_KEY_TEXT])
{
    const struct xb_launch *launch = xb_launch_at(l, i);

    if (strcmp(key, "config") == 0 || strcmp(key, "set") == 0)
        return l->sets.value[launch->set];
    if (strcmp(key, "file") == 0)
        return launch->file;
    if (strcmp(key, "host") == 0)
        key = "nodes[0].host";
    const struct xb_fact *fact = find_fact(&launch->facts, "run.", key);
    return fact ? plain(fact->value, buf) : NULL;
}

const char *xb_case_key(const struct xb_measured *c, const char *key, char buf[XB_KEY_TEXT])
{
    const char *value = case_value(c, key, buf);

    return value ? value : "-";
}

const char *xb_launch_key(const struct xb_launches *launches, size_t launch, const char *key,
                          char buf[XB_KEY_TEXT])
{
    const char *value = launch_value(launches, launch, key, buf);

    return value ? value : "-";
}

enum xb_key_kind xb_key_kind(const struct xb_launches *launches, const char *key)
{
    char buf[XB_KEY_TEXT];

    for (size_t i = 0; i < launches->cases.n; i++)
        if (case_value(xb_measured_at(launches, i), key, buf))
            return XB_KEY_CASE;
    for (size_t i = 0; i < launches->launches.n; i++)
        if (launch_value(launches, i, key, buf))
            return XB_KEY_LAUNCH;
    return XB_KEY_NONE;
}

static int check_key(const struct xb_launches *launches, const char *option, const char *key,
                     struct xb_error *err)
{
    if (xb_key_kind(launches, key) != XB_KEY_NONE)
        return 0;
    return xb_fail(
        err,
        "--%s %s: no case and no launch has this key; cases have method, path, size, "
        "pattern, locality, chunk_bytes, depth, window, their options, ...; launches "
        "config, host, driver, variables.NAME, build.git, label, ...",
        option, key);
}

/* The key of a filter, "KEY=PATTERN"; false without '='. */
static bool split(const char *filter, char key[XB_KEY_TEXT], const char **pattern)
{
    const char *equal = strchr(filter, '=');

    if (!equal || equal == filter || equal - filter >= XB_KEY_TEXT)
        return false;
    snprintf(key, XB_KEY_TEXT, "%.*s", (int)(equal - filter), filter);
    *pattern = equal + 1;
    return true;
}

int xb_keys_check(const struct xb_launches *launches, const struct xb_compare_ask *ask,
                  struct xb_error *err)
{
    char key[XB_KEY_TEXT];
    const char *pattern;

    for (size_t i = 0; ask->filters && ask->filters[i]; i++) {
        if (!split(ask->filters[i], key, &pattern))
            return xb_fail(err, "--filter %s: found no key before a '=', expected KEY=PATTERN",
                           ask->filters[i]);
        if (check_key(launches, "filter", key, err) < 0)
            return -1;
    }
    for (size_t i = 0; ask->ignores && ask->ignores[i]; i++)
        if (check_key(launches, "ignore", ask->ignores[i], err) < 0)
            return -1;
    if (ask->row && check_key(launches, "row", ask->row, err) < 0)
        return -1;
    if (ask->row && strcmp(ask->row, "id") == 0)
        return xb_fail(err, "--row id: each case would be a side of its own, expected a key "
                            "that cases share, such as method");
    if (ask->col && check_key(launches, "col", ask->col, err) < 0)
        return -1;
    if (ask->col && xb_key_kind(launches, ask->col) != XB_KEY_CASE)
        return xb_fail(
            err, "--col %s: found a key of launches, expected one of cases; it goes with --row",
            ask->col);
    return 0;
}

/* ---- filters ---- */

/* Is the value what the pattern asks for? A method without its options too, and bytes as a
 * number. */
static bool is_match(const char *key, const char *value, const char *pattern)
{
    char other[XB_KEY_TEXT];
    uint64_t bytes;

    if (strcmp(pattern, value) == 0 || fnmatch(pattern, value, 0) == 0)
        return true;
    if (strcmp(key, "method") == 0) {
        snprintf(other, sizeof other, "%.*s", (int)strcspn(value, "["), value);
        return fnmatch(pattern, other, 0) == 0;
    }
    if (!ends_in(key, "bytes") || xb_size_parse(value, &bytes, NULL) < 0)
        return false;
    snprintf(other, sizeof other, "%llu", (unsigned long long)bytes);
    return fnmatch(pattern, other, 0) == 0;
}

/* The value of a key of what is filtered. */
typedef const char *value_fn(const void *of, const char *key, char buf[XB_KEY_TEXT]);

/* Of each key that is of this kind one filter must be met. */
static bool meets(const char *const *filters, const enum xb_key_kind *kinds,
                  enum xb_key_kind kind, value_fn *value, const void *of)
{
    char key[XB_KEY_TEXT], other[XB_KEY_TEXT], buf[XB_KEY_TEXT];
    const char *pattern;

    for (size_t i = 0; filters && filters[i]; i++) {
        bool met = false;
        if (kinds[i] != kind || !split(filters[i], key, &pattern))
            continue;
        for (size_t k = 0; filters[k] && !met; k++)
            met = split(filters[k], other, &pattern) && strcmp(other, key) == 0 &&
                  is_match(key, value(of, key, buf), pattern);
        if (!met)
            return false;
    }
    return true;
}

enum xb_key_kind *xb_filter_kinds(const struct xb_launches *launches,
                                  const char *const *filters)
{
    char key[XB_KEY_TEXT];
    const char *pattern;
    size_t n = 0;

    while (filters && filters[n])
        n++;
    enum xb_key_kind *kinds = calloc(n + 1, sizeof(*kinds));
    for (size_t i = 0; kinds && i < n; i++)
        kinds[i] = split(filters[i], key, &pattern) ? xb_key_kind(launches, key) : XB_KEY_NONE;
    return kinds;
}

static const char *value_of_case(const void *of, const char *key, char buf[XB_KEY_TEXT])
{
    return xb_case_key(of, key, buf);
}

/* A launch, by its number. */
struct numbered {
    const struct xb_launches *launches;
    size_t launch;
};

static const char *value_of_launch(const void *of, const char *key, char buf[XB_KEY_TEXT])
{
    const struct numbered *n = of;

    return xb_launch_key(n->launches, n->launch, key, buf);
}

bool xb_case_meets(const struct xb_measured *c, const char *const *filters,
                   const enum xb_key_kind *kinds)
{
    return meets(filters, kinds, XB_KEY_CASE, value_of_case, c);
}

bool xb_launch_meets(const struct xb_launches *launches, size_t launch,
                     const char *const *filters, const enum xb_key_kind *kinds)
{
    const struct numbered of = {launches, launch};

    return meets(filters, kinds, XB_KEY_LAUNCH, value_of_launch, &of);
}

/* ---- ids without keys ---- */

/* Which part of an id a key is about. Parts from the fifth on are "name=value,...". */
static const struct {
    const char *key, *part;
} parts[] = {
    {"pattern", "0"},
    {"method", "1"},
    {"method", "chunk"},
    {"method", "depth"},
    {"path", "2"},
    {"src", "2src"},
    {"dst", "2dst"},
    {"locality", "2where"},
    {"size", "3"},
    {"bytes", "3"},
    {"size_class", "3"},
    {"chunk_bytes", "chunk"},
    {"depth", "depth"},
    {"window", "window"},
    {"cache", "cache"},
    {"allocator", "allocator"},
    {"contention", "contention"},
    {"traffic", "traffic"},
    {"src_offset", "offset"},
    {"dst_offset", "offset"},
    {"pairs", "pairs"},
};

static bool is_left_out(const char *const *keys, const char *part)
{
    for (; *keys; keys++)
        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
            if (strcmp(*keys, parts[i].key) == 0 && strcmp(part, parts[i].part) == 0)
                return true;
    return false;
}

/* Is an option, or a name=value behind the size, left out? */
static bool is_name_left_out(const char *const *keys, struct xb_span name)
{
    char text[XB_KEY_TEXT];

    span_text(name, text);
    if (is_left_out(keys, text))
        return true;
    for (; *keys; keys++)
        if (strcmp(*keys, text) == 0 ||
            (strncmp(*keys, "options.", 8) == 0 && strcmp(*keys + 8, text) == 0))
            return true;
    return false;
}

struct writing {
    char *out;
    size_t len, used;
};

static void put(struct writing *w, const char *text, size_t n)
{
    for (size_t i = 0; i < n && w->used + 1 < w->len; i++)
        w->out[w->used++] = text[i];
    w->out[w->used] = '\0';
}

/* "a=1,b=2" without some of it; opened and closed where anything stays. */
static void put_list(struct writing *w, struct xb_span list, const char *const *keys,
                     const char *open, const char *close)
{
    const char *at = list.at, *end = list.at + list.len;
    bool any = false;

    while (at < end) {
        const char *comma = memchr(at, ',', (size_t)(end - at)), *stop = comma ? comma : end;
        const char *equal = memchr(at, '=', (size_t)(stop - at));
        struct xb_span name = {at, (size_t)((equal ? equal : stop) - at)};
        if (!is_name_left_out(keys, name)) {
            put(w, any ? "," : open, strlen(any ? "," : open));
            put(w, at, (size_t)(stop - at));
            any = true;
        }
        at = stop + (comma != NULL);
    }
    if (any)
        put(w, close, strlen(close));
}

/* "gpu->gpu@node" with a star for what is left out of it. */
static void put_path(struct writing *w, struct xb_span path, const char *const *keys)
{
    char text[XB_KEY_TEXT];
    char *arrow, *at;

    span_text(path, text);
    arrow = strstr(text, "->");
    at = strrchr(text, '@');
    if (!arrow || !at || at < arrow) {
        put(w, path.at, path.len);
        return;
    }
    *arrow = *at = '\0';
    const char *src = is_left_out(keys, "2src") ? "*" : text;
    const char *dst = is_left_out(keys, "2dst") ? "*" : arrow + 2;
    put(w, src, strlen(src));
    put(w, "->", 2);
    put(w, dst, strlen(dst));
    if (!is_left_out(keys, "2where")) {
        put(w, "@", 1);
        put(w, at + 1, strlen(at + 1));
    }
}

void xb_id_without(const char *id, const char *const *keys, char *out, size_t len)
{
    struct writing w = {.out = out, .len = len};

    out[0] = '\0';
    for (int i = 0;; i++) {
        struct xb_span part = part_of(id, i);
        const char *slash = w.used ? "/" : "", *options = memchr(part.at, '[', part.len);
        char number[2] = {(char)('0' + i % 10), '\0'};
        if (part.len == 0)
            break;
        if (i > 3) {
            put_list(&w, part, keys, slash, "");
        } else if (!is_left_out(keys, number)) {
            put(&w, slash, strlen(slash));
            if (i == 2)
                put_path(&w, part, keys);
            else
                put(&w, part.at, options ? (size_t)(options - part.at) : part.len);
            if (options && i == 1)
                put_list(
                    &w,
                    (struct xb_span){options + 1, (size_t)(part.at + part.len - options) - 2},
                    keys, "[", "]");
        }
    }
}
