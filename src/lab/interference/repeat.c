/* SPDX-License-Identifier: BSD-3-Clause */
/* repeat.c - a transfer that is made again and again, and the rank that follows. */
#include "lab/interference/repeat.h"

#include <stdlib.h>
#include <string.h>

#include "engine/measure/team.h"
#include "engine/runtime/clock.h"
#include "engine/runtime/watch_record.h"

#define PATIENCE_US 2e6 /* of who follows, beyond the deadline */

/* Kinds of the engine's messages that have an epoch: what a case that failed has left under way
 * is not taken for what a later one waits for. */
#define ORDER  XB_TAG_BEGIN
#define ANSWER XB_TAG_END

enum what { RENEW, RUN, CHECK, END };

struct order {
    enum what what;
    int n;          /* transfers of a run */
    unsigned ahead; /* of a run, or of the last one */
    uint64_t key;
};

struct answer {
    int rc;
    struct xb_verify found;
    struct xb_card card; /* of opening */
    struct xb_error why;
};

static int tag_of(const struct xb_lab_case *l, enum xb_tag_kind kind)
{
    return xb_tag(*l->session->epoch, kind, 0);
}

static void send(const struct xb_lab_case *l, enum xb_tag_kind kind, const void *what,
                 int bytes)
{
    xb_session_must(
        l->session, "MPI_Send",
        MPI_Send(what, bytes, MPI_BYTE, l->other, tag_of(l, kind), l->session->cases));
}

/* A message that is awaited. */
struct awaited {
    MPI_Request request;
    int done;
};

static void expect(const struct xb_lab_case *l, enum xb_tag_kind kind, void *what, int bytes,
                   struct awaited *a)
{
    a->done = 0;
    xb_session_must(l->session, "MPI_Irecv",
                    MPI_Irecv(what, bytes, MPI_BYTE, l->other, tag_of(l, kind),
                              l->session->cases, &a->request));
}

static bool has_come(const struct xb_lab_case *l, struct awaited *a)
{
    if (!a->done)
        xb_session_must(l->session, "MPI_Test",
                        MPI_Test(&a->request, &a->done, MPI_STATUS_IGNORE));
    return a->done;
}

/* It will not be waited for any longer: false where it has come all the same. */
static bool give_up(struct awaited *a)
{
    MPI_Status status;
    int cancelled = 0;

    if (a->done)
        return false;
    MPI_Cancel(&a->request);
    MPI_Wait(&a->request, &status);
    MPI_Test_cancelled(&status, &cancelled);
    a->done = 1;
    return cancelled;
}

/* Until it has come: XB_GO or XB_TIMED_OUT. */
static int await(const struct xb_lab_case *l, struct awaited *a, double until_us)
{
    xb_watch_wait(l->other);
    while (!has_come(l, a) && xb_clock_us() < until_us)
        xb_session_relax(l->session);
    xb_watch_wait(XB_WAIT_NOBODY);
    return has_come(l, a) || !give_up(a) ? XB_GO : XB_TIMED_OUT;
}

/* Tell each other how opening or preparing went, with the cards: the worse of both. */
static int agree(const struct xb_lab_case *l, int rc, const struct xb_card *mine,
                 struct xb_card *theirs, struct xb_error *err)
{
    struct answer own = {.rc = rc, .card = *mine}, other;
    struct awaited a;

    own.why = *err;
    expect(l, ANSWER, &other, sizeof other, &a);
    send(l, ANSWER, &own, sizeof own);
    if (await(l, &a, l->deadline_us + PATIENCE_US) != XB_GO)
        return XB_TIMED_OUT;
    *theirs = other.card;
    if (rc == XB_GO && other.rc != XB_GO)
        *err = other.why;
    return rc == XB_GO ? other.rc : rc;
}

/* Both ranks' way from a described part to one that can be posted. */
static int open_part(struct xb_part *p, bool alone, struct xb_error *err)
{
    struct xb_card mine = {{0}}, theirs = {{0}};
    int rc = xb_part_open(p, &mine, err);

    if (alone)
        theirs = mine;
    else
        rc = agree(p->l, rc, &mine, &theirs, err);
    if (rc == XB_GO) {
        rc = xb_part_prepare(p, &theirs, err);
        if (!alone)
            rc = agree(p->l, rc, &mine, &theirs, err);
    }
    return rc;
}

int xb_repeat_open(struct xb_repeat *m, struct xb_error *err)
{
    m->led = m->part.c.path.locality != XB_SELF;
    m->at_once = 1;
    int rc = open_part(&m->part, !m->led, err);
    if (rc != XB_GO)
        m->led = false; /* the other has come to the same and does not follow */
    return rc;
}

/* Until this rank's transfers are complete, and where one follows until it has said so: if that
 * says that it failed, these may never be. */
static int finish(struct xb_repeat *m, struct awaited *a, const struct answer *answer,
                  struct xb_error *err)
{
    const struct xb_lab_case *l = m->part.l;
    int done = 0;

    for (;;) {
        if (done == 0)
            done = xb_part_done(&m->part, err);
        bool heard = !a || has_come(l, a);
        if (done < 0)
            return XB_ERROR;
        if (heard && (done == 1 || (answer && answer->rc != XB_GO)))
            return XB_GO;
        if (xb_clock_us() > l->deadline_us)
            return XB_TIMED_OUT;
        xb_session_relax(l->session);
    }
}

