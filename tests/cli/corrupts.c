/* SPDX-License-Identifier: BSD-3-Clause */
/* corrupts.c - xferbench in which one byte of each case goes wrong on its way. XB_CORRUPT tells
 * in which transfers of the case's first lane:
 *
 *   verified  the last one of the first batch, which is not timed
 *   last      the last one of each batch, once batches are as long as they get
 *   single    each of those that are timed one by one
 *   batch     the last one of one batch alone
 *   one       one alone, anywhere in a batch
 *
 * or "checksum": no byte goes wrong, but a checksum that was taken on the way.
 *
 * Behind the first three the destination is compared as a whole, sooner or later; behind the
 * others it need not be. XB_CORRUPT_SEED picks the byte, and the batch and transfer. Of each
 * case that had its byte spoilt a line goes to the file "spoilt": "ID OFFSET", OFFSET as the
 * report counts. Not to stderr, where a launcher may mix lines.
 *
 * Where this rank works on the destination the byte is changed there, once the transfer is
 * complete; where the source alone works it is changed in the source before, and put back.
 *
 * It has the program's own table of methods, with each row wrapped. It links in place of the
 * table. */
#include "engine/methods/method.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/plan/collective_op.h"
#include "tests/cli/wrapped_methods.h"

#define SAMPLES   6 /* at least, of each case */
#define SINGLES   2 /* alike already, when the first of them is timed */
#define LOOKED_AT 8 /* bytes at a transfer's end: without them a put's destination waits */

enum kind { NONE, VERIFIED, LAST, SINGLE, BATCH, ONE };

struct spoiler {
    const struct xb_method *method;
    struct xb_transfer *t; /* what the method works on, whose turns are changed here */
    void *ctx;             /* the method's own */
    enum kind kind;        /* NONE where another rank does it, or in another lane */
    bool in_source;
    uint64_t offset;
    int64_t batches;      /* begun */
    int64_t at;           /* transfers of the batch so far */
    int64_t before, most; /* transfers of the batch before, and of the longest */
    int alike;            /* batches of so many in a row */
    int64_t one_batch, one_at;
    bool did;
    unsigned char *spoilt; /* in the source: to be put back */
    struct xb_turn turn;   /* as it was told */
    int n, next;           /* transfers of it; the next one to post */
};

