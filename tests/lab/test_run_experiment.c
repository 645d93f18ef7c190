/* SPDX-License-Identifier: BSD-3-Clause */
/* test_run_experiment.c - from probe to result, by an experiment of the test's own. One rank,
 * cpu device. */
#include "lab/run_experiment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "engine/measure/session_open.h"
#include "engine/runtime/clock.h"
#include "lab/experiment.h"
#include "tests/tap.h"

#define ROUND_US 10.0

/* What the experiment of the test does wrong, and what was seen of the runner. */
static struct {
    int probe, open;       /* what these come to */
    long fails_at;         /* this round fails, from 1; 0 for none */
    long late_at;          /* this one is told to be late */
    long wrong_at;         /* this one has a wrong byte */
    uint64_t host, device; /* bytes that it needs */
    long hides_at;         /* this batch does not know its second figure */
    long rounds, batches, wrong, checked, opens, closes;
    int64_t last; /* rounds of the last batch */
} test;

static int test_probe(const struct xb_lab_case *l, struct xb_error *err)
{
    (void)l;
    xb_fail(err, "the probe says no");
    return test.probe;
}

static void test_needs(const struct xb_lab_case *l, struct xb_needs *needs)
{
    (void)l;
    needs->host += test.host;
    needs->device += test.device;
}

static int test_open(const struct xb_lab_case *l, void **ctx, struct xb_error *err)
{
    (void)l;
    test.opens += test.open == XB_GO;
    if (test.open != XB_GO)
        xb_fail(err, "open says no");
    else
        *ctx = &test;
    return test.open;
}

/* Says that it took a time which grows with the batches. */
static int test_run(void *ctx, int64_t rounds, double *us, struct xb_error *err)
{
    (void)ctx;
    test.last = rounds;
    test.batches++;
    for (int64_t i = 0; i < rounds; i++) {
        long round = ++test.rounds;
        if (round == test.fails_at)
            return xb_fail(err, "a round failed");
        if (round == test.late_at)
            return XB_TIMED_OUT;
        test.wrong += round == test.wrong_at;
        test.checked++;
    }
    *us = ROUND_US * (double)rounds;
    return XB_GO;
}

static void test_verify(void *ctx, struct xb_verify *out)
{
    (void)ctx;
    out->checked_bytes += (uint64_t)test.checked * 100;
    out->wrong_bytes += (uint64_t)test.wrong;
    out->first_bad = test.wrong ? 7 : 0;
    test.checked = test.wrong = 0;
}

static size_t test_figures(void *ctx, struct xb_figure *out, size_t max)
{
    (void)ctx;
    const struct xb_figure all[] = {
        {"rounds", (double)test.last},
        {"batch", test.batches == test.hides_at ? NAN : (double)test.batches}};
    (void)max;
    memcpy(out, all, sizeof all);
    return 2;
}

static void test_close(void *ctx)
{
    (void)ctx;
    test.closes++;
}

static const struct xb_experiment experiment = {
    .spec = {.name = "trying",
             .summary = "of the test",
             .method = {.name = "try",
                        .summary = "of the test",
                        .kind = XB_KIND_EXPERIMENT,
                        .paths = {[XB_SELF] = XB_HOST_TO_HOST}}},
    .probe = test_probe,
    .needs = test_needs,
    .open = test_open,
    .run = test_run,
    .least_batch_us = 1000,
    .verify = test_verify,
    .figures = test_figures,
    .close = test_close,
};

static const struct xb_case a_case = {.id = "a/case/of/the/test",
                                      .experiment = &experiment.spec,
                                      .method = &experiment.spec.method,
                                      .path = {{XB_HOST, 0}, {XB_HOST, 0}, XB_SELF},
                                      .bytes = 100,
                                      .window = 1};

static struct xb_result measure(const struct xb_session *session, const struct xb_case *c,
                                double timeout_s)
{
    const struct xb_sampling sampling = {
        .min_samples = 8, .max_samples = 12, .max_time_ns = 500000000, .bandwidth_ci = 0.5};
    const struct xb_exec_options options = {.sampling = &sampling, .timeout_s = timeout_s};
    struct xb_result result;

    xb_run_experiment(session, c, &options, &result);
    is_int(test.closes, test.opens, "what was opened is closed");
    return result;
}

