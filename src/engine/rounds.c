/* rounds.c - the timed part: lanes take their turns in chains, chains run side by side.
 *
 * Each rank walks its lanes of a chain in order, round after round. The rank that starts a lane
 * waits until the lane before it in the chain is complete: the rank that knows so passes it a
 * token, an empty message where it is another rank. A chain's clock runs on the rank that
 * starts its first lane, from its first post to the token (or own knowledge) that ends the last
 * round; so one clock sees both ends, whatever the method. */
#include "engine/case_run.h"

#include "engine/clock.h"

#define CHECK_EVERY   256   /* polls between two looks at the clock */
#define STOP_PROBE_US 500.0 /* between two looks whether another rank failed */

enum chain_state { CHAIN_TURN, CHAIN_POST, CHAIN_WAIT, CHAIN_LAST_TOKEN, CHAIN_DONE };

/* This rank's walk through one chain. */
struct walk {
    struct xb_lane_run *lanes; /* those of the chain in which it has a role */
    size_t nlanes, at;
    int64_t rounds, round;
    enum chain_state state;
    MPI_Request token;
    bool token_open;
    double start_us, end_us;
};

static bool owns_clock(const struct walk *w)
{
    return w->lanes[0].starter && w->lanes[0].lane.step == 0;
}

/* 1 when the token has come, 0 when not yet, -1. */
static int receive_token(struct xb_case_run *run, struct walk *w, struct xb_lane_run *l,
                         struct xb_error *err)
{
    int done = 0, rc = MPI_SUCCESS;

    if (!w->token_open)
        rc = MPI_Irecv(NULL, 0, MPI_BYTE, l->token_from, XB_TAG_TOKEN + l->lane.chain,
                       run->comm, &w->token);
    w->token_open = true;
    if (rc == MPI_SUCCESS)
        rc = MPI_Test(&w->token, &done, MPI_STATUS_IGNORE);
    if (rc != MPI_SUCCESS)
        return xb_fail(err, "the message that passes the turn failed (MPI error %d)", rc);
    if (done)
        w->token_open = false;
    return done;
}

static int pass_token(struct xb_case_run *run, struct xb_lane_run *l, struct xb_error *err)
{
    MPI_Request request;

    if (!l->finisher || l->token_to == run->comm_rank)
        return 0;
    int rc = MPI_Isend(NULL, 0, MPI_BYTE, l->token_to, XB_TAG_TOKEN + l->lane.chain, run->comm,
                       &request);
    if (rc == MPI_SUCCESS)
        rc = MPI_Request_free(&request);
    return rc == MPI_SUCCESS
               ? 0
               : xb_fail(err, "the message that passes the turn failed (MPI error %d)", rc);
}

/* Must the starter of this lane wait for another rank's token now? */
static bool needs_token(const struct xb_case_run *run, const struct walk *w,
                        const struct xb_lane_run *l)
{
    bool first = l->lane.step == 0 && w->round == 0;
    return l->starter && !first && l->token_from != run->comm_rank;
}

static int mark(struct xb_case_run *run, struct xb_event *event, const struct xb_lane_run *l,
                struct xb_error *err)
{
    return event ? run->session->device->event_record(event, l->t.stream, err) : 0;
}

static int post_lane(struct xb_case_run *run, struct walk *w, struct xb_lane_run *l,
                     struct xb_error *err)
{
    if (w->round == 0 && w->at == 0) {
        w->start_us = xb_clock_us();
        if (mark(run, run->mark_from, l, err) < 0)
            return -1;
    }
    if (run->method->post(l->ctx, run->c->window, err) < 0)
        return -1;
    bool last = w->round == w->rounds - 1 && w->at == w->nlanes - 1;
    return last ? mark(run, run->mark_to, l, err) : 0;
}

/* The lane is complete here: on to the next one, or the next round, or the end. */
static void next_lane(const struct xb_case_run *run, struct walk *w)
{
    w->state = CHAIN_TURN;
    if (++w->at < w->nlanes)
        return;
    w->at = 0;
    if (++w->round < w->rounds)
        return;
    bool token = owns_clock(w) && w->lanes[0].token_from != run->comm_rank;
    w->state = token ? CHAIN_LAST_TOKEN : CHAIN_DONE;
}

