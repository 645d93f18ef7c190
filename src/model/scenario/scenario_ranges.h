/* SPDX-License-Identifier: BSD-3-Clause */
/* scenario_ranges.h - reading the lists of values that a scenario's cases range over. */
#ifndef XB_MODEL_SCENARIO_SCENARIO_RANGES_H
#define XB_MODEL_SCENARIO_SCENARIO_RANGES_H

#include "model/scenario/scenario.h"

/* Each of these reads a value or a list of values (and, but for offsets, ranges) into a new
 * array of at least one and at most XB_LIST_MAX entries that the caller frees. They return 0,
 * or -1 with file, line, path and what was expected; then nothing is allocated. */

/* Sizes of at least one byte. */
int xb_read_sizes(const struct xb_node *node, uint64_t **out, size_t *count,
                  struct xb_error *err);

/* Offsets, which may be 0. */
int xb_read_offsets(const struct xb_node *node, uint64_t **out, size_t *count,
                    struct xb_error *err);

/* Whole numbers from 1 to XB_IN_FLIGHT_MAX. */
int xb_read_counts(const struct xb_node *node, int64_t **out, size_t *count,
                   struct xb_error *err);

/* A key of a group that is one of some names, or a list of them, as their numbers; the first
 * name's where the key is not there. The array is the caller's, also after a failure. */
int xb_read_names(const struct xb_node *group_node, const char *key, const char *const *names,
                  int64_t **out, size_t *count, struct xb_error *err);

/* Chunks for transfers of these sizes; every size gets at least one. */
int xb_read_chunks(const struct xb_node *node, const uint64_t *sizes, size_t nsizes,
                   struct xb_chunk_term **out, size_t *count, struct xb_error *err);

/* One chunk: a size, "size" or "size/N". */
int xb_read_chunk(const struct xb_node *node, struct xb_chunk_term *out, struct xb_error *err);

/* Fail unless the node is an array with 1 to XB_LIST_MAX elements. */
int xb_expect_list(const struct xb_node *node, struct xb_error *err);

/* Elements of a node that holds a value or a list of values: 1, or the number of the list's
 * elements, which may be 0. xb_value_at gives element i. */
size_t xb_value_count(const struct xb_node *node);
struct xb_node xb_value_at(const struct xb_node *node, size_t i);

#endif
