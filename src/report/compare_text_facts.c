/* SPDX-License-Identifier: BSD-3-Clause */
/* compare_text_facts.c - the head of a comparison for people: who is compared, what all share,
 * what differs, and which wires carried the bytes where that differs. */
#include "report/compare_print.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/screen.h"

#define CELL_LEN    256
#define MOST_SIDES  32
#define MOST_SHOWN  4  /* values of a fact on one side */
#define NUMBERS_LEN 64 /* of ranks or nodes, in the name of a fact */

/* ---- values ---- */

/* A value of JSON for people: without quotes, "-" for null. */
static void put_value(char *buf, size_t len, const char *json)
{
    size_t used = strlen(buf), n = strlen(json);

    if (strcmp(json, "null") == 0)
        snprintf(buf + used, len - used, "-");
    else if (n >= 2 && json[0] == '"')
        snprintf(buf + used, len - used, "%.*s", (int)(n - 2), json + 1);
    else
        snprintf(buf + used, len - used, "%s", json);
}

/* The values of a side in a cell: "0.4 to 0.9" of what is measured, "a; b" of all else. */
static const char *values_text(const char *name, const struct xb_texts *values,
                               char buf[CELL_LEN])
{
    double lo = INFINITY, hi = -INFINITY;

    buf[0] = '\0';
    if (xb_fact_is_measured(name) && values->n > 1) {
        for (size_t i = 0; i < values->n; i++) {
            lo = fmin(lo, strtod(values->value[i], NULL));
            hi = fmax(hi, strtod(values->value[i], NULL));
        }
        snprintf(buf, CELL_LEN, "%.6g to %.6g", lo, hi);
        return buf;
    }
    for (size_t i = 0; i < values->n; i++) {
        size_t used = strlen(buf);
        if (i > 0)
            snprintf(buf + used, CELL_LEN - used, "; ");
        if (i == MOST_SHOWN) {
            snprintf(buf + strlen(buf), CELL_LEN - strlen(buf), "%zu more", values->n - i);
            break;
        }
        put_value(buf, CELL_LEN, values->value[i]);
    }
    return buf;
}

/* ---- facts of several ranks or nodes ---- */

/* "ranks[3].gpu.name" is the third rank's "gpu.name"; -1, and the name, of what has no number.
 */
static int number_of(const char *name, const char **rest)
{
    *rest = name;
    int rank = xb_fact_number(name, "ranks", rest);
    return rank >= 0 ? rank : xb_fact_number(name, "nodes", rest);
}

/* Facts that say the same of several ranks or nodes have one name. */
struct alike {
    size_t first; /* of the facts */
    int from, to; /* numbers that are not in the name yet */
    bool cut;     /* it has no room for more of them */
    char name[CELL_LEN];
};

struct naming {
    struct xb_text_set said; /* what is said, without whose it is */
    struct xb_list alike;    /* of struct alike, by the numbers of these */
    bool failed;             /* out of memory */
};

/* "r", the name without its number, and all values. The caller frees; NULL when out of memory.
 */
static char *said_by(const struct xb_comparison *c, const struct xb_side_fact *fact,
                     const char *rest)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    if (!out)
        return NULL;
    fprintf(out, "%c%s", fact->name[0], rest);
    for (size_t side = 0; side < xb_sides(c); side++) {
        fputs("\n", out); /* which no value of JSON has in it */
        for (size_t i = 0; i < fact->values[side].n; i++)
            fprintf(out, "\t%s", fact->values[side].value[i]);
    }
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

/* Put the numbers that wait into the name: "0,1" or "0-2". */
static void write_numbers(struct alike *a)
{
    size_t used = strlen(a->name);
    const char *before = used > 4 ? "," : " ";
    char text[32];

    if (a->to == a->from)
        snprintf(text, sizeof text, "%d", a->from);
    else
        snprintf(text, sizeof text, "%d%s%d", a->from, a->to == a->from + 1 ? "," : "-", a->to);
    if (a->cut)
        return;
    a->cut = used + strlen(text) > NUMBERS_LEN;
    snprintf(a->name + used, CELL_LEN - used, "%s%s", before, a->cut ? "..." : text);
}

static void take_number(struct alike *a, int number)
{
    if (number != a->to + 1) {
        write_numbers(a);
        a->from = number;
    }
    a->to = number;
}

