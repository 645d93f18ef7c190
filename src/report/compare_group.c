/* SPDX-License-Identifier: BSD-3-Clause */
/* compare_group.c - launches and cases, sorted into sides and rows. */
#include "report/compare_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_KEYS 32

struct grouping {
    const struct xb_launches *launches;
    const struct xb_compare_ask *ask;
    struct xb_grouping *out;
    enum xb_key_kind *kinds;        /* of the filters */
    const char *without[MOST_KEYS]; /* keys that no row is told apart by */
    const char *label[MOST_KEYS];   /* the same and the column */
    bool *used;                     /* launches that meet the filters */
    struct xb_text_set ids;         /* of the rows */
};

static int out_of_memory(struct xb_error *err)
{
    return xb_fail(err, "out of memory for a comparison");
}

/* ---- sides ---- */

/* The side of this name, added where it is new; -1 when out of memory. */
static int find_side(struct grouping *g, const char *name)
{
    struct xb_texts *sides = &g->out->sides;

    for (size_t i = 0; i < sides->n; i++)
        if (strcmp(sides->value[i], name) == 0)
            return (int)i;
    return xb_texts_add(sides, name) < 0 ? -1 : (int)sides->n - 1;
}

/* Is the case in any launch that is looked at? */
static bool is_there(const struct grouping *g, size_t c)
{
    for (size_t l = 0; l < g->launches->launches.n; l++)
        if (g->used[l] && xb_seen_at(xb_launch_at(g->launches, l), c))
            return true;
    return false;
}

static bool is_taken(const struct grouping *g, size_t c)
{
    return xb_case_meets(xb_measured_at(g->launches, c), g->ask->filters, g->kinds) &&
           is_there(g, c);
}

/* Are launches filtered? */
static bool is_filtered(const struct grouping *g)
{
    for (size_t i = 0; g->ask->filters && g->ask->filters[i]; i++)
        if (g->kinds[i] == XB_KEY_LAUNCH)
            return true;
    return false;
}

/* A side for each value that the key has, in the order in which they are met. Without a key, a
 * side for each set, also for those without launches, unless these are filtered. */
static int find_sides(struct grouping *g, struct xb_error *err)
{
    const struct xb_launches *l = g->launches;
    char buf[XB_KEY_TEXT];

    for (size_t i = 0; !g->ask->row && !is_filtered(g) && i < l->sets.n; i++)
        if (find_side(g, l->sets.value[i]) < 0)
            return out_of_memory(err);
    for (size_t i = 0; i < l->launches.n; i++) {
        g->used[i] = xb_launch_meets(l, i, g->ask->filters, g->kinds);
        g->out->side[i] = g->used[i] ? 0 : -1;
        if (!g->used[i] || g->out->by_case)
            continue;
        const char *name = xb_launch_key(l, i, g->ask->row ? g->ask->row : "set", buf);
        if ((g->out->side[i] = find_side(g, name)) < 0)
            return out_of_memory(err);
    }
    for (size_t c = 0; g->out->by_case && c < l->cases.n; c++)
        if (is_taken(g, c) &&
            find_side(g, xb_case_key(xb_measured_at(l, c), g->ask->row, buf)) < 0)
            return out_of_memory(err);
    return 0;
}

/* Put the base in front. */
static int move_base(struct grouping *g, struct xb_error *err)
{
    struct xb_texts *sides = &g->out->sides;
    const char *base = g->ask->base;
    size_t at = 0;

    if (!base)
        return 0;
    while (at < sides->n && strcmp(sides->value[at], base) != 0)
        at++;
    for (size_t i = 0; at == sides->n && i < sides->n; i++) /* a method without its options */
        if (strncmp(sides->value[i], base, strlen(base)) == 0 &&
            sides->value[i][strlen(base)] == '[') {
            at = i;
            break;
        }
    if (at == sides->n) {
        char list[XB_ERROR_LEN / 2] = "";
        for (size_t i = 0, used = 0; i < sides->n && used < sizeof list; i++)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "",
                                     sides->value[i]);
        return xb_fail(err, "--base %s: found no side of this name, expected one of %s", base,
                       list);
    }
    char *name = sides->value[at];
    memmove(sides->value + 1, sides->value, at * sizeof(*sides->value));
    sides->value[0] = name;
    for (size_t i = 0; !g->out->by_case && i < g->launches->launches.n; i++) {
        int *side = &g->out->side[i];
        *side = *side == (int)at ? 0 : *side >= 0 && *side < (int)at ? *side + 1 : *side;
    }
    return 0;
}

/* ---- rows ---- */

static struct xb_row *row_at(const struct grouping *g, size_t i)
{
    return (struct xb_row *)g->out->rows.item + i;
}

static struct xb_row *add_row(struct grouping *g, const struct xb_measured *c, const char *id)
{
    struct xb_row *row = xb_list_add(&g->out->rows, sizeof(*row));
    char label[XB_KEY_TEXT], buf[XB_KEY_TEXT];

    if (!row)
        return NULL;
    xb_id_without(c->id, g->label, label, sizeof label);
    const struct xb_fact *method = xb_facts_find(&c->key, "method");
    size_t len = method ? strlen(method->value) : 0;
    row->id = strdup(id);
    row->label = strdup(g->ask->col ? label : id);
    row->col = g->ask->col ? strdup(xb_case_key(c, g->ask->col, buf)) : NULL;
    row->method = len > 2 ? strndup(method->value + 1, len - 2) : strdup("-");
    row->bytes = c->bytes;
    row->size_class = c->size_class;
    row->members = calloc(g->out->sides.n, sizeof(*row->members));
    return row->id && row->label && row->method && row->members && (row->col || !g->ask->col)
               ? row
               : NULL;
}

