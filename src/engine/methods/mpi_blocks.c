/* SPDX-License-Identifier: BSD-3-Clause */
/* mpi_blocks.c - transfers of many blocks by messages. */
#include "engine/methods/mpi_blocks.h"

#include <limits.h>
#include <stdlib.h>

#include "engine/pipeline/stages.h"
#include "engine/runtime/mpi_buffers.h"
#include "model/plan/layout.h"

#define PLACES (XB_TURN_SRC_STEPS + 1) /* where transfers may begin */

/* Open MPI 4.1 has been seen to take 5.6 us for each of 4,096 messages between two ranks of a
 * node, and 25 us for each of 16,384: by the square of what is under way at once. */
#define MOST_MESSAGES 16384

struct xb_mpi_blocks {
    const struct xb_transfer *t;
    enum xb_submit way;
    bool sends;
    uint64_t blocks, block;
    MPI_Datatype type[PLACES]; /* of a transfer, by where it begins; where places are equally
                                  far apart the first is that of all */
    unsigned char *packed;     /* owned: a message for each transfer of a window */
    int packed_bytes;          /* of each */
    MPI_Request *request;      /* owned; of a transfer one, or one a block */
    int posted, complete;      /* transfers */
    size_t come;               /* messages of the next one that are complete */
};

static enum xb_submit way_of(const struct xb_case *c)
{
    return (enum xb_submit)xb_case_layout_options(c)->submission;
}

int xb_mpi_blocks_probe(const struct xb_transfer *t, bool on_gpu, struct xb_error *err)
{
    enum xb_submit way = way_of(t->c);
    bool loop = way == XB_SUBMIT_LOOP;

    if (!loop && way != XB_SUBMIT_DATATYPE && way != XB_SUBMIT_PACK)
        xb_fail(err, "MPI takes blocks by loop, datatype or pack, not by %s",
                xb_submissions[way]);
    else if (!loop && on_gpu && !xb_mpi_library_takes_device_buffers())
        xb_fail(err,
                "this MPI is built without CUDA, and would read a GPU's memory as if it were "
                "the host's: submission must be loop");
    else if (loop && xb_case_layout_options(t->c)->blocks > MOST_MESSAGES / t->c->window)
        xb_fail(err, "a loop of %lld blocks in a window of %d is more than %d messages at once",
                (long long)xb_case_layout_options(t->c)->blocks, t->c->window, MOST_MESSAGES);
    else if (t->c->bytes > INT_MAX)
        xb_fail(err, "found blocks of %llu bytes together, expected at most %d for MPI",
                (unsigned long long)t->c->bytes, INT_MAX);
    else
        return XB_GO;
    return XB_SKIP;
}

/* What MPI adds to a packed message is little, and asked for when the memory is taken. */
void xb_mpi_blocks_needs(const struct xb_transfer *t, struct xb_needs *needs)
{
    if (way_of(t->c) == XB_SUBMIT_PACK)
        needs->host += (uint64_t)t->c->window * t->c->bytes;
}

static const struct xb_block_map *map_of(const struct xb_mpi_blocks *b)
{
    return b->sends ? &b->t->src_map : &b->t->dst_map;
}

/* Where transfer i begins, in the bytes that a turn counts. */
static uint64_t begin_of(const struct xb_mpi_blocks *b, int i)
{
    return b->sends ? xb_turn_src(&b->t->turn, i) : xb_turn_dst(&b->t->turn, i);
}

static unsigned char *block_at(const struct xb_mpi_blocks *b, uint64_t begin, uint64_t k)
{
    unsigned char *base = b->sends ? b->t->src : b->t->dst;
    return base + xb_block_map_at(map_of(b), begin + k * b->block);
}

static struct xb_layout layout_of(const struct xb_mpi_blocks *b)
{
    return xb_case_layout(b->t->c, b->sends);
}

/* The buffer and the type that stand for a transfer: scattered places count from the end's
 * beginning, others from the first block. */
static unsigned char *buffer_of(const struct xb_mpi_blocks *b, int i, MPI_Datatype *type)
{
    uint64_t begin = begin_of(b, i);
    bool scattered = layout_of(b).scattered;

    *type = b->type[scattered ? begin / xb_transfer_step(b->t->c) : 0];
    return scattered ? (b->sends ? b->t->src : b->t->dst) : block_at(b, begin, 0);
}

