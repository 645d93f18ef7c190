/* SPDX-License-Identifier: BSD-3-Clause */
/* text_set.c - different texts, numbered in the order in which they came. */
#include "base/text_set.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

struct xb_text_entry {
    const char *text;
    size_t len, number;
};

/* Any order will do; lengths are told apart the fastest. */
static int by_text(const void *a, const void *b)
{
    const struct xb_text_entry *x = a, *y = b;

    return x->len != y->len ? (x->len > y->len) - (x->len < y->len)
                            : memcmp(x->text, y->text, x->len);
}

static int make_room(struct xb_text_set *set)
{
    if (set->n < set->room)
        return 0;
    size_t room = set->room ? 2 * set->room : 16;
    struct xb_text_entry **more = realloc(set->entry, room * sizeof(struct xb_text_entry *));
    if (!more)
        return -1;
    set->entry = more;
    set->room = room;
    return 0;
}

int64_t xb_text_set_add(struct xb_text_set *set, const char *text)
{
    size_t len = strlen(text);
    int64_t found = xb_text_set_find(set, text, len);
    struct xb_text_entry *made;

    if (found >= 0)
        return found;
    if (make_room(set) < 0 || !(made = malloc(sizeof *made + len + 1)))
        return -1;
    *made = (struct xb_text_entry){memcpy(made + 1, text, len + 1), len, set->n};
    if (!tsearch(made, &set->tree, by_text)) {
        free(made);
        return -1;
    }
    set->entry[set->n] = made;
    return (int64_t)set->n++;
}

int64_t xb_text_set_find(const struct xb_text_set *set, const char *text, size_t len)
{
    const struct xb_text_entry key = {.text = text, .len = len};
    struct xb_text_entry *const *found = tfind(&key, &set->tree, by_text);

    return found ? (int64_t)(*found)->number : -1;
}

const char *xb_text_set_at(const struct xb_text_set *set, size_t i)
{
    return set->entry[i]->text;
}

void xb_text_set_release(struct xb_text_set *set)
{
    tdestroy(set->tree, free);
    free(set->entry);
    *set = (struct xb_text_set){.n = 0};
}
