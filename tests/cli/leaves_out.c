/* SPDX-License-Identifier: BSD-3-Clause */
/* leaves_out.c - xferbench whose methods leave out some transfers of each batch and say that
 * all is complete: XB_LEAVE_OUT is "all", or of batches of several "first", "last", "middle"
 * (all but these), "odd" or "even", which count from 0, or "singles", which are those timed one
 * by one behind batches. Both ends of a lane leave out the same ones, so that none waits for
 * the other.
 *
 * It has the program's own table of methods, with each row wrapped. It links in place of the
 * table. */
#include "engine/methods/method.h"

#include <stdlib.h>
#include <string.h>

#include "engine/runtime/clock.h"
#include "tests/cli/wrapped_methods.h"

#define SAMPLES 6 /* at least, of each case */

struct leaky {
    const struct xb_method *method;
    struct xb_transfer *t; /* what the method works on, whose turns are changed here */
    void *ctx;             /* the method's own */
    int64_t at;            /* transfers of the batch so far */
    int64_t before;        /* transfers of the batch before */
    int alike;             /* batches of so many in a row: those that are samples */
    struct xb_turn turn;   /* as it was told */
    int n, next;           /* transfers of it; the next one to look at */
    bool busy;             /* one was posted and is not complete */
};

static int leaky_open(const struct xb_transfer *t, void **ctx, struct xb_card *card,
                      struct xb_error *err)
{
    struct leaky *l = calloc(1, sizeof *l);
    if (!l)
        return xb_fail(err, "out of memory");
    l->method = method_of(t);
    l->t = (struct xb_transfer *)(uintptr_t)t;
    int rc = l->method->open(t, &l->ctx, card, err);
    if (rc == XB_GO)
        *ctx = l;
    else
        free(l);
    return rc;
}

static int leaky_prepare(void *ctx, const struct xb_card *peer, struct xb_error *err)
{
    struct leaky *l = ctx;
    return l->method->prepare ? l->method->prepare(l->ctx, peer, err) : XB_GO;
}

static bool is_left_out(const struct leaky *l, bool last)
{
    const char *which = getenv("XB_LEAVE_OUT");
    bool single = last && l->at == 0;

    if (strcmp(which, "all") == 0)
        return true;
    if (single)
        return l->alike >= SAMPLES && strcmp(which, "singles") == 0;
    if (strcmp(which, "middle") == 0)
        return l->at > 0 && !last;
    if (strcmp(which, "first") == 0)
        return l->at == 0;
    if (strcmp(which, "last") == 0)
        return last;
    if (strcmp(which, "odd") == 0)
        return l->at % 2 == 1;
    return strcmp(which, "even") == 0 && l->at % 2 == 0;
}

/* Post the next transfer that is not left out, by itself. 1 when there is none, 0, or -1. */
static int post_next(struct leaky *l, struct xb_error *err)
{
    for (; l->next < l->n; l->next++, l->at++) {
        bool first = l->turn.has_first && l->next == 0;
        bool last = l->turn.has_last && l->next == l->n - 1;
        if (is_left_out(l, last))
            continue;
        l->t->turn = l->turn;
        l->t->turn.n = 1;
        l->t->turn.has_first = first;
        l->t->turn.has_last = last;
        l->next++;
        l->at++;
        l->busy = true;
        return l->method->post(l->ctx, 1, err);
    }
    return 1;
}

static int leaky_post(void *ctx, int n, struct xb_error *err)
{
    struct leaky *l = ctx;

    if (!getenv("XB_LEAVE_OUT")) { /* all at once, as the method is used to */
        l->n = l->next = 0;
        l->busy = true;
        l->turn = l->t->turn;
        return l->method->post(l->ctx, n, err);
    }
    l->turn = l->t->turn;
    l->n = n;
    l->next = 0;
    if (l->turn.has_first) {
        if (l->at > 1)
            l->alike = l->at == l->before ? l->alike + 1 : 0;
        l->before = l->at;
        l->at = 0;
    }
    return post_next(l, err) < 0 ? -1 : 0;
}

static int leaky_wait(void *ctx, struct xb_error *err)
{
    struct leaky *l = ctx;
    int rc = l->busy ? l->method->wait(l->ctx, err) : 1;

    if (rc <= 0)
        return rc;
    l->busy = false;
    rc = post_next(l, err);
    if (rc == 1)
        l->t->turn = l->turn; /* for a destination that looks for itself */
    return rc;
}

static int leaky_reset(void *ctx, struct xb_error *err)
{
    struct leaky *l = ctx;
    return l->method->reset(l->ctx, err);
}

static void leaky_close(void *ctx)
{
    struct leaky *l = ctx;
    l->method->close(l->ctx);
    free(l);
}

static uint64_t leaky_checksum(void *ctx)
{
    struct leaky *l = ctx;
    return l->method->checksum(l->ctx);
}

static void wrap(struct xb_method *row)
{
    row->checksum = row->checksum ? leaky_checksum : NULL;
    row->open = leaky_open;
    row->prepare = leaky_prepare;
    row->reset = row->reset ? leaky_reset : NULL;
    row->post = leaky_post;
    row->wait = leaky_wait;
    row->close = leaky_close;
    row->pipeline = NULL;
    row->is_resident = NULL;
}
