/* SPDX-License-Identifier: BSD-3-Clause */
/* anonymize_names.c - what was replaced by what. */
#include "report/anonymize_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void xb_anon_names_release(struct xb_anon_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->is[i]);
    for (size_t i = 0; i < names->nkept; i++)
        free(names->kept[i]);
    xb_text_set_release(&names->was);
    xb_text_set_release(&names->known);
    free(names->is);
    free(names->known_is);
    free(names->kept);
    *names = (struct xb_anon_names){.is = NULL};
}

static size_t find_kind(const struct xb_anon_names *names, const char *prefix)
{
    size_t kind = 0;

    while (kind < names->nkinds && strcmp(names->kinds[kind].prefix, prefix) != 0)
        kind++;
    return kind;
}

/* Make up a name for the thing that has just become the last of those that were. */
static int add_name(struct xb_anon_names *names, struct xb_anon_kind *kind)
{
    if (names->n == names->room) {
        size_t room = names->room ? 2 * names->room : 64;
        char **more = realloc(names->is, room * sizeof *more);
        if (!more)
            return -1;
        names->is = more;
        names->room = room;
    }
    if (asprintf(&names->is[names->n], "%s%0*zu", kind->prefix, kind->width, kind->next) < 0)
        return -1;
    kind->next++;
    names->n++;
    return 0;
}

/* The number of a thing's name, which is made up where there is none; -1 with failed set. */
static int64_t number_of(struct xb_anon_names *names, const char *prefix, const char *was)
{
    size_t kind = find_kind(names, prefix);
    char *whole;

    if (kind == sizeof names->kinds / sizeof names->kinds[0]) {
        names->failed = true; /* more prefixes than rows ever had */
        return -1;
    }
    if (kind == names->nkinds)
        names->kinds[names->nkinds++] =
            (struct xb_anon_kind){.prefix = prefix,
                                  .width = strcmp(prefix, XB_ANON_UUID) == 0 ? 12 : 1,
                                  .next = strcmp(prefix, XB_ANON_HOST) == 0 ? 0 : 1};
    if (asprintf(&whole, "%s\n%s", prefix, was) < 0)
        whole = NULL;
    int64_t number = whole ? xb_text_set_add(&names->was, whole) : -1;
    free(whole);
    if (number < 0 ||
        ((size_t)number >= names->n && add_name(names, &names->kinds[kind]) < 0)) {
        names->failed = true;
        return -1;
    }
    return number;
}

const char *xb_anon_name(struct xb_anon_names *names, const char *prefix, const char *was)
{
    int64_t number = number_of(names, prefix, was);

    return number < 0 ? "" : names->is[number];
}

const char *xb_anon_known(const struct xb_anon_names *names, const char *was, size_t len)
{
    int64_t known = xb_text_set_find(&names->known, was, len);

    return known < 0 ? NULL : names->is[names->known_is[known]];
}

void xb_anon_learn(struct xb_anon_names *names, const char *prefix, const char *was)
{
    int64_t number = number_of(names, prefix, was);
    size_t n = names->known.n;

    if (number < 0 || xb_text_set_find(&names->known, was, strlen(was)) >= 0)
        return;
    size_t *more = realloc(names->known_is, (n + 1) * sizeof *more);
    if (more) {
        names->known_is = more;
        more[n] = (size_t)number;
    }
    if (!more || xb_text_set_add(&names->known, was) < 0)
        names->failed = true;
}

void xb_anon_keep(struct xb_anon_names *names, const char *text)
{
    for (size_t i = 0; i < names->nkept; i++)
        if (strcmp(names->kept[i], text) == 0)
            return;
    char **more = realloc(names->kept, (names->nkept + 1) * sizeof *more);
    char *copy = more ? strdup(text) : NULL;
    if (more)
        names->kept = more;
    if (copy)
        names->kept[names->nkept++] = copy;
    else
        names->failed = true;
}
