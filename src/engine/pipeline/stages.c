/* SPDX-License-Identifier: BSD-3-Clause */
/* stages.c - the stages that chunked methods build their pipelines of. */
#include "engine/pipeline/stages.h"

#include "engine/pipeline/chunk_blocks.h"

int xb_copy_stage_open(struct xb_copy_stage *s, const struct xb_transfer *t,
                       const struct xb_ring *ring, bool into_ring, struct xb_error *err)
{
    struct xb_endpoint e = into_ring ? t->lane->path.src : t->lane->path.dst;

    *s = (struct xb_copy_stage){.t = t,
                                .ring = ring,
                                .into_ring = into_ring,
                                .by_kernel = s->by_kernel,
                                .sms = s->sms,
                                .addresses = s->addresses,
                                .threads = s->threads,
                                .stores = s->stores,
                                .on_host = e.kind == XB_HOST};
    if (s->on_host && s->threads > 1)
        s->copiers = xb_copiers_open(s->threads, ring->depth, XB_CHUNK_OF_ALL, err);
    if (s->on_host)
        return s->threads > 1 && !s->copiers ? -1 : 0;
    if (t->device->stream_open(0, &s->stream, err) < 0)
        return -1;
    for (uint64_t i = 0; i < ring->depth; i++)
        if (t->device->event_open(false, 0, &s->event[i], err) < 0) {
            xb_copy_stage_close(s);
            return -1;
        }
    return 0;
}

int xb_copy_stage_list(struct xb_copy_stage *s, struct xb_error *err)
{
    const struct xb_chunk_copier by = {.on_host = s->on_host,
                                       .stores = s->stores,
                                       .by_kernel = s->by_kernel,
                                       .addresses = s->addresses,
                                       .sms = s->sms,
                                       .stream = s->stream};

    if (!xb_case_is_submitted(s->t->c))
        return 0;
    return xb_chunk_blocks_open(s->t, s->ring, s->into_ring ? XB_ROLE_SRC : XB_ROLE_DST, &by,
                                &s->blocks, err);
}

static void copy_listed(const struct xb_copiers_job *job, uint64_t part, uint64_t parts)
{
    struct xb_block_list list = *(const struct xb_block_list *)job->src;
    uint64_t from = xb_copiers_part(list.count, part, parts, 1);

    list.count = xb_copiers_part(list.count, part + 1, parts, 1) - from;
    list.dst += from;
    list.src += from;
    xb_block_list_copy(&list, job->stores);
}

void xb_copy_stage_close(struct xb_copy_stage *s)
{
    xb_copiers_close(s->copiers);
    s->copiers = NULL;
    xb_chunk_blocks_close(s->blocks);
    s->blocks = NULL;
    for (int i = 0; i < XB_MAX_DEPTH; i++)
        if (s->event[i]) {
            s->t->device->event_close(s->event[i]);
            s->event[i] = NULL;
        }
    if (s->stream)
        s->t->device->stream_close(s->stream);
    s->stream = NULL;
}

static int copy_start(void *ctx, uint64_t k, struct xb_error *err)
{
    struct xb_copy_stage *s = ctx;
    const struct xb_device *dev = s->t->device;
    unsigned char *slot = xb_ring_slot(s->ring, k);
    uint64_t at = xb_ring_offset(s->ring, k);
    int i = xb_ring_transfer(s->ring, k);
    unsigned char *dst = s->into_ring ? slot : xb_transfer_dst(s->t, i) + at / s->ring->shrinks;
    const unsigned char *src = s->into_ring ? xb_transfer_src(s->t, i) + at : slot;
    uint64_t bytes =
        s->into_ring ? xb_ring_chunk_bytes(s->ring, k) : xb_ring_worked_bytes(s->ring, k);

    if (s->copiers && s->blocks) {
        struct xb_block_list *list = &s->list[k % s->ring->depth];
        *list = xb_chunk_blocks_list(s->blocks, k);
        xb_copiers_start(
            s->copiers, k,
            &(struct xb_copiers_job){.work = copy_listed, .src = list, .stores = s->stores});
        return 0;
    }
    if (s->copiers) {
        xb_copiers_start(s->copiers, k,
                         &(struct xb_copiers_job){
                             .dst = dst, .src = src, .bytes = bytes, .stores = s->stores});
        return 0;
    }
    if (s->on_host && !s->blocks) {
        xb_host_copy(dst, src, bytes, s->stores);
        return 0;
    }
    int rc = s->blocks      ? xb_chunk_blocks_start(s->blocks, k, err)
             : s->by_kernel ? dev->launch_copy(dst, src, bytes, 1, s->sms, s->stream, err)
                            : dev->copy(dst, src, bytes, s->stream, err);
    if (rc < 0 || s->on_host)
        return rc;
    return dev->event_record(s->event[k % s->ring->depth], s->stream, err);
}

