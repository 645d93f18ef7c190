/* SPDX-License-Identifier: BSD-3-Clause */
/* xfer_call.c - the arguments of the last transfer, for which its lane is kept. */
#include "library/xfer_internal.h"

#include <stdlib.h>
#include <string.h>

static bool same_list(const uint64_t *a, const uint64_t *b, uint64_t count)
{
    return a == b || (a && b && memcmp(a, b, count * sizeof *a) == 0);
}

bool xb_xfer_same_call(const struct xb_xfer_call *a, const struct xb_xfer_call *b)
{
    const struct xfer_blocks *p = &a->blocks, *q = &b->blocks;

    return a->dst.buffer == b->dst.buffer && a->dst.offset == b->dst.offset &&
           a->src.buffer == b->src.buffer && a->src.offset == b->src.offset &&
           p->count == q->count && p->bytes == q->bytes && p->dst_stride == q->dst_stride &&
           p->src_stride == q->src_stride && same_list(p->dst_at, q->dst_at, p->count) &&
           same_list(p->src_at, q->src_at, p->count);
}

void xb_xfer_forget_call(struct xfer *x)
{
    xb_xfer_lane_close(&x->lane, false);
    free((void *)x->last.blocks.dst_at);
    free((void *)x->last.blocks.src_at);
    memset(&x->last, 0, sizeof x->last);
}

/* Copy a list of the caller's, which the map of its end may point to. 0 or -1. */
static int keep_list(const uint64_t *list, uint64_t count, const uint64_t **out,
                     struct xb_block_map *map, struct xb_error *err)
{
    uint64_t *own = list ? malloc(count * sizeof *own) : NULL;

    *out = own;
    if (!list)
        return 0;
    if (!own)
        return xb_fail(err, "out of memory");
    memcpy(own, list, count * sizeof *own);
    if (map->place)
        map->place = own;
    return 0;
}

int xb_xfer_keep_call(struct xfer *x, const struct xb_xfer_call *call,
                      struct xb_xfer_move *move, struct xb_error *err)
{
    struct xfer_blocks *own = &x->last.blocks;
    const struct xfer_blocks *blocks = &call->blocks;

    xb_xfer_forget_call(x);
    x->last = *call;
    own->dst_at = own->src_at = NULL;
    return keep_list(blocks->dst_at, blocks->count, &own->dst_at, &move->dst.map, err) < 0
               ? -1
               : keep_list(blocks->src_at, blocks->count, &own->src_at, &move->src.map, err);
}
