/* SPDX-License-Identifier: BSD-3-Clause */
/* xfer_blocks.c - where the blocks of a transfer lie in the caller's buffers.
 *
 * What is equally far apart becomes rows, rows that come again planes, and rows without a gap
 * one piece, however the caller has said it: rules for blocks are about where these lie. */
#include "library/xfer_internal.h"

#include <inttypes.h>
#include <stdlib.h>

/* From one row of a copy to the next one, at most: cudaDeviceProp.memPitch of all GPUs. Blocks
 * that are further apart are scattered. */
#define MOST_PITCH INT32_MAX

_Static_assert(XFER_MOST_BLOCKS == XB_MOST_BLOCKS, "as many as the engine takes");

/* The blocks of one end. */
struct row {
    const char *name; /* of the end */
    struct xb_xfer_end *end;
    uint64_t count, block;
    uint64_t first, stride; /* from the end's offset on, where there is no list */
    const uint64_t *at;     /* NULL for none */
    uint64_t rows;          /* of a list of planes: in each, a stride apart; else 0 */
};

/* Where a block begins in memory. */
struct begin {
    uintptr_t at;
    uint64_t k; /* which it is */
};

static uint64_t offset_of(const struct row *r, uint64_t k)
{
    return r->at ? r->at[k] : r->first + k * r->stride;
}

static int check_stride(const struct row *r, struct xb_error *err)
{
    if (r->at && r->stride)
        return xb_fail(err,
                       "found a distance of %" PRIu64
                       " bytes and a list of the blocks of %s, expected one of them",
                       r->stride, r->name);
    if (!r->at && r->stride < r->block)
        return xb_fail(err,
                       "found blocks of %" PRIu64 " bytes that are %" PRIu64
                       " apart at %s, expected no overlap",
                       r->block, r->stride, r->name);
    return 0;
}

/* Does each block end within the buffer? */
static int check_reach(const struct row *r, struct xb_error *err)
{
    const struct xb_xfer_end *e = r->end;
    uint64_t room = e->offset <= e->buffer_bytes ? e->buffer_bytes - e->offset : 0, k = 0;
    bool some = e->offset <= e->buffer_bytes && r->block <= room;

    if (r->at)
        while (some && k < r->count && r->at[k] <= room - r->block)
            k++;
    else if (some)
        k = r->stride == 0 || (room - r->block) / r->stride >= r->count
                ? r->count
                : (room - r->block) / r->stride + 1;
    if (k >= r->count && e->offset <= e->buffer_bytes)
        return 0;
    return xb_fail(
        err,
        "found block %" PRIu64 " of %" PRIu64 " bytes, %" PRIu64 " behind offset %" PRIu64
        " of %s, expected it to end within its %" PRIu64 " bytes",
        k, r->block, r->count ? offset_of(r, k) : 0, e->offset, r->name, e->buffer_bytes);
}

/* A list of blocks that are equally far apart, in their order, says no more than that
 * distance. */
static void take_distance(struct row *r)
{
    if (!r->at)
        return;
    uint64_t stride = r->count > 1 && r->at[1] > r->at[0] ? r->at[1] - r->at[0] : r->block;

    for (uint64_t k = 1; k < r->count; k++)
        if (stride < r->block || r->at[k] < r->at[k - 1] || r->at[k] - r->at[k - 1] != stride)
            return;
    r->first = r->at[0];
    r->stride = stride;
    r->at = NULL;
}

/* A list may be of planes, all alike, of rows that are equally far apart: whole strides lie
 * between two planes too, as a 3-D copy has them. */
static void find_planes(struct row *r)
{
    uint64_t rows = 1;

    if (!r->at || r->at[1] <= r->at[0] || r->at[1] - r->at[0] < r->block)
        return;
    uint64_t stride = r->at[1] - r->at[0];
    while (rows < r->count && r->at[rows] > r->at[rows - 1] &&
           r->at[rows] - r->at[rows - 1] == stride)
        rows++;
    if (rows == r->count || r->count % rows || r->at[rows] < r->at[rows - 1])
        return;
    uint64_t plane = r->at[rows] - r->at[0];
    if (plane % stride || plane / stride < rows)
        return;
    for (uint64_t k = rows; k < r->count; k++)
        if (r->at[k] < r->at[k - rows] || r->at[k] - r->at[k - rows] != plane)
            return;
    r->rows = rows;
    r->stride = stride;
}

static int by_address(const void *a, const void *b)
{
    const struct begin *p = a, *q = b;
    return p->at < q->at ? -1 : p->at > q->at;
}

/* Sorted by address, as many are already; the caller frees. NULL when out of memory. */
static struct begin *sort(const struct row *r)
{
    struct begin *begins = malloc(r->count * sizeof *begins);
    bool sorted = true;

    for (uint64_t k = 0; begins && k < r->count; k++) {
        begins[k] = (struct begin){
            (uintptr_t)r->end->ptr + (uintptr_t)(r->end->offset + offset_of(r, k)), k};
        sorted = sorted && (k == 0 || begins[k].at >= begins[k - 1].at);
    }
    if (begins && !sorted)
        qsort(begins, r->count, sizeof *begins, by_address);
    return begins;
}

/* From the first byte of all blocks to behind the last one. */
static void span_of(const struct row *r, uintptr_t *first, uintptr_t *end)
{
    uint64_t low = offset_of(r, 0), high = offset_of(r, r->count - 1);

    for (uint64_t k = 0; r->at && k < r->count; k++) {
        low = r->at[k] < low ? r->at[k] : low;
        high = r->at[k] > high ? r->at[k] : high;
    }
    *first = (uintptr_t)r->end->ptr + (uintptr_t)(r->end->offset + low);
    *end = (uintptr_t)r->end->ptr + (uintptr_t)(r->end->offset + high + r->block);
}