static int copy_test(void *ctx, uint64_t k, struct xb_error *err)
{
    struct xb_copy_stage *s = ctx;
    if (s->copiers)
        return xb_copiers_done(s->copiers, k);
    return s->on_host ? 1 : s->t->device->event_done(s->event[k % s->ring->depth], err);
}

struct xb_stage xb_copy_stage(struct xb_copy_stage *s)
{
    return (struct xb_stage){.name = s->into_ring ? "copy-in" : "copy-out",
                             .ctx = s,
                             .start = copy_start,
                             .test = copy_test};
}

static int publish_start(void *ctx, uint64_t k, struct xb_error *err)
{
    struct xb_ring_header *h = ctx;
    (void)err;
    atomic_store_explicit(&h->filled, k + 1, memory_order_release);
    return 0;
}

static int publish_test(void *ctx, uint64_t k, struct xb_error *err)
{
    struct xb_ring_header *h = ctx;
    (void)err;
    return atomic_load_explicit(&h->drained, memory_order_acquire) > k;
}

struct xb_stage xb_publish_stage(struct xb_ring_header *header)
{
    return (struct xb_stage){.name = "publish",
                             .kind = XB_STAGE_SIGNAL,
                             .ctx = header,
                             .start = publish_start,
                             .test = publish_test};
}

static int arrive_test(void *ctx, uint64_t k, struct xb_error *err)
{
    struct xb_ring_header *h = ctx;
    (void)err;
    return atomic_load_explicit(&h->filled, memory_order_acquire) > k;
}

struct xb_stage xb_arrive_stage(struct xb_ring_header *header)
{
    return (struct xb_stage){
        .name = "arrive", .kind = XB_STAGE_SIGNAL, .ctx = header, .test = arrive_test};
}

static int release_start(void *ctx, uint64_t k, struct xb_error *err)
{
    struct xb_ring_header *h = ctx;
    (void)err;
    atomic_store_explicit(&h->drained, k + 1, memory_order_release);
    return 0;
}

struct xb_stage xb_release_stage(struct xb_ring_header *header)
{
    return (struct xb_stage){
        .name = "release", .kind = XB_STAGE_SIGNAL, .ctx = header, .start = release_start};
}

int xb_mpi_fail(struct xb_error *err, const char *call, int rc)
{
    char text[MPI_MAX_ERROR_STRING];
    int len = 0;
    MPI_Error_string(rc, text, &len);
    return xb_fail(err, "%s: %.*s", call, len, text);
}

void xb_message_stage_open(struct xb_message_stage *s, const struct xb_transfer *t,
                           const struct xb_ring *ring)
{
    *s = (struct xb_message_stage){.t = t, .ring = ring};
    for (int i = 0; i < XB_MAX_DEPTH; i++)
        s->request[i] = MPI_REQUEST_NULL;
}

bool xb_message_stage_close(struct xb_message_stage *s)
{
    bool open = false;

    for (int i = 0; i < XB_MAX_DEPTH; i++)
        if (s->request[i] != MPI_REQUEST_NULL) {
            MPI_Cancel(&s->request[i]);
            MPI_Request_free(&s->request[i]);
            open = true;
        }
    return open;
}

static int message_fail(struct xb_error *err, const char *call, int rc)
{
    return rc == MPI_SUCCESS ? 0 : xb_mpi_fail(err, call, rc);
}

static int send_start(void *ctx, uint64_t k, struct xb_error *err)
{
    struct xb_message_stage *s = ctx;
    return message_fail(err, "MPI_Isend",
                        MPI_Isend(xb_ring_slot(s->ring, k),
                                  (int)xb_ring_worked_bytes(s->ring, k), MPI_BYTE, s->t->peer,
                                  s->t->tag, s->t->comm, &s->request[k % s->ring->depth]));
}

static int receive_start(void *ctx, uint64_t k, struct xb_error *err)
{
    struct xb_message_stage *s = ctx;
    return message_fail(err, "MPI_Irecv",
                        MPI_Irecv(xb_ring_slot(s->ring, k),
                                  (int)xb_ring_worked_bytes(s->ring, k), MPI_BYTE, s->t->peer,
                                  s->t->tag, s->t->comm, &s->request[k % s->ring->depth]));
}

static int message_test(void *ctx, uint64_t k, struct xb_error *err)
{
    struct xb_message_stage *s = ctx;
    int done = 0;
    int rc = MPI_Test(&s->request[k % s->ring->depth], &done, MPI_STATUS_IGNORE);
    return rc == MPI_SUCCESS ? done : xb_mpi_fail(err, "MPI_Test", rc);
}

struct xb_stage xb_send_stage(struct xb_message_stage *s)
{
    return (struct xb_stage){.name = "send",
                             .kind = XB_STAGE_WIRE,
                             .ctx = s,
                             .start = send_start,
                             .test = message_test};
}

struct xb_stage xb_receive_stage(struct xb_message_stage *s)
{
    return (struct xb_stage){.name = "receive",
                             .kind = XB_STAGE_WIRE,
                             .ctx = s,
                             .start = receive_start,
                             .test = message_test};
}
