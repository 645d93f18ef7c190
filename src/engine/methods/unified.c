/* SPDX-License-Identifier: BSD-3-Clause */
/* unified.c - managed memory, whose pages go where they are used.
 *
 * The destination is managed memory. Before each transfer, untimed, its pages are brought to
 * the source and the source's bytes are copied into them there; the transfer is the way of the
 * pages to the destination. Between ranks each has managed memory of its own: the pages go to
 * the source's host, as a message to the destination's host, and from there to its GPU.
 *
 * Managed memory reads right wherever its pages lie, so within a rank the bytes do not show
 * that they were moved: the hardware's counters must (XB_METHOD_MIGRATES). */
#include "engine/methods/method.h"
#include "engine/methods/unified_spec.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "engine/pipeline/pieces.h"
#include "engine/pipeline/stages.h"
#include "engine/runtime/clock.h"

#define HOST_PAGE       4096
#define SETTLE_LIMIT_US 30e6

/* What a transfer waits for. */
enum state { IDLE, PAGES, MESSAGE };

struct unified {
    const struct xb_transfer *t;
    bool fault;
    struct xb_mem own;       /* the source's managed memory, between ranks */
    unsigned char *pages;    /* of the transfer, in managed memory */
    struct xb_event *event;  /* of what is settled outside the timer */
    struct xb_pieces pieces; /* of the pages' way */
    int to;                  /* where they go now, for prefetch */
    enum state state;
    MPI_Request request;
};

static enum xb_mem_kind unified_memory(const struct xb_case *c, struct xb_endpoint e,
                                       enum xb_role role)
{
    (void)c;
    if (role == XB_ROLE_DST)
        return XB_MEM_MANAGED;
    return e.kind == XB_GPU ? XB_MEM_DEVICE : XB_MEM_PINNED;
}

/* Pages are pulled by the GPU that they go to, or pushed by the one that they leave. */
static int unified_gpu(const struct xb_transfer *t)
{
    const struct xb_path *path = &t->lane->path;

    if (path->locality != XB_SELF)
        return 0;
    return path->dst.kind == XB_GPU ? path->dst.index : path->src.index;
}

static int unified_probe(const struct xb_transfer *t, struct xb_error *err)
{
    bool within = t->lane->path.locality == XB_SELF;
    int rc = xb_method_supports(t, err);

    if (rc != XB_GO)
        return rc;
    if (t->device->managed(err) != 0)
        return XB_SKIP;
    const struct xb_unified_options *o = xb_case_options(t->c);
    if (o->access == XB_UNIFIED_FAULT && t->c->chunk > 0) {
        xb_fail(err, "pages that are touched come one by one: chunk is for access prefetch");
        return XB_SKIP;
    }
    if (t->c->window == 1 && (within || t->c->bytes <= INT_MAX))
        return XB_GO;
    if (t->c->window != 1)
        xb_fail(err, "pages are moved once, then put back: no window of %d: window must be 1",
                t->c->window);
    else
        xb_fail(err, "%llu bytes are more than one MPI message counts (%d)",
                (unsigned long long)t->c->bytes, INT_MAX);
    return XB_SKIP;
}

static void unified_needs(const struct xb_transfer *t, struct xb_needs *needs)
{
    if (t->lane->path.locality != XB_SELF && t->roles & XB_ROLE_SRC)
        needs->managed += t->c->bytes;
}

static void unified_close(void *ctx)
{
    struct unified *u = ctx;
    bool in_use = u->request != MPI_REQUEST_NULL; /* after a failure only */

    if (in_use) {
        MPI_Cancel(&u->request);
        MPI_Request_free(&u->request);
    }
    xb_pieces_close(&u->pieces);
    if (u->event)
        u->t->device->event_close(u->event);
    xb_arena_give(u->t->session->arena, &u->own,
                  in_use ? XB_RETURN_LOST : xb_transfer_return(u->t));
    free(u);
}

static int unified_open(const struct xb_transfer *t, void **ctx, struct xb_card *card,
                        struct xb_error *err)
{
    const struct xb_unified_options *o = xb_case_options(t->c);
    struct unified *u = calloc(1, sizeof *u);

    const struct xb_buffer_key key = {
        .role = XB_BUFFER_OWN, .kind = XB_MEM_MANAGED, .index = t->index};

    (void)card;
    if (!u)
        return xb_fail(err, "out of memory");
    u->t = t;
    u->fault = o->access == XB_UNIFIED_FAULT;
    u->request = MPI_REQUEST_NULL;
    if (t->device->event_open(false, unified_gpu(t), &u->event, err) < 0 ||
        xb_pieces_open(&u->pieces, t, unified_gpu(t), err) < 0 ||
        (!t->dst && xb_arena_take(t->session->arena, key, t->c->bytes, &u->own, err) < 0)) {
        unified_close(u);
        return XB_ERROR;
    }
    u->pages = t->dst ? t->dst : u->own.ptr;
    *ctx = u;
    return XB_GO;
}

static int place_of(struct xb_endpoint e)
{
    return e.kind == XB_GPU ? e.index : XB_TO_HOST;
}

static int move_pages(struct unified *u, int to, struct xb_error *err)
{
    const struct xb_transfer *t = u->t;
    return t->device->prefetch(u->pages, t->c->bytes, to, t->stream, err);
}

