/* SPDX-License-Identifier: BSD-3-Clause */
/* submission_pack.c - blocks packed into one buffer, one copy, and unpacked behind it.
 *
 * The processor packs and unpacks at an end in host memory, a kernel at one in a GPU's. Two
 * transfers are under way at most, each with a buffer of its own at either end: while one is on
 * its way the processor packs the next. An end whose blocks are contiguous has no such buffer.
 */
#include "engine/pipeline/submission_internal.h"

#include <stdlib.h>
#include <string.h>

#include "engine/pipeline/pipeline.h"
#include "model/plan/layout.h"

#define SLOTS 2

struct pack_end {
    bool packs, on_host;
    struct xb_mem stage;
    struct xb_address_list list; /* of the blocks in the stage, for kernels, slot by slot */
};

struct xb_pack {
    struct xb_submission *s;
    struct pack_end src, dst;
    struct xb_event *event[SLOTS];
    struct xb_pipeline pipe;
    uint64_t first; /* of the transfers that were posted last */
};

static bool packs(const struct xb_case *c, bool source)
{
    return xb_case_layout(c, source).block > 0;
}

void xb_pack_needs(const struct xb_transfer *t, struct xb_needs *needs)
{
    const struct xb_path *path = &t->lane->path;

    for (int source = 0; source < 2; source++) {
        bool on_gpu = (source ? path->src.kind : path->dst.kind) == XB_GPU;
        if (packs(t->c, source))
            *(on_gpu ? &needs->device : &needs->host) += SLOTS * t->c->bytes;
    }
}

static unsigned char *stage_of(const struct xb_pack *p, const struct pack_end *end, uint64_t k)
{
    return (unsigned char *)end->stage.ptr + k % SLOTS * p->s->t->c->bytes;
}

/* Let kernels know where a slot's blocks lie. */
static int list_stage(struct xb_pack *p, struct pack_end *end, int which, struct xb_error *err)
{
    struct xb_address_list *list = &end->list;

    list->count = SLOTS * p->s->blocks;
    list->host = calloc(list->count, sizeof *list->host);
    if (!list->host)
        return xb_fail(err, "out of memory");
    for (uint64_t k = 0; k < list->count; k++) {
        list->host[k] = (unsigned char *)end->stage.ptr + k * p->s->block;
        xb_align_to(&p->s->align, list->host[k]);
    }
    return xb_address_list_share(list, p->s->t, p->s->by.gpu, which, err);
}

static int open_end(struct xb_pack *p, bool source, struct xb_error *err)
{
    const struct xb_transfer *t = p->s->t;
    struct xb_endpoint e = source ? t->lane->path.src : t->lane->path.dst;
    struct pack_end *end = source ? &p->src : &p->dst;
    const struct xb_buffer_key key = {.role = XB_BUFFER_OWN,
                                      .kind = e.kind == XB_GPU ? XB_MEM_DEVICE : XB_MEM_PINNED,
                                      .gpu = e.kind == XB_GPU ? e.index : 0,
                                      .index = 2 * t->index + source};

    end->packs = packs(t->c, source);
    end->on_host = e.kind == XB_HOST;
    if (!end->packs)
        return 0;
    if (xb_arena_take(t->session->arena, key, SLOTS * t->c->bytes, &end->stage, err) < 0)
        return -1;
    return end->on_host ? 0 : list_stage(p, end, source ? 0 : 3, err);
}

