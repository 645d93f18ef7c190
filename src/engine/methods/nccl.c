/* SPDX-License-Identifier: BSD-3-Clause */
/* nccl.c - NCCL from GPU to GPU: send and receive, and its collectives.
 *
 * All ranks of the run are in one communicator, made before the first case and used by all but
 * collectives of groups of ranks, which have one for each group. Its
 * operations run in order, so lanes that are to move at the same time must go into one group:
 * those of a rank at the same step are posted together when the last of them is posted.
 *
 * The communicator is a blocking one: of a non-blocking one each group goes through a thread of
 * its own, which small transfers would be timed with. So a rank that never comes to where the
 * library connects the others to it is found by the watchdog; what hangs on the GPUs is
 * aborted. */
#include "config.h"

#include "engine/methods/nccl.h"

#include <stdlib.h>

#include "engine/methods/method.h"
#include "engine/methods/nccl_spec.h"
#include "model/plan/collective_op.h"
#ifdef HAVE_NCCL
#include "engine/methods/nccl_world.h"
#endif

#ifdef HAVE_NCCL

static const struct xb_nccl *nccl;
/* Of the case: with all ranks of the run, or those of this rank's group; NULL if not there. */
static ncclComm_t world;

/* A buffer that NCCL knows: of this rank alone, or of all as a window. */
struct registered {
    void *local;
#ifdef XB_NCCL_HAS_WINDOWS
    ncclWindow_t window;
#endif
};

/* Lanes of this rank at one step of their chains. */
struct group {
    struct lane *first;
    int lanes, posted;    /* how many there are, and how many of them have posted their next */
    int64_t turns;        /* times that the group was started */
    bool pending;         /* the last time may not be complete */
    bool failed;          /* the communicator is not to be used again */
    bool has_windows;     /* both buffers of a collective are registered with all ranks */
    struct xb_event *end; /* of what was started last */
};
#define MAX_STEPS 8 /* of a chain */
static struct group groups[MAX_STEPS];

/* Where all groups of a case go: the communicator keeps their order anyway, and would have to
 * order streams by events. That of the lane that was opened first. */
static struct xb_stream *queue;
static int queue_users;

struct lane {
    const struct xb_transfer *t;
    struct group *group;
    struct lane *next;      /* in the group */
    int64_t turns;          /* times that this lane was posted */
    struct registered mine; /* its buffer */
};

static const struct xb_nccl_options *options_of(const struct xb_case *c)
{
    return xb_case_options(c);
}

/* ---- the communicator ---- */

static void abort_world(void)
{
    xb_nccl_world_abort();
    world = NULL;
}

static int nccl_start(const struct xb_session *s, const struct xb_case *c, struct xb_error *err)
{
    return xb_nccl_world_start(s, c, options_of(c)->ctas, &nccl, &world, err);
}

static void nccl_stop(void)
{
    xb_nccl_world_stop();
    world = NULL;
}

/* ---- registration ---- */

static int probe_registration(const struct xb_transfer *t, struct xb_error *err)
{
    int how = options_of(t->c)->registration;
    bool has_local = false, has_windows = false;

#ifdef XB_NCCL_HAS_WINDOWS
    has_local = nccl->CommRegister && nccl->CommDeregister;
    has_windows = nccl->CommWindowRegister && nccl->CommWindowDeregister;
#endif
    if (how == XB_NCCL_UNREGISTERED)
        return XB_GO;
    if (how == XB_NCCL_LOCAL && !has_local)
        xb_fail(err,
                "registration local is of NCCL 2.19 and later, and of builds with 2.28's "
                "header; the library is %s",
                nccl->version);
    else if (how == XB_NCCL_SYMMETRIC && !has_windows)
        xb_fail(err,
                "registration symmetric is of NCCL 2.27 and later, and of builds with "
                "2.28's header; the library is %s",
                nccl->version);
    else if (how == XB_NCCL_SYMMETRIC && xb_case_collective(t->c) == XB_COLLECTIVE_NONE)
        xb_fail(err, "registration symmetric is for collectives: transfer must be one");
    else if (how == XB_NCCL_SYMMETRIC && t->c->allocator != XB_ALLOCATOR_VMM &&
             t->c->allocator != XB_ALLOCATOR_NCCL)
        xb_fail(err,
                "registration symmetric is for memory that every GPU can map: the allocator "
                "must be vmm or nccl; found %s",
                xb_allocator_names[t->c->allocator]);
    else
        return XB_GO;
    return XB_SKIP;
}

#ifdef XB_NCCL_HAS_WINDOWS

