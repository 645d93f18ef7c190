/* SPDX-License-Identifier: BSD-3-Clause */
/* json.c - reading JSON strictly: documents, nodes and their typed getters. */
#include "base/json.h"

#include <assert.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/json_text.h"
#include "base/nearest.h"
#include "base/units.h"
#include "base/utf8.h"

#define QUOTED_LEN      40                 /* of a string, in an error */
#define LARGEST_WHOLE   9007199254740991.0 /* 2^53 - 1: the next two are one double */
#define DESCRIPTION_LEN 96

/* The node of a child of parent; i is its place, which an array's path shows. Paths are made
 * for every value that is read, so without snprintf where there is no number. */
static struct xb_node child_node(const struct xb_node *parent, const cJSON *child, size_t i)
{
    struct xb_node node;
    size_t used = strlen(parent->path);

    node.doc = parent->doc;
    node.item = child;
    node.place = i;
    memcpy(node.path, parent->path, used + 1);
    if (cJSON_IsArray(parent->item)) {
        snprintf(node.path + used, sizeof node.path - used, "[%zu]", i);
        return node;
    }
    if (used > 0 && used + 1 < sizeof node.path)
        node.path[used++] = '.';
    size_t len = strnlen(child->string, sizeof node.path - 1 - used);
    memcpy(node.path + used, child->string, len);
    node.path[used + len] = '\0';
    return node;
}

static int compare_keys(const void *a, const void *b)
{
    const cJSON *const *left = a;
    const cJSON *const *right = b;
    return strcmp((*left)->string, (*right)->string);
}

/* Sorted, since a large object would take minutes pair by pair. */
static int find_duplicate(const cJSON *object, size_t count, const char **key,
                          struct xb_error *err)
{
    *key = NULL;
    if (count < 2)
        return 0;
    const cJSON **members = malloc(count * sizeof(const cJSON *));
    if (!members)
        return xb_fail(err, "out of memory");
    size_t n = 0;
    for (const cJSON *child = object->child; child; child = child->next)
        members[n++] = child;
    qsort(members, n, sizeof(const cJSON *), compare_keys);
    for (size_t i = 1; i < n && !*key; i++)
        if (strcmp(members[i - 1]->string, members[i]->string) == 0)
            *key = members[i]->string;
    free(members);
    return 0;
}

static int fail_duplicate(const struct xb_node *object, const char *key, struct xb_error *err)
{
    const cJSON *last = NULL;
    for (const cJSON *child = object->item->child; child; child = child->next)
        if (strcmp(child->string, key) == 0)
            last = child;
    assert(last); /* the key was found there */
    struct xb_node node = child_node(object, last, 0);
    return xb_node_fail(&node, err,
                        "the key \"%s\" stands twice in its object, expected it once", key);
}

/* Fail when node or anything below it is an object with the same key twice. */
static int check_duplicates(const struct xb_node *node, struct xb_error *err)
{
    if (cJSON_IsObject(node->item)) {
        const char *key;
        if (find_duplicate(node->item, xb_node_count(node), &key, err))
            return -1;
        if (key)
            return fail_duplicate(node, key, err);
    }
    size_t i = 0;
    for (const cJSON *child = node->item->child; child; child = child->next, i++) {
        if (!child->child)
            continue;
        struct xb_node below = child_node(node, child, i);
        if (check_duplicates(&below, err))
            return -1;
    }
    return 0;
}

/* Make out of the name and a text that out then owns. */
static int parse_owned(const char *name, char *text, size_t len, struct xb_json *out,
                       struct xb_error *err)
{
    int rc = -1;
    *out = (struct xb_json){.name = strdup(name), .text = text};
    if (!out->name)
        xb_fail(err, "%s: out of memory", name);
    else if (xb_json_text_parse(name, text, len, &out->root, err) == 0) {
        struct xb_node root = xb_json_root(out);
        rc = check_duplicates(&root, err);
    }
    if (rc)
        xb_json_release(out);
    return rc;
}