/* What transfer k moves, its place among those that were posted last being i. */
static int start_copy(void *ctx, uint64_t k, struct xb_error *err)
{
    struct xb_pack *p = ctx;
    struct xb_submission *s = p->s;
    const struct xb_transfer *t = s->t;
    int i = (int)(k - p->first);
    struct xb_block_list list = xb_submission_list(s, i, false);
    unsigned char *from = stage_of(p, &p->src, k), *to = stage_of(p, &p->dst, k);
    int rc = 0;

    if (!p->src.packs) {
        from = s->by.src + xb_turn_src(&t->turn, i);
    } else if (p->src.on_host) {
        for (uint64_t b = 0; b < list.count; b++)
            memcpy(from + b * list.block, list.src[b], list.block);
    } else {
        struct xb_block_list gather = xb_submission_list(s, i, true);
        gather.dst = p->src.list.gpu + k % SLOTS * list.count;
        rc = t->device->blocks->kernel(&gather, s->by.sms, t->stream, err);
    }
    if (!p->dst.packs)
        to = s->by.dst + xb_turn_dst(&t->turn, i);
    if (s->by.on_host) {
        memcpy(to, from, t->c->bytes);
        return 0;
    }
    if (rc == 0)
        rc = t->device->copy(to, from, t->c->bytes, t->stream, err);
    if (rc == 0 && p->dst.packs && !p->dst.on_host) {
        struct xb_block_list scatter = xb_submission_list(s, i, true);
        scatter.src = (const void *const *)(p->dst.list.gpu + k % SLOTS * list.count);
        rc = t->device->blocks->kernel(&scatter, s->by.sms, t->stream, err);
    }
    return rc < 0 ? -1 : t->device->event_record(p->event[k % SLOTS], t->stream, err);
}

static int test_copy(void *ctx, uint64_t k, struct xb_error *err)
{
    struct xb_pack *p = ctx;
    return p->s->by.on_host ? 1 : p->s->t->device->event_done(p->event[k % SLOTS], err);
}

static int start_unpack(void *ctx, uint64_t k, struct xb_error *err)
{
    struct xb_pack *p = ctx;
    struct xb_block_list list = xb_submission_list(p->s, (int)(k - p->first), false);
    unsigned char *from = stage_of(p, &p->dst, k);

    (void)err;
    for (uint64_t b = 0; p->dst.packs && p->dst.on_host && b < list.count; b++)
        memcpy(list.dst[b], from + b * list.block, list.block);
    return 0;
}

int xb_pack_open(struct xb_submission *s, struct xb_error *err)
{
    struct xb_pack *p = calloc(1, sizeof *p);

    if (!p)
        return xb_fail(err, "out of memory");
    s->pack = p;
    p->s = s;
    p->pipe.depth = SLOTS;
    xb_pipeline_add(
        &p->pipe,
        (struct xb_stage){.name = "copy", .ctx = p, .start = start_copy, .test = test_copy});
    xb_pipeline_add(&p->pipe,
                    (struct xb_stage){.name = "unpack", .ctx = p, .start = start_unpack});
    if (open_end(p, true, err) < 0 || open_end(p, false, err) < 0)
        return -1;
    for (int i = 0; i < SLOTS && !s->by.on_host; i++)
        if (s->t->device->event_open(false, s->by.gpu, &p->event[i], err) < 0)
            return -1;
    return 0;
}

int xb_pack_post(struct xb_submission *s, int n, struct xb_error *err)
{
    struct xb_pack *p = s->pack;

    p->first = p->pipe.total;
    xb_pipeline_post(&p->pipe, (uint64_t)n);
    return xb_pipeline_progress(&p->pipe, err) < 0 ? -1 : 0;
}

int xb_pack_done(struct xb_submission *s, struct xb_error *err)
{
    return xb_pipeline_progress(&s->pack->pipe, err);
}

void xb_pack_close(struct xb_submission *s)
{
    struct xb_pack *p = s->pack;
    struct xb_arena *arena = s->t->session->arena;
    enum xb_return state = xb_transfer_return(s->t);

    if (!p)
        return;
    xb_arena_give(arena, &p->src.stage, state);
    xb_address_list_free(&p->src.list, s->t);
    xb_arena_give(arena, &p->dst.stage, state);
    xb_address_list_free(&p->dst.list, s->t);
    for (int i = 0; i < SLOTS; i++)
        if (p->event[i])
            s->t->device->event_close(p->event[i]);
    free(p);
}
