/* SPDX-License-Identifier: BSD-3-Clause */
/* null.c - moves nothing: the program tests itself with it.
 *
 * Its destination already holds the right bytes (XB_METHOD_NO_BYTES), so a case is ok unless
 * one of the faults is asked for: a delay, an error at any call, a hang, a wrong byte. */
#include "engine/methods/method.h"
#include "engine/methods/null_spec.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/runtime/clock.h"

struct null {
    const struct xb_transfer *t;
    const struct xb_null_options *o;
    bool faulty;    /* this end is the one that fails or hangs */
    int64_t posted; /* transfers so far */
    double done_us;
    struct xb_event *event;
    bool spoilt; /* right_byte is known */
    unsigned char right_byte;
};

/* Is the lane one of those that the options are about? */
static bool is_meant(const struct xb_transfer *t)
{
    const struct xb_null_options *o = xb_case_options(t->c);
    return o->rank < 0 || t->lane->src_rank == o->rank;
}

static bool is_faulty(const struct xb_transfer *t)
{
    const struct xb_null_options *o = xb_case_options(t->c);
    return is_meant(t) && t->roles & (o->at == XB_NULL_AT_SOURCE ? XB_ROLE_SRC : XB_ROLE_DST);
}

/* Have enough transfers gone well for the faults to begin? */
static bool is_due(const struct null *n)
{
    return n->posted > n->o->after;
}

static int fail_if(const struct xb_transfer *t, int call, struct xb_error *err)
{
    const struct xb_null_options *o = xb_case_options(t->c);

    if (!is_faulty(t) || o->fail != call)
        return 0;
    return xb_fail(err, "injected failure in %s", xb_null_fails[call]);
}

static int null_probe(const struct xb_transfer *t, struct xb_error *err)
{
    const struct xb_null_options *o = xb_case_options(t->c);

    if (o->corrupt >= (int64_t)t->c->bytes) {
        xb_fail(err, "the byte to spoil lies behind the transfer");
        return XB_SKIP;
    }
    return fail_if(t, XB_NULL_FAIL_PROBE, err) < 0 ? XB_SKIP : XB_GO;
}

static int null_open(const struct xb_transfer *t, void **ctx, struct xb_card *card,
                     struct xb_error *err)
{
    struct null *n;

    (void)card;
    if (fail_if(t, XB_NULL_FAIL_OPEN, err) < 0)
        return XB_ERROR;
    if (!(n = calloc(1, sizeof *n)))
        return xb_fail(err, "out of memory");
    n->t = t;
    n->o = xb_case_options(t->c);
    n->faulty = is_faulty(t);
    if (t->device->event_open(false, 0, &n->event, err) < 0) {
        free(n);
        return XB_ERROR;
    }
    *ctx = n;
    return XB_GO;
}

static int null_prepare(void *ctx, const struct xb_card *peer, struct xb_error *err)
{
    struct null *n = ctx;
    (void)peer;
    return fail_if(n->t, XB_NULL_FAIL_PREPARE, err);
}

static int copy_byte(struct null *n, void *dst, const void *src, struct xb_error *err)
{
    const struct xb_device *dev = n->t->device;
    int rc;

    if (dev->copy(dst, src, 1, n->t->stream, err) < 0 ||
        dev->event_record(n->event, n->t->stream, err) < 0)
        return -1;
    while ((rc = dev->event_done(n->event, err)) == 0)
        ;
    return rc < 0 ? -1 : 0;
}

/* Spoil the byte: the complement of what the pattern put there is certainly wrong, and stays so
 * when transfers follow one another. */
static int corrupt(struct null *n, int64_t offset, struct xb_error *err)
{
    unsigned char *at = n->t->dst + offset, wrong;

    if (!n->spoilt && copy_byte(n, &n->right_byte, at, err) < 0)
        return -1;
    n->spoilt = true;
    wrong = (unsigned char)~n->right_byte;
    return copy_byte(n, at, &wrong, err);
}

static int null_post(void *ctx, int count, struct xb_error *err)
{
    struct null *n = ctx;
    int64_t offset = n->o->corrupt;

    n->posted += count;
    n->done_us = xb_clock_us() + (is_meant(n->t) ? (double)n->o->delay * 1e-3 * count : 0);
    if (!is_due(n))
        return 0;
    if (fail_if(n->t, XB_NULL_FAIL_POST, err) < 0)
        return -1;
    while (n->faulty && n->o->hang == XB_NULL_HANG_POST)
        sleep(1);
    if (offset < 0 || !is_meant(n->t) || !(n->t->roles & XB_ROLE_DST))
        return 0;
    return corrupt(n, offset, err);
}

static int null_wait(void *ctx, struct xb_error *err)
{
    struct null *n = ctx;

    if (is_due(n) && fail_if(n->t, XB_NULL_FAIL_WAIT, err) < 0)
        return -1;
    if (is_due(n) && n->faulty && n->o->hang == XB_NULL_HANG_WAIT)
        return 0;
    return xb_clock_us() >= n->done_us;
}

static void null_close(void *ctx)
{
    struct null *n = ctx;
    n->t->device->event_close(n->event);
    free(n);
}

const struct xb_method xb_method_null = {
    .spec = XB_NULL_SPEC,
    .probe = null_probe,
    .open = null_open,
    .prepare = null_prepare,
    .post = null_post,
    .wait = null_wait,
    .close = null_close,
};
