/* SPDX-License-Identifier: BSD-3-Clause */
/* pieces.c - transfers in pieces over several streams. */
#include "engine/pipeline/pieces.h"

int xb_pieces_open(struct xb_pieces *p, const struct xb_transfer *t, int gpu,
                   struct xb_error *err)
{
    *p = (struct xb_pieces){.t = t, .chunk = t->c->chunk, .depth = t->c->depth};
    for (int i = 0; i < p->depth; i++)
        if (t->device->stream_open(gpu, &p->stream[i], err) < 0 ||
            t->device->event_open(false, gpu, &p->event[i], err) < 0)
            return -1;
    if (p->depth > 0)
        return 0;
    p->chunk = t->c->bytes;
    p->stream[0] = t->stream;
    return t->device->event_open(false, gpu, &p->event[0], err);
}

/* How many streams there are. */
static int streams(const struct xb_pieces *p)
{
    return p->depth > 0 ? p->depth : 1;
}

static int record(struct xb_pieces *p, int i, struct xb_error *err)
{
    p->posted[i] = true;
    return p->t->device->event_record(p->event[i], p->stream[i], err);
}

int xb_pieces_post(struct xb_pieces *p, int n, xb_piece_start start, void *ctx,
                   struct xb_error *err)
{
    uint64_t bytes = p->t->c->bytes, first = p->next, count = (uint64_t)streams(p);

    for (int i = 0; i < n; i++)
        for (uint64_t at = 0; at < bytes; at += p->chunk, p->next++) {
            uint64_t left = bytes - at;
            if (start(ctx, i, at, left < p->chunk ? left : p->chunk, p->stream[p->next % count],
                      err) < 0)
                return -1;
        }
    for (uint64_t k = 0; k < count && k < p->next - first; k++)
        if (record(p, (int)((first + k) % count), err) < 0)
            return -1;
    return 0;
}

int xb_pieces_mark(struct xb_pieces *p, struct xb_error *err)
{
    return record(p, 0, err);
}

int xb_pieces_done(struct xb_pieces *p, struct xb_error *err)
{
    for (int i = 0; i < streams(p); i++) {
        int rc = p->posted[i] ? p->t->device->event_done(p->event[i], err) : 1;
        if (rc <= 0)
            return rc;
        p->posted[i] = false;
    }
    return 1;
}

void xb_pieces_close(struct xb_pieces *p)
{
    for (int i = 0; p->t && i < XB_MAX_DEPTH; i++) {
        if (p->event[i])
            p->t->device->event_close(p->event[i]);
        if (p->depth > 0 && p->stream[i])
            p->t->device->stream_close(p->stream[i]);
    }
    *p = (struct xb_pieces){0};
}