static int make_scattered(struct xb_mpi_blocks *b, int place, struct xb_error *err)
{
    MPI_Aint *at = calloc(b->blocks, sizeof *at);
    uint64_t begin = (uint64_t)place * xb_transfer_step(b->t->c);

    if (!at)
        return xb_fail(err, "out of memory");
    for (uint64_t k = 0; k < b->blocks; k++)
        at[k] = (MPI_Aint)xb_block_map_at(map_of(b), begin + k * b->block);
    int rc = MPI_Type_create_hindexed_block((int)b->blocks, (int)b->block, at, MPI_BYTE,
                                            &b->type[place]);
    free(at);
    return rc == MPI_SUCCESS ? 0 : xb_mpi_fail(err, "MPI_Type_create_hindexed_block", rc);
}

/* Rows, or planes of them. */
static int make_vector(struct xb_mpi_blocks *b, struct xb_error *err)
{
    const struct xb_layout l = layout_of(b);
    uint64_t rows = l.rows ? l.rows : b->blocks;
    MPI_Datatype plane = MPI_DATATYPE_NULL;

    int rc = MPI_Type_create_hvector((int)rows, (int)b->block,
                                     (MPI_Aint)(l.block ? l.stride : b->block), MPI_BYTE,
                                     l.rows ? &plane : &b->type[0]);
    if (rc == MPI_SUCCESS && l.rows)
        rc = MPI_Type_create_hvector((int)(b->blocks / rows), 1, (MPI_Aint)l.plane, plane,
                                     &b->type[0]);
    if (plane != MPI_DATATYPE_NULL)
        MPI_Type_free(&plane);
    return rc == MPI_SUCCESS ? 0 : xb_mpi_fail(err, "MPI_Type_create_hvector", rc);
}

static int make_types(struct xb_mpi_blocks *b, struct xb_error *err)
{
    bool scattered = layout_of(b).scattered;
    int places = !scattered ? 1 : b->sends ? PLACES : XB_TURN_DST_STEPS + 1, rc;

    for (int i = 0; i < places; i++) {
        if ((scattered ? make_scattered(b, i, err) : make_vector(b, err)) < 0)
            return -1;
        if ((rc = MPI_Type_commit(&b->type[i])) != MPI_SUCCESS)
            return xb_mpi_fail(err, "MPI_Type_commit", rc);
    }
    return 0;
}

static int make_messages(struct xb_mpi_blocks *b, struct xb_error *err)
{
    int rc = MPI_Pack_size(1, b->type[0], b->t->comm, &b->packed_bytes);

    if (rc != MPI_SUCCESS)
        return xb_mpi_fail(err, "MPI_Pack_size", rc);
    b->packed = malloc((size_t)b->t->c->window * (size_t)b->packed_bytes);
    return b->packed ? 0 : xb_fail(err, "out of memory");
}

/* How many messages a transfer is. */
static size_t messages_of(const struct xb_mpi_blocks *b)
{
    return b->way == XB_SUBMIT_LOOP ? b->blocks : 1;
}

int xb_mpi_blocks_open(const struct xb_transfer *t, struct xb_mpi_blocks **out,
                       struct xb_error *err)
{
    struct xb_mpi_blocks *b = calloc(1, sizeof *b);
    int rc = 0;

    *out = NULL;
    if (!b)
        return xb_fail(err, "out of memory");
    b->t = t;
    b->way = way_of(t->c);
    b->sends = t->roles & XB_ROLE_SRC;
    b->blocks = (uint64_t)xb_case_layout_options(t->c)->blocks;
    b->block = xb_case_block(t->c);
    for (int i = 0; i < PLACES; i++)
        b->type[i] = MPI_DATATYPE_NULL;
    size_t requests = (size_t)t->c->window * messages_of(b);
    b->request = malloc(requests * sizeof *b->request);
    if (!b->request)
        rc = xb_fail(err, "out of memory");
    for (size_t i = 0; rc == 0 && i < requests; i++)
        b->request[i] = MPI_REQUEST_NULL;
    if (rc == 0 && b->way != XB_SUBMIT_LOOP)
        rc = make_types(b, err);
    if (rc == 0 && b->way == XB_SUBMIT_PACK)
        rc = make_messages(b, err);
    if (rc < 0) {
        xb_mpi_blocks_close(b);
        return -1;
    }
    *out = b;
    return 0;
}