/* Outside the timer: wait for all that the stream has. */
static int settle(struct unified *u, struct xb_error *err)
{
    const struct xb_device *dev = u->t->device;
    int rc;

    double until_us = xb_clock_us() + SETTLE_LIMIT_US;

    if (dev->event_record(u->event, u->t->stream, err) < 0)
        return -1;
    while ((rc = dev->event_done(u->event, err)) == 0 && xb_clock_us() < until_us)
        xb_session_relax(u->t->session);
    if (rc == 0)
        return xb_fail(err, "pages were not back within %g s", SETTLE_LIMIT_US * 1e-6);
    return rc < 0 ? -1 : 0;
}

static int unified_reset(void *ctx, struct xb_error *err)
{
    struct unified *u = ctx;
    const struct xb_transfer *t = u->t;

    if (!t->src) /* a destination gets its bytes on the host first */
        return move_pages(u, XB_TO_HOST, err) < 0 ? -1 : settle(u, err);
    int from = place_of(t->lane->path.src);
    if (move_pages(u, from, err) < 0 || settle(u, err) < 0)
        return -1;
    if (from == XB_TO_HOST)
        memcpy(u->pages, xb_transfer_src(t, 0), t->c->bytes);
    else if (t->device->copy(u->pages, xb_transfer_src(t, 0), t->c->bytes, t->stream, err) < 0)
        return -1;
    /* once more, should the copy have moved them */
    return move_pages(u, from, err) < 0 ? -1 : settle(u, err);
}

static void touch_by_host(volatile unsigned char *pages, uint64_t bytes)
{
    for (uint64_t at = 0; at < bytes; at += HOST_PAGE)
        (void)pages[at];
    (void)pages[bytes - 1]; /* of a page that begins between two steps */
}

static int start_prefetch(void *ctx, int i, uint64_t at, uint64_t bytes,
                          struct xb_stream *stream, struct xb_error *err)
{
    struct unified *u = ctx;

    (void)i; /* 0: see reset */
    return u->t->device->prefetch(u->pages + at, bytes, u->to, stream, err);
}

/* The host touches pages at once, a GPU by a kernel. */
static int fetch_pages(struct unified *u, struct xb_endpoint to, struct xb_error *err)
{
    const struct xb_transfer *t = u->t;

    u->state = PAGES;
    u->to = place_of(to);
    if (!u->fault)
        return xb_pieces_post(&u->pieces, 1, start_prefetch, u, err);
    if (to.kind == XB_HOST)
        touch_by_host(u->pages, t->c->bytes);
    else if (t->device->touch(u->pages, t->c->bytes, t->stream, err) < 0)
        return -1;
    return xb_pieces_mark(&u->pieces, err);
}

static int start_message(struct unified *u, struct xb_error *err)
{
    const struct xb_transfer *t = u->t;
    bool src = t->roles & XB_ROLE_SRC;
    int bytes = (int)t->c->bytes;
    int rc = src ? MPI_Isend(u->pages, bytes, MPI_BYTE, t->peer, t->tag, t->comm, &u->request)
                 : MPI_Irecv(u->pages, bytes, MPI_BYTE, t->peer, t->tag, t->comm, &u->request);

    u->state = MESSAGE;
    return rc == MPI_SUCCESS ? 0 : xb_mpi_fail(err, src ? "MPI_Isend" : "MPI_Irecv", rc);
}

static int unified_post(void *ctx, int n, struct xb_error *err)
{
    struct unified *u = ctx;
    const struct xb_path *path = &u->t->lane->path;

    (void)n; /* 1: see reset */
    if (path->locality == XB_SELF)
        return fetch_pages(u, path->dst, err);
    /* with faults the library brings the pages to the source's host as it reads them */
    if (u->t->roles & XB_ROLE_SRC && !u->fault)
        return fetch_pages(u, (struct xb_endpoint){.kind = XB_HOST}, err);
    return start_message(u, err);
}

/* 1 when the message is through, 0 when not yet, -1. */
static int test_message(struct unified *u, struct xb_error *err)
{
    int done = 0, rc = MPI_Test(&u->request, &done, MPI_STATUS_IGNORE);
    return rc == MPI_SUCCESS ? done : xb_mpi_fail(err, "MPI_Test", rc);
}

static int unified_wait(void *ctx, struct xb_error *err)
{
    struct unified *u = ctx;
    const struct xb_transfer *t = u->t;
    bool within = t->lane->path.locality == XB_SELF, src = t->roles & XB_ROLE_SRC;
    int rc = u->state == MESSAGE ? test_message(u, err) : xb_pieces_done(&u->pieces, err);

    if (rc <= 0)
        return rc;
    if (!within && src && u->state == PAGES)
        return start_message(u, err);
    if (!within && !src && u->state == MESSAGE)
        return fetch_pages(u, t->lane->path.dst, err);
    u->state = IDLE;
    return 1;
}

const struct xb_method xb_method_unified = {
    .spec = XB_UNIFIED_SPEC,
    .may_touch_later = true,
    .gpu = unified_gpu,
    .memory = unified_memory,
    .probe = unified_probe,
    .needs = unified_needs,
    .open = unified_open,
    .reset = unified_reset,
    .post = unified_post,
    .wait = unified_wait,
    .close = unified_close,
};
