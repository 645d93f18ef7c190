/* SPDX-License-Identifier: BSD-3-Clause */
/* ring_lane.c - a lane through a ring of host memory, as host-staged and zero-copy use it.
 *
 * Within a rank the ring is its own. On one node it is one shared segment that both ranks
 * register with their devices, so nothing is copied twice. Between nodes each rank has a ring
 * and the chunks go from slot to slot as messages. */
#include "engine/pipeline/ring_lane.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "engine/pipeline/chunk_blocks.h"
#include "engine/pipeline/stages.h"
#include "engine/pipeline/work_stage.h"
#include "engine/runtime/shm.h"

struct ring_lane {
    const struct xb_transfer *t;
    bool pinned;
    struct xb_ring ring;
    struct xb_mem mem;     /* the ring of a rank of its own */
    struct xb_shm segment; /* the ring that two ranks share */
    struct xb_copy_stage in, out;
    struct xb_work_stage work;
    struct xb_message_stage message;
    struct xb_pipeline pipe;
};

struct ring_card {
    char segment[XB_SHM_NAME_LEN];
    uint64_t bytes;
};

/* The header takes a page of its own, so that slots stay page-aligned. */
#define HEADER_BYTES 4096

static uint64_t segment_bytes(const struct xb_ring *ring)
{
    return HEADER_BYTES + xb_ring_bytes(ring);
}

int xb_ring_lane_probe(const struct xb_transfer *t, const struct xb_ring_lane_options *o,
                       struct xb_error *err)
{
    const struct xb_path *path = &t->lane->path;
    const struct xb_chunk_copier by = {.on_host = path->src.kind == XB_HOST &&
                                                  path->dst.kind == XB_HOST,
                                       .by_kernel = o->by_kernel,
                                       .addresses = o->pinned};

    if (t->c->depth > XB_MAX_DEPTH) {
        xb_fail(err, "depth %d is more than is kept, expected at most %d", t->c->depth,
                XB_MAX_DEPTH);
        return XB_SKIP;
    }
    if (t->lane->path.locality == XB_REMOTE && t->c->chunk > INT_MAX) {
        xb_fail(err, "a chunk of %llu bytes is more than one MPI message counts (%d)",
                (unsigned long long)t->c->chunk, INT_MAX);
        return XB_SKIP;
    }
    return xb_case_is_submitted(t->c) ? xb_chunk_blocks_probe(t, &by, err) : XB_GO;
}

void xb_ring_lane_needs(const struct xb_transfer *t, struct xb_needs *needs)
{
    struct xb_ring ring = xb_ring_make(t->c);

    if (xb_case_is_submitted(t->c))
        xb_chunk_blocks_needs(t, needs);

    if (t->lane->path.locality != XB_NODE)
        needs->host += xb_ring_bytes(&ring);
    else if (t->roles & XB_ROLE_SRC)
        needs->shared += segment_bytes(&ring);
}

static int open_own_ring(struct ring_lane *s, struct xb_error *err)
{
    const struct xb_buffer_key key = {.role = XB_BUFFER_RING,
                                      .kind = s->pinned ? XB_MEM_PINNED : XB_MEM_PAGEABLE,
                                      .index = s->t->index};

    if (xb_arena_take(s->t->session->arena, key, xb_ring_bytes(&s->ring), &s->mem, err) < 0)
        return -1;
    s->ring.slots = s->mem.ptr;
    return 0;
}

static void use_segment_as_ring(struct ring_lane *s)
{
    s->ring.slots = (unsigned char *)s->segment.ptr + HEADER_BYTES;
}

void xb_ring_lane_close(void *ctx)
{
    struct ring_lane *s = ctx;
    bool in_use = xb_message_stage_close(&s->message);

    xb_copy_stage_close(&s->in);
    xb_copy_stage_close(&s->out);
    xb_work_stage_close(&s->work);
    xb_arena_segment_give(s->t->session->arena, &s->segment, xb_transfer_return(s->t));
    xb_arena_give(s->t->session->arena, &s->mem,
                  in_use ? XB_RETURN_LOST : xb_transfer_return(s->t));
    free(s);
}

/* Does this rank work on the chunks? What makes them smaller is done before they are sent, and
 * a checksum is taken of what arrived. */
static bool works_on_chunks(const struct ring_lane *s)
{
    switch (xb_case_chunk_work(s->t->c)) {
    case XB_CHUNK_AS_IS:
        break;
    case XB_CHUNK_CHECKSUM:
        return s->t->roles & XB_ROLE_DST;
    case XB_CHUNK_CONVERT:
        return s->t->roles & XB_ROLE_SRC;
    }
    return false;
}

static int open_stages(struct ring_lane *s, const struct xb_ring_lane_options *o,
                       struct xb_error *err)
{
    s->in.by_kernel = s->out.by_kernel = o->by_kernel;
    s->in.sms = s->out.sms = o->sms;
    s->in.threads = s->out.threads = o->threads;
    s->in.stores = s->out.stores = o->stores;
    s->in.addresses = s->out.addresses = o->pinned;
    if (s->t->roles & XB_ROLE_SRC && xb_copy_stage_open(&s->in, s->t, &s->ring, true, err) < 0)
        return -1;
    if (s->t->roles & XB_ROLE_DST &&
        xb_copy_stage_open(&s->out, s->t, &s->ring, false, err) < 0)
        return -1;
    if (works_on_chunks(s) &&
        xb_work_stage_open(&s->work, &s->ring, xb_case_chunk_work(s->t->c), o->threads, err) <
            0)
        return -1;
    return 0;
}

