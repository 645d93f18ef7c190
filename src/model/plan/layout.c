/* SPDX-License-Identifier: BSD-3-Clause */
/* layout.c - where the bytes of a transfer lie at its ends. */
#include "model/plan/layout.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

const struct xb_layout_options *xb_case_layout_options(const struct xb_case *c)
{
    if (!c->method->takes_layout)
        return NULL;
    return (const void *)(c->options.bytes + c->method->layout_at);
}

struct xb_shape xb_case_shape(const struct xb_case *c)
{
    const struct xb_layout_options *o = xb_case_layout_options(c);

    if (!o)
        return XB_ONE_PIECE;
    return (struct xb_shape){.blocks = o->blocks,
                             .stride = o->stride,
                             .rows = o->rows,
                             .plane = o->plane,
                             .order = o->order,
                             .at = o->at};
}

/* No more than the members: two options are compared byte by byte, and what lies behind the
 * last member of a struct may be anything. */
static void put_layout(struct xb_case *c, const struct xb_layout_options *o)
{
    memcpy(c->options.bytes + c->method->layout_at, o,
           offsetof(struct xb_layout_options, submission) + sizeof o->submission);
}

void xb_case_set_shape(struct xb_case *c, const struct xb_shape *shape)
{
    const struct xb_layout_options *old = xb_case_layout_options(c);

    if (!old)
        return;
    struct xb_layout_options o = {.blocks = shape->blocks,
                                  .stride = shape->stride,
                                  .rows = shape->rows,
                                  .plane = shape->plane,
                                  .order = shape->order,
                                  .at = shape->at,
                                  .submission = old->submission};
    put_layout(c, &o);
}

void xb_case_set_submission(struct xb_case *c, enum xb_submit submission)
{
    const struct xb_layout_options *old = xb_case_layout_options(c);

    if (!old)
        return;
    struct xb_layout_options o = *old;
    o.submission = (int)submission;
    put_layout(c, &o);
}

bool xb_shape_equal(const struct xb_shape *a, const struct xb_shape *b)
{
    return a->blocks == b->blocks && a->stride == b->stride && a->rows == b->rows &&
           a->plane == b->plane && a->order == b->order && a->at == b->at;
}

const char *xb_shape_format(const struct xb_shape *shape, char buf[XB_SHAPE_LEN])
{
    static const char *const ends[] = {
        [XB_BLOCKS_AT_BOTH] = "",
        [XB_BLOCKS_AT_SRC] = " at the source",
        [XB_BLOCKS_AT_DST] = " at the destination",
    };

    buf[0] = '\0';
    if (shape->blocks > 1 && shape->order == XB_ORDER_PLANES)
        snprintf(buf, XB_SHAPE_LEN, "%" PRId64 " blocks in planes of %" PRId64 "%s",
                 shape->blocks, shape->rows, ends[shape->at]);
    else if (shape->blocks > 1)
        snprintf(buf, XB_SHAPE_LEN, "%" PRId64 " %s blocks%s", shape->blocks,
                 xb_orders[shape->order], ends[shape->at]);
    return buf;
}

bool xb_case_is_submitted(const struct xb_case *c)
{
    const struct xb_layout_options *o = xb_case_layout_options(c);
    return o && (o->blocks > 1 || o->submission != XB_SUBMIT_LOOP);
}

uint64_t xb_case_block(const struct xb_case *c)
{
    const struct xb_layout_options *o = xb_case_layout_options(c);
    bool whole = o && c->bytes % (uint64_t)o->blocks == 0;

    return whole ? c->bytes / (uint64_t)o->blocks : c->bytes;
}

static uint64_t stride_of(const struct xb_case *c)
{
    const struct xb_layout_options *o = xb_case_layout_options(c);
    return o->stride > 0 ? (uint64_t)o->stride : 2 * xb_case_block(c);
}

static uint64_t plane_of(const struct xb_case *c)
{
    const struct xb_layout_options *o = xb_case_layout_options(c);
    return o->plane > 0 ? (uint64_t)o->plane : 2 * (uint64_t)o->rows * stride_of(c);
}

struct xb_layout xb_case_layout(const struct xb_case *c, bool source)
{
    const struct xb_layout_options *o = xb_case_layout_options(c);
    struct xb_error ignored;

    if (!o || o->order == XB_ORDER_CONTIGUOUS ||
        o->at == (source ? XB_BLOCKS_AT_DST : XB_BLOCKS_AT_SRC) ||
        xb_case_layout_fits(c, &ignored) != 0)
        return (struct xb_layout){0};
    bool planes = o->order == XB_ORDER_PLANES;
    return (struct xb_layout){.block = xb_case_block(c),
                              .stride = stride_of(c),
                              .scattered = o->order == XB_ORDER_SCATTERED,
                              .rows = planes ? (uint64_t)o->rows : 0,
                              .plane = planes ? plane_of(c) : 0};
}

