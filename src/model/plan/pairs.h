/* SPDX-License-Identifier: BSD-3-Clause */
/* pairs.h - which ranks a pattern of two ends is about, and who is busy at the same time.
 *
 * A pair is an ordered pair of ranks with a path's locality, or one rank with itself; the
 * endpoint wildcard gpu+* makes a pair for each GPU that it stands for. The pairs of one round
 * are disjoint and busy at the same time.
 *
 * | kind     | rounds                                                                       |
 * | classes  | one pair for each link class that the job has, alone, in turn; within a rank  |
 * |          | one rank of each node, all at once                                           |
 * | first    | the lowest pair                                                              |
 * | each     | every pair, alone, in turn                                                   |
 * | rounds   | every pair, in rounds of disjoint pairs by the circle method (a round robin    |
 * |          | tournament): within a node 2(n-1) rounds for n even, 2n for n odd, all nodes   |
 * |          | at once; between nodes the circle over the nodes, and for each meeting of two  |
 * |          | nodes as many shifts as the larger one has ranks, there and back; within a     |
 * |          | rank all at once                                                             |
 * | together | disjoint pairs, all at once: on a node the first rank and the second, the      |
 * |          | third and the fourth; between nodes 0 and 1, 2 and 3, rank by rank; within a   |
 * |          | rank every rank                                                              |
 * | list     | the pairs of a list, alone, in turn                                          |
 */
#ifndef XB_MODEL_PLAN_PAIRS_H
#define XB_MODEL_PLAN_PAIRS_H

#include <stddef.h>

enum xb_pairs_kind {
    XB_PAIRS_CLASSES,
    XB_PAIRS_FIRST,
    XB_PAIRS_EACH,
    XB_PAIRS_ROUNDS,
    XB_PAIRS_TOGETHER,
    XB_PAIRS_LIST,
};

/* What a scenario's case says. */
struct xb_pairs {
    enum xb_pairs_kind kind;
    int (*list)[2]; /* of XB_PAIRS_LIST: source and destination rank; the owner's */
    size_t count;
};

/* "classes", ..., "together"; "list" for a list. A constant string. */
const char *xb_pairs_name(enum xb_pairs_kind kind);

/* The kinds that have a name in scenarios, NULL-terminated, in the order of the enum. */
extern const char *const xb_pairs_names[];

/* Write the pairs as they stand in a case's id: the name, or "0-3,2-1" for a list, cut to len;
 * returns the length that it would have had. */
size_t xb_pairs_format(const struct xb_pairs *pairs, char *buf, size_t len);

#endif
