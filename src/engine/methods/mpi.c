/* mpi.c - messages of the MPI library from buffer to buffer, device buffers where it takes
 * them. */
#include "engine/method.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "engine/stages.h"

static const char *const transfer_choices[] = {"send", NULL};

static const struct xb_option options[] = {
    {.name = "transfer",
     .type = XB_OPTION_ENUM,
     .choices = transfer_choices,
     .fallback = 0,
     .summary = "send: MPI_Isend and MPI_Irecv"},
    {0},
};

/* One count of MPI is an int; larger transfers are so many blocks and a rest in one type. */
#define BLOCK (1 << 20)

struct mpi {
    const struct xb_transfer *t;
    MPI_Datatype type;
    int count;
    bool own_type;
    int open;
    MPI_Request *request; /* one for each transfer of a window */
};

static int mpi_probe(const struct xb_transfer *t, struct xb_error *err)
{
    const struct xb_session *s = t->session;
    int rc = xb_method_supports(t, "gg hh gh hg", 1u << XB_NODE | 1u << XB_REMOTE, err);
    if (rc != XB_GO)
        return rc;
    bool gpu = t->lane->path.src.kind == XB_GPU || t->lane->path.dst.kind == XB_GPU;
    if (gpu && !(t->device->caps & XB_DEVICE_IS_HOST) && !s->mpi_device_buffers) {
        xb_fail(err, "MPI does not take device buffers: %s", s->mpi_device_buffers_how);
        return XB_SKIP;
    }
    return XB_GO;
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

static void mpi_close(void *ctx)
{
    struct mpi *m = ctx;

    for (int i = 0; i < m->open; i++)
        if (m->request[i] != MPI_REQUEST_NULL) { /* after a failure only */
            MPI_Cancel(&m->request[i]);
            MPI_Request_free(&m->request[i]);
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
    m->request = calloc((size_t)t->c->window, sizeof(MPI_Request));
    int rc = m->request ? make_type(m, err) : xb_fail(err, "out of memory");
    if (rc < 0) {
        mpi_close(m);
        return XB_ERROR;
    }
    *ctx = m;
    return XB_GO;
}

static int mpi_post(void *ctx, int n, struct xb_error *err)
{
    struct mpi *m = ctx;
    const struct xb_transfer *t = m->t;

    for (m->open = 0; m->open < n; m->open++) {
        MPI_Request *r = &m->request[m->open];
        int rc = t->roles & XB_ROLE_SRC
                     ? MPI_Isend(t->src, m->count, m->type, t->peer, t->tag, t->comm, r)
                     : MPI_Irecv(t->dst, m->count, m->type, t->peer, t->tag, t->comm, r);
        if (rc != MPI_SUCCESS)
            return xb_mpi_fail(err, t->roles & XB_ROLE_SRC ? "MPI_Isend" : "MPI_Irecv", rc);
    }
    return 0;
}

static int mpi_wait(void *ctx, struct xb_error *err)
{
    struct mpi *m = ctx;
    int done = 0, rc = MPI_Testall(m->open, m->request, &done, MPI_STATUSES_IGNORE);

    if (rc != MPI_SUCCESS)
        return xb_mpi_fail(err, "MPI_Testall", rc);
    if (done)
        m->open = 0;
    return done;
}

const struct xb_method xb_method_mpi = {
    .spec = {.name = "mpi",
             .summary = "messages of the MPI library from buffer to buffer",
             .options = options},
    .receives_first = true, /* a message that finds its receive posted is spared a detour */
    .probe = mpi_probe,
    .open = mpi_open,
    .post = mpi_post,
    .wait = mpi_wait,
    .close = mpi_close,
};