int xb_json_parse(const char *name, const char *text, size_t len, struct xb_json *out,
                  struct xb_error *err)
{
    *out = (struct xb_json){.name = NULL};
    char *copy = malloc(len + 1);
    if (!copy)
        return xb_fail(err, "%s: out of memory", name);
    memcpy(copy, text, len);
    copy[len] = '\0';
    return parse_owned(name, copy, len, out, err);
}

int xb_json_load(const char *file, size_t max_bytes, struct xb_json *out, struct xb_error *err)
{
    char *text;
    size_t len;

    *out = (struct xb_json){.name = NULL};
    if (xb_input_text(file, max_bytes, &text, &len, err))
        return -1;
    return parse_owned(file, text, len, out, err);
}

void xb_json_release(struct xb_json *doc)
{
    for (size_t i = 0; i < doc->nsaid; i++) {
        free(doc->said[i].path);
        free(doc->said[i].option);
    }
    free(doc->said);
    cJSON_Delete(doc->root);
    free(doc->text);
    free(doc->name);
    *doc = (struct xb_json){.name = NULL};
}

char *xb_json_print(const cJSON *value, bool formatted)
{
    char *text = formatted ? cJSON_Print(value) : cJSON_PrintUnformatted(value);
    char *whole = text ? xb_utf8_repair(text) : NULL;

    cJSON_free(text);
    return whole;
}

struct xb_node xb_json_root(const struct xb_json *doc)
{
    return (struct xb_node){.doc = doc, .item = doc->root, .path = ""};
}

int(xb_node_fail)(const struct xb_node *node, struct xb_error *err, const char *fmt, ...)
{
    if (!err)
        return -1;
    struct xb_error made;
    va_list args;
    va_start(args, fmt);
    vsnprintf(made.text, sizeof made.text, fmt, args);
    va_end(args);
    *err = made;
    if (node->path[0] != '\0')
        xb_fail_in(err, "%s", node->path);
    const char *option = xb_json_option(node->doc, node->path);
    if (option)
        return xb_fail_in(err, "%s", option);
    size_t line = xb_json_text_line(node->doc, node->item);
    if (line > 0)
        return xb_fail_in(err, "%s:%zu", node->doc->name, line);
    const char *maker = node->path[0] != '\0' ? xb_json_maker(node->doc, node->path) : NULL;
    if (maker)
        return xb_fail_in(err, "%s", maker);
    return xb_fail_in(err, "%s", node->doc->name);
}

int xb_node_fail_choice(const struct xb_node *node, const char *what, const char *const *words,
                        struct xb_error *err)
{
    char found[DESCRIPTION_LEN], hint[XB_HINT_LEN], list[XB_ERROR_LEN];
    const char *text = cJSON_GetStringValue(node->item);

    return xb_node_fail(
        node, err, "found %s%s, expected %s%s%s%s", xb_node_describe(node, found, sizeof found),
        text ? xb_did_you_mean(text, words, hint) : "", what ? "the " : "", what ? what : "",
        what ? " " : "", xb_error_list(words, list, sizeof list));
}

bool xb_node_member(const struct xb_node *obj, const char *key, struct xb_node *out)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(obj->item, key);
    if (!item)
        return false;
    *out = child_node(obj, item, 0);
    return true;
}

int xb_node_require(const struct xb_node *obj, const char *key, struct xb_node *out,
                    struct xb_error *err)
{
    if (!cJSON_IsObject(obj->item)) {
        char found[DESCRIPTION_LEN];
        return xb_node_fail(obj, err, "found %s, expected an object with the key \"%s\"",
                            xb_node_describe(obj, found, sizeof found), key);
    }
    if (xb_node_member(obj, key, out))
        return 0;
    return xb_node_fail(obj, err, "the key \"%s\" is missing", key);
}

size_t xb_node_count(const struct xb_node *node)
{
    if (!cJSON_IsArray(node->item) && !cJSON_IsObject(node->item))
        return 0;
    size_t count = 0;
    for (const cJSON *child = node->item->child; child; child = child->next)
        count++;
    return count;
}

