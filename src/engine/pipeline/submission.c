/* SPDX-License-Identifier: BSD-3-Clause */
/* submission.c - transfers of many blocks: the ways to submit them. */
#include "engine/pipeline/submission_internal.h"

#include <stdlib.h>
#include <string.h>

#include "model/plan/layout.h"

static enum xb_submit submission_of(const struct xb_case *c)
{
    return (enum xb_submit)xb_case_layout_options(c)->submission;
}

/* ---- the ways ---- */

static int start_loop(struct xb_submission *s, int i, struct xb_error *err)
{
    const struct xb_block_list list = xb_submission_list(s, i, false);
    const struct xb_device *dev = s->t->device;

    for (uint64_t k = 0; k < list.count; k++) {
        int rc = 0;
        if (s->by.on_host)
            memcpy(list.dst[k], list.src[k], list.block);
        else if (s->by.by_kernel)
            rc = dev->launch_copy(list.dst[k], list.src[k], list.block, 1, s->by.sms,
                                  s->t->stream, err);
        else
            rc = dev->copy(list.dst[k], list.src[k], list.block, s->t->stream, err);
        if (rc < 0)
            return -1;
    }
    return 0;
}

static int probe_batch(const struct xb_transfer *t, const struct xb_submitter *by,
                       struct xb_error *err)
{
    (void)by;
    return t->device->blocks->can_batch(err) == 0 ? XB_GO : XB_SKIP;
}

static int start_batch(struct xb_submission *s, int i, struct xb_error *err)
{
    const struct xb_block_list list = xb_submission_list(s, i, false);
    return s->t->device->blocks->batch(&list, s->t->stream, err);
}

/* From the first block of an end to block k. */
static uint64_t distance(const void *const *at, uint64_t k)
{
    return (uint64_t)((const unsigned char *)at[k] - (const unsigned char *)at[0]);
}

static int start_2d(struct xb_submission *s, int i, struct xb_error *err)
{
    const struct xb_block_list list = xb_submission_list(s, i, false);
    const void *const *dst = (const void *const *)list.dst;
    const struct xb_rows rows = {.dst = list.dst[0],
                                 .src = list.src[0],
                                 .dst_pitch = list.count > 1 ? distance(dst, 1) : list.block,
                                 .src_pitch =
                                     list.count > 1 ? distance(list.src, 1) : list.block,
                                 .width = list.block,
                                 .height = list.count};
    return s->t->device->blocks->rows(&rows, s->t->stream, err);
}

static int probe_3d(const struct xb_transfer *t, const struct xb_submitter *by,
                    struct xb_error *err)
{
    (void)by;
    if (t->device->blocks->planes)
        return XB_GO;
    xb_fail(err, "device %s has no 3-D copies: submission must be another", t->device->name);
    return XB_SKIP;
}

/* How far one row of an end is from the next one, and one plane. */
static void measure_planes(const void *const *at, const struct xb_block_list *list,
                           uint64_t rows, uint64_t *pitch, uint64_t *plane)
{
    bool several = list->count > rows;

    *pitch = rows > 1 ? distance(at, 1) : several ? distance(at, rows) : list->block;
    *plane = several ? distance(at, rows) : rows * *pitch;
}

/* Without planes at either end all rows are one. */
static int start_3d(struct xb_submission *s, int i, struct xb_error *err)
{
    const struct xb_block_list list = xb_submission_list(s, i, false);
    const struct xb_layout dst = xb_case_layout(s->t->c, false),
                           src = xb_case_layout(s->t->c, true);
    uint64_t rows = dst.rows ? dst.rows : src.rows ? src.rows : list.count;
    struct xb_planes planes = {
        .rows = {.dst = list.dst[0], .src = list.src[0], .width = list.block, .height = rows},
        .depth = list.count / rows};

    measure_planes((const void *const *)list.dst, &list, rows, &planes.rows.dst_pitch,
                   &planes.dst_plane);
    measure_planes(list.src, &list, rows, &planes.rows.src_pitch, &planes.src_plane);
    return s->t->device->blocks->planes(&planes, s->t->stream, err);
}

