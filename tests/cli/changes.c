/* SPDX-License-Identifier: BSD-3-Clause */
/* changes.c - xferbench on a machine that changes while it runs: some seconds after the first
 * transfer every one takes at least so long, or a rank leaks descriptors and memory all the
 * time. XB_SLOW_AFTER_S says after how many seconds, XB_SLOW_US how long in microseconds a
 * transfer takes then; XB_LEAK_RANK is the rank that leaks. What a report must show is known.
 *
 * It has the program's own table of methods, with each row wrapped, and links in place of it.
 */
#include "engine/methods/method.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/runtime/clock.h"
#include "tests/cli/wrapped_methods.h"

#define LEAK_BYTES (1 << 18) /* each time that a lane is opened */

struct changed {
    const struct xb_method *method;
    void *ctx;       /* the method's own */
    double until_us; /* before which no wait is over */
};

static void leak(const struct xb_session *session)
{
    const char *rank = getenv("XB_LEAK_RANK");

    if (!rank || session->rank != atoi(rank))
        return;
    static char *volatile lost;
    lost = malloc(LEAK_BYTES);
    if (lost)
        memset(lost, 1, LEAK_BYTES);
    (void)!open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* What a transfer takes at least now. */
static double slow_us(void)
{
    static double began_us;
    const char *after = getenv("XB_SLOW_AFTER_S"), *us = getenv("XB_SLOW_US");

    if (began_us <= 0)
        began_us = xb_clock_us();
    return after && us && xb_clock_us() - began_us > atof(after) * 1e6 ? atof(us) : 0;
}

static int changed_open(const struct xb_transfer *t, void **ctx, struct xb_card *card,
                        struct xb_error *err)
{
    struct changed *s = calloc(1, sizeof *s);
    if (!s)
        return xb_fail(err, "out of memory");
    leak(t->session);
    s->method = method_of(t);
    int rc = s->method->open(t, &s->ctx, card, err);
    if (rc == XB_GO)
        *ctx = s;
    else
        free(s);
    return rc;
}

static int changed_prepare(void *ctx, const struct xb_card *peer, struct xb_error *err)
{
    struct changed *s = ctx;
    return s->method->prepare ? s->method->prepare(s->ctx, peer, err) : XB_GO;
}

static int changed_post(void *ctx, int n, struct xb_error *err)
{
    struct changed *s = ctx;
    s->until_us = xb_clock_us() + n * slow_us();
    return s->method->post(s->ctx, n, err);
}

static int changed_wait(void *ctx, struct xb_error *err)
{
    struct changed *s = ctx;
    int rc = s->method->wait(s->ctx, err);
    return rc == 1 && xb_clock_us() < s->until_us ? 0 : rc;
}

static int changed_reset(void *ctx, struct xb_error *err)
{
    struct changed *s = ctx;
    return s->method->reset(s->ctx, err);
}

static void changed_close(void *ctx)
{
    struct changed *s = ctx;
    s->method->close(s->ctx);
    free(s);
}

static void wrap(struct xb_method *row)
{
    row->open = changed_open;
    row->prepare = changed_prepare;
    row->reset = row->reset ? changed_reset : NULL;
    row->post = changed_post;
    row->wait = changed_wait;
    row->close = changed_close;
    row->pipeline = NULL;
    row->is_resident = NULL;
}
