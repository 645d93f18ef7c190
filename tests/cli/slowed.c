/* SPDX-License-Identifier: BSD-3-Clause */
/* slowed.c - xferbench with a slow GPU or a slow lane: every transfer there takes at least so
 * long. XB_SLOW_GPU is the rank whose GPU is slow, as a source and as a destination;
 * XB_SLOW_LANE=2,0 the lane, XB_SLOW_LANE_mpi=2,0 the lane by that method alone; XB_SLOW_US
 * the time in microseconds. XB_SLOW_UNLESS=FILE: no more once that file is there. XB_USUAL_US:
 * so long takes each transfer elsewhere at least, so that what a busy machine makes of it is
 * little beside.
 *
 * It has the program's own table of methods, with each row wrapped: what a report must show
 * then is known. It links in place of the table. */
#include "engine/methods/method.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/runtime/clock.h"
#include "tests/cli/wrapped_methods.h"

struct slowed {
    const struct xb_method *method;
    void *ctx;       /* the method's own */
    double slow_us;  /* of one transfer, 0 for the usual time */
    double until_us; /* before which no wait is over */
};

static bool names_lane(const char *pair, const struct xb_lane *lane)
{
    int src, dst;

    return pair && sscanf(pair, "%d,%d", &src, &dst) == 2 && lane->src_rank == src &&
           lane->dst_rank == dst;
}

static double slow_us_of(const char *method, const struct xb_lane *lane)
{
    const char *us = getenv("XB_SLOW_US"), *gpu = getenv("XB_SLOW_GPU");
    const char *unless = getenv("XB_SLOW_UNLESS"), *usual = getenv("XB_USUAL_US");
    char of_method[64];

    snprintf(of_method, sizeof of_method, "XB_SLOW_LANE_%s", method);
    if (unless && access(unless, F_OK) == 0)
        return usual ? atof(usual) : 0;
    if (us && gpu && (lane->src_rank == atoi(gpu) || lane->dst_rank == atoi(gpu)))
        return atof(us);
    if (us && (names_lane(getenv("XB_SLOW_LANE"), lane) || names_lane(getenv(of_method), lane)))
        return atof(us);
    return usual ? atof(usual) : 0;
}

static int slowed_open(const struct xb_transfer *t, void **ctx, struct xb_card *card,
                       struct xb_error *err)
{
    struct slowed *s = calloc(1, sizeof *s);
    if (!s)
        return xb_fail(err, "out of memory");
    s->method = method_of(t);
    s->slow_us = slow_us_of(s->method->spec.name, t->lane);
    int rc = s->method->open(t, &s->ctx, card, err);
    if (rc == XB_GO)
        *ctx = s;
    else
        free(s);
    return rc;
}

static int slowed_prepare(void *ctx, const struct xb_card *peer, struct xb_error *err)
{
    struct slowed *s = ctx;
    return s->method->prepare ? s->method->prepare(s->ctx, peer, err) : XB_GO;
}

static int slowed_post(void *ctx, int n, struct xb_error *err)
{
    struct slowed *s = ctx;
    s->until_us = xb_clock_us() + n * s->slow_us;
    return s->method->post(s->ctx, n, err);
}

static int slowed_wait(void *ctx, struct xb_error *err)
{
    struct slowed *s = ctx;
    int rc = s->method->wait(s->ctx, err);
    return rc == 1 && s->slow_us > 0 && xb_clock_us() < s->until_us ? 0 : rc;
}

static int slowed_reset(void *ctx, struct xb_error *err)
{
    struct slowed *s = ctx;
    return s->method->reset(s->ctx, err);
}

static void slowed_close(void *ctx)
{
    struct slowed *s = ctx;
    s->method->close(s->ctx);
    free(s);
}

static void wrap(struct xb_method *row)
{
    row->open = slowed_open;
    row->prepare = slowed_prepare;
    row->reset = row->reset ? slowed_reset : NULL;
    row->post = slowed_post;
    row->wait = slowed_wait;
    row->close = slowed_close;
    row->pipeline = NULL;
    row->is_resident = NULL;
}
