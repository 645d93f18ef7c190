/* SPDX-License-Identifier: BSD-3-Clause */
/* test_interference.c - a transfer beside work on the device cpu: what it gives, and what it
 * comes to when either goes wrong. One rank. */
#include "lab/run_experiment.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include <mpi.h>

#include "engine/measure/session_open.h"
#include "lab/experiment.h"
#include "lab/interference/interference_spec.h"
#include "tests/tap.h"

#define TRIES 5

/* What the device of the test does wrong, from a number of calls on. */
enum fault {
    SOUND,
    NO_COPY,      /* says that it has copied */
    COPY_FAILS,   /* says that it cannot */
    WRONG_WORK,   /* the work has a wrong word */
    WORK_FAILS,   /* a unit fails */
    WORK_HANGS,   /* no unit ends any more */
    NO_WORK_THERE /* there is no memory for it */
};

static struct {
    enum fault fault;
    long from; /* copies or units before it */
    atomic_long copies, units;
} test;

static const struct xb_device *cpu;
static struct xb_device device;
static struct xb_loads loads;

static bool is_now(enum fault fault, long calls)
{
    return test.fault == fault && calls >= test.from;
}

static int test_copy(void *dst, const void *src, uint64_t bytes, struct xb_stream *stream,
                     struct xb_error *err)
{
    long calls = atomic_fetch_add(&test.copies, 1);

    if (is_now(NO_COPY, calls))
        return 0;
    if (is_now(COPY_FAILS, calls))
        return xb_fail(err, "a copy failed");
    return cpu->copy(dst, src, bytes, stream, err);
}

static int test_open(const struct xb_load_ask *ask, struct xb_load **out, struct xb_error *err)
{
    if (test.fault == NO_WORK_THERE)
        return xb_fail(err, "no memory for work");
    return cpu->loads->open(ask, out, err);
}

static int test_wait(struct xb_load *load, double limit_us, struct xb_error *err)
{
    long calls = atomic_fetch_add(&test.units, 1);
    const struct timespec limit = {.tv_nsec = (long)(limit_us * 1e3)};

    if (is_now(WORK_FAILS, calls))
        return xb_fail(err, "a unit failed");
    if (is_now(WORK_HANGS, calls)) {
        nanosleep(&limit, NULL);
        return 0;
    }
    return cpu->loads->wait(load, limit_us, err);
}

static int test_check(struct xb_load *load, struct xb_verify *out, struct xb_error *err)
{
    int rc = cpu->loads->check(load, out, err);

    if (is_now(WRONG_WORK, atomic_load(&test.units))) {
        out->wrong_bytes += 4;
        out->first_bad = 12;
    }
    return rc;
}

static struct xb_result measure(struct xb_session *session, enum xb_beside beside,
                                double timeout_s)
{
    const struct xb_sampling sampling = {
        .min_samples = 2, .max_samples = 2, .max_time_ns = 10000000, .bandwidth_ci = 0.5};
    const struct xb_exec_options options = {.sampling = &sampling, .timeout_s = timeout_s};
    const struct xb_experiment_spec *spec =
        xb_catalog_experiment(xb_lab_catalog(), "interference");
    struct xb_case c = {.id = "a/case/of/the/test",
                        .experiment = spec,
                        .method = &spec->method,
                        .options = xb_options_default(xb_interference_option_table),
                        .path = {{XB_GPU, 0}, {XB_HOST, 0}, XB_SELF},
                        .bytes = 100003,
                        .window = 1};
    int row = xb_option_find(xb_interference_option_table, "beside");
    struct xb_result result;

    xb_option_set(&xb_interference_option_table[row], &c.options, beside);
    atomic_store(&test.copies, 0);
    atomic_store(&test.units, 0);
    session->device = &device;
    xb_run_experiment(session, &c, &options, &result);
    session->device = cpu;
    return result;
}

static double figure(const struct xb_result *r, const char *name)
{
    for (size_t i = 0; i < r->nfigures; i++)
        if (strcmp(r->figures[i].name, name) == 0)
            return r->figures[i].value;
    return NAN;
}

/* Is a sample's time that of a transfer by the rate in company? */
static bool fits(const struct xb_result *r)
{
    double ratio = figure(r, "transfer_beside_gb_per_s") * r->time.median * 1e3 / 100003;

    return ratio > 0.2 && ratio < 5;
}