uint64_t xb_layout_span(const struct xb_layout *layout, uint64_t bytes)
{
    if (layout->rows)
        return bytes / (layout->block * layout->rows) * layout->plane;
    return layout->block ? bytes / layout->block * layout->stride : bytes;
}

uint64_t xb_case_granule(const struct xb_case *c)
{
    const struct xb_layout_options *o = xb_case_layout_options(c);
    struct xb_error ignored;
    bool planes = o && o->order == XB_ORDER_PLANES && xb_case_layout_fits(c, &ignored) == 0;

    return xb_case_block(c) * (planes ? (uint64_t)o->rows : 1);
}

uint64_t xb_chunk_of_blocks(const struct xb_case *c, uint64_t chunk)
{
    uint64_t block = xb_case_block(c);

    return block < c->bytes && chunk < c->bytes ? (chunk + block - 1) / block * block : chunk;
}

/* Planes are of as many rows, and whole strides apart. */
static int check_planes(const struct xb_case *c, struct xb_error *err)
{
    const struct xb_layout_options *o = xb_case_layout_options(c);
    char stride[XB_UNITS_LEN], plane[XB_UNITS_LEN];

    if (o->order != XB_ORDER_PLANES && (o->rows > 0 || o->plane > 0))
        xb_fail(err,
                "rows and plane are for blocks in planes, not for the order %s: order must be "
                "planes",
                xb_orders[o->order]);
    else if (o->order == XB_ORDER_PLANES && (o->rows == 0 || o->blocks % o->rows))
        xb_fail(err,
                "%" PRId64 " blocks are not planes of %" PRId64
                " rows each, expected a multiple of that",
                o->blocks, o->rows);
    else if (o->order == XB_ORDER_PLANES &&
             (plane_of(c) % stride_of(c) || plane_of(c) / stride_of(c) < (uint64_t)o->rows))
        xb_fail(err, "a plane of %s is not %" PRId64 " or more whole strides of %s",
                xb_size_format(plane_of(c), plane), o->rows,
                xb_size_format(stride_of(c), stride));
    else
        return 0;
    return 1;
}

int xb_case_layout_fits(const struct xb_case *c, struct xb_error *err)
{
    const struct xb_layout_options *o = xb_case_layout_options(c);
    char block[XB_UNITS_LEN], stride[XB_UNITS_LEN], bytes[XB_UNITS_LEN];

    if (!o)
        return 0;
    if (o->blocks == 1 && (o->order != XB_ORDER_CONTIGUOUS || o->at != XB_BLOCKS_AT_BOTH))
        xb_fail(err, "one block lies in one piece: order and blocks_at are for several, "
                     "expected neither");
    else if (o->order == XB_ORDER_CONTIGUOUS && (o->stride > 0 || o->at != XB_BLOCKS_AT_BOTH))
        xb_fail(err, "contiguous blocks have no stride, at either end: expected no stride and "
                     "no blocks_at");
    else if (c->bytes % (uint64_t)o->blocks)
        xb_fail(err,
                "%s are not %" PRId64
                " blocks of equal size, expected a multiple of that many bytes",
                xb_size_format(c->bytes, bytes), o->blocks);
    else if (o->order != XB_ORDER_CONTIGUOUS && stride_of(c) < xb_case_block(c))
        xb_fail(err, "a stride of %s is less than a block of %s, expected at least that",
                xb_size_format(stride_of(c), stride), xb_size_format(xb_case_block(c), block));
    else if (o->submission == XB_SUBMIT_2D && o->order > XB_ORDER_STRIDED)
        xb_fail(err,
                "a 2-D copy has rows that are equally far apart, not for %s: order must be "
                "strided or contiguous",
                o->order == XB_ORDER_PLANES ? "planes of them" : "scattered blocks");
    else if (o->submission == XB_SUBMIT_3D && o->order == XB_ORDER_SCATTERED)
        xb_fail(err,
                "a 3-D copy has planes of rows, not scattered blocks: expected another order");
    else if (c->chunk > 0 && xb_case_is_submitted(c) && !(c->method->flags & XB_METHOD_CHUNKED))
        xb_fail(err,
                "blocks are submitted as they are: there is no chunk of them, expected none");
    else if (c->chunk > 0 && xb_case_is_submitted(c) && o->blocks == 1)
        xb_fail(err, "one block in chunks is copied chunk by chunk: submission is for several, "
                     "expected loop");
    else if (c->chunk > 0 && c->chunk < c->bytes && o->blocks > 1 &&
             c->chunk % xb_case_block(c))
        xb_fail(err, "a chunk of %s is not a whole number of blocks, expected a multiple of %s",
                xb_size_format(c->chunk, bytes), xb_size_format(xb_case_block(c), block));
    else
        return check_planes(c, err);
    return 1;
}
