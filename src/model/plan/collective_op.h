/* SPDX-License-Identifier: BSD-3-Clause */
/* collective_op.h - operations of a library that all ranks carry out together, as reference
 * lines for the patterns: what they move, and what each rank must hold afterwards.
 *
 * Sizes and bus bandwidth are defined as in nccl-tests (doc/PERFORMANCE.md there): with n ranks
 * the size S of a case is that of the larger of a rank's two buffers, and bus bandwidth is S *
 * factor / time, the bytes that must cross a rank's link in the best algorithm without help of
 * the network, so that it compares with the link's rate whatever n is.
 */
#ifndef XB_MODEL_PLAN_COLLECTIVE_OP_H
#define XB_MODEL_PLAN_COLLECTIVE_OP_H

#include <stdbool.h>
#include <stdint.h>

#include "model/plan/plan.h"

/* A row each: its value, its name, and what it does. */
/* clang-format off */
#define XB_COLLECTIVE_ROWS(ROW)                                                                \
    /* S bytes of each rank, added up; S bytes to each */                                      \
    ROW(XB_ALL_REDUCE, "all-reduce")                                                           \
    /* S/n bytes of each rank; all of them, in rank order, to each */                          \
    ROW(XB_ALL_GATHER, "all-gather")                                                           \
    /* S bytes of each rank, added up; the r-th S/n bytes to rank r */                         \
    ROW(XB_REDUCE_SCATTER, "reduce-scatter")                                                   \
    /* the k-th S/n bytes of each rank to rank k, in rank order */                             \
    ROW(XB_ALL_TO_ALL, "all-to-all")                                                           \
    /* S bytes of rank 0 to all others */                                                      \
    ROW(XB_BROADCAST, "broadcast")                                                             \
    /* S bytes of each rank, added up; S bytes to rank 0 */                                    \
    ROW(XB_REDUCE, "reduce")                                                                   \
    /* S/n bytes of each rank; all of them, in rank order, to rank 0 */                        \
    ROW(XB_GATHER, "gather")                                                                   \
    /* the r-th S/n bytes of rank 0 to rank r */                                               \
    ROW(XB_SCATTER, "scatter")
/* clang-format on */

#define XB_COLLECTIVE_VALUE(value, name) value,
#define XB_COLLECTIVE_NAME(value, name)  name,

enum xb_collective { XB_COLLECTIVE_NONE = -1, XB_COLLECTIVE_ROWS(XB_COLLECTIVE_VALUE) };

/* Their names in that order, each with a comma behind it, for the choices of an option. */
#define XB_COLLECTIVE_NAMES XB_COLLECTIVE_ROWS(XB_COLLECTIVE_NAME)

/* What reductions add up. A row each: its value, its name, and the bytes of one. */
/* clang-format off */
#define XB_DATATYPE_ROWS(ROW)                                                                  \
    /* modulo 2^64 */                                                                          \
    ROW(XB_DATATYPE_UINT64, "uint64", 8)                                                       \
    /* of 32 bits, as nccl-tests do unless told otherwise */                                   \
    ROW(XB_DATATYPE_FLOAT, "float", 4)
/* clang-format on */

#define XB_DATATYPE_VALUE(value, name, bytes) value,
#define XB_DATATYPE_NAME(value, name, bytes)  name,

enum xb_datatype { XB_DATATYPE_ROWS(XB_DATATYPE_VALUE) };

/* Their names in that order, each with a comma behind it, for the choices of an option. */
#define XB_DATATYPE_NAMES XB_DATATYPE_ROWS(XB_DATATYPE_NAME)

/* Ranks whose numbers are added up, at most: of so many floats sums are exact in any order, and
 * so many keys make the bytes that a sum is compared with. What is only handed around is of any
 * number of ranks. */
#define XB_SUM_RANKS 64

/* Bytes of one. */
uint64_t xb_datatype_bytes(enum xb_datatype type);

/* What a case does: the value of its method's collective_option, XB_COLLECTIVE_NONE where there
 * is none or this value is no collective. */
enum xb_collective xb_case_collective(const struct xb_case *c);

/* Does it add up what ranks bring? */
bool xb_case_reduces(const struct xb_case *c);

/* What it adds up: the value of its method's datatype_option; XB_DATATYPE_UINT64, which is how
 * words of any bytes are handed around, where it does not reduce. */
enum xb_datatype xb_case_datatype(const struct xb_case *c);

/* The kind of work of a case: a collective, or what its method does. */
enum xb_kind xb_case_kind(const struct xb_case *c);

/* Bytes that count for the bandwidth of one transfer of one lane: c->bytes; of a collective of
 * n ranks its bus bytes, S * 2(n-1)/n of an all-reduce, S of a broadcast and of a reduce, and
 * S * (n-1)/n of the others; 0 for a method that moves nothing. */
double xb_case_moved_bytes(const struct xb_case *c, int nranks);

/* A stretch of what a rank has received. */
struct xb_piece {
    uint64_t at, bytes; /* in its destination */
    uint64_t first;     /* where it begins in the sources */
    int from;           /* the rank whose bytes it holds; -1 for the sum of all ranks' */
};

/* Piece i of what `rank` of n holds after the operation on sizes of `bytes`, a multiple of 8n.
 * Sums are those of xb_case_datatype. False behind the last piece. */
bool xb_collective_piece(enum xb_collective op, uint64_t bytes, int n, int rank, int i,
                         struct xb_piece *out);

#endif
