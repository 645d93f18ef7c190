/* compare_text_facts.c - the head of a comparison for people: who is compared, what all share,
 * what differs, and which wires carried the bytes where that differs. */
#include "report/compare_print.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELL_LEN   256
#define MOST_SIDES 32
#define MOST_SHOWN 4 /* values of a fact on one side */

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
    int number, used = 0;

    *rest = name;
    if ((sscanf(name, "ranks[%d].%n", &number, &used) < 1 || used == 0) &&
        (sscanf(name, "nodes[%d].%n", &number, &used) < 1 || used == 0))
        return -1;
    *rest = name + used;
    return number;
}

static bool same_values(const struct xb_comparison *c, const struct xb_side_fact *a,
                        const struct xb_side_fact *b)
{
    for (size_t side = 0; side < xb_sides(c); side++) {
        const struct xb_texts *x = &a->values[side], *y = &b->values[side];
        if (x->n != y->n)
            return false;
        for (size_t i = 0; i < x->n; i++)
            if (strcmp(x->value[i], y->value[i]) != 0)
                return false;
    }
    return true;
}

/* Is it the same of another rank or node? */
static bool is_alike(const struct xb_comparison *c, const struct xb_side_fact *a,
                     const struct xb_side_fact *b)
{
    const char *x, *y;

    return number_of(a->name, &x) >= 0 && number_of(b->name, &y) >= 0 &&
           a->name[0] == b->name[0] && strcmp(x, y) == 0 && same_values(c, a, b);
}

/* What fact i is called, with the numbers of all that it holds for; false where an earlier one
 * has it already. */
static bool name_fact(const struct xb_comparison *c, const struct xb_list *list, size_t i,
                      char buf[CELL_LEN])
{
    const struct xb_side_fact *facts = list->item;
    const char *rest, *ignored;
    int number = number_of(facts[i].name, &rest);
    size_t used;

    if (number < 0) {
        snprintf(buf, CELL_LEN, "%s", rest);
        return true;
    }
    for (size_t k = 0; k < i; k++)
        if (is_alike(c, &facts[k], &facts[i]))
            return false;
    snprintf(buf, CELL_LEN, "%.4s", facts[i].name);
    for (size_t k = i; k < list->n; k++)
        if (k == i || is_alike(c, &facts[k], &facts[i])) {
            used = strlen(buf);
            snprintf(buf + used, CELL_LEN - used, "%s%d", k == i ? " " : ",",
                     number_of(facts[k].name, &ignored));
        }
    used = strlen(buf);
    snprintf(buf + used, CELL_LEN - used, " %s", rest);
    return true;
}

/* ---- the head ---- */

