/* SPDX-License-Identifier: BSD-3-Clause */
/* p2p.c - GPU to GPU of a node: the copy engine or a kernel of one of them writes (push) or
 * reads (pull) the other's memory, which another rank has exported or which is this rank's as
 * well.
 *
 * With engine sm, a pingpong between two ranks is left to two resident kernels that write into
 * each other's inbox; each lane has its inbox at its destination. */
#include "engine/methods/method.h"
#include "engine/methods/p2p_spec.h"

#include <stdlib.h>
#include <string.h>

#include "engine/methods/nccl_mapping.h"
#include "engine/pipeline/pieces.h"
#include "engine/pipeline/submission.h"

struct p2p {
    const struct xb_transfer *t;
    bool mover, by_kernel;
    struct xb_mem remote;              /* the other rank's buffer, on the mover, or its inbox */
    struct xb_mem inbox;               /* of a resident lane, on its destination */
    struct xb_nccl_mapping *by_nccl;   /* in place of a handle */
    struct xb_nccl_mapping_card offer; /* of the memory's owner, for that */
    unsigned char *dst, *src;          /* of the copy, on the mover */
    struct xb_pieces pieces;           /* on the mover */
    struct xb_submission *blocks;      /* the same, where a transfer is not one copy */
};

struct p2p_card {
    union {
        struct xb_mem_handle handle;
        struct xb_nccl_mapping_card offer;
    };
    uint64_t offset; /* of the transfer's first byte in that memory */
};

static bool is_push(const struct xb_case *c)
{
    const struct xb_p2p_options *o = xb_case_options(c);
    return o->side == XB_P2P_PUSH;
}

static enum xb_mover p2p_mover(const struct xb_case *c)
{
    return is_push(c) ? XB_MOVER_SRC : XB_MOVER_DST;
}

static bool by_kernel(const struct xb_case *c)
{
    const struct xb_p2p_options *o = xb_case_options(c);
    return o->engine == XB_P2P_SM;
}

static bool is_mapped_by_nccl(const struct xb_case *c)
{
    const struct xb_p2p_options *o = xb_case_options(c);
    return o->mapping == XB_P2P_NCCL;
}

static bool p2p_is_resident(const struct xb_case *c)
{
    return by_kernel(c) && c->path.locality == XB_NODE &&
           c->pattern->metric == XB_METRIC_LATENCY;
}

/* The GPU whose engine works: within a rank it may be another than the bound one. */
static int p2p_gpu(const struct xb_transfer *t)
{
    if (t->lane->path.locality != XB_SELF)
        return 0;
    return is_push(t->c) ? t->lane->path.src.index : t->lane->path.dst.index;
}

static int probe_resident(const struct xb_transfer *t, struct xb_error *err)
{
    const struct xb_case *c = t->c;

    if (!t->device->resident)
        xb_fail(err, "device %s has no kernels that stay resident", t->device->name);
    else if (!is_push(c))
        xb_fail(err, "resident kernels push: side must be push");
    else if (t->session->ranks[t->lane->src_rank].place.sharers > 1)
        xb_fail(err,
                "two ranks on one GPU take turns, and resident kernels would wait for ever");
    else if (xb_case_is_submitted(c))
        xb_fail(err, "resident kernels exchange whole messages: blocks must be 1");
    else if (is_mapped_by_nccl(c))
        xb_fail(err, "resident kernels write into an inbox: mapping must be handle");
    else if (c->chunk > 0)
        xb_fail(err, "resident kernels exchange whole messages, not chunks: expected no chunk");
    else if (c->bytes % 8 || c->src_offset % 8 || c->dst_offset % 8)
        xb_fail(err, "resident kernels exchange multiples of 8 bytes at offsets that are such");
    else
        return XB_GO;
    return XB_SKIP;
}

