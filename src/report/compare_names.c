/* SPDX-License-Identifier: BSD-3-Clause */
/* compare_names.c - ids as short as they can be told apart: an option that all cases of a
 * method have in common is left out. */
#include "report/compare_print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_KEYS 32
#define NAME_LEN  128

/* An option of a method, and the value of the first case. */
struct option {
    char method[NAME_LEN], name[NAME_LEN], value[NAME_LEN];
    bool varies;
};

struct options {
    struct xb_list list; /* of struct option */
    bool failed;         /* out of memory */
};

static struct option *find(const struct options *all, const char *method, const char *name)
{
    struct option *list = all->list.item;

    for (size_t i = 0; i < all->list.n; i++)
        if (strcmp(list[i].method, method) == 0 && strcmp(list[i].name, name) == 0)
            return &list[i];
    return NULL;
}

static void note(struct options *all, const char *method, const char *name, const char *value)
{
    struct option *option = find(all, method, name);

    if (option) {
        option->varies = option->varies || strcmp(option->value, value) != 0;
        return;
    }
    option = xb_list_add(&all->list, sizeof(*option));
    all->failed = all->failed || !option;
    if (!option)
        return;
    snprintf(option->method, sizeof option->method, "%.127s", method);
    snprintf(option->name, sizeof option->name, "%.127s", name);
    snprintf(option->value, sizeof option->value, "%.127s", value);
}

/* Note the options of an id, "stream/p2p[engine=ce,side=push]/...": engine and side of p2p. */
static void note_all(struct options *all, const char *id)
{
    const char *method = strchr(id, '/'), *open = method ? strchr(method, '[') : NULL;
    const char *close = open ? strchr(open, ']') : NULL;
    char name[NAME_LEN], word[2 * NAME_LEN];

    if (!close || memchr(method + 1, '/', (size_t)(open - method - 1)))
        return;
    snprintf(name, sizeof name, "%.*s", (int)(open - method - 1), method + 1);
    for (const char *at = open + 1; at < close;) {
        size_t len = strcspn(at, ",]");
        snprintf(word, sizeof word, "%.*s", (int)len, at);
        char *equal = strchr(word, '=');
        if (equal) {
            *equal = '\0';
            note(all, name, word, equal + 1);
        }
        at += len + 1;
    }
}

/* The options of a method that do not tell its cases apart; they end with NULL. */
static void common_options(const struct options *all, const char *id,
                           const char *keys[MOST_KEYS + 1])
{
    const struct option *list = all->list.item;
    const char *method = strchr(id, '/');
    size_t len = method ? strcspn(method + 1, "[/") : 0, n = 0;

    for (size_t i = 0; method && i < all->list.n && n < MOST_KEYS; i++)
        if (!list[i].varies && strlen(list[i].method) == len &&
            strncmp(list[i].method, method + 1, len) == 0)
            keys[n++] = list[i].name;
    keys[n] = NULL;
}

/* A name without what the options of its method have in common; false when out of memory. */
static bool add_name(struct xb_texts *out, const struct options *all, const char *id,
                     const char *name)
{
    const char *keys[MOST_KEYS + 1];
    char text[XB_KEY_TEXT];

    common_options(all, id, keys);
    xb_id_without(name, keys, text, sizeof text);
    return xb_texts_add(out, text) == 0;
}

/* Methods that are sides: as parts of ids, "-/p2p[engine=ce,side=push]". */
static bool add_method_names(const struct xb_comparison *c, struct xb_texts *out)
{
    struct options all = {.failed = false};
    char id[XB_KEY_TEXT];

    for (size_t side = 0; side < xb_sides(c); side++) {
        snprintf(id, sizeof id, "-/%.500s", c->grouping.sides.value[side]);
        note_all(&all, id);
    }
    for (size_t side = 0; !all.failed && side < xb_sides(c); side++) {
        snprintf(id, sizeof id, "-/%.500s", c->grouping.sides.value[side]);
        all.failed = !add_name(out, &all, id, id);
        if (!all.failed) /* the part behind "-/" */
            memmove(out->value[side], out->value[side] + 2, strlen(out->value[side]) - 1);
    }
    free(all.list.item);
    return !all.failed;
}

int xb_short_names(const struct xb_comparison *c, struct xb_names *out)
{
    struct options all = {.failed = false};
    bool methods = c->grouping.by_case && strcmp(c->row, "method") == 0;

    *out = (struct xb_names){.rows = {NULL, 0}};
    for (size_t row = 0; row < xb_rows(c); row++)
        note_all(&all, xb_row_at(c, row)->id);
    bool good = !all.failed;
    for (size_t row = 0; good && row < xb_rows(c); row++)
        good = add_name(&out->rows, &all, xb_row_at(c, row)->id, xb_row_at(c, row)->id) &&
               add_name(&out->labels, &all, xb_row_at(c, row)->id, xb_row_at(c, row)->label);
    for (size_t side = 0; good && !methods && side < xb_sides(c); side++)
        good = xb_texts_add(&out->sides, c->grouping.sides.value[side]) == 0;
    if (good && methods)
        good = add_method_names(c, &out->sides);
    free(all.list.item);
    if (good)
        return 0;
    xb_short_names_free(out);
    return -1;
}

static void release_texts(struct xb_texts *texts)
{
    for (size_t i = 0; i < texts->n; i++)
        free(texts->value[i]);
    free(texts->value);
}

void xb_short_names_free(struct xb_names *names)
{
    release_texts(&names->rows);
    release_texts(&names->labels);
    release_texts(&names->sides);
    *names = (struct xb_names){.rows = {NULL, 0}};
}
