/* SPDX-License-Identifier: BSD-3-Clause */
/* scenario_words.c - a scenario of one group of cases, out of the words of a command line. */
#include "model/scenario/scenario_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/utf8.h"

#define NAME      "command-line"
#define PLACE_LEN 128
#define WORDS_MAX 64 /* that an error lists */

/* How the values of a word stand in a group of cases. */
static const struct row {
    const char *option;
    const char *key; /* in the group; NULL: in its methods */
    bool ranges;     /* it has ranges */
    bool is_list;    /* also where it is one value */
} rows[XB_WORDS] = {
    [XB_WORD_METHOD] = {"--method", "methods", false, true},
    [XB_WORD_PATH] = {"--path", "paths", false, true},
    [XB_WORD_SIZE] = {"--size", "sizes", true, false},
    [XB_WORD_PATTERN] = {"--pattern", "pattern", false, false},
    [XB_WORD_PAIRS] = {"--pairs", "pairs", false, false},
    [XB_WORD_TRAFFIC] = {"--traffic", "traffic", false, false},
    [XB_WORD_OPTION] = {"--option", NULL, false, false},
    [XB_WORD_CHUNK] = {"--chunk", NULL, true, false},
    [XB_WORD_DEPTH] = {"--depth", NULL, true, false},
    [XB_WORD_WINDOW] = {"--window", "window", true, false},
    [XB_WORD_CACHE] = {"--cache", "cache", false, false},
    [XB_WORD_ALLOCATOR] = {"--allocator", "allocator", false, false},
    [XB_WORD_CONTENTION] = {"--contention", "contention", false, false},
    [XB_WORD_SRC_OFFSET] = {"--src-offset", "src_offset", false, false},
    [XB_WORD_DST_OFFSET] = {"--dst-offset", "dst_offset", false, false},
};

struct maker {
    const struct xb_scenario_words *words;
    const struct xb_catalog *catalog;
    struct xb_json doc;
    cJSON *group;   /* of the document */
    cJSON *methods; /* of the group */
};

const char *xb_word_option(enum xb_word word)
{
    return rows[word].option;
}

enum xb_word xb_words_first(const struct xb_scenario_words *words)
{
    enum xb_word word = 0;

    while (word < XB_WORDS && !(words->said[word] && words->said[word][0]))
        word++;
    return word;
}

static int out_of_memory(const char *option, struct xb_error *err)
{
    return xb_fail(err, "%s: out of memory", option);
}

/* Put an item into an array, or let go of it; item NULL is out of memory too. */
static int push(const char *option, cJSON *array, cJSON *item, struct xb_error *err)
{
    if (item && cJSON_AddItemToArray(array, item))
        return 0;
    cJSON_Delete(item);
    return out_of_memory(option, err);
}

/* ---- values ---- */

/* A text as JSON, or NULL where it is none. `null` is a method. */
static cJSON *parse_json(const char *option, const char *text)
{
    struct xb_json doc;
    cJSON *root = NULL;

    if (xb_json_parse(option, text, strlen(text), &doc, NULL) < 0)
        return NULL;
    if (!cJSON_IsNull(doc.root)) {
        root = doc.root;
        doc.root = NULL;
    }
    xb_json_release(&doc);
    return root;
}

static cJSON *make_value(const char *option, const char *text)
{
    cJSON *value = parse_json(option, text);
    return value ? value : cJSON_CreateString(text);
}

/* "1KiB:64MiB:4" */
static cJSON *make_range(const char *option, char *text, struct xb_error *err)
{
    static const char *const keys[] = {"from", "to", "factor"};
    char *first_colon = strchr(text, ':'), *second = strchr(first_colon + 1, ':');
    cJSON *range;

    if (!second || strchr(second + 1, ':') || first_colon == text ||
        second == first_colon + 1 || !second[1]) {
        xb_fail(err, "%s: found '%s', expected FIRST:LAST:FACTOR, as in 1KiB:64MiB:4", option,
                text);
        return NULL;
    }
    *first_colon = *second = '\0';
    const char *const parts[] = {text, first_colon + 1, second + 1};
    range = cJSON_CreateObject();
    for (size_t i = 0; range && i < 3; i++) {
        cJSON *part = make_value(option, parts[i]);
        if (part && cJSON_AddItemToObject(range, keys[i], part))
            continue;
        cJSON_Delete(part);
        cJSON_Delete(range);
        range = NULL;
    }
    if (!range)
        out_of_memory(option, err);
    return range;
}

