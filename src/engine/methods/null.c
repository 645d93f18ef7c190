/* null.c - moves nothing: the program tests itself with it.
 *
 * Its destination already holds the right bytes (XB_METHOD_NO_BYTES), so a case is ok unless
 * one of the faults is asked for: a delay, an error at any call, a hang, a wrong byte. */
#include "engine/methods/method.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/runtime/clock.h"

static const char *const fail_choices[] = {"none", "probe", "open", "prepare",
                                           "post", "wait",  NULL};
static const char *const hang_choices[] = {"none", "wait", "post", NULL};
static const char *const at_choices[] = {"destination", "source", NULL};

enum { FAIL_NONE, FAIL_PROBE, FAIL_OPEN, FAIL_PREPARE, FAIL_POST, FAIL_WAIT };
enum { HANG_NONE, HANG_WAIT, HANG_POST };
enum { AT_DESTINATION, AT_SOURCE };

static const struct xb_option options[] = {
    {.name = "delay",
     .type = XB_OPTION_DURATION,
     .max = 3600ll * 1000000000,
     .summary = "time that every transfer takes"},
    {.name = "fail",
     .type = XB_OPTION_ENUM,
     .choices = fail_choices,
     .summary = "the call that fails"},
    {.name = "hang",
     .type = XB_OPTION_ENUM,
     .choices = hang_choices,
     .summary = "wait: never completes; post: never returns"},
    {.name = "corrupt",
     .type = XB_OPTION_INT,
     .min = -1,
     .max = 1ll << 40,
     .fallback = -1,
     .summary = "offset of a byte that every transfer spoils, -1 for none"},
    {.name = "after",
     .type = XB_OPTION_INT,
     .max = 1ll << 40,
     .summary = "transfers that go well before fail in post or wait, hang and corrupt begin"},
    {.name = "at",
     .type = XB_OPTION_ENUM,
     .choices = at_choices,
     .summary = "the end at which fail and hang happen"},
    {0},
};

struct null {
    const struct xb_transfer *t;
    bool faulty;    /* this end is the one that fails or hangs */
    int64_t posted; /* transfers so far */
    double done_us;
    struct xb_event *event;
    bool spoilt; /* right_byte is known */
    unsigned char right_byte;
};

static bool is_faulty(const struct xb_transfer *t)
{
    unsigned role = xb_case_option(t->c, "at") == AT_SOURCE ? XB_ROLE_SRC : XB_ROLE_DST;
    return t->roles & role;
}

/* Have enough transfers gone well for the faults to begin? */
static bool is_due(const struct null *n)
{
    return n->posted > xb_case_option(n->t->c, "after");
}

static int fail_if(const struct xb_transfer *t, int64_t call, struct xb_error *err)
{
    if (!is_faulty(t) || xb_case_option(t->c, "fail") != call)
        return 0;
    return xb_fail(err, "injected failure in %s", fail_choices[call]);
}

static int null_probe(const struct xb_transfer *t, struct xb_error *err)
{
    if (xb_case_option(t->c, "corrupt") >= (int64_t)t->c->bytes) {
        xb_fail(err, "the byte to spoil lies behind the transfer");
        return XB_SKIP;
    }
    return fail_if(t, FAIL_PROBE, err) < 0 ? XB_SKIP : XB_GO;
}

static int null_open(const struct xb_transfer *t, void **ctx, struct xb_card *card,
                     struct xb_error *err)
{
    struct null *n;

    (void)card;
    if (fail_if(t, FAIL_OPEN, err) < 0)
        return XB_ERROR;
    if (!(n = calloc(1, sizeof *n)))
        return xb_fail(err, "out of memory");
    n->t = t;
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
    return fail_if(n->t, FAIL_PREPARE, err);
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
    const struct xb_case *c = n->t->c;
    int64_t offset = xb_case_option(c, "corrupt");

    n->posted += count;
    n->done_us = xb_clock_us() + (double)xb_case_option(c, "delay") * 1e-3 * count;
    if (!is_due(n))
        return 0;
    if (fail_if(n->t, FAIL_POST, err) < 0)
        return -1;
    while (n->faulty && xb_case_option(c, "hang") == HANG_POST)
        sleep(1);
    if (offset < 0 || !(n->t->roles & XB_ROLE_DST))
        return 0;
    return corrupt(n, offset, err);
}

static int null_wait(void *ctx, struct xb_error *err)
{
    struct null *n = ctx;

    if (is_due(n) && fail_if(n->t, FAIL_WAIT, err) < 0)
        return -1;
    if (is_due(n) && n->faulty && xb_case_option(n->t->c, "hang") == HANG_WAIT)
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
    .spec = {.name = "null",
             .summary = "moves nothing; delays, fails, hangs or spoils a byte on request",
             .options = options,
             .flags = XB_METHOD_NO_BYTES},
    .probe = null_probe,
    .open = null_open,
    .prepare = null_prepare,
    .post = null_post,
    .wait = null_wait,
    .close = null_close,
};