static int open_ring(struct ring_lane *s, struct ring_card *card, struct xb_error *err)
{
    if (s->t->lane->path.locality != XB_NODE)
        return open_own_ring(s, err);
    if (!(s->t->roles & XB_ROLE_SRC))
        return 0; /* prepare maps what the source makes */
    if (xb_arena_segment_make(s->t->session->arena, s->t->peer, segment_bytes(&s->ring),
                              s->pinned, &s->segment, err) < 0)
        return -1;
    memset(s->segment.ptr, 0, HEADER_BYTES); /* an earlier case may have counted in it */
    memcpy(card->segment, s->segment.name, sizeof card->segment);
    card->bytes = s->segment.bytes;
    use_segment_as_ring(s);
    return 0;
}

int xb_ring_lane_open(const struct xb_transfer *t, const struct xb_ring_lane_options *o,
                      void **ctx, struct xb_card *card, struct xb_error *err)
{
    struct ring_lane *s = calloc(1, sizeof *s);
    struct ring_card mine;

    _Static_assert(sizeof mine <= XB_CARD_LEN, "the card must fit");
    memset(&mine, 0, sizeof mine); /* it travels as bytes */
    if (!s)
        return xb_fail(err, "out of memory");
    s->t = t;
    s->pinned = o->pinned;
    s->ring = xb_ring_make(t->c);
    s->pipe.depth = s->ring.depth;
    xb_message_stage_open(&s->message, t, &s->ring);
    if (open_ring(s, &mine, err) < 0 || open_stages(s, o, err) < 0) {
        xb_ring_lane_close(s);
        return XB_ERROR;
    }
    memcpy(card->data, &mine, sizeof mine);
    *ctx = s;
    return XB_GO;
}

/* Put the stages of this rank's part in order. */
static void build_pipeline(struct ring_lane *s)
{
    struct xb_pipeline *p = &s->pipe;
    struct xb_ring_header *header = s->segment.ptr;
    bool src = s->t->roles & XB_ROLE_SRC, dst = s->t->roles & XB_ROLE_DST;
    enum xb_locality where = s->t->lane->path.locality;

    if (src)
        xb_pipeline_add(p, xb_copy_stage(&s->in));
    if (src && works_on_chunks(s))
        xb_pipeline_add(p, xb_work_stage(&s->work));
    if (src && where == XB_NODE)
        xb_pipeline_add(p, xb_publish_stage(header));
    if (src && where == XB_REMOTE)
        xb_pipeline_add(p, xb_send_stage(&s->message));
    if (dst && where == XB_NODE)
        xb_pipeline_add(p, xb_arrive_stage(header));
    if (dst && where == XB_REMOTE)
        xb_pipeline_add(p, xb_receive_stage(&s->message));
    if (dst && !src && works_on_chunks(s))
        xb_pipeline_add(p, xb_work_stage(&s->work));
    if (dst)
        xb_pipeline_add(p, xb_copy_stage(&s->out));
    if (dst && where == XB_NODE)
        xb_pipeline_add(p, xb_release_stage(header));
}

int xb_ring_lane_prepare(void *ctx, const struct xb_card *peer, struct xb_error *err)
{
    struct ring_lane *s = ctx;
    struct ring_card card;

    memcpy(&card, peer->data, sizeof card);
    if (s->t->lane->path.locality == XB_NODE && s->t->roles & XB_ROLE_DST) {
        if (xb_arena_segment_join(
                s->t->session->arena,
                &(struct xb_segment_place){s->t->peer, card.segment, card.bytes, s->pinned},
                &s->segment, err) < 0)
            return XB_ERROR;
        use_segment_as_ring(s);
    }
    if ((s->t->roles & XB_ROLE_SRC && xb_copy_stage_list(&s->in, err) < 0) ||
        (s->t->roles & XB_ROLE_DST && xb_copy_stage_list(&s->out, err) < 0))
        return XB_ERROR;
    build_pipeline(s);
    return XB_GO;
}

int xb_ring_lane_post(void *ctx, int n, struct xb_error *err)
{
    struct ring_lane *s = ctx;
    xb_ring_post(&s->ring, n);
    xb_pipeline_post(&s->pipe, (uint64_t)n * s->ring.chunks_per_op);
    return xb_pipeline_progress(&s->pipe, err) < 0 ? -1 : 0;
}

int xb_ring_lane_wait(void *ctx, struct xb_error *err)
{
    struct ring_lane *s = ctx;
    return xb_pipeline_progress(&s->pipe, err);
}

bool xb_ring_lane_staging(void *ctx, struct xb_mem *out)
{
    struct ring_lane *s = ctx;

    *out = (struct xb_mem){.ptr = s->ring.slots,
                           .bytes = xb_ring_bytes(&s->ring),
                           .kind = s->pinned ? XB_MEM_PINNED : XB_MEM_PAGEABLE};
    return true;
}

struct xb_pipeline *xb_ring_lane_pipeline(void *ctx)
{
    struct ring_lane *s = ctx;
    return &s->pipe;
}

uint64_t xb_ring_lane_checksum(void *ctx)
{
    struct ring_lane *s = ctx;
    return s->work.total;
}