/* Is a text of so many characters a number of at most 7 digits? */
static bool read_rank(const char *text, size_t len, int *rank)
{
    if (len == 0 || len > 7 || strspn(text, "0123456789") < len)
        return false;
    *rank = (int)strtol(text, NULL, 10);
    return true;
}

/* "0-3", or NULL where it is no pair of ranks. */
static cJSON *make_pair(const char *text)
{
    const char *second = strchr(text, '-');
    int ranks[2];

    if (!second || !read_rank(text, (size_t)(second - text), &ranks[0]) ||
        !read_rank(second + 1, strlen(second + 1), &ranks[1]))
        return NULL;
    return cJSON_CreateIntArray(ranks, 2);
}

/* "0-3:1MiB" or "0-3", or NULL where it is no lane. */
static cJSON *make_lane(const char *text)
{
    const char *colon = strchr(text, ':');
    char *ranks = strndup(text, colon ? (size_t)(colon - text) : strlen(text));
    cJSON *lane = ranks ? make_pair(ranks) : NULL;
    cJSON *bytes = lane && colon ? cJSON_CreateString(colon + 1) : NULL;

    free(ranks);
    if (bytes && !cJSON_AddItemToArray(lane, bytes)) {
        cJSON_Delete(bytes);
        cJSON_Delete(lane);
        return NULL;
    }
    return lane;
}

/* Add a value without commas to an array. */
static int add_value(enum xb_word word, char *text, cJSON *array, struct xb_error *err)
{
    const char *option = rows[word].option;
    cJSON *pair = word == XB_WORD_PAIRS     ? make_pair(text)
                  : word == XB_WORD_TRAFFIC ? make_lane(text)
                                            : NULL;

    if (!text[0])
        return xb_fail(err, "%s: found an empty value, expected one at each side of a comma",
                       option);
    if (pair)
        return push(option, array, pair, err);
    if (rows[word].ranges && strchr(text, ':')) {
        cJSON *range = make_range(option, text, err);
        return range ? push(option, array, range, err) : -1;
    }
    return push(option, array, make_value(option, text), err);
}

/* Add all that one text says, JSON as a whole or values with commas between them, to an array.
 */
static int add_values(enum xb_word word, const char *text, cJSON *array, struct xb_error *err)
{
    const char *option = rows[word].option;
    struct xb_error why;
    int rc = 0;

    if (xb_utf8_expect_line(text, &why) < 0)
        return xb_fail(err, "%s: %s", option, why.text);
    cJSON *whole = parse_json(option, text);
    if (whole && !cJSON_IsArray(whole))
        return push(option, array, whole, err);
    while (whole && rc == 0 && whole->child)
        rc = push(option, array, cJSON_DetachItemFromArray(whole, 0), err);
    cJSON_Delete(whole);
    if (whole)
        return rc;
    char *copy = strdup(text), *rest = copy, *value;
    if (!copy)
        return out_of_memory(option, err);
    while (rc == 0 && (value = strsep(&rest, ",")))
        rc = add_value(word, value, array, err);
    free(copy);
    return rc;
}

/* ---- a group ---- */

/* Put values into an object under a key, beside those that are there; a single one stands by
 * itself unless it must be a list. Takes over values. */
static int put(const struct row *row, cJSON *object, const char *key, cJSON *values,
               struct xb_error *err)
{
    cJSON *before = cJSON_DetachItemFromObjectCaseSensitive(object, key);
    cJSON *all = cJSON_CreateArray(), *next;
    bool is_pair = (row == &rows[XB_WORD_PAIRS] || row == &rows[XB_WORD_TRAFFIC]) &&
                   cJSON_IsArray(values->child);
    int rc = all ? 0 : out_of_memory(row->option, err);

    if (before && !cJSON_IsArray(before) && rc == 0) {
        rc = push(row->option, all, before, err);
        before = NULL;
    }
    while (rc == 0 && before && before->child)
        rc = push(row->option, all, cJSON_DetachItemFromArray(before, 0), err);
    while (rc == 0 && values->child)
        rc = push(row->option, all, cJSON_DetachItemFromArray(values, 0), err);
    cJSON_Delete(before);
    cJSON_Delete(values);
    if (rc == 0 && cJSON_GetArraySize(all) == 1 && !row->is_list && !is_pair) {
        next = cJSON_DetachItemFromArray(all, 0);
        cJSON_Delete(all);
        all = next;
    }
    if (rc == 0 && cJSON_AddItemToObject(object, key, all))
        return 0;
    cJSON_Delete(all);
    return rc < 0 ? rc : out_of_memory(row->option, err);
}

