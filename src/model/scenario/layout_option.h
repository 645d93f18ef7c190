/* SPDX-License-Identifier: BSD-3-Clause */
/* layout_option.h - the options of methods that can move many blocks: how many, where they lie,
 * and how their copies are submitted. */
#ifndef XB_MODEL_SCENARIO_LAYOUT_OPTION_H
#define XB_MODEL_SCENARIO_LAYOUT_OPTION_H

#include "base/options.h"

enum xb_order {
    XB_ORDER_CONTIGUOUS,
    XB_ORDER_STRIDED,
    XB_ORDER_SCATTERED,
    XB_ORDER_PLANES,
    XB_ORDERS
};
static const char *const xb_orders[] = {"contiguous", "strided", "scattered", "planes", NULL};

enum xb_blocks_at { XB_BLOCKS_AT_BOTH, XB_BLOCKS_AT_SRC, XB_BLOCKS_AT_DST };
static const char *const xb_blocks_at_ends[] = {"both", "src", "dst", NULL};

enum xb_submit {
    XB_SUBMIT_LOOP,
    XB_SUBMIT_BATCH,
    XB_SUBMIT_2D,
    XB_SUBMIT_3D,
    XB_SUBMIT_KERNEL,
    XB_SUBMIT_GRAPH,
    XB_SUBMIT_PACK,
    XB_SUBMIT_DATATYPE,
};
static const char *const xb_submissions[] = {"loop",  "batch", "2d",       "3d", "kernel",
                                             "graph", "pack",  "datatype", NULL};

#define XB_MOST_BLOCKS (1 << 20)          /* of one transfer */
#define XB_MOST_STRIDE (INT64_C(1) << 32) /* bytes */

/* What such a method has in its struct of options. */
struct xb_layout_options {
    int64_t blocks, stride, rows, plane;
    int order, at, submission;
};

/* Their rows, in the table of options that are a struct of that type, with a member `struct
 * xb_layout_options layout`; and what the method's spec says of it. A method that leaves the
 * submission to another one has the rows of blocks alone. */
#define XB_BLOCKS_OPTIONS(struct_of_options)                                                   \
    {.name = "blocks",                                                                         \
     .type = XB_OPTION_INT,                                                                    \
     .min = 1,                                                                                 \
     .max = XB_MOST_BLOCKS,                                                                    \
     .fallback = 1,                                                                            \
     .quiet = true,                                                                            \
     .summary = "pieces of equal size that a transfer's bytes lie in",                         \
     XB_OPTION_MEMBER(struct_of_options, layout.blocks)},                                      \
        {.name = "order",                                                                      \
         .type = XB_OPTION_ENUM,                                                               \
         .choices = xb_orders,                                                                 \
         .fallback = XB_ORDER_CONTIGUOUS,                                                      \
         .quiet = true,                                                                        \
         .summary = "where blocks lie: one behind another, apart by the stride, in places "    \
                    "drawn by the seed, or as rows of planes",                                 \
         XB_OPTION_MEMBER(struct_of_options, layout.order)},                                   \
        {.name = "stride",                                                                     \
         .type = XB_OPTION_SIZE,                                                               \
         .min = 0,                                                                             \
         .max = XB_MOST_STRIDE,                                                                \
         .fallback = 0,                                                                        \
         .quiet = true,                                                                        \
         .summary = "from one place for a block to the next; 0: two blocks",                   \
         XB_OPTION_MEMBER(struct_of_options, layout.stride)},                                  \
        {.name = "rows",                                                                       \
         .type = XB_OPTION_INT,                                                                \
         .min = 0,                                                                             \
         .max = XB_MOST_BLOCKS,                                                                \
         .fallback = 0,                                                                        \
         .quiet = true,                                                                        \
         .summary = "blocks in each plane, of the order planes",                               \
         XB_OPTION_MEMBER(struct_of_options, layout.rows)},                                    \
        {.name = "plane",                                                                      \
         .type = XB_OPTION_SIZE,                                                               \
         .min = 0,                                                                             \
         .max = XB_MOST_STRIDE,                                                                \
         .fallback = 0,                                                                        \
         .quiet = true,                                                                        \
         .summary = "from one plane to the next, in whole strides; 0: twice its rows",         \
         XB_OPTION_MEMBER(struct_of_options, layout.plane)},                                   \
    {                                                                                          \
        .name = "blocks_at", .type = XB_OPTION_ENUM, .choices = xb_blocks_at_ends,             \
        .fallback = XB_BLOCKS_AT_BOTH, .quiet = true,                                          \
        .summary = "which end the order is for; the other one is contiguous",                  \
        XB_OPTION_MEMBER(struct_of_options, layout.at)                                         \
    }
#define XB_LAYOUT_OPTIONS(struct_of_options)                                                   \
    XB_BLOCKS_OPTIONS(struct_of_options),                                                      \
    {                                                                                          \
        .name = "submission", .type = XB_OPTION_ENUM, .choices = xb_submissions,               \
        .fallback = XB_SUBMIT_LOOP, .quiet = true,                                             \
        .summary = "a copy a block, one call for a batch of copies, one 2-D or 3-D copy, a "   \
                   "kernel with a list of addresses, the loop as a graph, packed into one "    \
                   "copy, or MPI's derived datatypes",                                         \
        XB_OPTION_MEMBER(struct_of_options, layout.submission)                                 \
    }
#define XB_TAKES_LAYOUT(struct_of_options)                                                     \
    .takes_layout = true, .layout_at = offsetof(struct_of_options, layout)

#endif