/* Fact i joins those that say the same. */
static void join(struct naming *names, const struct xb_comparison *c,
                 const struct xb_side_fact *facts, size_t i)
{
    const char *rest;
    int number = number_of(facts[i].name, &rest);

    if (number < 0)
        return;
    char *said = said_by(c, &facts[i], rest);
    int64_t at = said ? xb_text_set_add(&names->said, said) : -1;
    bool is_new = at >= 0 && (size_t)at == names->alike.n;
    struct alike *a = is_new ? xb_list_add(&names->alike, sizeof *a) : NULL;
    free(said);
    names->failed = names->failed || at < 0 || (is_new && !a);
    if (names->failed)
        return;
    if (!is_new) {
        take_number((struct alike *)names->alike.item + at, number);
        return;
    }
    *a = (struct alike){.first = i, .from = number, .to = number};
    snprintf(a->name, CELL_LEN, "%.4s", facts[i].name);
}

/* Name all facts, or those that are telling; -1 when out of memory. */
static int find_names(struct naming *names, const struct xb_comparison *c,
                      const struct xb_list *list, bool (*is_telling)(const char *name))
{
    const struct xb_side_fact *facts = list->item;

    for (size_t i = 0; i < list->n && !names->failed; i++)
        if (!is_telling || is_telling(facts[i].name))
            join(names, c, facts, i);
    for (size_t i = 0; i < names->alike.n; i++) {
        struct alike *a = (struct alike *)names->alike.item + i;
        const char *rest;
        write_numbers(a);
        number_of(facts[a->first].name, &rest);
        size_t used = strlen(a->name);
        snprintf(a->name + used, CELL_LEN - used, " %s", rest);
    }
    return names->failed ? -1 : 0;
}

static void release_names(struct naming *names)
{
    xb_text_set_release(&names->said);
    free(names->alike.item);
}

/* What fact i is called, of those that were named, when they are asked for in their order; NULL
 * where an earlier one has it already. *next is 0 at first. */
static const char *name_fact(const struct naming *names, const struct xb_list *list, size_t i,
                             size_t *next)
{
    const char *name = ((const struct xb_side_fact *)list->item)[i].name, *rest;
    const struct alike *alike = names->alike.item;

    if (number_of(name, &rest) < 0)
        return name;
    return *next < names->alike.n && alike[*next].first == i ? alike[(*next)++].name : NULL;
}

/* ---- the head ---- */

static void print_sides(const struct xb_comparison *c, const struct xb_names *names,
                        bool markdown, FILE *out)
{
    if (c->grouping.by_case && xb_sides(c) > 0) {
        fprintf(out, "%zu sides of %zu launch%s; base: ", xb_sides(c), c->launches[0],
                c->launches[0] == 1 ? "" : "es");
        xb_screen_print(names->sides.value[0], out);
        fputc('\n', out);
    }
    for (size_t side = 0; !c->grouping.by_case && side < xb_sides(c); side++) {
        const char *name = names->sides.value[side];
        bool base = side == 0 && xb_sides(c) > 1 && strcmp(name, "base") != 0;
        fputs(side ? ", " : "", out);
        xb_screen_print(name, out);
        fprintf(out, "%s: %zu launch%s%s", base ? " (base)" : "", c->launches[side],
                c->launches[side] == 1 ? "" : "es", side + 1 == xb_sides(c) ? "\n" : "");
    }
    for (size_t i = 0; i < c->warnings.n; i++) {
        fputs(markdown ? "\nwarning: " : "warning: ", out);
        xb_screen_print(c->warnings.value[i], out);
        fputc('\n', out);
    }
    fputc('\n', out);
}

/* Facts that a reader wants to see even where nothing differs. */
static bool is_telling(const char *name)
{
    static const char *const telling[] = {
        "build.version", "build.git", "driver",       "cuda_runtime", "mpi_library",
        "nccl_library",  "run.ranks", "run.launcher", "run.scenario", NULL};
    const char *rest;

    for (size_t i = 0; telling[i]; i++)
        if (strcmp(name, telling[i]) == 0)
            return true;
    if (number_of(name, &rest) >= 0)
        return strcmp(rest, "gpu.name") == 0 || (name[0] == 'n' && strcmp(rest, "host") == 0);
    return strncmp(name, "variables.", 10) == 0;
}

static const char *shared_value(const struct xb_comparison *c, const struct xb_side_fact *fact)
{
    for (size_t side = 0; side < xb_sides(c); side++)
        if (fact->values[side].n > 0)
            return fact->values[side].value[0];
    return "null";
}