/* Put what was said of a word into the group. */
static int put_word(struct maker *m, enum xb_word word, struct xb_error *err)
{
    const struct row *row = &rows[word];
    char place[PLACE_LEN];

    if (!m->words->said[word] || !m->words->said[word][0])
        return 0;
    for (const char *const *text = m->words->said[word]; *text; text++) {
        cJSON *values = cJSON_CreateArray();
        if (!values)
            return out_of_memory(row->option, err);
        if (add_values(word, *text, values, err) < 0) {
            cJSON_Delete(values);
            return -1;
        }
        if (put(row, m->group, row->key, values, err) < 0)
            return -1;
    }
    snprintf(place, sizeof place, "cases[0].%s", row->key);
    return xb_json_note(&m->doc, place, row->option, err);
}

/* ---- methods and their options ---- */

/* Every method as an object, so that options can be put into it. */
static int make_objects(struct maker *m, struct xb_error *err)
{
    m->methods = cJSON_GetObjectItemCaseSensitive(m->group, "methods");
    for (int i = 0; i < cJSON_GetArraySize(m->methods); i++) {
        cJSON *item = cJSON_GetArrayItem(m->methods, i), *object;
        if (!cJSON_IsString(item))
            continue;
        object = cJSON_CreateObject();
        if (!object || !cJSON_AddStringToObject(object, "name", item->valuestring) ||
            !cJSON_ReplaceItemInArray(m->methods, i, object)) {
            cJSON_Delete(object);
            return out_of_memory(rows[XB_WORD_METHOD].option, err);
        }
    }
    return 0;
}

/* The spec of a method of the group; NULL where nobody knows it, which its reader will say. */
static const struct xb_method_spec *spec_of(const struct maker *m, const cJSON *method)
{
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(method, "name"));
    return name ? xb_catalog_case_method(m->catalog, name) : NULL;
}

static bool takes(const struct xb_method_spec *spec, const char *key)
{
    bool is_piece = strcmp(key, "chunk") == 0 || strcmp(key, "depth") == 0;
    return is_piece ? spec->flags & XB_METHOD_TAKES_CHUNKS
                    : xb_option_find(spec->options, key) >= 0;
}

/* Add the options of a method to a list, each once. */
static size_t list_keys(const struct xb_method_spec *spec, const char **known, size_t n)
{
    for (size_t i = 0; i < xb_option_count(spec->options) && n < WORDS_MAX; i++) {
        size_t k = 0;
        while (k < n && strcmp(known[k], spec->options[i].name) != 0)
            k++;
        known[k] = spec->options[i].name;
        n += k == n;
    }
    return n;
}

/* Nobody took it: of the methods that are meant say what they have. */
static int fail_key(const struct maker *m, const struct row *row, const char *text,
                    const char *only, const char *key, struct xb_error *err)
{
    const char *known[WORDS_MAX + 1] = {NULL};
    char list[XB_ERROR_LEN], hint[XB_HINT_LEN];
    size_t n = 0;
    bool is_there = false;

    for (int i = 0; i < cJSON_GetArraySize(m->methods); i++) {
        const struct xb_method_spec *spec = spec_of(m, cJSON_GetArrayItem(m->methods, i));
        bool meant = spec && (!only || strcmp(spec->name, only) == 0);
        is_there = is_there || meant;
        if (!spec)
            return 0;
        if (meant)
            n = list_keys(spec, known, n);
    }
    if (!is_there)
        return xb_fail(err, "%s %s: the method %s is not among those of --method", row->option,
                       text, only);
    if (row != &rows[XB_WORD_OPTION])
        return xb_fail(err, "%s %s: none of the methods takes chunks", row->option, text);
    return xb_fail(err, "%s %s: no method here has the option \"%s\"%s, expected %s",
                   row->option, text, key, xb_did_you_mean(key, known, hint),
                   n ? xb_error_list(known, list, sizeof list) : "none");
}

/* Give the values of a key to every method that takes it, or to the one that is named. */
static int give(struct maker *m, enum xb_word word, const char *text, const char *only,
                const char *key, const char *values, struct xb_error *err)
{
    /* --option chunk=... is --chunk */
    enum xb_word as = strcmp(key, "chunk") == 0   ? XB_WORD_CHUNK
                      : strcmp(key, "depth") == 0 ? XB_WORD_DEPTH
                                                  : XB_WORD_OPTION;
    char place[PLACE_LEN], option[PLACE_LEN];
    int given = 0;

    snprintf(option, sizeof option, "%s%s%.60s", rows[word].option,
             word == XB_WORD_OPTION ? " " : "", word == XB_WORD_OPTION ? key : "");
    for (int i = 0; i < cJSON_GetArraySize(m->methods); i++) {
        cJSON *method = cJSON_GetArrayItem(m->methods, i), *list;
        const struct xb_method_spec *spec = spec_of(m, method);
        if (!spec || !takes(spec, key) || (only && strcmp(spec->name, only) != 0))
            continue;
        if (!(list = cJSON_CreateArray()))
            return out_of_memory(option, err);
        if (add_values(as, values, list, err) < 0) {
            cJSON_Delete(list);
            return -1;
        }
        snprintf(place, sizeof place, "cases[0].methods[%d].%.60s", i, key);
        if (put(&rows[as], method, key, list, err) < 0 ||
            xb_json_note(&m->doc, place, option, err) < 0)
            return -1;
        given++;
    }
    return given ? 0 : fail_key(m, &rows[word], text, only, key, err);
}

