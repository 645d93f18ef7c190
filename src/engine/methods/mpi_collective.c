/* SPDX-License-Identifier: BSD-3-Clause */
/* mpi_collective.c - MPI's collectives. */
#include "engine/methods/mpi_collective.h"

#include <limits.h>
#include <stdlib.h>

#include "engine/pipeline/stages.h"
#include "engine/runtime/mpi_buffers.h"
#include "model/plan/collective_op.h"

struct xb_mpi_collective {
    const struct xb_transfer *t;
    struct xb_mpi_collective *other; /* the lane with this rank's other buffer */
    int64_t posted, complete;        /* times of it */
    MPI_Datatype type;
    int count;
    bool blocks;         /* it is over when it has been started */
    MPI_Request request; /* of the last one, where it does not block */
    MPI_Comm own;        /* of its group alone */
};

/* The first of a rank's two lanes waits here for the other: each has one of the buffers. */
static struct xb_mpi_collective *half;

static MPI_Datatype element_of(const struct xb_case *c)
{
    switch (xb_case_datatype(c)) {
    case XB_DATATYPE_UINT64:
        return MPI_UINT64_T;
    case XB_DATATYPE_FLOAT:
        return MPI_FLOAT;
    }
    return MPI_DATATYPE_NULL;
}

int xb_mpi_collective_probe(const struct xb_transfer *t, bool on_gpu, struct xb_error *err)
{
    uint64_t n = (uint64_t)t->members, element = xb_datatype_bytes(xb_case_datatype(t->c));

    if (on_gpu && !xb_mpi_library_takes_device_buffers())
        xb_fail(err, "MPI's collectives take device buffers where the library is built with "
                     "CUDA: this one's messages alone do, through UCX");
    else if (t->c->window != 1)
        xb_fail(err,
                "collectives of MPI that run at once need a destination each: no window of %d",
                t->c->window);
    else if (t->c->bytes % (8 * n) || t->c->bytes / element > INT_MAX || t->c->src_offset % 8 ||
             t->c->dst_offset % 8)
        xb_fail(
            err,
            "a collective of %llu ranks needs a multiple of %llu bytes, less than %llu GiB, "
            "at offsets of 8",
            (unsigned long long)n, 8 * (unsigned long long)n, 2 * (unsigned long long)element);
    else
        return XB_GO;
    return XB_SKIP;
}

int xb_mpi_collective_open(const struct xb_transfer *t, bool on_gpu,
                           struct xb_mpi_collective **out, struct xb_error *err)
{
    struct xb_mpi_collective *c = calloc(1, sizeof *c);

    *out = c;
    if (!c)
        return xb_fail(err, "out of memory");
    c->t = t;
    c->type = element_of(t->c); /* the probe saw that this is an int */
    c->count = (int)(t->c->bytes / xb_datatype_bytes(xb_case_datatype(t->c)));
    c->blocks = on_gpu;
    c->request = MPI_REQUEST_NULL;
    c->own = MPI_COMM_NULL;
    if (half) {
        half->other = c;
        c->other = half;
    }
    half = half ? NULL : c;
    return 0;
}

int xb_mpi_collective_prepare(struct xb_mpi_collective *c, struct xb_error *err)
{
    const struct xb_transfer *t = c->t;
    int *ranks = calloc((size_t)t->members, sizeof *ranks);
    MPI_Group all, group;

    if (!(t->roles & XB_ROLE_SRC)) {
        free(ranks);
        return 0;
    }
    if (!ranks)
        return xb_fail(err, "out of memory");
    for (int k = 0; k < t->members; k++)
        ranks[k] = t->group[k].src_rank;
    MPI_Comm_group(t->comm, &all);
    MPI_Group_incl(all, t->members, ranks, &group);
    int rc = MPI_Comm_create_group(t->comm, group, t->group_tag, &c->own);
    MPI_Group_free(&group);
    MPI_Group_free(&all);
    free(ranks);
    if (rc != MPI_SUCCESS)
        return xb_mpi_fail(err, "MPI_Comm_create_group", rc);
    MPI_Comm_set_errhandler(c->own, MPI_ERRORS_RETURN);
    return 0;
}

