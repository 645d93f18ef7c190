/* anonymize_names.c - what was replaced by what. */
#include "report/anonymize_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void xb_anon_names_release(struct xb_anon_names *names)
{
    for (size_t i = 0; i < names->n; i++) {
        free(names->name[i].was);
        free(names->name[i].is);
    }
    for (size_t i = 0; i < names->nkept; i++)
        free(names->kept[i]);
    free(names->name);
    free(names->kept);
    *names = (struct xb_anon_names){.name = NULL};
}

static size_t find_kind(const struct xb_anon_names *names, const char *prefix)
{
    size_t kind = 0;

    while (kind < names->nkinds && strcmp(names->kinds[kind].prefix, prefix) != 0)
        kind++;
    return kind;
}

/* The name of a thing that is known, or NULL. */
static const char *find(const struct xb_anon_names *names, size_t kind, const char *was,
                        size_t len)
{
    for (size_t i = 0; i < names->n; i++) {
        const struct xb_anon_name *name = &names->name[i];
        if (name->kind == kind && strncmp(name->was, was, len) == 0 && name->was[len] == '\0')
            return name->is;
    }
    return NULL;
}

static const char *add(struct xb_anon_names *names, size_t kind, const char *was)
{
    struct xb_anon_kind *k = &names->kinds[kind];
    struct xb_anon_name made = {.kind = kind, .was = strdup(was)};

    if (names->n == names->room) {
        size_t room = names->room ? 2 * names->room : 64;
        struct xb_anon_name *more = realloc(names->name, room * sizeof *more);
        if (more) {
            names->name = more;
            names->room = room;
        }
    }
    if (asprintf(&made.is, "%s%0*zu", k->prefix, k->width, k->next) < 0)
        made.is = NULL;
    if (!made.was || !made.is || names->n == names->room) {
        names->failed = true;
        free(made.was);
        free(made.is);
        return "";
    }
    k->next++;
    names->name[names->n++] = made;
    return made.is;
}

const char *xb_anon_name(struct xb_anon_names *names, const char *prefix, const char *was)
{
    size_t kind = find_kind(names, prefix);

    if (kind == sizeof names->kinds / sizeof names->kinds[0]) {
        names->failed = true; /* more prefixes than rows ever had */
        return "";
    }
    if (kind == names->nkinds)
        names->kinds[names->nkinds++] =
            (struct xb_anon_kind){.prefix = prefix,
                                  .width = strcmp(prefix, XB_ANON_UUID) == 0 ? 12 : 1,
                                  .next = strcmp(prefix, XB_ANON_HOST) == 0 ? 0 : 1};
    const char *known = find(names, kind, was, strlen(was));
    return known ? known : add(names, kind, was);
}

const char *xb_anon_known(const struct xb_anon_names *names, const char *was, size_t len)
{
    for (size_t i = 0; i < names->n; i++) {
        const struct xb_anon_name *name = &names->name[i];
        if (name->is_known && strncmp(name->was, was, len) == 0 && name->was[len] == '\0')
            return name->is;
    }
    return NULL;
}

void xb_anon_learn(struct xb_anon_names *names, const char *prefix, const char *was)
{
    const char *is = xb_anon_name(names, prefix, was);

    for (size_t i = 0; i < names->n; i++)
        names->name[i].is_known = names->name[i].is_known || names->name[i].is == is;
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
