/* SPDX-License-Identifier: BSD-3-Clause */
/* rounds.c - the timed part: lanes take their turns in chains, chains run side by side.
 *
 * Each rank walks its lanes of a chain in order, round after round. A lane is complete when its
 * destination knows that the last byte is there: by its own part of the work, or because the
 * source says that all is sent. Then it starts the next lane of the chain, or gives the turn to
 * the rank that does. So does the rank that starts a chain learn of its end, whatever the
 * method: the last destination tells it.
 *
 * One clock sees everything: that of the rank that starts chain 0. It lets the starters of the
 * other chains begin and is told when their chains are complete, so that chains which did not
 * run at the same time cannot look as if they had. */
#include "engine/measure/rounds.h"

#include <stdlib.h>

#include "engine/measure/resident.h"
#include "engine/runtime/clock.h"
#include "engine/runtime/watch_record.h"

#define CHECK_EVERY 256 /* polls between two looks at the clock and at other ranks */

enum chain_state {
    CHAIN_TURN, /* whose turn the lane is comes from another rank */
    CHAIN_POST,
    CHAIN_WAIT,
    CHAIN_HEAR, /* the destination hears that all is sent */
    CHAIN_SEE,  /* and looks for itself */
    CHAIN_LAST, /* the chain's end comes from another rank */
    CHAIN_DONE
};

/* This rank's walk through one chain. */
struct walk {
    struct xb_lane_run *lanes; /* those of the chain in which it has a role */
    size_t nlanes, at;
    int64_t rounds, round;
    enum chain_state state;
    struct xb_chain_run *timed; /* where this rank starts the chain: it gets its time */
};

static int tag_of(const struct xb_case_run *run, enum xb_tag_kind kind, int n)
{
    return xb_tag(run->team.epoch, kind, n);
}

/* Is this the rank that starts the chain and learns of its end? */
static bool starts_chain(const struct walk *w)
{
    return w->lanes[0].starter && w->lanes[0].lane.step == 0;
}

/* What comes behind the lane for this rank: the next one, or the next round, or the end. */
static void next_lane(struct walk *w)
{
    w->state = CHAIN_TURN;
    if (++w->at < w->nlanes)
        return;
    w->at = 0;
    if (++w->round < w->rounds)
        return;
    w->state = starts_chain(w) && w->lanes[0].awaits_turn ? CHAIN_LAST : CHAIN_DONE;
}

/* Does the source say when all is sent, and the destination hear it? Of methods that both ends
 * work on only where nothing is moved: the bytes themselves say it otherwise. */
static bool tells(const struct xb_case_run *run, const struct xb_lane_run *l)
{
    return l->tells || (run->empty && l->starter && !l->finisher);
}

static bool hears(const struct xb_case_run *run, const struct xb_lane_run *l)
{
    return l->told || (run->empty && l->finisher && !l->starter);
}

/* The lane is complete here. 0 or -1. */
static int finish_lane(const struct xb_case_run *run, struct walk *w, struct xb_error *err)
{
    struct xb_lane_run *l = &w->lanes[w->at];
    int rc = tells(run, l) ? xb_signal_give(&l->signal, err) : 0;

    if (rc == 0 && l->next)
        rc = xb_signal_give(&l->next->signal, err);
    next_lane(w);
    return rc;
}

static int post(struct xb_case_run *run, struct xb_lane_run *l, struct xb_error *err)
{
    if (!run->posting.on)
        return run->method->post(l->ctx, run->batch.window, err);
    double start_us = xb_clock_us();
    int rc = run->method->post(l->ctx, run->batch.window, err);
    run->posting.us += xb_clock_us() - start_us;
    run->posting.transfers += run->batch.window;
    return rc;
}

/* Take the turn of a lane and post its transfers: 1, 0 while it is not this rank's turn, or -1.
 */
static int begin_lane(struct xb_case_run *run, struct walk *w, struct xb_error *err)
{
    struct xb_lane_run *l = &w->lanes[w->at];
    bool first = l->lane.step == 0 && w->round == 0;

    if (w->state == CHAIN_TURN && l->awaits_turn && !first) {
        int rc = xb_signal_take(&l->signal, err);
        if (rc <= 0)
            return rc;
    }
    w->state = CHAIN_POST;
    xb_lane_run_turn(l, &run->batch, w->round);
    if (l->active && !run->empty && post(run, l, err) < 0)
        return -1;
    w->state = l->active && !hears(run, l) ? CHAIN_WAIT : CHAIN_HEAR;
    return 1;
}