static int print_shared(const struct xb_comparison *c, FILE *out)
{
    const struct xb_side_fact *facts = c->shared.item;
    struct naming names = {.failed = false};
    size_t column = 0, next = 0;
    int rc = find_names(&names, c, &c->shared, is_telling);

    for (size_t i = 0; rc == 0 && i < c->shared.n; i++) {
        char text[2 * CELL_LEN] = "", value[CELL_LEN] = "";
        const char *name =
            is_telling(facts[i].name) ? name_fact(&names, &c->shared, i, &next) : NULL;
        if (!name)
            continue;
        put_value(value, sizeof value, shared_value(c, &facts[i]));
        if (strcmp(facts[i].name, "mpi_library") == 0)
            value[strcspn(value, ",")] = '\0'; /* what follows is how it was packed */
        snprintf(text, sizeof text, "%s %s", name, value);
        xb_screen_tame(text, false);
        bool fits = column > 0 && column + strlen(text) + 2 <= 96;
        fprintf(out, "%s%s", column == 0 ? "shared: " : fits ? "; " : ";\n        ", text);
        column = (fits ? column + 2 : 8) + strlen(text);
    }
    if (column > 0)
        fputs("\n\n", out);
    release_names(&names);
    return rc;
}

/* A line for each key, and a column for each side; sides of the same launches do not differ
 * from each other, and have one. */
struct xb_table *xb_compare_differing(const struct xb_comparison *c,
                                      const struct xb_names *names)
{
    const struct xb_side_fact *facts = c->differing.item;
    size_t sides = c->grouping.by_case        ? 1
                   : xb_sides(c) < MOST_SIDES ? xb_sides(c)
                                              : MOST_SIDES;
    const char *cells[MOST_SIDES + 2] = {"differs"};

    for (size_t side = 0; side < sides; side++)
        cells[side + 1] = c->grouping.by_case ? "between launches" : names->sides.value[side];
    struct xb_table *table = xb_table_new(cells);
    struct naming facts_names = {.failed = false};
    size_t next = 0;
    bool good = table && find_names(&facts_names, c, &c->differing, NULL) == 0;
    for (size_t i = 0; good && i < c->differing.n; i++) {
        char values[MOST_SIDES][CELL_LEN];
        if (!(cells[0] = name_fact(&facts_names, &c->differing, i, &next)))
            continue;
        for (size_t side = 0; side < sides; side++)
            cells[side + 1] = values_text(facts[i].name, &facts[i].values[side], values[side]);
        good = xb_table_add(table, cells) == 0;
    }
    release_names(&facts_names);
    if (good)
        return table;
    xb_table_free(table);
    return NULL;
}

static int print_differing(const struct xb_comparison *c, const struct xb_names *names,
                           bool markdown, FILE *out)
{
    struct xb_table *table = xb_compare_differing(c, names);

    if (!table || c->differing.n > 0)
        return xb_compare_print_table(table, markdown, out);
    xb_table_free(table);
    if (xb_sides(c) > 1 && !c->grouping.by_case)
        fputs("Their environments do not differ.\n\n", out);
    return 0;
}

/* ---- wires ---- */

/* A line for each case and side that another wire carried than the base's. */
struct xb_table *xb_compare_wires(const struct xb_comparison *c, const struct xb_names *names,
                                  size_t *shown)
{
    bool several = xb_sides(c) > 2;
    const char *plain[] = {"carried by", names->sides.value[0],
                           xb_sides(c) > 1 ? names->sides.value[1] : "", NULL},
               *more[] = {"carried by", names->sides.value[0], "side", "by", NULL};
    struct xb_table *table = xb_table_new(several ? more : plain);
    bool good = table != NULL;

    *shown = 0;
    for (size_t row = 0; good && row < xb_rows(c); row++)
        for (size_t side = 1; good && side < xb_sides(c); side++) {
            const char *was = xb_value_at(c, row, 0)->carried,
                       *is = xb_value_at(c, row, side)->carried, *name = names->rows.value[row];
            if (!was || !is || strcmp(was, is) == 0)
                continue;
            const char *row_plain[] = {name, was, is, NULL},
                       *row_more[] = {name, was, names->sides.value[side], is, NULL};
            good = xb_table_add(table, several ? row_more : row_plain) == 0;
            ++*shown;
        }
    if (good)
        return table;
    xb_table_free(table);
    return NULL;
}

static int print_wires(const struct xb_comparison *c, const struct xb_names *names,
                       bool markdown, FILE *out)
{
    size_t shown;
    struct xb_table *table = xb_compare_wires(c, names, &shown);

    if (!table || shown > 0)
        return xb_compare_print_table(table, markdown, out);
    xb_table_free(table);
    return 0;
}

int xb_compare_print_facts(const struct xb_comparison *c, const struct xb_names *names,
                           bool markdown, FILE *out)
{
    print_sides(c, names, markdown, out);
    if (print_shared(c, out) < 0 || print_differing(c, names, markdown, out) < 0)
        return -1;
    return xb_sides(c) > 1 ? print_wires(c, names, markdown, out) : 0;
}
