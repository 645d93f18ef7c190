/* SPDX-License-Identifier: BSD-3-Clause */
/* assignment.h - the cheapest way to give each row a column of its own. */
#ifndef XB_MODEL_TOPOLOGY_ASSIGNMENT_H
#define XB_MODEL_TOPOLOGY_ASSIGNMENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Find for each of rows its own column so that the sum of cost[row * cols + column] is least,
 * and write it to column_of[rows]. The same input gives the same answer. rows must not exceed
 * cols; a column that a row must not take has a cost that no sum of allowed ones reaches. No
 * sum may overflow 62 bits. O(rows^2 * cols). Fails only when out of memory. */
int xb_assignment_solve(size_t rows, size_t cols, const int64_t *cost, size_t *column_of,
                        struct xb_error *err);

#endif