static int start_message(const struct xb_mpi_blocks *b, void *at, int count, MPI_Datatype type,
                         MPI_Request *r, struct xb_error *err)
{
    const struct xb_transfer *t = b->t;
    int rc = b->sends ? MPI_Isend(at, count, type, t->peer, t->tag, t->comm, r)
                      : MPI_Irecv(at, count, type, t->peer, t->tag, t->comm, r);

    return rc == MPI_SUCCESS ? 0 : xb_mpi_fail(err, b->sends ? "MPI_Isend" : "MPI_Irecv", rc);
}

static unsigned char *message_of(const struct xb_mpi_blocks *b, int i)
{
    return b->packed + (size_t)i * (size_t)b->packed_bytes;
}

/* A message is as long as what the source has packed; the destination has room for as much. */
static int start_packed(struct xb_mpi_blocks *b, int i, MPI_Request *r, struct xb_error *err)
{
    MPI_Datatype type;
    unsigned char *at = buffer_of(b, i, &type);
    int bytes = 0, rc;

    if (!b->sends)
        bytes = b->packed_bytes;
    else if ((rc = MPI_Pack(at, 1, type, message_of(b, i), b->packed_bytes, &bytes,
                            b->t->comm)) != MPI_SUCCESS)
        return xb_mpi_fail(err, "MPI_Pack", rc);
    return start_message(b, message_of(b, i), bytes, MPI_PACKED, r, err);
}

static int start_transfer(struct xb_mpi_blocks *b, int i, struct xb_error *err)
{
    MPI_Request *r = b->request + (size_t)i * messages_of(b);
    MPI_Datatype type;

    if (b->way == XB_SUBMIT_PACK)
        return start_packed(b, i, r, err);
    if (b->way == XB_SUBMIT_DATATYPE) {
        unsigned char *at = buffer_of(b, i, &type);
        return start_message(b, at, 1, type, r, err);
    }
    for (uint64_t k = 0; k < b->blocks; k++)
        if (start_message(b, block_at(b, begin_of(b, i), k), (int)b->block, MPI_BYTE, &r[k],
                          err) < 0)
            return -1;
    return 0;
}

int xb_mpi_blocks_post(struct xb_mpi_blocks *b, int n, struct xb_error *err)
{
    b->complete = 0;
    b->come = 0;
    for (b->posted = 0; b->posted < n; b->posted++)
        if (start_transfer(b, b->posted, err) < 0)
            return -1;
    return 0;
}

static int unpack(struct xb_mpi_blocks *b, int i, struct xb_error *err)
{
    MPI_Datatype type;
    unsigned char *at = buffer_of(b, i, &type);
    int position = 0;
    int rc = MPI_Unpack(message_of(b, i), b->packed_bytes, &position, at, 1, type, b->t->comm);

    return rc == MPI_SUCCESS ? 0 : xb_mpi_fail(err, "MPI_Unpack", rc);
}

/* Have all messages of the next transfer come? They are asked about one by one, in their order:
 * MPI_Testall would look at thousands each time. */
static int next_is_complete(struct xb_mpi_blocks *b, struct xb_error *err)
{
    MPI_Request *r = b->request + (size_t)b->complete * messages_of(b);

    for (; b->come < messages_of(b); b->come++) {
        int done = 0, rc = MPI_Test(&r[b->come], &done, MPI_STATUS_IGNORE);
        if (rc != MPI_SUCCESS)
            return xb_mpi_fail(err, "MPI_Test", rc);
        if (!done)
            return 0;
    }
    b->come = 0;
    return 1;
}

/* What has come is unpacked while others are under way. */
int xb_mpi_blocks_done(struct xb_mpi_blocks *b, struct xb_error *err)
{
    for (; b->complete < b->posted; b->complete++) {
        int rc = next_is_complete(b, err);
        if (rc <= 0)
            return rc;
        if (b->way == XB_SUBMIT_PACK && !b->sends && unpack(b, b->complete, err) < 0)
            return -1;
    }
    return 1;
}

void xb_mpi_blocks_close(struct xb_mpi_blocks *b)
{
    if (!b)
        return;
    size_t requests = b->request ? (size_t)b->t->c->window * messages_of(b) : 0;
    bool pending = false;
    for (size_t i = 0; i < requests; i++)
        if (b->request[i] != MPI_REQUEST_NULL) {
            pending = true;
            MPI_Cancel(&b->request[i]);
            MPI_Request_free(&b->request[i]);
        }
    for (int i = 0; i < PLACES; i++)
        if (b->type[i] != MPI_DATATYPE_NULL)
            MPI_Type_free(&b->type[i]);
    if (!pending) /* else the library may still read or write it */
        free(b->packed);
    free(b->request);
    free(b);
}