/* "[METHOD.]KEY=VALUES" */
static int give_option(struct maker *m, const char *text, struct xb_error *err)
{
    const char *equals = strchr(text, '=');
    char *copy = equals ? strndup(text, (size_t)(equals - text)) : NULL;
    char *dot = copy ? strchr(copy, '.') : NULL;

    if (!equals)
        return xb_fail(err, "--option %s: found no '=', expected [METHOD.]KEY=VALUE", text);
    if (!copy)
        return out_of_memory("--option", err);
    if (dot)
        *dot = '\0';
    int rc =
        give(m, XB_WORD_OPTION, text, dot ? copy : NULL, dot ? dot + 1 : copy, equals + 1, err);
    free(copy);
    return rc;
}

static int give_all(struct maker *m, struct xb_error *err)
{
    const char *const *const *said = m->words->said;
    int rc = make_objects(m, err);

    for (const char *const *t = said[XB_WORD_OPTION]; rc == 0 && t && *t; t++)
        rc = give_option(m, *t, err);
    for (const char *const *t = said[XB_WORD_CHUNK]; rc == 0 && t && *t; t++)
        rc = give(m, XB_WORD_CHUNK, *t, NULL, "chunk", *t, err);
    for (const char *const *t = said[XB_WORD_DEPTH]; rc == 0 && t && *t; t++)
        rc = give(m, XB_WORD_DEPTH, *t, NULL, "depth", *t, err);
    return rc;
}

/* ---- the document ---- */

static int make_document(struct maker *m, struct xb_error *err)
{
    static const char name[] = "the command line";
    cJSON *cases;

    m->group = cJSON_CreateObject();
    m->doc = (struct xb_json){.name = strdup(name), .root = cJSON_CreateObject()};
    if (!m->doc.name || !m->doc.root || !cJSON_AddStringToObject(m->doc.root, "name", NAME) ||
        !(cases = cJSON_AddArrayToObject(m->doc.root, "cases")) ||
        !cJSON_AddItemToArray(cases, m->group)) {
        cJSON_Delete(m->group);
        return out_of_memory(name, err);
    }
    return 0;
}

static bool is_said(const struct xb_scenario_words *words, enum xb_word word)
{
    return words->said[word] && words->said[word][0];
}

int xb_words_document(const struct xb_scenario_words *words, const struct xb_catalog *catalog,
                      struct xb_json *out, struct xb_error *err)
{
    static const enum xb_word needed[] = {XB_WORD_METHOD, XB_WORD_PATH, XB_WORD_SIZE};
    static const enum xb_word in_group[] = {
        XB_WORD_PATTERN,    XB_WORD_PAIRS,      XB_WORD_TRAFFIC,    XB_WORD_PATH,
        XB_WORD_SIZE,       XB_WORD_WINDOW,     XB_WORD_CACHE,      XB_WORD_ALLOCATOR,
        XB_WORD_CONTENTION, XB_WORD_SRC_OFFSET, XB_WORD_DST_OFFSET, XB_WORD_METHOD};
    struct maker m = {.words = words, .catalog = catalog};
    int rc = make_document(&m, err);

    for (size_t i = 0; rc == 0 && i < sizeof needed / sizeof needed[0]; i++)
        if (!is_said(words, needed[i]) &&
            !(needed[i] == XB_WORD_SIZE && is_said(words, XB_WORD_TRAFFIC)))
            rc = xb_fail(err,
                         "%s is missing: cases that are named by options need --method, "
                         "--path and --size",
                         rows[needed[i]].option);
    for (size_t i = 0; rc == 0 && i < sizeof in_group / sizeof in_group[0]; i++)
        rc = put_word(&m, in_group[i], err);
    if (rc == 0)
        rc = give_all(&m, err);
    if (rc < 0)
        xb_json_release(&m.doc);
    *out = m.doc;
    return rc;
}
