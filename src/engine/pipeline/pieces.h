/* SPDX-License-Identifier: BSD-3-Clause */
/* pieces.h - transfers in pieces over several streams of one GPU, so many pieces in flight.
 *
 * Piece k goes to stream k modulo depth, in which it follows piece k - depth. Without a chunk a
 * transfer is one piece, in the lane's own stream. One rank uses it for itself.
 */
#ifndef XB_ENGINE_PIPELINE_PIECES_H
#define XB_ENGINE_PIPELINE_PIECES_H

#include <stdint.h>

#include "engine/pipeline/transfer.h"

struct xb_pieces {
    const struct xb_transfer *t;
    uint64_t chunk; /* bytes */
    int depth;
    struct xb_stream *stream[XB_MAX_DEPTH]; /* its own, but for the lane's where depth is 0 */
    struct xb_event *event[XB_MAX_DEPTH];
    bool posted[XB_MAX_DEPTH]; /* the event of a stream is behind pieces that were posted */
    uint64_t next;             /* piece, of all time */
};

/* Start a piece of transfer i of those that are posted together: so many bytes from `at` of the
 * transfer, by the stream. 0 or -1. */
typedef int (*xb_piece_start)(void *ctx, int i, uint64_t at, uint64_t bytes,
                              struct xb_stream *stream, struct xb_error *err);

/* Open the streams of that GPU, and an event for each. t outlives it. 0, or -1; then too close
 * is to follow. */
int xb_pieces_open(struct xb_pieces *p, const struct xb_transfer *t, int gpu,
                   struct xb_error *err);

/* Start all pieces of n transfers. 0 or -1. */
int xb_pieces_post(struct xb_pieces *p, int n, xb_piece_start start, void *ctx,
                   struct xb_error *err);

/* Mark what is in the lane's own stream as posted: for who puts his work there by himself. */
int xb_pieces_mark(struct xb_pieces *p, struct xb_error *err);

/* 1 when all that was posted is complete, 0 when not yet, -1. */
int xb_pieces_done(struct xb_pieces *p, struct xb_error *err);

/* Free streams and events; does not wait for what is in them. */
void xb_pieces_close(struct xb_pieces *p);

#endif
