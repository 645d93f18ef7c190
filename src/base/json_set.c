/* SPDX-License-Identifier: BSD-3-Clause */
/* json_set.c - values set on the command line: `--set KEY=VALUE`. */
#include "base/json_text.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"

#define DESCRIPTION_LEN 96

/* One step of a KEY: a member by name, an array element, or every element. */
struct step {
    enum { STEP_MEMBER, STEP_ELEMENT, STEP_EVERY } kind;
    const char *name; /* of a member, not terminated */
    size_t name_len;
    int index;      /* of an element */
    size_t key_len; /* of the KEY up to this step's end, for errors */
};

struct setting {
    const char *key;
    struct step steps[XB_JSON_MAX_DEPTH];
    size_t count;
    const cJSON *value;
};

/* Read "[3]" or "[*]" at p; returns the byte behind it, or NULL. */
static const char *read_subscript(const char *p, struct step *step)
{
    p++;
    if (*p == '*') {
        step->kind = STEP_EVERY;
        p++;
    } else {
        size_t digits = strspn(p, "0123456789");
        unsigned long index = strtoul(p, NULL, 10);
        if (digits == 0 || index > INT_MAX)
            return NULL;
        step->kind = STEP_ELEMENT;
        step->index = (int)index;
        p += digits;
    }
    return *p == ']' ? p + 1 : NULL;
}

static const char *read_member(const char *p, struct step *step)
{
    step->kind = STEP_MEMBER;
    step->name = p;
    step->name_len = strcspn(p, ".[]");
    return step->name_len > 0 ? p + step->name_len : NULL;
}

static int read_key(struct setting *setting, struct xb_error *err)
{
    const char *p = setting->key;
    do {
        if (setting->count == XB_JSON_MAX_DEPTH)
            return xb_fail(
                err, "--set %s: the key has more levels than a file may, expected at most %d",
                setting->key, XB_JSON_MAX_DEPTH);
        struct step *step = &setting->steps[setting->count];
        if (*p == '[')
            p = read_subscript(p, step);
        else
            p = read_member(*p == '.' && setting->count > 0 ? p + 1 : p, step);
        if (!p || (*p != '\0' && *p != '.' && *p != '['))
            return xb_fail(err,
                           "--set %s: the key is malformed, expected one such as \"a.b\", "
                           "\"a[0].b\" or \"a[*].b\"",
                           setting->key);
        step->key_len = (size_t)(p - setting->key);
        setting->count++;
    } while (*p != '\0');
    return 0;
}

#define KEYS_MAX 64 /* of an object, among which a missing one is looked for */

static int fail_missing(const struct setting *setting, size_t level, const cJSON *parent,
                        struct xb_error *err)
{
    const struct step *step = &setting->steps[level];
    const char *keys[KEYS_MAX + 1] = {NULL};
    char name[XB_JSON_PATH_LEN] = "", hint[XB_HINT_LEN], known[XB_ERROR_LEN];
    size_t n = 0;
    if (step->kind != STEP_MEMBER) {
        int elements = cJSON_IsArray(parent) ? cJSON_GetArraySize(parent) : 0;
        return xb_fail(err, "--set %s: there is no %.*s, expected one of %d element%s",
                       setting->key, (int)step->key_len, setting->key, elements,
                       elements == 1 ? "" : "s");
    }
    snprintf(name, sizeof name, "%.*s", (int)step->name_len, step->name);
    for (const cJSON *child = parent->child; child && n < KEYS_MAX; child = child->next)
        keys[n++] = child->string;
    return xb_fail(err, "--set %s: there is no %.*s%s, expected %s", setting->key,
                   (int)step->key_len, setting->key, xb_did_you_mean(name, keys, hint),
                   n ? xb_error_list(keys, known, sizeof known) : "no key, as there is none");
}

static int fail_kind(const struct setting *setting, size_t level, const cJSON *found,
                     const char *expected, struct xb_error *err)
{
    char text[DESCRIPTION_LEN];
    struct xb_node node = {.item = found};
    size_t len = level > 0 ? setting->steps[level - 1].key_len : 0;
    return xb_fail(err, "--set %s: %.*s is %s, expected %s", setting->key,
                   len ? (int)len : INT_MAX, len ? setting->key : "the document",
                   xb_node_describe(&node, text, sizeof text), expected);
}

static cJSON *find_member(const cJSON *parent, const struct step *step)
{
    for (cJSON *child = parent->child; child; child = child->next)
        if (strlen(child->string) == step->name_len &&
            memcmp(child->string, step->name, step->name_len) == 0)
            return child;
    return NULL;
}

/* Put a copy of the value in place of child, or as a new member where child is NULL. */
static int put_value(const struct setting *setting, cJSON *parent, cJSON *child,
                     const struct step *step, struct xb_error *err)
{
    cJSON *copy = cJSON_Duplicate(setting->value, 1);
    char *name = step->kind == STEP_MEMBER ? strndup(step->name, step->name_len) : NULL;
    bool done = false;
    if (copy && child && name)
        done = cJSON_ReplaceItemInObjectCaseSensitive(parent, name, copy);
    else if (copy && child)
        done = cJSON_ReplaceItemViaPointer(parent, child, copy);
    else if (copy && name)
        done = cJSON_AddItemToObject(parent, name, copy);
    free(name);
    if (done)
        return 0;
    cJSON_Delete(copy);
    return xb_fail(err, "--set %s: out of memory", setting->key);
}

