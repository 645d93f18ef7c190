/* SPDX-License-Identifier: BSD-3-Clause */
/* chunk_grid.c - grids of chunks and depths. */
#include "report/formats/chunk_grid.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/screen.h"
#include "base/units.h"
#include "report/case_walk.h"
#include "report/formats/table.h"

#define GRID_LEAST 6 /* cases: fewer are read as easily one below the other */

/* ---- values that a key has ---- */

struct values {
    int64_t *value; /* sorted, each once */
    size_t n;
};

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static void settle(struct values *v)
{
    size_t n = 0;

    qsort(v->value, v->n, sizeof *v->value, by_value);
    for (size_t i = 0; i < v->n; i++)
        if (n == 0 || v->value[n - 1] != v->value[i])
            v->value[n++] = v->value[i];
    v->n = n;
}

static size_t index_of(const struct values *v, int64_t value)
{
    const int64_t *found = bsearch(&value, v->value, v->n, sizeof value, by_value);

    return (size_t)(found - v->value);
}

/* ---- a grid ---- */

struct grid {
    struct values chunks, depths;
    struct xb_grouped_case **cell; /* row after row; NULL where no case is */
    bool good;                     /* the cases make a grid */
};

static void release(struct grid *g)
{
    free(g->chunks.value);
    free(g->depths.value);
    free(g->cell);
}

/* Place the cases; a place that two have makes none of it. */
static void place(struct xb_grouped_case *const *cases, size_t n, struct grid *g)
{
    g->good = true;
    for (size_t i = 0; i < n; i++) {
        struct xb_grouped_case **cell =
            &g->cell[index_of(&g->chunks, cases[i]->chunk) * g->depths.n +
                     index_of(&g->depths, cases[i]->depth)];
        g->good = g->good && !*cell;
        *cell = cases[i];
    }
}

/* -1 when out of memory; what cases there are need not make a grid. */
static int make(struct xb_grouped_case *const *cases, size_t n, struct grid *g)
{
    *g = (struct grid){.chunks.value = calloc(n, sizeof *g->chunks.value),
                       .depths.value = calloc(n, sizeof *g->depths.value)};
    if (!g->chunks.value || !g->depths.value)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (cases[i]->chunk <= 0 || cases[i]->depth <= 0)
            return 0;
        g->chunks.value[g->chunks.n++] = cases[i]->chunk;
        g->depths.value[g->depths.n++] = cases[i]->depth;
    }
    settle(&g->chunks);
    settle(&g->depths);
    const size_t cells = g->chunks.n * g->depths.n;
    if (n < GRID_LEAST || g->chunks.n < 2 || g->depths.n < 2 || 2 * n < cells)
        return 0;
    g->cell = calloc(cells, sizeof(struct xb_grouped_case *));
    if (!g->cell)
        return -1;
    place(cases, n, g);
    return 0;
}

/* ---- all of a group ---- */