struct xb_node xb_node_at(const struct xb_node *node, size_t i)
{
    const cJSON *child = node->item->child;
    for (size_t left = i; left > 0; left--)
        child = child->next;
    return child_node(node, child, i);
}

bool xb_node_first(const struct xb_node *node, struct xb_node *child)
{
    if (xb_node_count(node) == 0)
        return false;
    *child = child_node(node, node->item->child, 0);
    return true;
}

bool xb_node_next(const struct xb_node *node, struct xb_node *child)
{
    if (!child->item->next)
        return false;
    *child = child_node(node, child->item->next, child->place + 1);
    return true;
}

int xb_node_fail_found(const struct xb_node *node, struct xb_error *err, const char *expected)
{
    char found[DESCRIPTION_LEN];
    return xb_node_fail(node, err, "found %s, expected %s",
                        xb_node_describe(node, found, sizeof found), expected);
}

int xb_node_expect_object(const struct xb_node *node, const char *const *keys,
                          struct xb_error *err)
{
    if (!cJSON_IsObject(node->item))
        return xb_node_fail_found(node, err, "an object");
    for (const cJSON *child = node->item->child; child; child = child->next) {
        size_t i = 0;
        while (keys[i] && strcmp(keys[i], child->string) != 0)
            i++;
        if (keys[i])
            continue;
        /* At the member, so that the line or the --set is its own. */
        struct xb_node member = child_node(node, child, 0);
        char known[XB_ERROR_LEN], hint[XB_HINT_LEN];
        return xb_node_fail(&member, err, "unknown key \"%s\"%s, expected %s", child->string,
                            xb_did_you_mean(child->string, keys, hint),
                            xb_error_list(keys, known, sizeof known));
    }
    return 0;
}

int xb_node_expect_array(const struct xb_node *node, size_t min, struct xb_error *err)
{
    if (!cJSON_IsArray(node->item))
        return xb_node_fail_found(node, err, "an array");
    size_t count = xb_node_count(node);
    if (count < min)
        return xb_node_fail(node, err, "found an array of %zu, expected at least %zu element%s",
                            count, min, min == 1 ? "" : "s");
    return 0;
}

int xb_node_string(const struct xb_node *node, const char **out, struct xb_error *err)
{
    if (!cJSON_IsString(node->item))
        return xb_node_fail_found(node, err, "a string");
    *out = node->item->valuestring;
    return 0;
}

int xb_node_bool(const struct xb_node *node, bool *out, struct xb_error *err)
{
    if (!cJSON_IsBool(node->item))
        return xb_node_fail_found(node, err, "true or false");
    *out = cJSON_IsTrue(node->item);
    return 0;
}

static bool is_whole(const cJSON *item)
{
    return cJSON_IsNumber(item) && fabs(item->valuedouble) <= LARGEST_WHOLE &&
           floor(item->valuedouble) == item->valuedouble;
}

int xb_node_int(const struct xb_node *node, int64_t min, int64_t max, int64_t *out,
                struct xb_error *err)
{
    if (is_whole(node->item)) {
        int64_t value = (int64_t)node->item->valuedouble;
        if (value >= min && value <= max) {
            *out = value;
            return 0;
        }
    }
    /* A bound that no document can reach is not worth printing. */
    char expected[DESCRIPTION_LEN] = "a whole number";
    if (cJSON_IsNumber(node->item) && node->item->valuedouble > LARGEST_WHOLE)
        max = max < (int64_t)LARGEST_WHOLE ? max : (int64_t)LARGEST_WHOLE;
    bool low = (double)min >= -LARGEST_WHOLE;
    bool high = (double)max <= LARGEST_WHOLE;
    if (low && high && min == max)
        snprintf(expected, sizeof expected, "the number %" PRId64, min);
    else if (low && high)
        snprintf(expected, sizeof expected, "a whole number from %" PRId64 " to %" PRId64, min,
                 max);
    else if (low)
        snprintf(expected, sizeof expected, "a whole number of at least %" PRId64, min);
    else if (high)
        snprintf(expected, sizeof expected, "a whole number of at most %" PRId64, max);
    return xb_node_fail_found(node, err, expected);
}