static void test_good(const struct xb_session *session)
{
    memset(&test, 0, sizeof test);
    struct xb_result r = measure(session, &a_case, 30);
    is_str(xb_status_name(r.status), "ok", "a case that is well");
    is_str(r.reason, "", "needs no reason");
    is_int((long long)r.ops_per_sample, 128, "its batches last as long as it asks");
    is_int((long long)r.nsamples, 8, "its samples are alike");
    is_int(r.stop, XB_STOP_TARGET, "which ends them");
    is_near(r.samples_us[0], ROUND_US, 1e-9, "they are the time of a round");
    is_int((long long)r.verify.checked_bytes, (test.rounds - 1) * 100,
           "every round is verified");
    is_int((long long)r.nfigures, 2, "its figures");
    is_near(r.figures[0].value, 128, 0, "of all samples alike");
    is_near(r.figures[1].value, (double)test.batches - 3.5, 1e-9, "or their median");
    is_int((long long)r.nlanes, 1, "it was somewhere");
    is_int(r.lanes[0].src_rank, 0, "on rank 0");
    is_int(r.lanes[0].link_class, XB_LINK_SAME_DEVICE, "whose ends are the same");
    xb_result_release(&r);

    long last = test.batches;
    memset(&test, 0, sizeof test);
    test.hides_at = last;
    r = measure(session, &a_case, 30);
    ok(isnan(r.figures[1].value), "what one sample does not know is not known");
    is_near(r.figures[0].value, 128, 0, "and what all know is");
    xb_result_release(&r);
}

static void test_ends(const struct xb_session *session)
{
    static const struct {
        const char *name;
        int probe, open;
        long fails_at, late_at, wrong_at;
        uint64_t host, device;
        const char *status, *reason;
    } rows[] = {
        {.name = "a probe", .probe = XB_SKIP, .status = "skipped", .reason = "the probe says"},
        {.name = "host memory",
         .host = UINT64_C(1) << 50,
         .status = "skipped",
         .reason = "needs 1125899906842624 bytes of host memory on "},
        {.name = "device memory",
         .device = UINT64_C(1) << 50,
         .status = "skipped",
         .reason = "needs 1125899906842624 bytes of shared memory on "},
        {.name = "open", .open = XB_ERROR, .status = "failed", .reason = "open says no"},
        {.name = "open that skips",
         .open = XB_SKIP,
         .status = "skipped",
         .reason = "open says"},
        {.name = "a failure", .fails_at = 1, .status = "failed", .reason = "a round failed"},
        {.name = "a later one", .fails_at = 900, .status = "failed", .reason = "round failed"},
        {.name = "no time", .late_at = 500, .status = "timeout", .reason = "time of 30 s"},
        {.name = "a wrong byte in the first round",
         .wrong_at = 1,
         .status = "corrupt",
         .reason = "untimed round: 1 of 100 bytes wrong, the first at offset 7"},
        {.name = "a wrong byte later",
         .wrong_at = 2,
         .status = "corrupt",
         .reason = "timed rounds: 1 of "},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        memset(&test, 0, sizeof test);
        test.probe = rows[i].probe;
        test.open = rows[i].open;
        test.fails_at = rows[i].fails_at;
        test.late_at = rows[i].late_at;
        test.wrong_at = rows[i].wrong_at;
        test.host = rows[i].host;
        test.device = rows[i].device;
        struct xb_result r = measure(session, &a_case, 30);
        is_str(xb_status_name(r.status), rows[i].status, rows[i].name);
        contains(r.reason, rows[i].reason, "and says why");
        xb_result_release(&r);
    }
}

/* A case that names other things is no case of it; and each batch may have been quick. */
static void test_others(const struct xb_session *session)
{
    static const struct xb_method_spec other = {.name = "other"};
    struct xb_case c = a_case;
    struct xb_result r;

    memset(&test, 0, sizeof test);
    c.method = &other;
    r = measure(session, &c, 30);
    is_str(xb_status_name(r.status), "skipped", "another method");
    contains(r.reason, "the experiment trying is not for what the method other does",
             "says so");
    xb_result_release(&r);
    r = measure(session, &a_case, 0);
    is_str(xb_status_name(r.status), "timeout", "no time from the beginning");
    is_int(test.rounds, 1, "ends it at once");
    xb_result_release(&r);
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
    ok(xb_catalog_check(xb_lab_catalog(), &err) == 0, "the program's own tables hold together");
    test_good(&session);
    test_ends(&session);
    test_others(&session);
    xb_session_close(&session);
    MPI_Finalize();
    return done_testing();
}