/* One step of progress: 0, or -1. */
static int advance(struct xb_case_run *run, struct walk *w, struct xb_error *err)
{
    struct xb_lane_run *l = &w->lanes[w->at];
    int rc = 1;

    switch (w->state) {
    case CHAIN_TURN:
    case CHAIN_POST:
        rc = begin_lane(run, w, err);
        if (rc <= 0)
            return rc;
        return advance(run, w, err);
    case CHAIN_WAIT:
        rc = run->empty ? 1 : run->method->wait(l->ctx, err);
        break;
    case CHAIN_HEAR:
        rc = hears(run, l) ? xb_signal_take(&l->signal, err) : 1;
        if (rc == 1 && l->looks) {
            w->state = CHAIN_SEE;
            rc = 0;
        }
        break;
    case CHAIN_SEE:
        rc = xb_look_once(&l->look, l->stamp_key, run->empty, err);
        break;
    case CHAIN_LAST:
        rc = xb_signal_take(&w->lanes[0].signal, err);
        if (rc == 1)
            w->state = CHAIN_DONE;
        return rc < 0 ? -1 : 0;
    case CHAIN_DONE:
        return 0;
    }
    return rc <= 0 ? rc : finish_lane(run, w, err);
}

/* Tell the other members that this rank gives up. */
static void raise_stop(struct xb_case_run *run)
{
    const struct xb_team *g = &run->team;

    run->stops++;
    for (int i = 0; i < g->count; i++) {
        MPI_Request request;
        if (i == g->me)
            continue;
        xb_session_must(run->session, "MPI_Isend",
                        MPI_Isend(NULL, 0, MPI_BYTE, g->member[i], tag_of(run, XB_TAG_STOP, 0),
                                  g->comm, &request));
        MPI_Request_free(&request);
    }
}

static void add_int(void *into, const void *from, size_t bytes)
{
    (void)bytes;
    *(int *)into += *(const int *)from;
}

void xb_rounds_settle(struct xb_case_run *run)
{
    int stops = run->stops;
    char none;

    xb_team_combine(&run->team, &stops, sizeof stops, add_int);
    for (int i = run->stops; i < stops; i++)
        xb_team_receive(&run->team, MPI_ANY_SOURCE, tag_of(run, XB_TAG_STOP, 0), &none, 0);
}

/* A receive that is given up would take a message of a later round whose tag is the same. */
static void give_up(MPI_Request *request)
{
    MPI_Cancel(request);
    MPI_Wait(request, MPI_STATUS_IGNORE);
}

/* Is the time over, or has another rank given up? It also lets MPI go on with what it holds, as
 * a rank that waits for a flag in memory alone would not. */
static int look_up(struct xb_case_run *run, struct xb_error *err)
{
    double looked_us = run->looked_us, now_us = xb_case_look(run);
    int stop = 0;

    if (now_us > run->deadline_us)
        return xb_case_timed_out(run, err);
    if (now_us < looked_us || now_us < run->mark.us)
        return xb_case_clock(run, now_us - run->mark.us, err);
    if (run->team.count == 1)
        return XB_GO;
    MPI_Iprobe(MPI_ANY_SOURCE, tag_of(run, XB_TAG_STOP, 0), run->team.comm, &stop,
               MPI_STATUS_IGNORE);
    if (!stop)
        return XB_GO;
    xb_fail(err, "stopped because another rank failed");
    return XB_STOPPED;
}

/* Say for whom this rank waits: for the other end of the first lane that does. */
static void say_whom(const struct walk *walks, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool waits = walks[i].state != CHAIN_DONE && walks[i].state != CHAIN_WAIT &&
                     walks[i].state != CHAIN_POST;
        if (waits) {
            xb_watch_wait(walks[i].lanes[walks[i].at].t.peer);
            return;
        }
    }
    xb_watch_wait(XB_WAIT_NOBODY);
}

/* Drive all walks until each is done. */
static int drive(struct xb_case_run *run, struct walk *walks, size_t n, struct xb_error *err)
{
    double start_us = xb_clock_us();
    int rc = XB_GO;

    for (unsigned polls = 1;; polls++) {
        size_t done = 0;
        for (size_t i = 0; i < n; i++) {
            struct walk *w = &walks[i];
            bool was_done = w->state == CHAIN_DONE;
            if (!was_done && advance(run, w, err) < 0)
                return XB_ERROR;
            done += w->state == CHAIN_DONE;
            if (w->timed && !was_done && w->state == CHAIN_DONE)
                w->timed->last_us = xb_clock_us() - start_us;
        }
        if (done == n)
            break;
        xb_session_relax(run->session);
        if (polls % CHECK_EVERY)
            continue;
        say_whom(walks, n);
        rc = look_up(run, err);
        if (rc != XB_GO)
            break;
    }
    xb_watch_wait(XB_WAIT_NOBODY);
    return rc;
}