/* The two windows of a collective, made by all ranks together and so in one order. */
static ncclResult_t register_windows(struct group *g)
{
    struct lane *a = g->first, *b = a->next;
    struct lane *out = a->t->roles & XB_ROLE_SRC ? a : b, *in = out == a ? b : a;
    const struct xb_mem *src = &out->t->src_mem, *dst = &in->t->dst_mem;
    ncclResult_t rc = nccl->CommWindowRegister(world, src->ptr, src->bytes, &out->mine.window,
                                               NCCL_WIN_COLL_SYMMETRIC);

    g->has_windows = true;
    if (rc != ncclSuccess)
        return rc;
    return nccl->CommWindowRegister(world, dst->ptr, dst->bytes, &in->mine.window,
                                    NCCL_WIN_COLL_SYMMETRIC);
}

/* Make NCCL know this lane's buffer. Without an error, and without a handle, it does not. */
static int nccl_prepare(void *ctx, const struct xb_card *peer, struct xb_error *err)
{
    struct lane *l = ctx;
    const struct xb_mem *mem = l->t->roles & XB_ROLE_SRC ? &l->t->src_mem : &l->t->dst_mem;
    int how = options_of(l->t->c)->registration;
    ncclResult_t rc = ncclSuccess;

    (void)peer;
    if (how == XB_NCCL_UNREGISTERED)
        return XB_GO;
    if (how == XB_NCCL_LOCAL)
        rc = nccl->CommRegister(world, mem->ptr, mem->bytes, &l->mine.local);
    else if (!l->group->has_windows)
        rc = register_windows(l->group);
    if (rc != ncclSuccess) {
        l->group->failed = true;
        return xb_nccl_fail(err, nccl, "registering a buffer with NCCL", rc, world);
    }
    if (l->mine.local || l->mine.window)
        return XB_GO;
    xb_fail(err, "NCCL registers no such buffers here, and says no more: these GPUs, or its "
                 "environment, do not allow for it");
    return XB_SKIP;
}

#else

static int nccl_prepare(void *ctx, const struct xb_card *peer, struct xb_error *err)
{
    (void)ctx;
    (void)peer;
    (void)err;
    return XB_GO; /* probe has skipped what would register */
}

#endif

/* What an aborted communicator knew is gone with it. */
static void forget_buffer(struct lane *l)
{
#ifdef XB_NCCL_HAS_WINDOWS
    if (world && l->mine.local)
        nccl->CommDeregister(world, l->mine.local);
    if (world && l->mine.window)
        nccl->CommWindowDeregister(world, l->mine.window);
#endif
    l->mine = (struct registered){0};
}

/* ---- lanes ---- */

static int nccl_probe(const struct xb_transfer *t, struct xb_error *err)
{
    uint64_t unit = 8 * (uint64_t)t->members;
    int rc = xb_method_supports(t, err);

    if (rc == XB_GO && !world)
        return xb_fail(err, "NCCL's communicator was aborted in this case, and no other made");
    if (rc == XB_GO && t->lane->step >= MAX_STEPS) {
        xb_fail(err, "NCCL's lanes are in chains of at most %d here", MAX_STEPS);
        return XB_SKIP;
    }
    if (rc == XB_GO)
        rc = probe_registration(t, err);
    if (rc == XB_GO && xb_case_layout_options(t->c)->submission != XB_SUBMIT_LOOP) {
        xb_fail(err, "NCCL takes a message a block, all in one group: submission must be loop");
        return XB_SKIP;
    }
    if (rc != XB_GO || xb_case_collective(t->c) == XB_COLLECTIVE_NONE)
        return rc;
    if (xb_case_is_submitted(t->c)) {
        xb_fail(err, "blocks are of messages: transfer must be send");
        return XB_SKIP;
    }
    if (t->c->bytes % unit == 0 && t->c->src_offset % 8 == 0 && t->c->dst_offset % 8 == 0)
        return XB_GO;
    xb_fail(err, "a collective of %d ranks needs a multiple of %llu bytes at offsets of 8",
            t->members, (unsigned long long)unit);
    return XB_SKIP;
}

static bool is_registered(const struct lane *l)
{
    return options_of(l->t->c)->registration != XB_NCCL_UNREGISTERED;
}

static void nccl_close(void *ctx)
{
    struct lane *l = ctx;
    struct group *g = l->group;
    struct xb_error ignored;

    /* what did not end by itself is ended with the communicator */
    if (g->failed || (l->t->broken && is_registered(l)) ||
        (g->pending && l->t->device->event_done(g->end, &ignored) != 1))
        abort_world();
    g->pending = g->failed = false;
    forget_buffer(l);
    queue_users--;
    for (struct lane **at = &g->first; *at; at = &(*at)->next)
        if (*at == l) {
            *at = l->next;
            break;
        }
    if (--g->lanes == 0) {
        l->t->device->event_close(g->end);
        *g = (struct group){0};
    }
    free(l);
}

