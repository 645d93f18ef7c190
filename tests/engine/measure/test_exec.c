/* SPDX-License-Identifier: BSD-3-Clause */
/* test_exec.c - what the verification around the timed block catches: methods that move their
 * bytes at first and then no longer, or too many. One rank, cpu device. */
#include "engine/measure/exec.h"
#include "engine/measure/session_open.h"

#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "engine/methods/method.h"
#include "tests/tap.h"

#define BYTES     65536
#define UNSTAMPED 64 /* an offset between stamps */
#define TRIES     20

/* A method of the test's own, reached through its spec as the program's are. */
struct faulty {
    const struct xb_transfer *t;
    long posted, filled;
    uint64_t unstamped; /* word of the source, which tells one filling of it from another */
};

#define ALWAYS (1L << 40)

static long good_posts;      /* that copy, before the others do not */
static long good_fillings;   /* of the source, before posts do not copy */
static uint64_t extra_bytes; /* copied behind the transfer's end */

static int faulty_probe(const struct xb_transfer *t, struct xb_error *err)
{
    (void)t;
    (void)err;
    return XB_GO;
}

static int faulty_open(const struct xb_transfer *t, void **ctx, struct xb_card *card,
                       struct xb_error *err)
{
    struct faulty *f = calloc(1, sizeof *f);
    (void)card;
    if (!f)
        return xb_fail(err, "out of memory");
    f->t = t;
    *ctx = f;
    return XB_GO;
}

static int faulty_post(void *ctx, int n, struct xb_error *err)
{
    struct faulty *f = ctx;
    (void)err;
    if (f->filled == 0 ||
        memcmp(&f->unstamped, f->t->src + UNSTAMPED, sizeof f->unstamped) != 0)
        f->filled++;
    memcpy(&f->unstamped, f->t->src + UNSTAMPED, sizeof f->unstamped);
    for (int i = 0; i < n; i++)
        if (f->posted++ < good_posts && f->filled <= good_fillings)
            memcpy(xb_transfer_dst(f->t, i), xb_transfer_src(f->t, i),
                   f->t->c->bytes + extra_bytes);
    return 0;
}

static int faulty_wait(void *ctx, struct xb_error *err)
{
    (void)ctx;
    (void)err;
    return 1;
}

static const struct xb_method faulty_method = {
    .spec = {.name = "faulty", .summary = "of the test", .paths = {XB_ANY_PATH}},
    .probe = faulty_probe,
    .open = faulty_open,
    .post = faulty_post,
    .wait = faulty_wait,
    .close = free,
};

static long resets; /* of the method that must be told to */
static bool reset_before_each = true;

static int told_reset(void *ctx, struct xb_error *err)
{
    (void)ctx;
    (void)err;
    resets++;
    return 0;
}

static int told_post(void *ctx, int n, struct xb_error *err)
{
    reset_before_each = reset_before_each && n == 1 && resets == 1;
    resets = 0;
    return faulty_post(ctx, n, err);
}

static const struct xb_method told_method = {
    .spec = {.name = "told", .summary = "of the test", .paths = {XB_ANY_PATH}},
    .probe = faulty_probe,
    .open = faulty_open,
    .reset = told_reset,
    .post = told_post,
    .wait = faulty_wait,
    .close = free,
};

static const struct xb_method *tested = &faulty_method;

/* Returns how many transfers were timed one by one. Where a busy machine makes a batch of one
 * transfer last as long as many there are none: then it is measured again. */
static size_t run_case(const struct xb_session *session, long posts, long fillings,
                       uint64_t extra, enum xb_status status, const char *reason,
                       const char *name)
{
    const struct xb_sampling sampling = {.min_samples = 6,
                                         .max_samples = 12,
                                         .max_time_ns = 50000000,
                                         .bandwidth_ci = 0.5,
                                         .latency_ci = 0.5};
    const struct xb_exec_options options = {.sampling = &sampling, .timeout_s = 30};
    const struct xb_case c = {.id = "a/case/of/the/test",
                              .pattern = xb_pattern_find("stream", NULL),
                              .method = &tested->spec,
                              .path = {{XB_HOST, 0}, {XB_HOST, 0}, XB_SELF},
                              .bytes = BYTES,
                              .window = 1};
    struct xb_result result;

    good_posts = posts;
    good_fillings = fillings;
    extra_bytes = extra;
    xb_exec_case(session, &c, &options, &result);
    for (int i = 0; i < TRIES && tested == &faulty_method && result.ops_per_sample == 1; i++) {
        xb_result_release(&result);
        xb_exec_case(session, &c, &options, &result);
    }
    is_str(xb_status_name(result.status), xb_status_name(status), name);
    contains(result.reason, reason, "and says why");
    size_t singles = result.nop_samples;
    xb_result_release(&result);
    return singles;
}

int main(void)
{
    const struct xb_session_options options = {.device = "cpu", .seed = 1};
    struct xb_session session;
    struct xb_error err = {""};
    int provided;

    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    if (!ok(xb_session_open(&options, &session, &err) == 0, "a session"))
        printf("# %s\n", err.text);
    ok(run_case(&session, ALWAYS, ALWAYS, 0, XB_OK, "", "all transfers move all bytes") > 0,
       "and some are timed one by one");
    run_case(&session, 0, ALWAYS, 0, XB_CORRUPT, "untimed transfer: ", "none does");
    run_case(&session, 1, ALWAYS, 0, XB_CORRUPT, "warm-up: behind batch 2 ",
             "only the first does");
    /* on a busy machine there may be no time left to warm up once more */
    run_case(&session, ALWAYS, 1, 0, XB_CORRUPT, ": behind batch ",
             "only those before the buffers are filled again do");
    run_case(&session, ALWAYS, 2, 0, XB_CORRUPT,
             "transfers timed one by one: ", "only those in batches do");
    run_case(&session, ALWAYS, ALWAYS, 1, XB_CORRUPT, "beside the destination",
             "a byte too many is moved");
    tested = &told_method;
    is_int((long long)run_case(&session, ALWAYS, ALWAYS, 0, XB_OK, "",
                               "a method that puts things back between transfers"),
           0, "whose samples are single transfers anyway");
    ok(reset_before_each, "is told to before each, and posts one at a time");
    xb_session_close(&session);
    MPI_Finalize();
    return done_testing();
}