static int probe_sms(const struct xb_transfer *t, struct xb_error *err)
{
    const struct xb_p2p_options *o = xb_case_options(t->c);

    if (o->sms == 0)
        return XB_GO;
    if (!by_kernel(t->c))
        xb_fail(err, "sms is about kernels, and engine ce has none: sms must be 0");
    else if (p2p_is_resident(t->c))
        xb_fail(err, "resident kernels have one multiprocessor: sms must be 0");
    else
        return xb_method_has_sms(t, p2p_gpu(t), o->sms, err);
    return XB_SKIP;
}

static int sms_of(const struct xb_case *c)
{
    const struct xb_p2p_options *o = xb_case_options(c);
    return (int)o->sms;
}

static struct xb_submitter submitter_of(const struct xb_transfer *t)
{
    return (struct xb_submitter){.gpu = p2p_gpu(t),
                                 .addresses = true,
                                 .by_kernel = by_kernel(t->c),
                                 .sms = sms_of(t->c)};
}

/* Copies by the copy engine are submitted in all ways that need no kernel; kernels are launched
 * for each block or for all. Nobody unpacks at the other end. */
static int probe_blocks(const struct xb_transfer *t, struct xb_error *err)
{
    const struct xb_submitter by = submitter_of(t);
    int64_t way = xb_case_layout_options(t->c)->submission;

    if (!xb_case_is_submitted(t->c))
        return XB_GO;
    if (by.by_kernel && way != XB_SUBMIT_LOOP && way != XB_SUBMIT_KERNEL)
        xb_fail(err, "engine sm submits blocks by a kernel or a loop of kernels, not by %s",
                xb_submissions[way]);
    else if (!by.by_kernel && way == XB_SUBMIT_KERNEL)
        xb_fail(err, "submission kernel is done by multiprocessors: engine must be sm");
    else if (way == XB_SUBMIT_PACK)
        xb_fail(err, "one GPU does all of a transfer, so nobody unpacks at the other: "
                     "submission must be another");
    else
        return xb_submission_probe(t, &by, err);
    return XB_SKIP;
}

static int probe_mapping(const struct xb_transfer *t, struct xb_error *err)
{
    if (!is_mapped_by_nccl(t->c))
        return XB_GO;
    if (t->lane->path.locality != XB_SELF)
        return xb_nccl_mapping_probe(t, err);
    xb_fail(err, "within a rank nothing is mapped by NCCL: mapping must be handle");
    return XB_SKIP;
}

static int p2p_probe(const struct xb_transfer *t, struct xb_error *err)
{
    const struct xb_path *path = &t->lane->path;
    bool within = path->locality == XB_SELF;
    int rc = xb_method_supports(t, err);
    if (rc == XB_GO)
        rc = probe_sms(t, err);
    if (rc == XB_GO)
        rc = probe_blocks(t, err);
    if (rc == XB_GO)
        rc = probe_mapping(t, err);
    if (rc != XB_GO)
        return rc;
    if (within) /* both ways, since either GPU may be the one that works */
        return t->device->peer_enable(path->src.index, path->dst.index, err) ||
                       t->device->peer_enable(path->dst.index, path->src.index, err)
                   ? XB_SKIP
                   : XB_GO;
    const struct xb_rank_info *ranks = t->session->ranks;
    int other = t->roles & XB_ROLE_SRC ? t->lane->dst_rank : t->lane->src_rank;
    struct xb_gpu_key key = xb_place_key(&ranks[other].place);
    if (t->device->peer(&key, err) != 0)
        return XB_SKIP;
    return p2p_is_resident(t->c) ? probe_resident(t, err) : XB_GO;
}

static void p2p_needs(const struct xb_transfer *t, struct xb_needs *needs)
{
    if (p2p_is_resident(t->c) && t->roles & XB_ROLE_DST)
        needs->device += 2 * t->c->bytes;
    if (xb_case_is_submitted(t->c))
        xb_submission_needs(t, needs);
    if (is_mapped_by_nccl(t->c) && t->roles & (is_push(t->c) ? XB_ROLE_SRC : XB_ROLE_DST))
        needs->device += xb_transfer_span(t->c, is_push(t->c) ? XB_ROLE_DST : XB_ROLE_SRC);
}

