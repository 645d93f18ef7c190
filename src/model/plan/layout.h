/* SPDX-License-Identifier: BSD-3-Clause */
/* layout.h - where the bytes of a transfer lie at its ends: in one piece, or in blocks.
 *
 * Example: 4 KiB in 4 blocks, strided, has blocks of 1 KiB that begin 2 KiB apart, with 1 KiB
 * between them that no transfer touches. In planes of 2 rows the third of them begins 8 KiB
 * behind the first. All is pure.
 */
#ifndef XB_MODEL_PLAN_LAYOUT_H
#define XB_MODEL_PLAN_LAYOUT_H

#include "model/plan/plan.h"
#include "model/scenario/layout_option.h"

/* One end. Its buffer is a row of places, `stride` bytes apart, and a block fills the first
 * bytes of one. */
struct xb_layout {
    uint64_t block, stride; /* bytes, block <= stride; block 0: the end is one piece */
    bool scattered;         /* block k is not in place k */
    uint64_t rows;          /* blocks in each plane; 0: no planes */
    uint64_t plane;         /* from one plane to the next, in bytes; whole strides */
};

/* How the bytes of a transfer lie at its ends, whichever method moves them. One piece is one
 * block, contiguous, at both ends. */
struct xb_shape {
    int64_t blocks, stride; /* how many; bytes from one place to the next, 0: two blocks */
    int64_t rows, plane;    /* of planes: blocks in each, and bytes from one to the next, 0:
                               twice the rows */
    int order, at;          /* enum xb_order, enum xb_blocks_at */
};
#define XB_ONE_PIECE ((struct xb_shape){.blocks = 1})

/* The shape that a case's options say; one piece of a method that does not take blocks. */
struct xb_shape xb_case_shape(const struct xb_case *c);

/* Let the case's bytes lie so, and its copies be submitted as they are; a method that does not
 * take blocks is left as it is. */
void xb_case_set_shape(struct xb_case *c, const struct xb_shape *shape);

/* Have the case's copies submitted so; a method that does not take blocks is left as it is. */
void xb_case_set_submission(struct xb_case *c, enum xb_submit submission);

bool xb_shape_equal(const struct xb_shape *a, const struct xb_shape *b);

/* "1024 strided blocks", "64 contiguous blocks", "16 scattered blocks at the source", "" of one
 * piece, into buf, which is returned. */
#define XB_SHAPE_LEN 80
const char *xb_shape_format(const struct xb_shape *shape, char buf[XB_SHAPE_LEN]);

/* What a case's options say; NULL for a method that does not take blocks. They live as long as
 * the case. */
const struct xb_layout_options *xb_case_layout_options(const struct xb_case *c);

/* Is the case one whose copies are submitted block by block, or in another way than as one
 * copy? Then the method's usual way of copying has no part in it. */
bool xb_case_is_submitted(const struct xb_case *c);

/* Bytes of a block; of the whole transfer where it is one piece. */
uint64_t xb_case_block(const struct xb_case *c);

/* How the source lies, or the destination. A case that does not fit is one piece. */
struct xb_layout xb_case_layout(const struct xb_case *c, bool source);

/* Bytes of memory that so many bytes of an end take up; they are whole blocks, and whole planes
 * where there are some. */
uint64_t xb_layout_span(const struct xb_layout *layout, uint64_t bytes);

/* The smallest part of a transfer that lies as the whole does: a block, a plane of blocks, or
 * all bytes of one piece. */
uint64_t xb_case_granule(const struct xb_case *c);

/* A chunk of this many bytes in whole blocks of a case, as many as it takes: that of the case's
 * options, or all of it. */
uint64_t xb_chunk_of_blocks(const struct xb_case *c, uint64_t chunk);

/* Can blocks lie so: as many bytes in each, a stride that is no smaller, a 2-D copy that has
 * rows, no chunk besides, or of a method that needs chunks one of whole blocks? 0, or 1 with
 * the reason. */
int xb_case_layout_fits(const struct xb_case *c, struct xb_error *err);

#endif