static int start(struct xb_mpi_collective *c, const void *src, void *dst)
{
    const int n = c->t->members, rank = c->t->member, block = c->count / n;
    MPI_Request *r = &c->request;

    switch (xb_case_collective(c->t->c)) {
    case XB_ALL_REDUCE:
        return MPI_Iallreduce(src, dst, c->count, c->type, MPI_SUM, c->own, r);
    case XB_ALL_GATHER:
        return MPI_Iallgather(src, block, c->type, dst, block, c->type, c->own, r);
    case XB_REDUCE_SCATTER:
        return MPI_Ireduce_scatter_block(src, dst, block, c->type, MPI_SUM, c->own, r);
    case XB_ALL_TO_ALL:
        return MPI_Ialltoall(src, block, c->type, dst, block, c->type, c->own, r);
    case XB_BROADCAST: /* MPI does not write to the root's */
        return MPI_Ibcast(rank == 0 ? (void *)(uintptr_t)src : dst, c->count, c->type, 0,
                          c->own, r);
    case XB_REDUCE:
        return MPI_Ireduce(src, dst, c->count, c->type, MPI_SUM, 0, c->own, r);
    case XB_GATHER:
        return MPI_Igather(src, block, c->type, dst, block, c->type, 0, c->own, r);
    case XB_SCATTER:
        return MPI_Iscatter(src, block, c->type, dst, block, c->type, 0, c->own, r);
    case XB_COLLECTIVE_NONE:
        break;
    }
    return MPI_ERR_OP;
}

/* The same, to its end. */
static int carry_out(struct xb_mpi_collective *c, const void *src, void *dst)
{
    const int n = c->t->members, rank = c->t->member, block = c->count / n;

    switch (xb_case_collective(c->t->c)) {
    case XB_ALL_REDUCE:
        return MPI_Allreduce(src, dst, c->count, c->type, MPI_SUM, c->own);
    case XB_ALL_GATHER:
        return MPI_Allgather(src, block, c->type, dst, block, c->type, c->own);
    case XB_REDUCE_SCATTER:
        return MPI_Reduce_scatter_block(src, dst, block, c->type, MPI_SUM, c->own);
    case XB_ALL_TO_ALL:
        return MPI_Alltoall(src, block, c->type, dst, block, c->type, c->own);
    case XB_BROADCAST:
        return MPI_Bcast(rank == 0 ? (void *)(uintptr_t)src : dst, c->count, c->type, 0,
                         c->own);
    case XB_REDUCE:
        return MPI_Reduce(src, dst, c->count, c->type, MPI_SUM, 0, c->own);
    case XB_GATHER:
        return MPI_Gather(src, block, c->type, dst, block, c->type, 0, c->own);
    case XB_SCATTER:
        return MPI_Scatter(src, block, c->type, dst, block, c->type, 0, c->own);
    case XB_COLLECTIVE_NONE:
        break;
    }
    return MPI_ERR_OP;
}

int xb_mpi_collective_post(struct xb_mpi_collective *c, int n, struct xb_error *err)
{
    const struct xb_transfer *t = c->t;

    c->posted++;
    for (int i = 0; i < n && t->roles & XB_ROLE_SRC; i++) { /* the probe lets 1 through */
        const void *src = xb_transfer_src(t, i);
        void *dst = c->other->t->dst + xb_turn_dst(&t->turn, i);
        int rc = c->blocks ? carry_out(c, src, dst) : start(c, src, dst);
        if (rc != MPI_SUCCESS)
            return xb_mpi_fail(err, "a collective of MPI", rc);
    }
    return 0;
}

int xb_mpi_collective_done(struct xb_mpi_collective *c, struct xb_error *err)
{
    int done = 0;

    if (c->t->roles & XB_ROLE_DST)
        return c->other->complete >= c->posted;
    int rc = MPI_Test(&c->request, &done, MPI_STATUS_IGNORE);
    if (rc != MPI_SUCCESS)
        return xb_mpi_fail(err, "MPI_Test", rc);
    if (done)
        c->complete = c->posted;
    return done;
}

void xb_mpi_collective_close(struct xb_mpi_collective *c)
{
    if (half == c)
        half = NULL;
    if (c && !c->t->broken && c->own != MPI_COMM_NULL)
        MPI_Comm_free(&c->own);
    free(c);
}