static int nccl_open(const struct xb_transfer *t, void **ctx, struct xb_card *card,
                     struct xb_error *err)
{
    struct lane *l = calloc(1, sizeof *l);
    struct group *g = &groups[t->lane->step];

    (void)card;
    if (!l)
        return xb_fail(err, "out of memory");
    l->t = t;
    l->group = g;
    if (g->lanes == 0) {
        if (t->device->event_open(false, 0, &g->end, err) < 0) {
            free(l);
            return XB_ERROR;
        }
    }
    l->next = g->first;
    g->first = l;
    g->lanes++;
    if (queue_users++ == 0)
        queue = t->stream;
    *ctx = l;
    return XB_GO;
}

/* A message for each block; of one piece that is one. */
static ncclResult_t start_lane(const struct lane *l, int i, cudaStream_t stream)
{
    const struct xb_transfer *t = l->t;
    size_t block = xb_case_block(t->c);
    ncclResult_t rc = ncclSuccess;

    for (uint64_t at = 0; rc == ncclSuccess && at < t->c->bytes; at += block)
        if (t->roles & XB_ROLE_SRC)
            rc =
                nccl->Send(t->src + xb_block_map_at(&t->src_map, xb_turn_src(&t->turn, i) + at),
                           block, ncclUint8, t->lane->dst_rank, world, stream);
        else
            rc =
                nccl->Recv(t->dst + xb_block_map_at(&t->dst_map, xb_turn_dst(&t->turn, i) + at),
                           block, ncclUint8, t->lane->src_rank, world, stream);
    return rc;
}

static ncclDataType_t element_of(const struct xb_case *c)
{
    switch (xb_case_datatype(c)) {
    case XB_DATATYPE_UINT64:
        return ncclUint64;
    case XB_DATATYPE_FLOAT:
        return ncclFloat32;
    }
    return ncclNumTypes;
}

static ncclResult_t start_all_to_all(const unsigned char *src, unsigned char *dst, size_t bytes,
                                     int n, cudaStream_t stream)
{
    ncclResult_t rc = ncclSuccess;

    for (int r = 0; rc == ncclSuccess && r < n; r++) {
        size_t at = (size_t)r * bytes;
        rc = nccl->Send(src + at, bytes / 8, ncclUint64, r, world, stream);
        if (rc == ncclSuccess)
            rc = nccl->Recv(dst + at, bytes / 8, ncclUint64, r, world, stream);
    }
    return rc;
}

/* Messages, as nccl-tests make them: rank 0 has one with every rank, itself included. */
static ncclResult_t start_gather(const unsigned char *src, unsigned char *dst, size_t bytes,
                                 int n, int rank, cudaStream_t stream)
{
    ncclResult_t rc = nccl->Send(src, bytes / 8, ncclUint64, 0, world, stream);

    for (int r = 0; rc == ncclSuccess && rank == 0 && r < n; r++)
        rc = nccl->Recv(dst + (size_t)r * bytes, bytes / 8, ncclUint64, r, world, stream);
    return rc;
}

static ncclResult_t start_scatter(const unsigned char *src, unsigned char *dst, size_t bytes,
                                  int n, int rank, cudaStream_t stream)
{
    ncclResult_t rc = ncclSuccess;

    for (int r = 0; rc == ncclSuccess && rank == 0 && r < n; r++)
        rc = nccl->Send(src + (size_t)r * bytes, bytes / 8, ncclUint64, r, world, stream);
    return rc == ncclSuccess ? nccl->Recv(dst, bytes / 8, ncclUint64, 0, world, stream) : rc;
}

