/* SPDX-License-Identifier: BSD-3-Clause */
/* mpi.c - the MPI library from buffer to buffer, device buffers where it takes them: messages,
 * one-sided puts, and its collectives. */
#include "engine/methods/method.h"
#include "engine/methods/mpi_spec.h"
#include "engine/methods/mpi_blocks.h"
#include "engine/methods/mpi_collective.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "engine/pipeline/stages.h"
#include "engine/runtime/mpi_buffers.h"
#include "model/plan/collective_op.h"

/* One count of MPI is an int; larger transfers are so many blocks and a rest in one type. */
#define BLOCK (1 << 20)

struct mpi {
    const struct xb_transfer *t;
    MPI_Datatype type;
    int count;
    bool own_type;
    int open;             /* requests that are not complete, or puts that are not flushed */
    MPI_Request *request; /* one for each transfer of a window */
    MPI_Comm own;         /* of a window's two ends */
    MPI_Win win;
    bool locked;
    struct xb_mpi_blocks *blocks;         /* NULL where a transfer is one message */
    struct xb_mpi_collective *collective; /* NULL where it is none */
};

static bool is_put(const struct xb_case *c)
{
    const struct xb_mpi_options *o = xb_case_options(c);
    return o->transfer == XB_MPI_PUT;
}

static bool is_collective(const struct xb_case *c)
{
    return xb_case_collective(c) != XB_COLLECTIVE_NONE;
}

static bool is_managed(const struct xb_case *c)
{
    const struct xb_mpi_options *o = xb_case_options(c);
    return o->memory == XB_MPI_MANAGED;
}

static enum xb_mover mpi_mover(const struct xb_case *c)
{
    return is_put(c) ? XB_MOVER_SRC : XB_MOVER_BOTH;
}

static enum xb_mem_kind mpi_memory(const struct xb_case *c, struct xb_endpoint e,
                                   enum xb_role role)
{
    (void)role;
    if (e.kind == XB_HOST)
        return XB_MEM_PINNED;
    return is_managed(c) ? XB_MEM_MANAGED : XB_MEM_DEVICE;
}

/* Does this lane begin or end in memory of a GPU? */
static bool on_gpu(const struct xb_transfer *t)
{
    const struct xb_path *path = &t->lane->path;
    return (path->src.kind == XB_GPU || path->dst.kind == XB_GPU) &&
           !(t->device->caps & XB_DEVICE_IS_HOST);
}

static int probe_managed(const struct xb_transfer *t, struct xb_error *err)
{
    if (t->lane->path.src.kind == XB_HOST && t->lane->path.dst.kind == XB_HOST) {
        xb_fail(err, "managed memory is for GPU endpoints, and this path has none");
        return XB_SKIP;
    }
    return t->device->managed(err) == 0 ? XB_GO : XB_SKIP;
}

static int mpi_probe(const struct xb_transfer *t, struct xb_error *err)
{
    const struct xb_session *s = t->session;
    int rc = xb_method_supports(t, err);
    if (rc != XB_GO)
        return rc;
    if (on_gpu(t) && !s->mpi_device_buffers) {
        xb_fail(err, "MPI does not take device buffers: %s", s->mpi_device_buffers_how);
        return XB_SKIP;
    }
    if (is_managed(t->c) && (rc = probe_managed(t, err)) != XB_GO)
        return rc;
    if (xb_case_is_submitted(t->c)) {
        if (is_put(t->c) || is_collective(t->c)) {
            xb_fail(err, "blocks go by messages: transfer must be send");
            return XB_SKIP;
        }
        return xb_mpi_blocks_probe(t, on_gpu(t), err);
    }
    return is_collective(t->c) ? xb_mpi_collective_probe(t, on_gpu(t), err) : XB_GO;
}

static void mpi_needs(const struct xb_transfer *t, struct xb_needs *needs)
{
    if (xb_case_is_submitted(t->c))
        xb_mpi_blocks_needs(t, needs);
}

static int make_type(struct mpi *m, struct xb_error *err)
{
    uint64_t bytes = m->t->c->bytes;
    int lengths[2] = {1, (int)(bytes % BLOCK)}, rc;
    MPI_Aint at[2] = {0, (MPI_Aint)(bytes - bytes % BLOCK)};
    MPI_Datatype parts[2] = {MPI_DATATYPE_NULL, MPI_BYTE}, block;

    m->type = MPI_BYTE;
    m->count = (int)bytes;
    if (bytes <= INT_MAX)
        return 0;
    m->count = 1;
    if ((rc = MPI_Type_contiguous(BLOCK, MPI_BYTE, &block)) != MPI_SUCCESS)
        return xb_mpi_fail(err, "MPI_Type_contiguous", rc);
    rc = MPI_Type_contiguous((int)(bytes / BLOCK), block, &parts[0]);
    MPI_Type_free(&block);
    if (rc != MPI_SUCCESS)
        return xb_mpi_fail(err, "MPI_Type_contiguous", rc);
    rc = MPI_Type_create_struct(2, lengths, at, parts, &m->type);
    MPI_Type_free(&parts[0]);
    if (rc != MPI_SUCCESS || (rc = MPI_Type_commit(&m->type)) != MPI_SUCCESS)
        return xb_mpi_fail(err, "MPI_Type_create_struct", rc);
    m->own_type = true;
    return 0;
}

