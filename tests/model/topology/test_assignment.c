/* SPDX-License-Identifier: BSD-3-Clause */
/* test_assignment.c - the cheapest assignment, against trying them all. */
#include "model/topology/assignment.h"

#include <stdint.h>

#include "tests/tap.h"

#define MAX_COLS 6

/* A fixed pseudo-random sequence, so that a failure comes back. */
static uint64_t next_random(void)
{
    static uint64_t state = 1;

    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33;
}

/* The least cost of the rows from row on, when the columns in taken are gone. */
static int64_t cheapest(size_t rows, size_t cols, const int64_t *cost, size_t row,
                        unsigned taken)
{
    int64_t best = INT64_MAX;

    if (row == rows)
        return 0;
    for (size_t j = 0; j < cols; j++) {
        if (taken & (1u << j))
            continue;
        int64_t sum =
            cost[row * cols + j] + cheapest(rows, cols, cost, row + 1, taken | (1u << j));
        if (sum < best)
            best = sum;
    }
    return best;
}

/* The cost of an answer; -1 where two rows have one column. */
static int64_t cost_of(size_t rows, size_t cols, const int64_t *cost, const size_t *column_of)
{
    unsigned taken = 0;
    int64_t sum = 0;

    for (size_t i = 0; i < rows; i++) {
        if (column_of[i] >= cols || (taken & (1u << column_of[i])))
            return -1;
        taken |= 1u << column_of[i];
        sum += cost[i * cols + column_of[i]];
    }
    return sum;
}

static void test_all_shapes(void)
{
    int64_t cost[MAX_COLS * MAX_COLS];

    for (size_t cols = 1; cols <= MAX_COLS; cols++) {
        for (size_t rows = 1; rows <= cols; rows++) {
            size_t column_of[MAX_COLS], wrong = 0;
            for (int round = 0; round < 50; round++) {
                for (size_t k = 0; k < rows * cols; k++)
                    cost[k] = (int64_t)(next_random() % (round % 2 ? 4 : 1000));
                if (xb_assignment_solve(rows, cols, cost, column_of, NULL) ||
                    cost_of(rows, cols, cost, column_of) != cheapest(rows, cols, cost, 0, 0))
                    wrong++;
            }
            char name[64];
            snprintf(name, sizeof name, "%zu rows, %zu columns", rows, cols);
            is_int((long long)wrong, 0, name);
        }
    }
}

static void test_no_rows(void)
{
    int64_t cost = 7;
    size_t column_of = 42;

    is_int(xb_assignment_solve(0, 1, &cost, &column_of, NULL), 0, "no rows");
    is_int((long long)column_of, 42, "nothing written");
}

int main(void)
{
    test_all_shapes();
    test_no_rows();
    return done_testing();
}
