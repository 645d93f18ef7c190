/* SPDX-License-Identifier: BSD-3-Clause */
/* assignment.c - the cheapest assignment of rows to columns: the Hungarian method.
 *
 * Rows enter one at a time, each by the shortest augmenting path (Dijkstra's, on costs that
 * the potentials keep from going negative), so what is held is always cheapest for the rows so
 * far. Column 0 is where a new row starts; real rows and columns count from 1.
 */
#include "model/topology/assignment.h"

#include <stdbool.h>
#include <stdlib.h>

struct solver {
    size_t rows, cols;
    const int64_t *cost;
    int64_t *row_potential, *col_potential; /* cost - both >= 0, 0 on what is assigned */
    int64_t *distance;                      /* to each column, from the new row */
    size_t *row_of;                         /* the column's row, 0 while it is free */
    size_t *came_from;                      /* the column before it on the shortest path */
    bool *reached;
};

static void solver_free(struct solver *s)
{
    free(s->row_potential);
    free(s->col_potential);
    free(s->distance);
    free(s->row_of);
    free(s->came_from);
    free(s->reached);
}

/* What a failure leaves is for solver_free as well. */
static int solver_init(struct solver *s, size_t rows, size_t cols, const int64_t *cost,
                       struct xb_error *err)
{
    *s = (struct solver){
        .rows = rows,
        .cols = cols,
        .cost = cost,
        .row_potential = calloc(rows + 1, sizeof *s->row_potential),
        .col_potential = calloc(cols + 1, sizeof *s->col_potential),
        .distance = calloc(cols + 1, sizeof *s->distance),
        .row_of = calloc(cols + 1, sizeof *s->row_of),
        .came_from = calloc(cols + 1, sizeof *s->came_from),
        .reached = calloc(cols + 1, sizeof *s->reached),
    };
    if (s->row_potential && s->col_potential && s->distance && s->row_of && s->came_from &&
        s->reached)
        return 0;
    return xb_fail(err, "out of memory for an assignment of %zu to %zu", rows, cols);
}

/* Shorten the ways to the unreached columns over one just reached; the nearest of them. */
static size_t relax(struct solver *s, size_t column)
{
    size_t row = s->row_of[column], nearest = 0;

    for (size_t j = 1; j <= s->cols; j++) {
        if (s->reached[j])
            continue;
        int64_t step =
            s->cost[(row - 1) * s->cols + j - 1] - s->row_potential[row] - s->col_potential[j];
        if (step < s->distance[j]) {
            s->distance[j] = step;
            s->came_from[j] = column;
        }
        if (nearest == 0 || s->distance[j] < s->distance[nearest])
            nearest = j;
    }
    return nearest;
}

/* Move the potentials so that the way to the nearest column costs nothing. */
static void shift_potentials(struct solver *s, int64_t delta)
{
    for (size_t j = 0; j <= s->cols; j++) {
        if (s->reached[j]) {
            s->row_potential[s->row_of[j]] += delta;
            s->col_potential[j] -= delta;
        } else {
            s->distance[j] -= delta;
        }
    }
}

static void add_row(struct solver *s, size_t row)
{
    size_t column = 0;

    for (size_t j = 0; j <= s->cols; j++) {
        s->distance[j] = INT64_MAX;
        s->reached[j] = false;
    }
    s->row_of[0] = row;
    do {
        s->reached[column] = true;
        size_t nearest = relax(s, column);
        shift_potentials(s, s->distance[nearest]);
        column = nearest;
    } while (s->row_of[column] != 0);
    while (column != 0) {
        size_t before = s->came_from[column];
        s->row_of[column] = s->row_of[before];
        column = before;
    }
}

int xb_assignment_solve(size_t rows, size_t cols, const int64_t *cost, size_t *column_of,
                        struct xb_error *err)
{
    struct solver s;
    int rc = solver_init(&s, rows, cols, cost, err);

    for (size_t row = 1; rc == 0 && row <= rows; row++)
        add_row(&s, row);
    for (size_t j = 1; rc == 0 && j <= cols; j++)
        if (s.row_of[j] != 0)
            column_of[s.row_of[j] - 1] = j - 1;
    solver_free(&s);
    return rc;
}
