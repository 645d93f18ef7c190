/* SPDX-License-Identifier: BSD-3-Clause */
/* cpu_blocks.c - many blocks of host memory by one call: copied by the calling thread, and in
 * place of a kernel by all cores. */
#include "engine/devices/cpu_blocks.h"

#include <string.h>

#include "engine/devices/cpu_threads.h"

/* What one thread takes at a time: less is copied sooner than another thread wakes. */
#define PART_BYTES (64 << 10)

static int cpu_can_batch(struct xb_error *reason)
{
    xb_fail(reason, "device cpu takes no batches of copies: submission must be another");
    return 1;
}

static int cpu_rows(const struct xb_rows *r, struct xb_stream *stream, struct xb_error *err)
{
    (void)stream;
    (void)err;
    for (uint64_t k = 0; k < r->height; k++)
        memcpy((unsigned char *)r->dst + k * r->dst_pitch,
               (const unsigned char *)r->src + k * r->src_pitch, r->width);
    return 0;
}

static int cpu_planes(const struct xb_planes *p, struct xb_stream *stream, struct xb_error *err)
{
    struct xb_rows rows = p->rows;

    for (uint64_t k = 0; k < p->depth; k++) {
        rows.dst = (unsigned char *)p->rows.dst + k * p->dst_plane;
        rows.src = (const unsigned char *)p->rows.src + k * p->src_plane;
        cpu_rows(&rows, stream, err);
    }
    return 0;
}

static void copy_blocks(void *arg, uint64_t first, uint64_t count)
{
    const struct xb_block_list *list = arg;

    for (uint64_t k = first; k < first + count; k++)
        memcpy(list->dst[k], list->src[k], list->block);
}

static int cpu_kernel(const struct xb_block_list *list, int sms, struct xb_stream *stream,
                      struct xb_error *err)
{
    (void)sms;
    (void)stream;
    (void)err;
    struct xb_block_list all = *list;
    xb_cpu_threads_run(copy_blocks, &all, list->count, 1 + PART_BYTES / (list->block + 1));
    return 0;
}

const struct xb_block_copies xb_cpu_blocks = {
    .can_batch = cpu_can_batch, .rows = cpu_rows, .planes = cpu_planes, .kernel = cpu_kernel};
