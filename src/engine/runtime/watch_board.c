/* SPDX-License-Identifier: BSD-3-Clause */
/* watch_board.c - the records of the ranks of a node, side by side in shared memory. */
#include "engine/runtime/watch_board.h"

#include <stdlib.h>
#include <string.h>

#include "engine/runtime/process.h"
#include "engine/runtime/shm.h"

#define ASK_AFTER_US 1000000 /* of silence */

/* What all ranks of the node share. */
struct shared {
    _Alignas(128) _Atomic int order; /* status + 1; 0: go on */
    struct xb_watch_record record[];
};

/* When this process saw a record move. */
struct seen {
    uint64_t tick;
    int64_t at_us;
};

struct xb_watch_board {
    struct shared *shared;
    struct xb_shm shm;
    struct seen *seen;
    int count, place;
};

static uint64_t bytes_of(int count)
{
    return sizeof(struct shared) + (uint64_t)count * sizeof(struct xb_watch_record);
}

/* Map the node's board; false where that cannot be. */
static bool share(struct xb_watch_board *b, MPI_Comm node)
{
    char name[XB_SHM_NAME_LEN] = "";
    struct xb_error ignored;

    if (b->place == 0 && xb_shm_create(bytes_of(b->count), &b->shm, &ignored) == 0)
        memcpy(name, b->shm.name, sizeof name);
    MPI_Bcast(name, sizeof name, MPI_CHAR, 0, node);
    int good = name[0] && (b->place == 0 ||
                           xb_shm_attach(name, bytes_of(b->count), &b->shm, &ignored) == 0),
        all;
    MPI_Allreduce(&good, &all, 1, MPI_INT, MPI_MIN, node);
    b->shared = all ? b->shm.ptr : NULL;
    return all;
}

struct xb_watch_board *xb_watch_board_open(MPI_Comm world)
{
    struct xb_watch_board *b = calloc(1, sizeof *b);
    MPI_Comm node;
    int rank;

    if (!b)
        return NULL;
    MPI_Comm_rank(world, &rank);
    MPI_Comm_split_type(world, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &node);
    MPI_Comm_size(node, &b->count);
    MPI_Comm_rank(node, &b->place);
    if (!share(b, node)) {
        b->count = 1;
        b->place = 0;
        b->shared = aligned_alloc(_Alignof(struct shared), bytes_of(1));
        if (b->shared)
            memset(b->shared, 0, bytes_of(1));
    }
    b->seen = calloc((size_t)b->count, sizeof *b->seen);
    if (b->shared)
        xb_watch_move(&b->shared->record[b->place]);
    MPI_Barrier(node); /* all have a record */
    MPI_Comm_free(&node);
    return b->shared && b->seen ? b : NULL;
}

int xb_watch_board_count(const struct xb_watch_board *board)
{
    return board->count;
}

int xb_watch_board_place(const struct xb_watch_board *board)
{
    return board->place;
}

/* The step with its times, whole. */
static void read_step(const struct xb_watch_record *r, struct xb_watch_view *v)
{
    uint32_t before, after;
    int tries = 0;

    do {
        before = atomic_load(&r->version);
        xb_watch_get_text(r->step, XB_WATCH_WORDS, v->step);
        int64_t now = atomic_load(&r->watched_us), since = atomic_load(&r->since_us),
                due = atomic_load(&r->due_us);
        v->since_s = (float)((double)(now - since) * 1e-6);
        v->limit_s = due ? (float)((double)(due - since) * 1e-6) : 0;
        v->over_s = due ? (float)((double)(now - due) * 1e-6) : -1;
        after = atomic_load(&r->version);
    } while ((before != after || before % 2) && ++tries < 1000);
}

static void look_at(const struct xb_watch_record *r, struct seen *seen, bool ask,
                    struct xb_watch_view *v)
{
    uint64_t tick = atomic_load(&r->tick);
    int64_t now_us = atomic_load(&xb_watch_mine()->watched_us);
    int waits = atomic_load(&r->waits_for);

    if (tick != seen->tick || seen->at_us == 0)
        *seen = (struct seen){tick, now_us};
    int64_t silent_us = now_us - seen->at_us;
    memset(v, 0, sizeof *v); /* it travels as bytes */
    v->rank = atomic_load(&r->rank);
    v->pid = atomic_load(&r->pid);
    v->waits_for = waits < 0 ? XB_WAIT_ALL : waits - 1;
    v->signal = atomic_load(&r->signal);
    v->ended = atomic_load(&r->ended);
    v->meetings = atomic_load(&r->meetings);
    v->silent_s = (float)((double)silent_us * 1e-6);
    v->state = 'R';
    if (ask || silent_us > ASK_AFTER_US)
        v->state = (unsigned char)xb_process_state(v->pid, atomic_load(&r->born));
    xb_watch_get_text(r->place, 8, v->place);
    read_step(r, v);
}

void xb_watch_board_look(struct xb_watch_board *board, struct xb_watch_view *views, bool ask)
{
    for (int i = 0; i < board->count; i++)
        look_at(&board->shared->record[i], &board->seen[i], ask, &views[i]);
}

void xb_watch_board_tell(struct xb_watch_board *board, int status)
{
    atomic_store(&board->shared->order, status + 1);
}

int xb_watch_board_order(const struct xb_watch_board *board)
{
    return atomic_load(&board->shared->order) - 1;
}

bool xb_watch_board_ended(const struct xb_watch_board *board, bool gone)
{
    for (int i = 0; i < board->count; i++) {
        const struct xb_watch_record *r = &board->shared->record[i];
        bool ended = !gone && atomic_load(&r->ended);
        if (i != board->place && !ended &&
            !xb_process_is_gone(xb_process_state(atomic_load(&r->pid), atomic_load(&r->born))))
            return false;
    }
    return true;
}

uint64_t xb_watch_board_born(const struct xb_watch_board *board, int place)
{
    return atomic_load(&board->shared->record[place].born);
}