static uint64_t hash(const char *text, uint64_t salt)
{
    const char *seed = getenv("XB_CORRUPT_SEED");
    uint64_t h =
        UINT64_C(0xcbf29ce484222325) ^ (seed ? strtoull(seed, NULL, 10) : 0) ^ salt << 32;

    for (int round = 0; round < 2; round++)
        for (const char *p = text; *p; p++)
            h = (h ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
    return h >> 7;
}

static enum kind kind_asked(void)
{
    static const char *const names[] = {[VERIFIED] = "verified",
                                        [LAST] = "last",
                                        [SINGLE] = "single",
                                        [BATCH] = "batch",
                                        [ONE] = "one"};
    const char *asked = getenv("XB_CORRUPT");

    for (int k = VERIFIED; asked && k <= ONE; k++)
        if (strcmp(asked, names[k]) == 0)
            return (enum kind)k;
    return NONE;
}

/* Bytes that this rank's part of a transfer leaves in the destination. */
static uint64_t bytes_left(const struct xb_transfer *t)
{
    enum xb_collective op = xb_case_collective(t->c);
    int rank = t->session->rank, nranks = t->session->nranks;
    struct xb_piece piece;
    uint64_t end = 0;

    if (op == XB_COLLECTIVE_NONE)
        return t->c->bytes / xb_case_shrinks(t->c);
    for (int i = 0; xb_collective_piece(op, t->c->bytes, nranks, rank, i, &piece); i++)
        end = piece.at + piece.bytes;
    return end;
}

static void plan(struct spoiler *s)
{
    const struct xb_transfer *t = s->t;
    enum xb_mover mover = xb_method_mover(t->c);
    bool collective = xb_case_collective(t->c) != XB_COLLECTIVE_NONE;
    bool first =
        collective ? t->lane->dst_rank == 0 : t->lane->chain == 0 && t->lane->step == 0;
    uint64_t bytes = bytes_left(t);

    s->in_source = mover == XB_MOVER_SRC && !(t->roles & XB_ROLE_DST);
    bool here =
        t->roles & XB_ROLE_DST ? mover != XB_MOVER_SRC || t->roles & XB_ROLE_SRC : s->in_source;
    if (s->method->may_err && s->method->may_err(t->c))
        bytes -= bytes > LOOKED_AT ? LOOKED_AT : bytes;
    if (!first || !here || bytes == 0)
        return;
    s->kind = kind_asked();
    s->offset = hash(t->c->id, 0) % bytes;
    s->one_batch = 4 + (int64_t)(hash(t->c->id, 1) % 8);
}

static int spoiler_open(const struct xb_transfer *t, void **ctx, struct xb_card *card,
                        struct xb_error *err)
{
    struct spoiler *s = calloc(1, sizeof *s);
    if (!s)
        return xb_fail(err, "out of memory");
    s->method = method_of(t);
    s->t = (struct xb_transfer *)(uintptr_t)t;
    plan(s);
    int rc = s->method->open(t, &s->ctx, card, err);
    if (rc == XB_GO)
        *ctx = s;
    else
        free(s);
    return rc;
}

static int spoiler_prepare(void *ctx, const struct xb_card *peer, struct xb_error *err)
{
    struct spoiler *s = ctx;
    return s->method->prepare ? s->method->prepare(s->ctx, peer, err) : XB_GO;
}

/* Is it this transfer, the one that is posted next? */
static bool is_chosen(const struct spoiler *s, bool last)
{
    switch (s->kind) {
    case NONE:
        return false;
    case VERIFIED:
        return s->batches == 1 && last;
    case LAST:
        return last && s->alike >= SAMPLES;
    case SINGLE:
        return last && s->at == 0 && s->most > 1 && s->before == 1 && s->alike >= SINGLES;
    case BATCH:
        return !s->did && last && s->at > 0 && s->batches >= s->one_batch && s->alike > 0;
    case ONE:
        return !s->did && s->batches >= s->one_batch && s->alike > 0 && s->at == s->one_at;
    }
    return false;
}

static void flip(struct spoiler *s, unsigned char *byte)
{
    *byte ^= 0x10;
    s->did = true;
}

/* Post the next transfer by itself. 1 when there is none, 0, or -1. */
static int post_next(struct spoiler *s, struct xb_error *err)
{
    if (s->next == s->n)
        return 1;
    bool last = s->turn.has_last && s->next == s->n - 1;
    s->t->turn = s->turn;
    s->t->turn.n = 1;
    s->t->turn.has_first = s->turn.has_first && s->next == 0;
    s->t->turn.has_last = last;
    s->spoilt = NULL;
    if (is_chosen(s, last) && s->in_source) {
        s->spoilt = s->t->src + xb_turn_src(&s->t->turn, 0) + s->offset;
        flip(s, s->spoilt);
    } else if (is_chosen(s, last)) {
        s->spoilt = xb_transfer_dst(s->t, 0) + s->offset;
    }
    return s->method->post(s->ctx, 1, err);
}

static int spoiler_post(void *ctx, int n, struct xb_error *err)
{
    struct spoiler *s = ctx;

    s->turn = s->t->turn;
    s->n = n;
    s->next = 0;
    if (s->turn.has_first) {
        s->alike = s->at == s->before ? s->alike + 1 : 0;
        s->before = s->at;
        s->most = s->at > s->most ? s->at : s->most;
        s->one_at = s->at > 0 ? (int64_t)hash(s->t->c->id, 2) % s->at : 0;
        s->batches++;
        s->at = 0;
    }
    return post_next(s, err) < 0 ? -1 : 0;
}

static int spoiler_wait(void *ctx, struct xb_error *err)
{
    struct spoiler *s = ctx;
    int rc = s->method->wait(s->ctx, err);

    if (rc <= 0)
        return rc;
    if (s->spoilt)
        flip(s, s->spoilt);
    s->next++;
    s->at++;
    rc = post_next(s, err);
    if (rc == 1)
        s->t->turn = s->turn; /* for a destination that looks for itself */
    return rc;
}

static int spoiler_reset(void *ctx, struct xb_error *err)
{
    struct spoiler *s = ctx;
    return s->method->reset(s->ctx, err);
}

/* Where a report sees the byte of a destination: where it lay in the source. */
static uint64_t reported_offset(const struct spoiler *s)
{
    struct xb_piece piece;
    int n = s->t->session->nranks;

    for (int i = 0; xb_collective_piece(xb_case_collective(s->t->c), s->t->c->bytes, n,
                                        s->t->session->rank, i, &piece);
         i++)
        if (s->offset >= piece.at && s->offset < piece.at + piece.bytes)
            return piece.first + s->offset - piece.at;
    return s->offset;
}

static void spoiler_close(void *ctx)
{
    struct spoiler *s = ctx;

    FILE *f = s->did ? fopen("spoilt", "ae") : NULL;
    if (f) {
        fprintf(f, "%s %llu\n", s->t->c->id, (unsigned long long)reported_offset(s));
        fclose(f);
    }
    s->method->close(s->ctx);
    free(s);
}

static uint64_t spoiler_checksum(void *ctx)
{
    struct spoiler *s = ctx;
    const char *asked = getenv("XB_CORRUPT");
    return s->method->checksum(s->ctx) ^ (asked && strcmp(asked, "checksum") == 0);
}

static void wrap(struct xb_method *row)
{
    row->checksum = row->checksum ? spoiler_checksum : NULL;
    row->open = spoiler_open;
    row->prepare = spoiler_prepare;
    row->reset = row->reset ? spoiler_reset : NULL;
    row->post = spoiler_post;
    row->wait = spoiler_wait;
    row->close = spoiler_close;
    row->pipeline = NULL;
    row->is_resident = NULL;
}
