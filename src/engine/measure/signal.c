/* SPDX-License-Identifier: BSD-3-Clause */
/* signal.c - flags in shared memory, or empty messages. */
#include "engine/measure/signal.h"

#include <stdatomic.h>
#include <string.h>

/* How many signals each end has given, a cache line each. */
struct board {
    _Alignas(128) _Atomic uint64_t by_source;
    _Alignas(128) _Atomic uint64_t by_destination;
};

static bool is_source(const struct xb_signal *s)
{
    return s->t->roles & XB_ROLE_SRC;
}

static _Atomic uint64_t *flag_of(const struct xb_signal *s, bool of_source)
{
    struct board *board = s->board.ptr;
    return of_source ? &board->by_source : &board->by_destination;
}

int xb_signal_open(struct xb_signal *s, const struct xb_transfer *t, int tag,
                   struct xb_signal_card *card, struct xb_error *err)
{
    *s = (struct xb_signal){.t = t, .tag = tag};
    if (t->lane->path.locality != XB_NODE || !is_source(s))
        return 0;
    if (xb_arena_segment_make(t->session->arena, t->peer, sizeof(struct board), false,
                              &s->board, err) < 0)
        return -1;
    memset(s->board.ptr, 0, sizeof(struct board)); /* an earlier round may have counted in it */
    memcpy(card->name, s->board.name, sizeof card->name);
    card->bytes = s->board.bytes;
    return 0;
}

int xb_signal_join(struct xb_signal *s, const struct xb_signal_card *card, struct xb_error *err)
{
    const struct xb_segment_place place = {
        .peer = s->t->peer, .name = card->name, .bytes = card->bytes};

    if (s->t->lane->path.locality != XB_NODE || is_source(s))
        return 0;
    return xb_arena_segment_join(s->t->session->arena, &place, &s->board, err);
}

static int fail(struct xb_error *err, int rc)
{
    return xb_fail(err, "the message that says what is complete failed (MPI error %d)", rc);
}

int xb_signal_give(struct xb_signal *s, struct xb_error *err)
{
    MPI_Request request;

    s->given++;
    if (s->board.ptr) {
        atomic_store_explicit(flag_of(s, is_source(s)), s->given, memory_order_release);
        return 0;
    }
    int rc = MPI_Isend(NULL, 0, MPI_BYTE, s->t->peer, s->tag, s->t->comm, &request);
    if (rc == MPI_SUCCESS)
        rc = MPI_Request_free(&request);
    return rc == MPI_SUCCESS ? 0 : fail(err, rc);
}

int xb_signal_take(struct xb_signal *s, struct xb_error *err)
{
    int done = 0, rc = MPI_SUCCESS;

    if (s->board.ptr) {
        done = atomic_load_explicit(flag_of(s, !is_source(s)), memory_order_acquire) > s->heard;
    } else {
        if (!s->waits)
            rc = MPI_Irecv(NULL, 0, MPI_BYTE, s->t->peer, s->tag, s->t->comm, &s->request);
        s->waits = true;
        if (rc == MPI_SUCCESS)
            rc = MPI_Test(&s->request, &done, MPI_STATUS_IGNORE);
        if (rc != MPI_SUCCESS)
            return fail(err, rc);
        s->waits = !done;
    }
    s->heard += done ? 1 : 0;
    return done ? 1 : 0;
}

void xb_signal_give_up(struct xb_signal *s)
{
    if (!s->waits)
        return;
    MPI_Cancel(&s->request);
    MPI_Wait(&s->request, MPI_STATUS_IGNORE);
    s->waits = false;
}

void xb_signal_close(struct xb_signal *s)
{
    if (s->board.ptr)
        xb_arena_segment_give(s->t->session->arena, &s->board, xb_transfer_return(s->t));
}