static bool is_elsewhere(const struct row *a, const struct row *b)
{
    uintptr_t a_first, a_end, b_first, b_end;

    span_of(a, &a_first, &a_end);
    span_of(b, &b_first, &b_end);
    return a_end <= b_first || b_end <= a_first;
}

/* Each byte of the destination is written once, */
static int check_apart(const struct row *r, const struct begin *to, struct xb_error *err)
{
    for (uint64_t i = 1; i < r->count; i++)
        if (to[i].at - to[i - 1].at < r->block)
            return xb_fail(
                err,
                "found block %" PRIu64 " of %s within %" PRIu64 " bytes of block %" PRIu64
                ", expected no overlap of %" PRIu64 " bytes each",
                to[i].k, r->name, (uint64_t)(to[i].at - to[i - 1].at), to[i - 1].k, r->block);
    return 0;
}

/* and none of the source. */
static int check_disjoint(const struct row *dst, const struct begin *to, const struct row *src,
                          const struct begin *from, struct xb_error *err)
{
    for (uint64_t i = 0, j = 0; i < dst->count && j < src->count;) {
        if (to[i].at + dst->block <= from[j].at)
            i++;
        else if (from[j].at + src->block <= to[i].at)
            j++;
        else
            return xb_fail(err,
                           "found block %" PRIu64
                           " of the destination that overlaps block %" PRIu64
                           " of the source, expected none",
                           to[i].k, from[j].k);
    }
    return 0;
}

/* Blocks are sorted only where it cannot be told without. */
static int check_overlaps(const struct row *dst, const struct row *src, struct xb_error *err)
{
    bool apart = is_elsewhere(dst, src);

    if (apart && !dst->at)
        return 0;
    struct begin *to = sort(dst), *from = apart ? NULL : sort(src);
    int rc = to && (from || apart) ? 0 : xb_fail(err, "out of memory");
    if (rc == 0)
        rc = check_apart(dst, to, err);
    if (rc == 0 && !apart)
        rc = check_disjoint(dst, to, src, from, err);
    free(to);
    free(from);
    return rc;
}

static bool is_one_piece(const struct row *r)
{
    return !r->at && r->stride == r->block;
}

static void lay(const struct row *r)
{
    if (r->at) {
        r->end->map = (struct xb_block_map){.block = r->block, .stride = 1, .place = r->at};
        return;
    }
    r->end->offset += r->first;
    if (!is_one_piece(r))
        r->end->map = (struct xb_block_map){.block = r->block, .stride = r->stride};
}

/* Is the end one of rows, or of planes with so many of them? */
static bool has_rows(const struct row *r, uint64_t rows)
{
    return r->stride <= MOST_PITCH && (!r->at || (rows > 0 && r->rows == rows));
}

static struct xb_shape shape_of(const struct row *dst, const struct row *src)
{
    uint64_t rows = dst->rows ? dst->rows : src->rows;
    bool regular = has_rows(dst, rows) && has_rows(src, rows);

    if (is_one_piece(dst) && is_one_piece(src))
        return XB_ONE_PIECE;
    return (struct xb_shape){.blocks = (int64_t)dst->count,
                             .rows = regular ? (int64_t)rows : 0,
                             .order = !regular ? XB_ORDER_SCATTERED
                                      : rows   ? XB_ORDER_PLANES
                                               : XB_ORDER_STRIDED,
                             .at = is_one_piece(dst)   ? XB_BLOCKS_AT_SRC
                                   : is_one_piece(src) ? XB_BLOCKS_AT_DST
                                                       : XB_BLOCKS_AT_BOTH};
}

/* One block is one piece, however far away another one would be; and 0 is none between two. */
static uint64_t stride_of(const struct xfer_blocks *blocks, uint64_t given)
{
    return given == 0 || blocks->count == 1 ? blocks->bytes : given;
}

int xb_xfer_blocks_lay(const struct xfer_blocks *blocks, struct xb_xfer_move *move,
                       struct xb_error *err)
{
    const struct row empty = {.count = blocks->count, .block = blocks->bytes};
    struct row dst = empty, src = empty;

    dst.name = "the destination";
    src.name = "the source";
    dst.end = &move->dst;
    src.end = &move->src;
    dst.at = blocks->dst_at;
    src.at = blocks->src_at;
    dst.stride = dst.at ? blocks->dst_stride : stride_of(blocks, blocks->dst_stride);
    src.stride = src.at ? blocks->src_stride : stride_of(blocks, blocks->src_stride);
    if (blocks->count > XFER_MOST_BLOCKS)
        return xb_fail(err, "found %" PRIu64 " blocks, expected %d at most", blocks->count,
                       XFER_MOST_BLOCKS);
    if (check_stride(&dst, err) < 0 || check_stride(&src, err) < 0 ||
        check_reach(&dst, err) < 0 || check_reach(&src, err) < 0)
        return -1;
    move->shape = XB_ONE_PIECE;
    if (blocks->count == 0 || blocks->bytes == 0)
        return 0;
    take_distance(&dst);
    take_distance(&src);
    find_planes(&dst);
    find_planes(&src);
    if (check_overlaps(&dst, &src, err) < 0)
        return -1;
    move->bytes = blocks->count * blocks->bytes;
    move->shape = shape_of(&dst, &src);
    lay(&dst);
    lay(&src);
    return 0;
}