int xb_node_number(const struct xb_node *node, double min, double max, double *out,
                   struct xb_error *err)
{
    if (cJSON_IsNumber(node->item) && node->item->valuedouble >= min &&
        node->item->valuedouble <= max) {
        *out = node->item->valuedouble;
        return 0;
    }
    char expected[DESCRIPTION_LEN] = "a number";
    bool low = min > -DBL_MAX;
    bool high = max < DBL_MAX;
    if (low && high)
        snprintf(expected, sizeof expected, "a number from %g to %g", min, max);
    else if (low)
        snprintf(expected, sizeof expected, "a number of at least %g", min);
    else if (high)
        snprintf(expected, sizeof expected, "a number of at most %g", max);
    return xb_node_fail_found(node, err, expected);
}

int xb_node_size(const struct xb_node *node, uint64_t *bytes, struct xb_error *err)
{
    if (is_whole(node->item) && node->item->valuedouble >= 0) {
        *bytes = (uint64_t)node->item->valuedouble;
        return 0;
    }
    if (!cJSON_IsString(node->item))
        return xb_node_fail_found(
            node, err,
            "a size such as \"16MiB\" or a whole number of bytes, of at most 2^53 - 1");
    struct xb_error why;
    if (xb_size_parse(node->item->valuestring, bytes, &why))
        return xb_node_fail(node, err, "%s", why.text);
    return 0;
}

int xb_node_duration(const struct xb_node *node, int64_t *ns, struct xb_error *err)
{
    if (!cJSON_IsString(node->item))
        return xb_node_fail_found(node, err, "a duration such as \"300ms\"");
    struct xb_error why;
    if (xb_duration_parse(node->item->valuestring, ns, &why))
        return xb_node_fail(node, err, "%s", why.text);
    return 0;
}

const char *xb_node_describe(const struct xb_node *node, char *buf, size_t len)
{
    const cJSON *item = node->item;
    if (cJSON_IsString(item)) {
        bool cut = strlen(item->valuestring) > QUOTED_LEN;
        snprintf(buf, len, "the string \"%.*s%s\"", QUOTED_LEN, item->valuestring,
                 cut ? "..." : "");
    } else if (cJSON_IsNumber(item)) { /* of a large one a double holds its neighbour */
        bool exact = fabs(item->valuedouble) < 0x1p53;
        snprintf(buf, len, exact ? "the number %.16g" : "a number near %.16g",
                 item->valuedouble);
    } else if (cJSON_IsArray(item)) {
        snprintf(buf, len, "an array of %d", cJSON_GetArraySize(item));
    } else {
        const char *what = cJSON_IsObject(item) ? "an object"
                           : cJSON_IsNull(item) ? "null"
                           : cJSON_IsTrue(item) ? "true"
                                                : "false";
        snprintf(buf, len, "%s", what);
    }
    return buf;
}

int xb_node_expect_schema(const struct xb_node *root, const char *expected, int64_t version,
                          struct xb_error *err)
{
    static const char *const keys[] = {"name", "version", NULL};
    const char *const known[] = {expected, NULL};
    struct xb_node schema, name, number;
    const char *text = NULL;
    int64_t found;

    if (xb_node_require(root, "schema", &schema, err) < 0 ||
        xb_node_expect_object(&schema, keys, err) < 0 ||
        xb_node_require(&schema, "name", &name, err) < 0 ||
        xb_node_string(&name, &text, err) < 0)
        return -1;
    if (strcmp(text, expected) != 0)
        return xb_node_fail_choice(&name, "schema", known, err);
    if (xb_node_require(&schema, "version", &number, err) < 0)
        return -1;
    return xb_node_int(&number, version, version, &found, err);
}