static void test_sound(struct xb_session *session)
{
    static const struct {
        const char *name, *alone, *beside, *unknown;
    } rows[] = {
        {"arithmetic", "work_alone_gflop_per_s", "work_beside_gflop_per_s",
         "work_alone_gb_per_s"},
        {"memory", "work_alone_gb_per_s", "work_beside_gb_per_s", "work_alone_gflop_per_s"},
        {"a transfer", "work_alone_gb_per_s", "work_beside_gb_per_s",
         "work_beside_gflop_per_s"},
    };

    test.fault = SOUND;
    for (int i = 0; i < 3; i++) {
        struct xb_result r = measure(session, (enum xb_beside)i, 60);
        /* Two samples, of which other work on the machine may spoil one: the best of some runs.
         */
        for (int try = 0; try < TRIES && !fits(&r); try++) {
            xb_result_release(&r);
            r = measure(session, (enum xb_beside)i, 60);
        }
        is_str(xb_status_name(r.status), "ok", rows[i].name);
        is_str(r.reason, "", "needs no reason");
        is_int((long long)r.ops_per_sample, 1, "a round is a sample");
        is_int((long long)r.verify.wrong_bytes, 0, "all is right");
        ok(r.verify.checked_bytes >= 2 * 2 * 100003, "and was looked at in each part");
        ok(fits(&r), "the time is that of a transfer in company");
        ok(figure(&r, "transfer_alone_gb_per_s") > 0, "the transfer alone");
        ok(figure(&r, "transfer_kept") > 0, "what it keeps");
        ok(figure(&r, rows[i].alone) > 0, rows[i].alone);
        ok(figure(&r, rows[i].beside) > 0, rows[i].beside);
        ok(isnan(figure(&r, rows[i].unknown)), "and no other unit");
        ok(figure(&r, "work_kept") > 0, "what the work keeps");
        ok(figure(&r, "together_us") > 1000, "both were busy for a while");
        xb_result_release(&r);
    }
}

static void test_faults(struct xb_session *session)
{
    static const struct {
        const char *name;
        enum fault fault;
        long from;
        enum xb_beside beside;
        double timeout_s;
        const char *status, *reason;
    } rows[] = {
        {"no copy at all", NO_COPY, 0, XB_BESIDE_ARITHMETIC, 60, "corrupt", "bytes wrong"},
        {"none any more", NO_COPY, 100, XB_BESIDE_MEMORY, 60, "corrupt", "bytes wrong"},
        {"none any more, of two", NO_COPY, 100, XB_BESIDE_TRANSFER, 60, "corrupt",
         "bytes wrong"},
        {"a copy that fails", COPY_FAILS, 100, XB_BESIDE_ARITHMETIC, 60, "failed",
         "a copy failed"},
        {"work that is wrong", WRONG_WORK, 10, XB_BESIDE_ARITHMETIC, 60, "corrupt",
         "the first at offset 12"},
        {"work that fails", WORK_FAILS, 5, XB_BESIDE_ARITHMETIC, 60, "failed", "a unit failed"},
        {"work that hangs", WORK_HANGS, 5, XB_BESIDE_ARITHMETIC, 1, "timeout",
         "case's time of 1 s"},
        {"no work to be had", NO_WORK_THERE, 0, XB_BESIDE_MEMORY, 60, "failed",
         "no memory for work"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        test.fault = rows[i].fault;
        test.from = rows[i].from;
        struct xb_result r = measure(session, rows[i].beside, rows[i].timeout_s);
        is_str(xb_status_name(r.status), rows[i].status, rows[i].name);
        contains(r.reason, rows[i].reason, "and says why");
        xb_result_release(&r);
    }
    device.loads = NULL;
    struct xb_result r = measure(session, XB_BESIDE_MEMORY, 60);
    is_str(xb_status_name(r.status), "skipped", "a device without work");
    contains(r.reason, "device cpu has no work", "says so");
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
    cpu = session.device;
    loads = *cpu->loads;
    loads.open = test_open;
    loads.wait = test_wait;
    loads.check = test_check;
    device = *cpu;
    device.copy = test_copy;
    device.loads = &loads;
    test_sound(&session);
    test_faults(&session);
    xb_session_close(&session);
    MPI_Finalize();
    return done_testing();
}