static int by_variant(const void *a, const void *b)
{
    const struct xb_grouped_case *x = *(struct xb_grouped_case *const *)a;
    const struct xb_grouped_case *y = *(struct xb_grouped_case *const *)b;

    if (x->method != y->method)
        return x->method < y->method ? -1 : 1;
    if (x->variant != y->variant)
        return x->variant < y->variant ? -1 : 1;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

typedef int grid_fn(void *arg, struct grid *g);

/* Call with each grid; -1 when out of memory, or what the call returns. */
static int each_grid(const struct xb_case_group *group, grid_fn *call, void *arg)
{
    struct xb_grouped_case **cases = calloc(group->n, sizeof(struct xb_grouped_case *));
    int rc = cases ? 0 : -1;

    for (size_t i = 0; rc == 0 && i < group->n; i++)
        cases[i] = &group->c[i];
    if (rc == 0)
        qsort(cases, group->n, sizeof *cases, by_variant);
    for (size_t first = 0, last; rc == 0 && first < group->n; first = last) {
        struct grid g;
        last = first + 1;
        while (last < group->n && cases[last]->method == cases[first]->method &&
               cases[last]->variant == cases[first]->variant &&
               cases[last]->bytes == cases[first]->bytes)
            last++;
        rc = make(&cases[first], last - first, &g);
        if (rc == 0 && g.good)
            rc = call(arg, &g);
        release(&g);
    }
    free(cases);
    return rc;
}

static int mark(void *arg, struct grid *g)
{
    const struct xb_case_group *group = arg;
    struct xb_grouped_case *best = NULL;

    for (size_t i = 0; i < g->chunks.n * g->depths.n; i++) {
        struct xb_grouped_case *c = g->cell[i];
        if (!c)
            continue;
        c->marks |= XB_MARK_GRID;
        double value = xb_group_value(group, c);
        double best_value = best ? xb_group_value(group, best) : NAN;
        if (!(c->marks & XB_MARK_BAD) && isfinite(value) &&
            (!best || (group->latency ? value < best_value : value > best_value)))
            best = c;
    }
    if (best)
        best->marks |= XB_MARK_GRID_BEST;
    return 0;
}

int xb_chunk_grids_mark(struct xb_case_group *group)
{
    return each_grid(group, mark, group);
}

/* ---- and as text ---- */

const char *xb_mark_signs(unsigned marks, char buf[8])
{
    static const struct {
        unsigned mark;
        char sign;
    } signs[] = {{XB_MARK_BEST, '*'},
                 {XB_MARK_GRID_BEST, '#'},
                 {XB_MARK_NOISY, '~'},
                 {XB_MARK_SLOW, '!'},
                 {XB_MARK_BAD, 'x'}};
    size_t n = 0;

    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (marks & signs[i].mark)
            buf[n++] = signs[i].sign;
    buf[n] = '\0';
    return buf;
}

const char *xb_figure_us(double us, double unit_us, char buf[XB_CELL_LEN])
{
    const double value = us / unit_us;

    if (isfinite(value))
        snprintf(buf, XB_CELL_LEN, "%.*f",
                 value >= 1000  ? 0
                 : value >= 100 ? 1
                 : value >= 10  ? 2
                                : 3,
                 value);
    else
        snprintf(buf, XB_CELL_LEN, "-");
    return buf;
}

struct printing {
    struct xb_case_walk walk;
    const struct xb_case_group *group;
    const struct xb_page *page;
    FILE *out;
};

/* "host-staged[...], 64MiB: GB/s by chunk (rows) and depth (columns)". */
static int print_title(struct printing *p, const struct xb_grouped_case *of)
{
    const struct xb_report_case *c = xb_cases_at(&p->walk, of->place);
    char label[XB_METHOD_TEXT_LEN], size[XB_UNITS_LEN], *text = NULL;

    if (!c || asprintf(&text, "%s, %s: %s by chunk (rows) and depth (columns)",
                       xb_group_label(p->group, of, c, label),
                       xb_size_format((uint64_t)of->bytes, size),
                       p->group->latency ? "us" : "GB/s") < 0)
        return -1;
    fputc('\n', p->out);
    xb_screen_wrap(text, p->page->columns, 2, p->out);
    free(text);
    return 0;
}

static void cell_text(const struct xb_case_group *group, const struct xb_grouped_case *c,
                      char buf[XB_CELL_LEN])
{
    char figure[XB_CELL_LEN], signs[8];

    if (!c)
        snprintf(buf, XB_CELL_LEN, "-");
    else
        snprintf(buf, XB_CELL_LEN, "%.80s%s",
                 group->latency ? xb_figure_us(c->us, 1, figure)
                                : xb_format_rate(c->rate, figure),
                 xb_mark_signs(c->marks & ~(unsigned)XB_MARK_BEST, signs));
}

static int add_chunk(const struct printing *p, const struct grid *g, size_t row,
                     struct xb_table *table)
{
    char size[XB_UNITS_LEN], (*text)[XB_CELL_LEN] = calloc(g->depths.n, sizeof *text);
    const char **cells = calloc(g->depths.n + 2, sizeof *cells);
    int rc = text && cells ? 0 : -1;

    if (rc == 0) {
        cells[0] = xb_size_format((uint64_t)g->chunks.value[row], size);
        for (size_t k = 0; k < g->depths.n; k++) {
            cell_text(p->group, g->cell[row * g->depths.n + k], text[k]);
            cells[k + 1] = text[k];
        }
        rc = xb_table_add(table, cells);
    }
    free(text);
    free(cells);
    return rc;
}

static struct xb_table *new_table(const struct grid *g)
{
    char(*text)[XB_UNITS_LEN] = calloc(g->depths.n, sizeof *text);
    const char **titles = calloc(g->depths.n + 2, sizeof *titles);
    struct xb_table *table = NULL;

    if (text && titles) {
        titles[0] = ">chunk \\ depth";
        for (size_t k = 0; k < g->depths.n; k++) {
            snprintf(text[k], sizeof text[k], ".%" PRId64, g->depths.value[k]);
            titles[k + 1] = text[k];
        }
        table = xb_table_new(titles);
    }
    free(text);
    free(titles);
    return table;
}

static int print(void *arg, struct grid *g)
{
    struct printing *p = arg;
    const struct xb_table_fit fit = {.columns = p->page->columns};
    const struct xb_grouped_case *first = NULL;
    struct xb_table *table = new_table(g);
    int rc = table ? 0 : -1;

    for (size_t i = 0; !first; i++)
        first = g->cell[i];
    if (rc == 0)
        rc = print_title(p, first);
    for (size_t row = 0; rc == 0 && row < g->chunks.n; row++)
        rc = add_chunk(p, g, row, table);
    if (rc == 0)
        xb_table_print_fit(table, &fit, p->out);
    xb_table_free(table);
    return rc;
}

int xb_chunk_grids_print(const struct xb_case_groups *groups, const struct xb_case_group *group,
                         const struct xb_page *page, FILE *out)
{
    struct printing p = {
        .walk = xb_cases(groups->report), .group = group, .page = page, .out = out};
    int rc = each_grid(group, print, &p);

    return xb_cases_end(&p.walk) < 0 ? -1 : rc;
}
