/* SPDX-License-Identifier: BSD-3-Clause */
/* chunk_blocks.c - chunks of transfers that are of many blocks. */
#include "engine/pipeline/chunk_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "model/plan/layout.h"

struct xb_chunk_blocks {
    const struct xb_transfer *t;
    const struct xb_ring *ring;
    struct xb_chunk_copier by;
    unsigned roles; /* the ends that are the transfer's, not the ring's slots */
    enum xb_submit submission;
    uint64_t block, per_chunk; /* bytes of each, and how many a chunk is */
    unsigned align;            /* see struct xb_block_list */
    struct xb_address_list src, dst;
    size_t *bytes; /* owned; of each block of a chunk */
};

static enum xb_submit submission_of(const struct xb_case *c)
{
    return (enum xb_submit)xb_case_layout_options(c)->submission;
}

int xb_chunk_blocks_probe(const struct xb_transfer *t, const struct xb_chunk_copier *by,
                          struct xb_error *err)
{
    enum xb_submit submission = submission_of(t->c);
    const char *name = xb_submissions[submission], *method = t->c->method->name;

    if (submission == XB_SUBMIT_LOOP)
        return XB_GO;
    if (by->on_host)
        xb_fail(err, "between two hosts the processor copies: submission must be loop");
    else if (submission == XB_SUBMIT_3D || submission == XB_SUBMIT_GRAPH ||
             submission == XB_SUBMIT_PACK || submission == XB_SUBMIT_DATATYPE)
        xb_fail(err, "submission %s is not for chunks: %s takes loop%s or kernel", name, method,
                by->by_kernel ? "" : ", batch, 2d");
    else if (by->by_kernel && submission != XB_SUBMIT_KERNEL)
        xb_fail(err, "submission %s is for copy engines: %s copies by kernels", name, method);
    else if (!t->device->blocks)
        xb_fail(err, "device %s copies blocks in a loop alone: submission must be loop",
                t->device->name);
    else if (submission != XB_SUBMIT_2D && !by->addresses)
        xb_fail(err,
                "submission %s is for memory that the GPU addresses: the ring's must be "
                "pinned",
                name);
    else if (submission != XB_SUBMIT_BATCH || t->device->blocks->can_batch(err) == 0)
        return XB_GO;
    return XB_SKIP;
}

void xb_chunk_blocks_needs(const struct xb_transfer *t, struct xb_needs *needs)
{
    const struct xb_layout_options *o = xb_case_layout_options(t->c);

    if (submission_of(t->c) != XB_SUBMIT_KERNEL)
        return;
    for (enum xb_role role = XB_ROLE_SRC; role <= XB_ROLE_DST; role++)
        if (t->roles & role)
            needs->device +=
                sizeof(void *) * (xb_address_list_count(t, role) + (uint64_t)o->blocks);
}

/* The slots' blocks, slot by slot. */
static int list_slots(struct xb_chunk_blocks *b, struct xb_address_list *list,
                      struct xb_error *err)
{
    list->count = b->ring->depth * b->per_chunk;
    list->host = calloc(list->count, sizeof *list->host);
    if (!list->host)
        return xb_fail(err, "out of memory");
    for (uint64_t k = 0; k < list->count; k++) {
        list->host[k] = xb_ring_slot(b->ring, k / b->per_chunk) + k % b->per_chunk * b->block;
        xb_align_to(&b->align, list->host[k]);
    }
    return 0;
}

static int list_end(struct xb_chunk_blocks *b, enum xb_role role, struct xb_error *err)
{
    struct xb_address_list *list = role == XB_ROLE_SRC ? &b->src : &b->dst;
    unsigned char *base = role == XB_ROLE_SRC ? b->t->src : b->t->dst;
    int which = (b->roles == XB_ROLE_DST ? 2 : 0) + (role == XB_ROLE_SRC ? 0 : 1);
    int rc = b->roles & role
                 ? xb_address_list_end(list, b->t, role, base, b->block, &b->align, err)
                 : list_slots(b, list, err);

    if (rc < 0 || b->by.on_host || b->submission != XB_SUBMIT_KERNEL)
        return rc;
    return xb_address_list_share(list, b->t, 0, which, err);
}

int xb_chunk_blocks_open(const struct xb_transfer *t, const struct xb_ring *ring,
                         unsigned roles, const struct xb_chunk_copier *by,
                         struct xb_chunk_blocks **out, struct xb_error *err)
{
    struct xb_chunk_blocks *b = calloc(1, sizeof *b);
    uint64_t block = xb_case_block(t->c);