/* The object that the steps behind this one need, and that is not there; NULL when out of
 * memory. */
static cJSON *make_object(cJSON *parent, const struct step *step)
{
    char *name = strndup(step->name, step->name_len);
    cJSON *made = name ? cJSON_AddObjectToObject(parent, name) : NULL;
    free(name);
    return made;
}

static int apply(const struct setting *setting, size_t level, cJSON *parent,
                 struct xb_error *err);

static int apply_to(const struct setting *setting, size_t level, cJSON *parent, cJSON *child,
                    struct xb_error *err)
{
    bool last = level + 1 == setting->count;
    if (last)
        return put_value(setting, parent, child, &setting->steps[level], err);
    return apply(setting, level + 1, child, err);
}

static int apply_every(const struct setting *setting, size_t level, cJSON *parent,
                       struct xb_error *err)
{
    if (!parent->child)
        return fail_missing(setting, level, parent, err);
    cJSON *next;
    for (cJSON *child = parent->child; child; child = next) {
        next = child->next;
        if (apply_to(setting, level, parent, child, err))
            return -1;
    }
    return 0;
}

/* Carry out the steps from level on, below parent. */
static int apply(const struct setting *setting, size_t level, cJSON *parent,
                 struct xb_error *err)
{
    const struct step *step = &setting->steps[level];
    if (step->kind == STEP_MEMBER && !cJSON_IsObject(parent))
        return fail_kind(setting, level, parent, "an object", err);
    if (step->kind != STEP_MEMBER && !cJSON_IsArray(parent))
        return fail_kind(setting, level, parent, "an array", err);
    if (step->kind == STEP_EVERY)
        return apply_every(setting, level, parent, err);
    cJSON *child = step->kind == STEP_MEMBER ? find_member(parent, step)
                                             : cJSON_GetArrayItem(parent, step->index);
    if (!child) {
        bool last = level + 1 == setting->count;
        if (step->kind != STEP_MEMBER || (!last && step[1].kind != STEP_MEMBER))
            return fail_missing(setting, level, parent, err);
        if (!last && !(child = make_object(parent, step)))
            return xb_fail(err, "--set %s: out of memory", setting->key);
    }
    return apply_to(setting, level, parent, child, err);
}

static int add_said(struct xb_json *doc, const char *path, const char *option, bool makes,
                    struct xb_error *err)
{
    struct xb_json_said *grown = realloc(doc->said, (doc->nsaid + 1) * sizeof *grown);
    if (!grown)
        return xb_fail(err, "%s: out of memory", option);
    doc->said = grown;
    struct xb_json_said *said = &grown[doc->nsaid];
    *said = (struct xb_json_said){strdup(path), strdup(option), makes};
    if (said->path && said->option) {
        doc->nsaid++;
        return 0;
    }
    free(said->path);
    free(said->option);
    return xb_fail(err, "%s: out of memory", option);
}

int xb_json_note(struct xb_json *doc, const char *path, const char *option,
                 struct xb_error *err)
{
    return add_said(doc, path, option, false, err);
}

/* What is set at a key is said by "--set KEY". */
static int note_set(struct xb_json *doc, const char *key, struct xb_error *err)
{
    static const char set[] = "--set ";
    char *option = malloc(sizeof set + strlen(key));
    if (!option)
        return xb_fail(err, "--set %s: out of memory", key);
    memcpy(option, set, sizeof set - 1);
    strcpy(option + sizeof set - 1, key);
    int rc = add_said(doc, key, option, true, err);
    free(option);
    return rc;
}

/* The value as JSON when it is JSON, else as a string. A key that stands twice in it is an
 * error all the same. */
static int read_value(const char *key, const char *text, struct xb_json *value,
                      struct xb_error *err)
{
    cJSON *probe = NULL;
    if (xb_json_text_parse(key, text, strlen(text), &probe, NULL) == 0) {
        cJSON_Delete(probe);
        if (xb_json_parse(key, text, strlen(text), value, err))
            return xb_fail_in(err, "--set");
        return 0;
    }
    value->root = cJSON_CreateString(text);
    return value->root ? 0 : xb_fail(err, "--set %s: out of memory", key);
}

/* The changes are made to a copy of the tree: a step that fails half-way changes nothing. */
static int set(struct xb_json *doc, struct setting *setting, struct xb_error *err)
{
    if (read_key(setting, err))
        return -1;
    cJSON *changed = cJSON_Duplicate(doc->root, 1);
    if (!changed)
        return xb_fail(err, "--set %s: out of memory", setting->key);
    if (apply(setting, 0, changed, err) || note_set(doc, setting->key, err)) {
        cJSON_Delete(changed);
        return -1;
    }
    cJSON_Delete(doc->root);
    doc->root = changed;
    return 0;
}

int xb_json_set(struct xb_json *doc, const char *assignment, struct xb_error *err)
{
    const char *equals = strchr(assignment, '=');
    if (!equals)
        return xb_fail(err, "--set %s: found no '=', expected KEY=VALUE", assignment);
    char *key = strndup(assignment, (size_t)(equals - assignment));
    if (!key)
        return xb_fail(err, "--set %s: out of memory", assignment);
    struct xb_json value = {.name = NULL};
    struct setting setting = {.key = key};
    int rc = read_value(key, equals + 1, &value, err);
    if (rc == 0) {
        setting.value = value.root;
        rc = set(doc, &setting, err);
    }
    free(key);
    xb_json_release(&value);
    return rc;
}