static void print_sides(const struct xb_comparison *c, const struct xb_names *names,
                        bool markdown, FILE *out)
{
    if (c->grouping.by_case && xb_sides(c) > 0)
        fprintf(out, "%zu sides of %zu launch%s; base: %s\n", xb_sides(c), c->launches[0],
                c->launches[0] == 1 ? "" : "es", names->sides.value[0]);
    for (size_t side = 0; !c->grouping.by_case && side < xb_sides(c); side++) {
        const char *name = names->sides.value[side];
        bool base = side == 0 && xb_sides(c) > 1 && strcmp(name, "base") != 0;
        fprintf(out, "%s%s%s: %zu launch%s%s", side ? ", " : "", name, base ? " (base)" : "",
                c->launches[side], c->launches[side] == 1 ? "" : "es",
                side + 1 == xb_sides(c) ? "\n" : "");
    }
    for (size_t i = 0; i < c->warnings.n; i++)
        fprintf(out, "%swarning: %s\n", markdown ? "\n" : "", c->warnings.value[i]);
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

static void print_shared(const struct xb_comparison *c, FILE *out)
{
    const struct xb_side_fact *facts = c->shared.item;
    size_t column = 0;

    for (size_t i = 0; i < c->shared.n; i++) {
        char name[CELL_LEN], text[2 * CELL_LEN] = "", value[CELL_LEN] = "";
        if (!is_telling(facts[i].name) || !name_fact(c, &c->shared, i, name))
            continue;
        put_value(value, sizeof value, shared_value(c, &facts[i]));
        if (strcmp(facts[i].name, "mpi_library") == 0)
            value[strcspn(value, ",")] = '\0'; /* what follows is how it was packed */
        snprintf(text, sizeof text, "%s %s", name, value);
        bool fits = column > 0 && column + strlen(text) + 2 <= 96;
        fprintf(out, "%s%s", column == 0 ? "shared: " : fits ? "; " : ";\n        ", text);
        column = (fits ? column + 2 : 8) + strlen(text);
    }
    if (column > 0)
        fputs("\n\n", out);
}

/* A line for each key, and a column for each side; sides of the same launches do not differ
 * from each other, and have one. */
static int print_differing(const struct xb_comparison *c, const struct xb_names *names,
                           bool markdown, FILE *out)
{
    const struct xb_side_fact *facts = c->differing.item;
    size_t sides = c->grouping.by_case        ? 1
                   : xb_sides(c) < MOST_SIDES ? xb_sides(c)
                                              : MOST_SIDES;
    const char *cells[MOST_SIDES + 2] = {"differs"};

    for (size_t side = 0; side < sides; side++)
        cells[side + 1] = c->grouping.by_case ? "between launches" : names->sides.value[side];
    struct xb_table *table = xb_table_new(cells);
    bool good = table != NULL;
    for (size_t i = 0; good && i < c->differing.n; i++) {
        char name[CELL_LEN], values[MOST_SIDES][CELL_LEN];
        if (!name_fact(c, &c->differing, i, name))
            continue;
        cells[0] = name;
        for (size_t side = 0; side < sides; side++)
            cells[side + 1] = values_text(facts[i].name, &facts[i].values[side], values[side]);
        good = xb_table_add(table, cells) == 0;
    }
    if (good && c->differing.n > 0)
        return xb_compare_print_table(table, markdown, out);
    xb_table_free(table);
    if (good && xb_sides(c) > 1 && !c->grouping.by_case)
        fputs("Their environments do not differ.\n\n", out);
    return good ? 0 : -1;
}

/* ---- wires ---- */

/* A line for each case and side that another wire carried than the base's. */
static int print_wires(const struct xb_comparison *c, const struct xb_names *names,
                       bool markdown, FILE *out)
{
    bool several = xb_sides(c) > 2;
    const char *plain[] = {"carried by", names->sides.value[0],
                           xb_sides(c) > 1 ? names->sides.value[1] : "", NULL},
               *more[] = {"carried by", names->sides.value[0], "side", "by", NULL};
    struct xb_table *table = xb_table_new(several ? more : plain);
    bool good = table != NULL;
    size_t shown = 0;

    for (size_t row = 0; good && row < xb_rows(c); row++)
        for (size_t side = 1; good && side < xb_sides(c); side++) {
            const char *was = xb_value_at(c, row, 0)->carried,
                       *is = xb_value_at(c, row, side)->carried, *name = names->rows.value[row];
            if (!was || !is || strcmp(was, is) == 0)
                continue;
            const char *row_plain[] = {name, was, is, NULL},
                       *row_more[] = {name, was, names->sides.value[side], is, NULL};
            good = xb_table_add(table, several ? row_more : row_plain) == 0;
            shown++;
        }
    if (good && shown > 0)
        return xb_compare_print_table(table, markdown, out);
    xb_table_free(table);
    return good ? 0 : -1;
}

int xb_compare_print_facts(const struct xb_comparison *c, const struct xb_names *names,
                           bool markdown, FILE *out)
{
    print_sides(c, names, markdown, out);
    print_shared(c, out);
    if (print_differing(c, names, markdown, out) < 0)
        return -1;
    return xb_sides(c) > 1 ? print_wires(c, names, markdown, out) : 0;
}