static int start_kernel(struct xb_submission *s, int i, struct xb_error *err)
{
    const struct xb_block_list list = xb_submission_list(s, i, true);
    return s->t->device->blocks->kernel(&list, s->by.sms, s->t->stream, err);
}

static int probe_graph(const struct xb_transfer *t, const struct xb_submitter *by,
                       struct xb_error *err)
{
    (void)by;
    if (t->device->blocks->graph_open)
        return XB_GO;
    xb_fail(err, "device %s has no graphs of copies: submission must be another",
            t->device->name);
    return XB_SKIP;
}

/* One graph for each pair of places where a transfer may begin. */
static int open_graphs(struct xb_submission *s, struct xb_error *err)
{
    uint64_t step = xb_transfer_step(s->t->c);
    uint64_t places = s->t->one_place ? 1 : XB_TURN_PLACES;

    for (uint64_t dst = 0; dst < places; dst++)
        for (uint64_t ahead = 0; ahead < places; ahead++) {
            struct xb_block_list list =
                xb_submission_list_from(s, dst * step, (dst + ahead) * step, false);
            if (dst + ahead <= XB_TURN_SRC_STEPS &&
                s->t->device->blocks->graph_open(&list, s->t->stream, &s->graph[dst][ahead],
                                                 err) < 0)
                return -1;
        }
    return 0;
}

static void close_graphs(struct xb_submission *s)
{
    for (int dst = 0; dst < XB_TURN_PLACES; dst++)
        for (int ahead = 0; ahead < XB_TURN_PLACES; ahead++)
            s->t->device->blocks->graph_close(s->graph[dst][ahead]);
}

static int start_graph(struct xb_submission *s, int i, struct xb_error *err)
{
    uint64_t step = xb_transfer_step(s->t->c), dst = xb_turn_dst(&s->t->turn, i);
    uint64_t ahead = xb_turn_src(&s->t->turn, i) - dst;

    return s->t->device->blocks->graph_start(s->graph[dst / step][ahead / step], s->t->stream,
                                             err);
}

/* By enum xb_submit; without a name where it is not for copies. */
static const struct xb_way ways[] = {
    [XB_SUBMIT_DATATYPE] = {.name = NULL},
    [XB_SUBMIT_LOOP] = {.name = "loop", .on_host = true, .start = start_loop},
    [XB_SUBMIT_BATCH] = {.name = "batch",
                         .addressed = true,
                         .probe = probe_batch,
                         .start = start_batch},
    [XB_SUBMIT_2D] = {.name = "2d", .start = start_2d},
    [XB_SUBMIT_3D] = {.name = "3d", .probe = probe_3d, .start = start_3d},
    [XB_SUBMIT_KERNEL] = {.name = "kernel",
                          .addressed = true,
                          .reads_lists = true,
                          .start = start_kernel},
    [XB_SUBMIT_GRAPH] = {.name = "graph",
                         .addressed = true,
                         .probe = probe_graph,
                         .open = open_graphs,
                         .close = close_graphs,
                         .start = start_graph},
    [XB_SUBMIT_PACK] = {.name = "pack",
                        .reads_lists = true,
                        .on_host = true,
                        .open = xb_pack_open,
                        .close = xb_pack_close,
                        .post = xb_pack_post,
                        .done = xb_pack_done},
};

/* ---- for methods ---- */

int xb_submission_probe(const struct xb_transfer *t, const struct xb_submitter *by,
                        struct xb_error *err)
{
    const struct xb_way *way = &ways[submission_of(t->c)];