/* One step of progress: 0, or -1. */
static int advance(struct xb_case_run *run, struct walk *w, struct xb_error *err)
{
    struct xb_lane_run *l = &w->lanes[w->at];
    int rc = 0;

    switch (w->state) {
    case CHAIN_TURN:
        if (!l->active) {
            next_lane(run, w);
            return 0;
        }
        rc = needs_token(run, w, l) ? receive_token(run, w, l, err) : 1;
        if (rc <= 0)
            return rc;
        w->state = CHAIN_POST;
        /* fall through */
    case CHAIN_POST:
        if (post_lane(run, w, l, err) < 0)
            return -1;
        w->state = CHAIN_WAIT;
        /* fall through */
    case CHAIN_WAIT:
        rc = run->method->wait(l->ctx, err);
        if (rc <= 0)
            return rc;
        next_lane(run, w);
        rc = pass_token(run, l, err);
        break;
    case CHAIN_LAST_TOKEN:
        rc = receive_token(run, w, &w->lanes[0], err);
        if (rc == 1)
            w->state = CHAIN_DONE;
        break;
    case CHAIN_DONE:
        return 0;
    }
    if (w->state == CHAIN_DONE)
        w->end_us = xb_clock_us();
    return rc < 0 ? -1 : 0;
}

/* Tell the other members that this rank gives up. */
static void raise_stop(struct xb_case_run *run)
{
    for (int i = 0; i < run->nmembers; i++) {
        MPI_Request request;
        if (i != run->comm_rank &&
            MPI_Isend(NULL, 0, MPI_BYTE, i, XB_TAG_STOP, run->comm, &request) == MPI_SUCCESS)
            MPI_Request_free(&request);
    }
}

/* Is the time over, or has another rank given up? */
static int look_up(struct xb_case_run *run, double *next_probe_us, struct xb_error *err)
{
    double now = xb_clock_us();
    int stop = 0;

    if (now > run->deadline_us) {
        xb_fail(err, "not complete within the case's time of %g s", run->options->timeout_s);
        return XB_TIMED_OUT;
    }
    if (now < *next_probe_us || run->nmembers == 1)
        return XB_GO;
    *next_probe_us = now + STOP_PROBE_US;
    MPI_Iprobe(MPI_ANY_SOURCE, XB_TAG_STOP, run->comm, &stop, MPI_STATUS_IGNORE);
    if (!stop)
        return XB_GO;
    xb_fail(err, "stopped because another rank failed");
    return XB_STOPPED;
}

/* Drive all walks until each is done. */
static int drive(struct xb_case_run *run, struct walk *walks, size_t n, struct xb_error *err)
{
    double next_probe_us = xb_clock_us() + STOP_PROBE_US;

    for (unsigned polls = 1;; polls++) {
        size_t done = 0;
        for (size_t i = 0; i < n; i++) {
            if (advance(run, &walks[i], err) < 0)
                return XB_ERROR;
            done += walks[i].state == CHAIN_DONE;
        }
        if (done == n)
            return XB_GO;
        xb_session_relax(run->session);
        if (polls % CHECK_EVERY)
            continue;
        int rc = look_up(run, &next_probe_us, err);
        if (rc != XB_GO)
            return rc;
    }
}

/* Split this rank's lanes into walks; returns how many. */
static size_t make_walks(struct xb_case_run *run, int64_t rounds, struct walk *walks)
{
    size_t n = 0;

    for (size_t i = 0; i < run->nmine; i++) {
        struct xb_lane_run *l = &run->mine[i];
        if (n > 0 && walks[n - 1].lanes[0].lane.chain == l->lane.chain)
            walks[n - 1].nlanes++;
        else
            walks[n++] = (struct walk){.lanes = l, .nlanes = 1, .rounds = rounds};
    }
    return n;
}

int xb_rounds_run(struct xb_case_run *run, int64_t rounds, double *us, struct xb_error *err)
{
    struct walk walks[XB_MAX_LANES];
    size_t n = make_walks(run, rounds, walks);

    *us = 0;
    int rc = n > 0 ? drive(run, walks, n, err) : XB_GO;
    if (rc == XB_ERROR || rc == XB_TIMED_OUT)
        raise_stop(run);
    for (size_t i = 0; rc == XB_GO && i < n; i++)
        if (owns_clock(&walks[i]) && walks[i].end_us - walks[i].start_us > *us)
            *us = walks[i].end_us - walks[i].start_us;
    return rc;
}