static void p2p_close(void *ctx)
{
    struct p2p *p = ctx;
    xb_submission_close(p->blocks);
    xb_pieces_close(&p->pieces);
    xb_nccl_mapping_close(p->by_nccl, p->t->broken);
    xb_arena_give(p->t->session->arena, &p->inbox, xb_transfer_return(p->t));
    free(p);
}

/* What the other rank will map: the buffer that it does not have, or the inbox that it fills.
 * XB_GO, XB_SKIP or XB_ERROR. */
static int export_part(struct p2p *p, struct p2p_card *mine, struct xb_error *err)
{
    const struct xb_transfer *t = p->t;
    const struct xb_mem *mem = t->roles & XB_ROLE_SRC ? &t->src_mem : &t->dst_mem;
    const unsigned char *first = t->roles & XB_ROLE_SRC ? t->src : t->dst;
    struct xb_mem_handle handle;

    if (p2p_is_resident(t->c)) {
        const struct xb_buffer_key key = {
            .role = XB_BUFFER_INBOX, .kind = XB_MEM_DEVICE, .index = t->index};
        if (xb_arena_take(t->session->arena, key, 2 * t->c->bytes, &p->inbox, err) < 0 ||
            t->device->resident->inbox_clear(p->inbox.ptr, p->inbox.bytes, err) < 0)
            return XB_ERROR;
        mem = &p->inbox;
        first = mem->ptr;
    }
    mine->offset = (uint64_t)(first - (const unsigned char *)mem->ptr);
    int rc = xb_arena_export(t->session->arena, mem, &handle, err);
    if (rc != 0)
        return rc > 0 ? XB_SKIP : XB_ERROR;
    if (is_mapped_by_nccl(t->c)) {
        rc = xb_nccl_mapping_offer(handle.bytes, &mine->offer, err);
        p->offer = mine->offer;
        return rc == 0 ? XB_GO : XB_ERROR;
    }
    mine->handle = handle;
    return XB_GO;
}

static int p2p_open(const struct xb_transfer *t, void **ctx, struct xb_card *card,
                    struct xb_error *err)
{
    struct p2p *p = calloc(1, sizeof *p);
    struct p2p_card mine = {0};

    _Static_assert(sizeof mine <= XB_CARD_LEN, "the card must fit");
    if (!p)
        return xb_fail(err, "out of memory");
    p->t = t;
    p->by_kernel = by_kernel(t->c);
    p->mover = t->roles & (is_push(t->c) ? XB_ROLE_SRC : XB_ROLE_DST);
    p->src = t->src;
    p->dst = t->dst;
    int rc = !p->mover                                             ? export_part(p, &mine, err)
             : xb_pieces_open(&p->pieces, t, p2p_gpu(t), err) == 0 ? XB_GO
                                                                   : XB_ERROR;
    if (rc != XB_GO) {
        p2p_close(p);
        return rc;
    }
    memcpy(card->data, &mine, sizeof mine);
    *ctx = p;
    return XB_GO;
}

/* Where the other rank's memory is found, on the mover; by NCCL both ranks take part. */
static int map_remote(struct p2p *p, const struct p2p_card *card, void **there,
                      struct xb_error *err)
{
    const struct xb_transfer *t = p->t;
    const struct xb_mem *owned = t->roles & XB_ROLE_SRC ? &t->src_mem : &t->dst_mem;

    if (is_mapped_by_nccl(t->c))
        return xb_nccl_mapping_open(t, p->mover ? &card->offer : &p->offer,
                                    p->mover ? NULL : owned->ptr, &p->by_nccl, there, err);
    if (!p->mover)
        return XB_GO;
    int rc = xb_arena_import(t->session->arena, &card->handle, &p->remote, err);
    *there = p->remote.ptr;
    return rc == 0 ? XB_GO : rc > 0 ? XB_SKIP : XB_ERROR;
}