/* This rank's part of an order. */
static int obey(struct xb_part *p, const struct order *o, struct xb_verify *found,
                struct xb_error *err)
{
    switch (o->what) {
    case RENEW:
        return xb_part_renew(p, o->key, err) < 0 ? XB_ERROR : XB_GO;
    case RUN:
        return xb_part_post(p, o->n, o->ahead, err) < 0 ? XB_ERROR : XB_GO;
    case CHECK:
        return xb_part_check(p, o->ahead, found, err) < 0 ? XB_ERROR : XB_GO;
    case END:
        break;
    }
    return XB_GO;
}

/* Both parts of an order, at the same time. */
static int carry_out(struct xb_repeat *m, const struct order *o, struct xb_verify *found,
                     struct xb_error *err)
{
    const struct xb_lab_case *l = m->part.l;
    struct answer *answer = NULL;
    struct awaited a;

    if (m->led) {
        if (!(answer = malloc(sizeof *answer)))
            return xb_fail(err, "out of memory");
        expect(l, ANSWER, answer, sizeof *answer, &a);
        send(l, ORDER, o, sizeof *o);
    }
    int rc = obey(&m->part, o, found, err);
    if (rc == XB_GO && o->what == RUN)
        rc = finish(m, answer ? &a : NULL, answer, err);
    else if (rc == XB_GO && answer)
        rc = await(l, &a, l->deadline_us);
    if (answer && !give_up(&a) && rc == XB_GO) {
        rc = answer->rc;
        xb_verify_add(found, &answer->found);
        if (rc != XB_GO) {
            *err = answer->why;
            m->led = false; /* who says so has left */
        }
    }
    free(answer);
    m->broken = m->broken || rc != XB_GO;
    return rc;
}

int xb_repeat_renew(struct xb_repeat *m, uint64_t key, struct xb_error *err)
{
    const struct order o = {.what = RENEW, .key = key};
    struct xb_verify none = {0};

    m->turn = 0;
    return carry_out(m, &o, &none, err);
}

int xb_repeat_run(struct xb_repeat *m, struct xb_error *err)
{
    const struct order o = {.what = RUN, .n = m->at_once, .ahead = m->turn++ % 2};
    struct xb_verify none = {0};

    return carry_out(m, &o, &none, err);
}

int xb_repeat_check(struct xb_repeat *m, struct xb_verify *out, struct xb_error *err)
{
    const struct order o = {.what = CHECK, .ahead = (m->turn - 1) % 2};
    struct xb_verify found = {0};
    int rc = carry_out(m, &o, &found, err);

    if (rc == XB_GO)
        xb_verify_add(out, &found);
    return rc;
}

int xb_repeat_size(struct xb_repeat *m, double least_us, struct xb_error *err)
{
    for (m->at_once = 1;;) {
        int rc = xb_repeat_run(m, err); /* the first sets up */
        double begin_us = xb_clock_us();
        if (rc == XB_GO)
            rc = xb_repeat_run(m, err);
        if (rc != XB_GO)
            return rc;
        if (xb_clock_us() - begin_us >= least_us || 2 * m->at_once > m->part.c.window)
            return XB_GO;
        m->at_once *= 2;
    }
}

void xb_repeat_close(struct xb_repeat *m)
{
    const struct order end = {.what = END};

    if (m->led)
        send(m->part.l, ORDER, &end, sizeof end);
    xb_part_close(&m->part, m->broken);
}

/* ---- the rank that follows ---- */

static int follow_run(struct xb_part *p, struct xb_error *err)
{
    int done;

    while ((done = xb_part_done(p, err)) == 0) {
        if (xb_clock_us() > p->l->deadline_us)
            return XB_TIMED_OUT;
        xb_session_relax(p->l->session);
    }
    return done < 0 ? XB_ERROR : XB_GO;
}

/* Until the end is told, whatever a part of it comes to: then who leads knows, and ends it. */
static int follow_orders(struct xb_part *p, bool *broken, struct xb_error *err)
{
    for (;;) {
        struct answer mine = {.rc = XB_GO};
        struct awaited a;
        struct order o;
        expect(p->l, ORDER, &o, sizeof o, &a);
        if (await(p->l, &a, p->l->deadline_us + PATIENCE_US) != XB_GO) {
            *broken = true;
            return XB_TIMED_OUT;
        }
        if (o.what == END)
            return XB_GO;
        mine.rc = obey(p, &o, &mine.found, &mine.why);
        if (mine.rc == XB_GO && o.what == RUN)
            mine.rc = follow_run(p, &mine.why);
        send(p->l, ANSWER, &mine, sizeof mine);
        if (mine.rc == XB_GO)
            continue;
        *broken = true;
        *err = mine.why;
        return mine.rc;
    }
}

int xb_repeat_follow(const struct xb_lab_case *l, struct xb_error *err)
{
    struct xb_part p;
    bool broken = false;

    xb_part_describe(&p, l, 0);
    int rc = open_part(&p, false, err);
    if (rc == XB_GO)
        rc = follow_orders(&p, &broken, err);
    if (rc == XB_TIMED_OUT)
        xb_fail(err, "the other end did not come to an end within the case's time");
    xb_part_close(&p, broken || rc != XB_GO);
    return rc;
}