    *out = NULL;
    if (!b)
        return xb_fail(err, "out of memory");
    *b = (struct xb_chunk_blocks){.t = t,
                                  .ring = ring,
                                  .by = *by,
                                  .roles = roles,
                                  .submission = submission_of(t->c),
                                  .block = block,
                                  .per_chunk = ring->chunk / block,
                                  .align = 16};
    while (block % b->align)
        b->align /= 2;
    b->bytes = calloc(b->per_chunk, sizeof *b->bytes);
    int rc = b->bytes ? 0 : xb_fail(err, "out of memory");
    for (uint64_t k = 0; rc == 0 && k < b->per_chunk; k++)
        b->bytes[k] = block;
    if (rc < 0 || list_end(b, XB_ROLE_SRC, err) < 0 || list_end(b, XB_ROLE_DST, err) < 0) {
        xb_chunk_blocks_close(b);
        return -1;
    }
    *out = b;
    return 0;
}

static struct xb_block_list list_of(const struct xb_chunk_blocks *b, uint64_t k,
                                    bool for_kernels)
{
    const struct xb_turn *turn = &b->t->turn;
    int i = xb_ring_transfer(b->ring, k);
    uint64_t at = xb_ring_offset(b->ring, k), slot = k % b->ring->depth * b->per_chunk;
    uint64_t src = b->roles & XB_ROLE_SRC ? (xb_turn_src(turn, i) + at) / b->block : slot;
    uint64_t dst = b->roles & XB_ROLE_DST ? (xb_turn_dst(turn, i) + at) / b->block : slot;
    void *const *to = for_kernels ? b->dst.gpu : b->dst.host;
    void *const *from = for_kernels ? b->src.gpu : b->src.host;

    return (struct xb_block_list){.dst = to + dst,
                                  .src = (const void *const *)(from + src),
                                  .bytes = b->bytes,
                                  .block = b->block,
                                  .count = xb_ring_chunk_bytes(b->ring, k) / b->block,
                                  .align = b->align};
}

struct xb_block_list xb_chunk_blocks_list(const struct xb_chunk_blocks *b, uint64_t k)
{
    return list_of(b, k, false);
}

void xb_block_list_copy(const struct xb_block_list *list, enum xb_stores stores)
{
    for (uint64_t i = 0; i < list->count; i++)
        xb_host_copy(list->dst[i], list->src[i], list->block, stores);
}

/* From one block of an end to the next one, where they are equally far apart. */
static uint64_t pitch_of(const struct xb_chunk_blocks *b, enum xb_role role)
{
    const struct xb_block_map *map = role == XB_ROLE_SRC ? &b->t->src_map : &b->t->dst_map;
    return b->roles & role && map->block ? map->stride : b->block;
}

int xb_chunk_blocks_start(const struct xb_chunk_blocks *b, uint64_t k, struct xb_error *err)
{
    const struct xb_device *dev = b->t->device;
    const struct xb_block_list list =
        list_of(b, k, b->submission == XB_SUBMIT_KERNEL && !b->by.on_host);
    int rc = 0;

    if (b->by.on_host) {
        xb_block_list_copy(&list, b->by.stores);
        return 0;
    }
    if (b->submission == XB_SUBMIT_KERNEL)
        return dev->blocks->kernel(&list, b->by.sms, b->by.stream, err);
    if (b->submission == XB_SUBMIT_BATCH)
        return dev->blocks->batch(&list, b->by.stream, err);
    if (b->submission == XB_SUBMIT_2D)
        return dev->blocks->rows(&(struct xb_rows){.dst = list.dst[0],
                                                   .src = list.src[0],
                                                   .dst_pitch = pitch_of(b, XB_ROLE_DST),
                                                   .src_pitch = pitch_of(b, XB_ROLE_SRC),
                                                   .width = list.block,
                                                   .height = list.count},
                                 b->by.stream, err);
    for (uint64_t i = 0; rc == 0 && i < list.count; i++)
        rc = b->by.by_kernel
                 ? dev->launch_copy(list.dst[i], list.src[i], list.block, 1, b->by.sms,
                                    b->by.stream, err)
                 : dev->copy(list.dst[i], list.src[i], list.block, b->by.stream, err);
    return rc;
}

void xb_chunk_blocks_close(struct xb_chunk_blocks *b)
{
    if (!b)
        return;
    xb_address_list_free(&b->src, b->t);
    xb_address_list_free(&b->dst, b->t);
    free(b->bytes);
    free(b);
}