static int p2p_prepare(void *ctx, const struct xb_card *peer, struct xb_error *err)
{
    struct p2p *p = ctx;
    struct p2p_card card;
    void *there = NULL;

    memcpy(&card, peer->data, sizeof card);
    if (p->t->lane->path.locality != XB_SELF) {
        int rc = map_remote(p, &card, &there, err);
        if (rc != XB_GO)
            return rc;
        if (p->mover)
            *(p->src ? &p->dst : &p->src) = (unsigned char *)there + card.offset;
    }
    if (!p->mover || !xb_case_is_submitted(p->t->c))
        return XB_GO;
    struct xb_submitter by = submitter_of(p->t);
    by.dst = p->dst;
    by.src = p->src;
    return xb_submission_open(p->t, &by, &p->blocks, err) < 0 ? XB_ERROR : XB_GO;
}

/* How many transfers from i on begin where transfer i does: one launch of a kernel does these,
 * whose blocks do not wait for each other between two of them. */
static int count_alike(const struct xb_turn *turn, int i, int n)
{
    int k = i + 1;

    while (k < n && xb_turn_dst(turn, k) == xb_turn_dst(turn, i))
        k++;
    return k - i;
}

static int start_piece(void *ctx, int i, uint64_t at, uint64_t bytes, struct xb_stream *stream,
                       struct xb_error *err)
{
    struct p2p *p = ctx;
    const struct xb_device *dev = p->t->device;
    unsigned char *dst = p->dst + xb_turn_dst(&p->t->turn, i) + at;
    const unsigned char *src = p->src + xb_turn_src(&p->t->turn, i) + at;

    return p->by_kernel ? dev->launch_copy(dst, src, bytes, 1, sms_of(p->t->c), stream, err)
                        : dev->copy(dst, src, bytes, stream, err);
}

/* Whole transfers by a kernel, in as few launches as can be. */
static int post_kernels(struct p2p *p, int n, struct xb_error *err)
{
    const struct xb_turn *turn = &p->t->turn;

    for (int i = 0, alike; i < n; i += alike) {
        alike = count_alike(turn, i, n);
        if (p->t->device->launch_copy(p->dst + xb_turn_dst(turn, i),
                                      p->src + xb_turn_src(turn, i), p->t->c->bytes, alike,
                                      sms_of(p->t->c), p->t->stream, err) < 0)
            return -1;
    }
    return xb_pieces_mark(&p->pieces, err);
}

static int p2p_post(void *ctx, int n, struct xb_error *err)
{
    struct p2p *p = ctx;

    if (p->blocks)
        return xb_submission_post(p->blocks, n, err);
    return p->by_kernel && p->t->c->chunk == 0
               ? post_kernels(p, n, err)
               : xb_pieces_post(&p->pieces, n, start_piece, p, err);
}

static int p2p_wait(void *ctx, struct xb_error *err)
{
    struct p2p *p = ctx;
    return p->blocks ? xb_submission_done(p->blocks, err) : xb_pieces_done(&p->pieces, err);
}

static void p2p_side(void *ctx, struct xb_resident_side *side)
{
    struct p2p *p = ctx;

    side->bytes = p->t->c->bytes;
    if (p->t->roles & XB_ROLE_SRC) {
        side->src = p->t->src;
        side->outbox = p->remote.ptr;
    } else {
        side->dst = p->t->dst;
        side->inbox = p->inbox.ptr;
    }
}

const struct xb_method xb_method_p2p = {
    .spec = XB_P2P_SPEC,
    .mover = p2p_mover,
    .gpu = p2p_gpu,
    .is_resident = p2p_is_resident,
    .side = p2p_side,
    .probe = p2p_probe,
    .needs = p2p_needs,
    .open = p2p_open,
    .prepare = p2p_prepare,
    .post = p2p_post,
    .wait = p2p_wait,
    .close = p2p_close,
};