/* After a failure the other end may never come to what ends a window for both: all of it is
 * left to the library. */
static void abandon(struct mpi *m)
{
    for (int i = 0; i < m->open && !is_put(m->t->c); i++)
        if (m->request[i] != MPI_REQUEST_NULL) {
            MPI_Cancel(&m->request[i]);
            MPI_Request_free(&m->request[i]);
        }
}

static void mpi_close(void *ctx)
{
    struct mpi *m = ctx;

    xb_mpi_blocks_close(m->blocks);
    xb_mpi_collective_close(m->collective);
    if (m->t->broken) {
        abandon(m);
    } else {
        if (m->locked)
            MPI_Win_unlock_all(m->win);
        if (m->win != MPI_WIN_NULL)
            MPI_Win_free(&m->win);
        if (m->own != MPI_COMM_NULL)
            MPI_Comm_free(&m->own);
    }
    if (m->own_type)
        MPI_Type_free(&m->type);
    free(m->request);
    free(m);
}

static int mpi_open(const struct xb_transfer *t, void **ctx, struct xb_card *card,
                    struct xb_error *err)
{
    struct mpi *m = calloc(1, sizeof *m);

    (void)card;
    if (!m)
        return xb_fail(err, "out of memory");
    m->t = t;
    m->win = MPI_WIN_NULL;
    m->own = MPI_COMM_NULL;
    m->request = calloc((size_t)t->c->window, sizeof(MPI_Request));
    int rc = !m->request ? xb_fail(err, "out of memory") : 0;
    if (rc == 0)
        rc = is_collective(t->c) ? xb_mpi_collective_open(t, on_gpu(t), &m->collective, err)
                                 : make_type(m, err);
    if (rc == 0 && xb_case_is_submitted(t->c))
        rc = xb_mpi_blocks_open(t, &m->blocks, err);
    if (rc < 0) {
        mpi_close(m);
        return XB_ERROR;
    }
    *ctx = m;
    return XB_GO;
}

/* Source and destination alone. */
static int make_pair(struct mpi *m, struct xb_error *err)
{
    const struct xb_transfer *t = m->t;
    MPI_Group all, two;
    int rank;

    MPI_Comm_rank(t->comm, &rank);
    int ends[2] = {t->roles & XB_ROLE_SRC ? rank : t->peer,
                   t->roles & XB_ROLE_SRC ? t->peer : rank};
    MPI_Comm_group(t->comm, &all);
    MPI_Group_incl(all, 2, ends, &two);
    int rc = MPI_Comm_create_group(t->comm, two, t->tag, &m->own);
    MPI_Group_free(&two);
    MPI_Group_free(&all);
    if (rc != MPI_SUCCESS)
        return xb_mpi_fail(err, "MPI_Comm_create_group", rc);
    MPI_Comm_set_errhandler(m->own, MPI_ERRORS_RETURN);
    return XB_GO;
}

/* Open MPI's components for one-sided communication name their windows after themselves. Built
 * without CUDA, all but that for UCX copy device memory as if it were the host's, and crash. */
static int check_window(const struct mpi *m, struct xb_error *err)
{
    char name[MPI_MAX_OBJECT_NAME] = "";
    int len;

    if (!on_gpu(m->t) || xb_mpi_library_takes_device_buffers())
        return XB_GO;
    MPI_Win_get_name(m->win, name, &len);
    if (strncmp(name, "ucx", 3) == 0)
        return XB_GO;
    xb_fail(err,
            "MPI's component for one-sided communication does not take device buffers (its "
            "window is \"%s\"); Open MPI takes UCX's with --mca osc ucx",
            name);
    return XB_SKIP;
}

/* Both ends go on with a window, or neither does. What one end has and the other has not cannot
 * be freed. */
static int agree_on_window(struct mpi *m, int rc, struct xb_error *err)
{
    int good = rc == XB_GO, both = 0;

    MPI_Allreduce(&good, &both, 1, MPI_INT, MPI_MIN, m->own);
    if (both)
        return XB_GO;
    if (good)
        xb_fail(err, "the other end has no window");
    m->win = MPI_WIN_NULL;
    return rc == XB_GO ? XB_SKIP : rc;
}

/* Does an error say that the library has no windows over such memory? Any other is a failure:
 * of memory, of what windows share, of the network. */
static bool is_refusal(int rc)
{
    int class = MPI_ERR_OTHER;

    MPI_Error_class(rc, &class);
    return class == MPI_ERR_WIN || class == MPI_ERR_UNSUPPORTED_OPERATION;
}