    if (!way->name)
        xb_fail(err, "submission %s is for MPI's messages",
                xb_submissions[submission_of(t->c)]);
    else if (by->on_host && !way->on_host)
        xb_fail(err, "between two hosts the processor copies: submission must be loop or pack");
    else if (!by->on_host && way != &ways[XB_SUBMIT_LOOP] && !t->device->blocks)
        xb_fail(err, "device %s copies blocks in a loop alone: submission must be loop",
                t->device->name);
    else if (way->addressed && !by->addresses)
        xb_fail(err,
                "submission %s is for memory that the GPU addresses: memory must be pinned",
                way->name);
    else
        return way->probe ? way->probe(t, by, err) : XB_GO;
    return XB_SKIP;
}

void xb_submission_needs(const struct xb_transfer *t, struct xb_needs *needs)
{
    const struct xb_way *way = &ways[submission_of(t->c)];

    if (way->reads_lists)
        needs->device += sizeof(void *) * (xb_address_list_count(t, XB_ROLE_SRC) +
                                           xb_address_list_count(t, XB_ROLE_DST));
    if (way == &ways[XB_SUBMIT_PACK])
        xb_pack_needs(t, needs);
}

/* List the blocks, for kernels too where the way needs that. */
static int list_ends(struct xb_submission *s, struct xb_error *err)
{
    if (xb_address_list_end(&s->src, s->t, XB_ROLE_SRC, s->by.src, s->granule, &s->align, err) <
            0 ||
        xb_address_list_end(&s->dst, s->t, XB_ROLE_DST, s->by.dst, s->granule, &s->align, err) <
            0)
        return -1;
    if (!s->way->reads_lists || s->by.on_host)
        return 0;
    return xb_address_list_share(&s->src, s->t, s->by.gpu, XB_ROLE_SRC, err) < 0 ||
                   xb_address_list_share(&s->dst, s->t, s->by.gpu, XB_ROLE_DST, err) < 0
               ? -1
               : 0;
}

int xb_submission_open(const struct xb_transfer *t, const struct xb_submitter *by,
                       struct xb_submission **out, struct xb_error *err)
{
    struct xb_submission *s = calloc(1, sizeof *s);

    *out = NULL;
    if (!s)
        return xb_fail(err, "out of memory");
    s->t = t;
    s->by = *by;
    s->way = &ways[submission_of(t->c)];
    s->blocks = (uint64_t)xb_case_layout_options(t->c)->blocks;
    s->block = xb_case_block(t->c);
    s->granule = s->blocks > 1 ? s->block : xb_transfer_step(t->c);
    s->align = 16;
    while (s->block % s->align)
        s->align /= 2;
    s->bytes = calloc(s->blocks, sizeof *s->bytes);
    int rc = s->bytes ? 0 : xb_fail(err, "out of memory");
    for (uint64_t k = 0; rc == 0 && k < s->blocks; k++)
        s->bytes[k] = s->block;
    if (rc == 0 && !by->on_host)
        rc = t->device->event_open(false, by->gpu, &s->event, err);
    if (rc == 0)
        rc = list_ends(s, err);
    if (rc == 0 && s->way->open)
        rc = s->way->open(s, err);
    if (rc < 0) {
        xb_submission_close(s);
        return -1;
    }
    *out = s;
    return 0;
}

int xb_submission_post(struct xb_submission *s, int n, struct xb_error *err)
{
    if (s->way->post)
        return s->way->post(s, n, err);
    for (int i = 0; i < n; i++)
        if (s->way->start(s, i, err) < 0)
            return -1;
    return s->by.on_host ? 0 : s->t->device->event_record(s->event, s->t->stream, err);
}

int xb_submission_done(struct xb_submission *s, struct xb_error *err)
{
    if (s->way->done)
        return s->way->done(s, err);
    return s->by.on_host ? 1 : s->t->device->event_done(s->event, err);
}

void xb_submission_close(struct xb_submission *s)
{
    if (!s)
        return;
    if (s->way->close)
        s->way->close(s);
    xb_address_list_free(&s->src, s->t);
    xb_address_list_free(&s->dst, s->t);
    if (s->event)
        s->t->device->event_close(s->event);
    free(s->bytes);
    free(s);
}