/* The group's two lanes are the one that leaves this rank and the one that comes in. */
static ncclResult_t start_collective(const struct group *g, enum xb_collective op, int i,
                                     cudaStream_t stream)
{
    const struct xb_transfer *a = g->first->t, *b = g->first->next->t;
    const struct xb_transfer *out = a->roles & XB_ROLE_SRC ? a : b, *in = out == a ? b : a;
    const unsigned char *src = xb_transfer_src(out, i);
    unsigned char *dst = xb_transfer_dst(in, i);
    int n = a->members, rank = a->member;
    ncclDataType_t type = element_of(a->c);
    size_t count = a->c->bytes / xb_datatype_bytes(xb_case_datatype(a->c));
    size_t block = count / (size_t)n;

    switch (op) {
    case XB_ALL_REDUCE:
        return nccl->AllReduce(src, dst, count, type, ncclSum, world, stream);
    case XB_ALL_GATHER:
        return nccl->AllGather(src, dst, block, type, world, stream);
    case XB_REDUCE_SCATTER:
        return nccl->ReduceScatter(src, dst, block, type, ncclSum, world, stream);
    case XB_ALL_TO_ALL:
#ifdef XB_NCCL_HAS_WINDOWS
        /* messages do not look at windows */
        if (options_of(a->c)->registration == XB_NCCL_SYMMETRIC && nccl->AlltoAll)
            return nccl->AlltoAll(src, dst, block, type, world, stream);
#endif
        return start_all_to_all(src, dst, a->c->bytes / (size_t)n, n, stream);
    case XB_BROADCAST: /* in place on the root, as by MPI: it has its bytes */
        return nccl->Broadcast(src, rank == 0 ? (void *)(uintptr_t)src : dst, count, type, 0,
                               world, stream);
    case XB_REDUCE:
        return nccl->Reduce(src, dst, count, type, ncclSum, 0, world, stream);
    case XB_GATHER:
        return start_gather(src, dst, a->c->bytes / (size_t)n, n, rank, stream);
    case XB_SCATTER:
        return start_scatter(src, dst, a->c->bytes / (size_t)n, n, rank, stream);
    case XB_COLLECTIVE_NONE:
        break;
    }
    return ncclInvalidArgument;
}

/* Transfer i of the turn, of all lanes of the group. */
static int start_group(const struct group *g, const struct xb_case *c, int i,
                       cudaStream_t stream, struct xb_error *err)
{
    enum xb_collective op = xb_case_collective(c);
    ncclResult_t rc = nccl->GroupStart();

    if (rc == ncclSuccess && op != XB_COLLECTIVE_NONE)
        rc = start_collective(g, op, i, stream);
    for (struct lane *l = g->first; rc == ncclSuccess && op == XB_COLLECTIVE_NONE && l;
         l = l->next)
        rc = start_lane(l, i, stream);
    ncclResult_t end = nccl->GroupEnd(); /* also after a failure, or the group stays open */
    if (rc == ncclSuccess)
        rc = end;
    return rc == ncclSuccess ? 0 : xb_nccl_fail(err, nccl, "an NCCL group", rc, world);
}

static int nccl_post(void *ctx, int n, struct xb_error *err)
{
    struct lane *l = ctx;
    struct group *g = l->group;
    const struct xb_device *dev = l->t->device;

    l->turns++;
    if (++g->posted < g->lanes)
        return 0;
    g->posted = 0;
    g->failed = true; /* until all has gone well */
    for (int i = 0; i < n; i++)
        if (start_group(g, l->t->c, i, dev->stream_handle(queue), err) < 0)
            return -1;
    if (dev->event_record(g->end, queue, err) < 0)
        return -1;
    g->failed = false;
    g->pending = true;
    g->turns++;
    return 0;
}

static int nccl_wait(void *ctx, struct xb_error *err)
{
    struct lane *l = ctx;
    struct group *g = l->group;
    ncclResult_t state = ncclSuccess, rc;

    if (g->turns < l->turns)
        return 0; /* another lane of the group has not posted yet */
    int done = g->pending ? l->t->device->event_done(g->end, err) : 1;
    if (done == 1)
        g->pending = false;
    g->failed = done < 0;
    if (done != 0)
        return done;
    rc = nccl->CommGetAsyncError(world, &state);
    if (rc == ncclSuccess)
        rc = state == ncclInProgress ? ncclSuccess : state;
    g->failed = rc != ncclSuccess;
    return rc == ncclSuccess ? 0 : xb_nccl_fail(err, nccl, "NCCL's communicator", rc, world);
}

#else

static int nccl_start(const struct xb_session *s, const struct xb_case *c, struct xb_error *err)
{
    (void)s;
    (void)c;
    xb_fail(err, "this build has no NCCL, expected one that was configured with it");
    return XB_SKIP;
}

#endif

const struct xb_method xb_method_nccl = {
    .spec = XB_NCCL_SPEC,
    .start = nccl_start,
#ifdef HAVE_NCCL
    .stop = nccl_stop,
    .probe = nccl_probe,
    .open = nccl_open,
    .prepare = nccl_prepare,
    .post = nccl_post,
    .wait = nccl_wait,
    .close = nccl_close,
#endif
};

const char *xb_nccl_version(void)
{
#ifdef HAVE_NCCL
    struct xb_error ignored;
    const struct xb_nccl *library = xb_nccl_load(&ignored);
    return library ? library->version : NULL;
#else
    return NULL;
#endif
}