/* A window over the destination, open to puts until it is closed. */
static int open_window(struct mpi *m, struct xb_error *err)
{
    const struct xb_transfer *t = m->t;
    MPI_Aint bytes = t->dst ? (MPI_Aint)xb_transfer_span(t->c, XB_ROLE_DST) : 0;
    int rc = MPI_Win_create(t->dst, bytes, 1, MPI_INFO_NULL, m->own, &m->win), out = XB_GO;

    if (rc != MPI_SUCCESS) {
        xb_mpi_fail(err, "MPI makes no window over this memory: MPI_Win_create", rc);
        out = is_refusal(rc) ? XB_SKIP : XB_ERROR;
    } else {
        MPI_Win_set_errhandler(m->win, MPI_ERRORS_RETURN);
        out = check_window(m, err);
    }
    if ((out = agree_on_window(m, out, err)) != XB_GO || !(t->roles & XB_ROLE_SRC))
        return out;
    if ((rc = MPI_Win_lock_all(MPI_MODE_NOCHECK, m->win)) != MPI_SUCCESS)
        return xb_mpi_fail(err, "MPI_Win_lock_all", rc);
    m->locked = true;
    return XB_GO;
}

static int mpi_prepare(void *ctx, const struct xb_card *peer, struct xb_error *err)
{
    struct mpi *m = ctx;

    (void)peer;
    if (is_put(m->t->c))
        return make_pair(m, err) < 0 ? XB_ERROR : open_window(m, err);
    return m->collective && xb_mpi_collective_prepare(m->collective, err) < 0 ? XB_ERROR
                                                                              : XB_GO;
}

static int put(struct mpi *m, int n, struct xb_error *err)
{
    for (m->open = 0; m->open < n; m->open++) {
        int rc =
            MPI_Put(xb_transfer_src(m->t, m->open), m->count, m->type, 1,
                    (MPI_Aint)xb_turn_dst(&m->t->turn, m->open), m->count, m->type, m->win);
        if (rc != MPI_SUCCESS)
            return xb_mpi_fail(err, "MPI_Put", rc);
    }
    return 0;
}

static int exchange(struct mpi *m, int n, struct xb_error *err)
{
    const struct xb_transfer *t = m->t;

    for (m->open = 0; m->open < n; m->open++) {
        MPI_Request *r = &m->request[m->open];
        int rc = t->roles & XB_ROLE_SRC ? MPI_Isend(xb_transfer_src(t, m->open), m->count,
                                                    m->type, t->peer, t->tag, t->comm, r)
                                        : MPI_Irecv(xb_transfer_dst(t, m->open), m->count,
                                                    m->type, t->peer, t->tag, t->comm, r);
        if (rc != MPI_SUCCESS)
            return xb_mpi_fail(err, t->roles & XB_ROLE_SRC ? "MPI_Isend" : "MPI_Irecv", rc);
    }
    return 0;
}

static int mpi_post(void *ctx, int n, struct xb_error *err)
{
    struct mpi *m = ctx;

    if (m->blocks)
        return xb_mpi_blocks_post(m->blocks, n, err);
    if (is_put(m->t->c))
        return put(m, n, err);
    return m->collective ? xb_mpi_collective_post(m->collective, n, err) : exchange(m, n, err);
}

/* Only a flush tells that bytes are in the target's memory, and it waits; the watchdog ends a
 * run in which it does so for ever. */
static int flush(struct mpi *m, struct xb_error *err)
{
    int rc = MPI_Win_flush(1, m->win);

    if (rc != MPI_SUCCESS)
        return xb_mpi_fail(err, "MPI_Win_flush", rc);
    m->open = 0;
    return 1;
}

static int mpi_wait(void *ctx, struct xb_error *err)
{
    struct mpi *m = ctx;
    int done = 0;

    if (m->blocks)
        return xb_mpi_blocks_done(m->blocks, err);
    if (is_put(m->t->c))
        return flush(m, err);
    if (m->collective)
        return xb_mpi_collective_done(m->collective, err);
    int rc = MPI_Testall(m->open, m->request, &done, MPI_STATUSES_IGNORE);
    if (rc != MPI_SUCCESS)
        return xb_mpi_fail(err, "MPI_Testall", rc);
    if (done)
        m->open = 0;
    return done;
}

const struct xb_method xb_method_mpi = {
    .spec = XB_MPI_SPEC,
    .may_touch_later = true,
    .needs_no_device = true,
    .in_turn = is_put, /* Open MPI names what a window shares by a number that pairs have in
                          common while they make theirs */
    .may_err = is_put, /* a flush has been seen to return before copies between GPUs ended */
    .receives_first = true, /* a message that finds its receive posted is spared a detour */
    .mover = mpi_mover,
    .memory = mpi_memory,
    .probe = mpi_probe,
    .needs = mpi_needs,
    .open = mpi_open,
    .prepare = mpi_prepare,
    .post = mpi_post,
    .wait = mpi_wait,
    .close = mpi_close,
};