static int add_member(struct xb_members *members, size_t c)
{
    size_t *cases = realloc(members->cases, (members->n + 1) * sizeof(*cases));

    if (!cases)
        return -1;
    members->cases = cases;
    cases[members->n++] = c;
    return 0;
}

/* Put a case into its row, on its side, or on all sides where these are told apart by launches.
 */
static int place_case(struct grouping *g, size_t c)
{
    const struct xb_measured *measured = xb_measured_at(g->launches, c);
    char id[XB_KEY_TEXT], buf[XB_KEY_TEXT];
    int only = -1;

    xb_id_without(measured->id, g->without, id, sizeof id);
    int64_t row = xb_text_set_add(&g->ids, id);
    if (row < 0 || ((size_t)row == g->out->rows.n && !add_row(g, measured, id)))
        return -1;
    if (g->out->by_case)
        only = find_side(g, xb_case_key(measured, g->ask->row, buf));
    for (size_t s = 0; s < g->out->sides.n; s++)
        if ((only < 0 || s == (size_t)only) &&
            add_member(&row_at(g, (size_t)row)->members[s], c) < 0)
            return -1;
    return 0;
}

/* Is the case in the report of any launch of the side? */
static bool is_on_side(const struct grouping *g, size_t c, size_t side)
{
    for (size_t l = 0; l < g->launches->launches.n; l++)
        if (g->out->side[l] == (int)side && xb_seen_at(xb_launch_at(g->launches, l), c))
            return true;
    return false;
}

/* Where sides differ in a key that is ignored, as a method's option, each has cases of its own:
 * delay=100us here, delay=108us there. If all sides have as many of them, each keeps those
 * alone in the row; else what one side lacks is missing. */
static void part_members(const struct grouping *g, const struct xb_row *row)
{
    size_t each = 0;

    for (size_t s = 0; s < g->out->sides.n; s++) {
        size_t n = 0;
        for (size_t i = 0; i < row->members[s].n; i++)
            n += is_on_side(g, row->members[s].cases[i], s);
        if (n > 0 && each > 0 && n != each)
            return;
        each = n > 0 ? n : each;
    }
    for (size_t s = 0; s < g->out->sides.n; s++) {
        struct xb_members *m = &row->members[s];
        size_t kept = 0;
        for (size_t i = 0; i < m->n; i++)
            if (is_on_side(g, m->cases[i], s))
                m->cases[kept++] = m->cases[i];
        m->n = kept > 0 ? kept : m->n; /* of none all are missing */
    }
}

static int find_rows(struct grouping *g, struct xb_error *err)
{
    for (size_t c = 0; c < g->launches->cases.n; c++)
        if (is_taken(g, c) && place_case(g, c) < 0)
            return out_of_memory(err);
    for (size_t i = 0; !g->out->by_case && i < g->out->rows.n; i++)
        if (row_at(g, i)->members[0].n > 1)
            part_members(g, row_at(g, i));
    return 0;
}

/* ---- all of it ---- */

/* What rows are not told apart by. */
static int choose_keys(struct grouping *g, struct xb_error *err)
{
    size_t n = 0;

    for (; g->ask->ignores && g->ask->ignores[n]; n++) {
        if (n + 3 > MOST_KEYS)
            return xb_fail(err, "--ignore %s: found more than %d keys, expected at most that",
                           g->ask->ignores[n], MOST_KEYS - 3);
        g->without[n] = g->ask->ignores[n];
    }
    if (g->out->by_case)
        g->without[n++] = g->ask->row;
    memcpy(g->label, g->without, sizeof g->label);
    if (g->ask->col)
        g->label[n] = g->ask->col;
    return 0;
}

int xb_grouping_make(const struct xb_launches *launches, const struct xb_compare_ask *ask,
                     struct xb_grouping *out, struct xb_error *err)
{
    struct grouping g = {.launches = launches, .ask = ask, .out = out};

    *out = (struct xb_grouping){.by_case = false};
    if (xb_keys_check(launches, ask, err) < 0)
        return -1;
    out->by_case = ask->row && xb_key_kind(launches, ask->row) == XB_KEY_CASE;
    out->side = calloc(launches->launches.n + 1, sizeof(*out->side));
    g.used = calloc(launches->launches.n + 1, sizeof(*g.used));
    g.kinds = xb_filter_kinds(launches, ask->filters);
    int rc = out->side && g.used && g.kinds ? 0 : out_of_memory(err);
    if (rc == 0)
        rc = choose_keys(&g, err);
    if (rc == 0)
        rc = find_sides(&g, err);
    if (rc == 0)
        rc = move_base(&g, err);
    if (rc == 0)
        rc = find_rows(&g, err);
    free(g.used);
    free(g.kinds);
    xb_text_set_release(&g.ids);
    return rc;
}

void xb_grouping_release(struct xb_grouping *grouping)
{
    struct xb_row *rows = grouping->rows.item;

    for (size_t i = 0; i < grouping->rows.n; i++) {
        for (size_t s = 0; rows[i].members && s < grouping->sides.n; s++)
            free(rows[i].members[s].cases);
        free(rows[i].members);
        free(rows[i].id);
        free(rows[i].label);
        free(rows[i].col);
        free(rows[i].method);
    }
    free(rows);
    for (size_t i = 0; i < grouping->sides.n; i++)
        free(grouping->sides.value[i]);
    free(grouping->sides.value);
    free(grouping->side);
    *grouping = (struct xb_grouping){.by_case = false};
}
