/* nccl.c - NCCL from GPU to GPU: send and receive, and its collectives.
 *
 * All ranks of the run are in one communicator, made before the first case and used by all. Its
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
#include "engine/devices/nccl_library.h"
#endif

#ifdef HAVE_NCCL

static const struct xb_nccl *nccl;
static ncclComm_t world; /* of all ranks of the run, each under its rank; NULL if not there */

/* Lanes of this rank at one step of their chains. */
struct group {
    struct lane *first;
    int lanes, posted;    /* how many there are, and how many of them have posted their next */
    int64_t turns;        /* times that the group was started */
    bool pending;         /* the last time may not be complete */
    bool failed;          /* the communicator is not to be used again */
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
    struct lane *next; /* in the group */
    int64_t turns;     /* times that this lane was posted */
};

/* ---- the communicator ---- */

static void abort_world(void)
{
    if (world)
        nccl->CommAbort(world);
    world = NULL;
}

/* NCCL knows GPUs by their bus ids, also those of which MIG makes several. */
static int count_on_gpu(const struct xb_session *s)
{
    const struct xb_rank_info *me = &s->ranks[s->rank];
    int n = 0;

    for (int r = 0; r < s->nranks; r++)
        n += s->ranks[r].node == me->node && s->ranks[r].place.has_gpu &&
             strcmp(s->ranks[r].place.pci, me->place.pci) == 0;
    return n;
}

/* What every rank can tell by itself. */
static int can_start(const struct xb_session *s, struct xb_error *err)
{
    const struct xb_place *place = &s->ranks[s->rank].place;

    if (s->device->caps & XB_DEVICE_IS_HOST)
        xb_fail(err, "NCCL moves bytes between GPUs; device %s has none", s->device->name);
    else if (count_on_gpu(s) > 1)
        xb_fail(err, "NCCL takes one rank a GPU; %d ranks share %s", count_on_gpu(s),
                place->pci);
    else if ((nccl = xb_nccl_load(err)))
        return XB_GO;
    return XB_SKIP;
}

static int join_world(const struct xb_session *s, struct xb_error *err)
{
    ncclUniqueId id = {{0}};
    ncclResult_t rc = s->rank == 0 ? nccl->GetUniqueId(&id) : ncclSuccess;

    MPI_Bcast(&rc, (int)sizeof rc, MPI_BYTE, 0, s->world);
    if (rc != ncclSuccess)
        return xb_nccl_fail(err, nccl, "ncclGetUniqueId", rc, NULL);
    MPI_Bcast(&id, (int)sizeof id, MPI_BYTE, 0, s->world);
    rc = nccl->CommInitRank(&world, s->nranks, id, s->rank);
    if (rc == ncclSuccess)
        return XB_GO;
    world = NULL;
    return xb_nccl_fail(err, nccl, "ncclCommInitRank", rc, NULL);
}

/* A case that failed has aborted the communicator on some ranks; then all make a new one. */
static int nccl_start(const struct xb_session *s, struct xb_error *err)
{
    const char *host = s->ranks[s->rank].host;
    int here = world != NULL, everywhere;

    MPI_Allreduce(&here, &everywhere, 1, MPI_INT, MPI_MIN, s->world);
    if (everywhere)
        return XB_GO;
    abort_world();
    int rc = xb_agree(s->world, can_start(s, err), s->rank, host, err);
    if (rc == XB_GO)
        rc = xb_agree(s->world, join_world(s, err), s->rank, host, err);
    if (rc != XB_GO)
        abort_world();
    return rc;
}

static void nccl_stop(void)
{
    if (world)
        nccl->CommDestroy(world);
    world = NULL;
}

/* ---- lanes ---- */

static int nccl_probe(const struct xb_transfer *t, struct xb_error *err)
{
    uint64_t unit = 8 * (uint64_t)t->session->nranks;
    int rc = xb_method_supports(t, err);

    if (rc == XB_GO && !world)
        return xb_fail(err, "NCCL's communicator was aborted in this case, and no other made");
    if (rc == XB_GO && t->lane->step >= MAX_STEPS) {
        xb_fail(err, "NCCL's lanes are in chains of at most %d here", MAX_STEPS);
        return XB_SKIP;
    }
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
            t->session->nranks, (unsigned long long)unit);
    return XB_SKIP;
}

static void nccl_close(void *ctx)
{
    struct lane *l = ctx;
    struct group *g = l->group;
    struct xb_error ignored;

    /* what did not end by itself is ended with the communicator */
    if (g->failed || (g->pending && l->t->device->event_done(g->end, &ignored) != 1))
        abort_world();
    g->pending = g->failed = false;
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

/* The group's two lanes are the one that leaves this rank and the one that comes in. */
static ncclResult_t start_collective(const struct group *g, enum xb_collective op, int i,
                                     cudaStream_t stream)
{
    const struct xb_transfer *a = g->first->t, *b = g->first->next->t;
    const struct xb_transfer *out = a->roles & XB_ROLE_SRC ? a : b, *in = out == a ? b : a;
    const unsigned char *src = xb_transfer_src(out, i);
    unsigned char *dst = xb_transfer_dst(in, i);
    int n = a->session->nranks;
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
        return start_all_to_all(src, dst, a->c->bytes / (size_t)n, n, stream);
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

static int nccl_start(const struct xb_session *s, struct xb_error *err)
{
    (void)s;
    xb_fail(err, "this build has no NCCL");
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