/* Those that begin with a receive, in front of the others. */
static void put_receives_first(struct walk *walks, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct walk w = walks[i];
        size_t k = i;
        for (; k > 0 && w.lanes[0].t.roles == XB_ROLE_DST &&
               walks[k - 1].lanes[0].t.roles != XB_ROLE_DST;
             k--)
            walks[k] = walks[k - 1];
        walks[k] = w;
    }
}

/* Split this rank's lanes into walks; returns how many. */
static size_t make_walks(struct xb_case_run *run, int64_t rounds, struct walk *walks)
{
    size_t n = 0, timed = 0;

    for (size_t i = 0; i < run->nmine; i++) {
        struct xb_lane_run *l = &run->mine[i];
        if (n > 0 && walks[n - 1].lanes[0].lane.chain == l->lane.chain) {
            walks[n - 1].nlanes++;
            continue;
        }
        walks[n] = (struct walk){.lanes = l, .nlanes = 1, .rounds = rounds};
        if (starts_chain(&walks[n]))
            walks[n].timed = &run->chains[timed++];
        n++;
    }
    if (run->method->receives_first)
        put_receives_first(walks, n);
    return n;
}

/* Wait for an empty message from a rank, as long as the case has time. */
static int await(struct xb_case_run *run, int from, int tag, struct xb_error *err)
{
    MPI_Request request;
    int done = 0, rc = MPI_Irecv(NULL, 0, MPI_BYTE, from, tag, run->team.comm, &request),
        out = XB_GO;

    for (unsigned polls = 1; rc == MPI_SUCCESS && out == XB_GO; polls++) {
        rc = MPI_Test(&request, &done, MPI_STATUS_IGNORE);
        if (rc != MPI_SUCCESS || done)
            break;
        xb_session_relax(run->session);
        if (polls % CHECK_EVERY)
            continue;
        xb_watch_wait(from);
        out = look_up(run, err);
    }
    xb_watch_wait(XB_WAIT_NOBODY);
    if (rc != MPI_SUCCESS)
        return xb_fail(err, "a message between clocks failed (MPI error %d)", rc);
    if (!done)
        give_up(&request);
    return out;
}

static int send_word(struct xb_case_run *run, int to, int tag, struct xb_error *err)
{
    int rc = MPI_Send(NULL, 0, MPI_BYTE, to, tag, run->team.comm);
    return rc == MPI_SUCCESS
               ? XB_GO
               : xb_fail(err, "a message between clocks failed (MPI error %d)", rc);
}

/* The rank with the clock sends all other starters word, or hears from them. */
static int with_starters(struct xb_case_run *run, enum xb_tag_kind kind,
                         int (*act)(struct xb_case_run *, int, int, struct xb_error *),
                         struct xb_error *err)
{
    int rc = XB_GO;
    for (int c = 1; rc == XB_GO && c < run->round->chains; c++)
        if (run->starter[c] != run->session->rank)
            rc = act(run, run->starter[c], tag_of(run, kind, c), err);
    return rc;
}

/* A starter of chains hears from the rank with the clock, or sends it word. */
static int with_clock(struct xb_case_run *run, enum xb_tag_kind kind,
                      int (*act)(struct xb_case_run *, int, int, struct xb_error *),
                      struct xb_error *err)
{
    int rc = XB_GO;
    for (int c = 1; rc == XB_GO && c < run->round->chains; c++)
        if (run->starter[c] == run->session->rank)
            rc = act(run, run->starter[0], tag_of(run, kind, c), err);
    return rc;
}

static int run_walks(struct xb_case_run *run, struct walk *walks, size_t n, double *us,
                     struct xb_error *err)
{
    bool clock = run->starter[0] == run->session->rank;
    double start_us = xb_clock_us();
    int rc = clock ? with_starters(run, XB_TAG_BEGIN, send_word, err)
                   : with_clock(run, XB_TAG_BEGIN, await, err);

    if (rc == XB_GO && n > 0)
        rc = drive(run, walks, n, err);
    if (rc == XB_GO)
        rc = clock ? with_starters(run, XB_TAG_END, await, err)
                   : with_clock(run, XB_TAG_END, send_word, err);
    *us = clock && rc == XB_GO ? xb_clock_us() - start_us : 0;
    for (size_t i = 0; i < run->nmine; i++)
        xb_signal_give_up(&run->mine[i].signal);
    return rc;
}

int xb_rounds_run(struct xb_case_run *run, int64_t rounds, double *us, struct xb_error *err)
{
    if (xb_resident_is(run))
        return xb_resident_run(run, rounds, us, err);
    struct walk *walks = calloc(run->nmine + 1, sizeof *walks);
    int rc = walks ? run_walks(run, walks, make_walks(run, rounds, walks), us, err)
                   : xb_fail(err, "out of memory");
    if (rc == XB_ERROR || rc == XB_TIMED_OUT)
        raise_stop(run);
    free(walks);
    return rc;
}
