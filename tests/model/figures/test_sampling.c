/* SPDX-License-Identifier: BSD-3-Clause */
/* test_sampling.c - when samples suffice. */
#include "model/figures/sampling.h"

#include "tests/tap.h"

#define MAX_TIME_US 1000.0

static const struct xb_sampling sampling = {
    .min_samples = 4, .max_samples = 12, .max_time_ns = 1000000, .min_batch_ns = 300000};

static const struct {
    const char *name;
    size_t n;
    double spread; /* samples are 100 and 100 + spread in turn */
    double spent_us, target;
    enum xb_stop want;
    double between_us; /* beside the samples */
} rows[] = {
    {"none yet", 0, 0, 0, 0.1, XB_STOP_NONE, 0},
    {"too few, however alike", 3, 0, 10, 0.1, XB_STOP_NONE, 0},
    {"too few, and the time is over", 3, 0, MAX_TIME_US, 0.1, XB_STOP_NONE, 0},
    {"too few in four times the time", 3, 0, 4 * MAX_TIME_US, 0.1, XB_STOP_MAX_TIME, 0},
    {"enough, but no interval reaches 95 %", 5, 0, 10, 0.1, XB_STOP_NONE, 0},
    {"the first interval", 6, 0, 10, 0.1, XB_STOP_TARGET, 0},
    {"alike enough", 8, 10, 10, 0.05, XB_STOP_TARGET, 0},
    {"not alike enough", 8, 10, 10, 0.04, XB_STOP_NONE, 0},
    {"nor when the time is over", 8, 10, MAX_TIME_US, 0.04, XB_STOP_MAX_TIME, 0},
    {"the time is over, though alike", 8, 0, MAX_TIME_US, 0.1, XB_STOP_MAX_TIME, 0},
    {"just within the time", 8, 10, MAX_TIME_US - 1, 0.04, XB_STOP_NONE, 0},
    {"with what lies between not yet", 8, 10, 500, 0.04, XB_STOP_NONE, 499},
    {"the time is over with what lies between", 8, 10, 500, 0.04, XB_STOP_MAX_TIME, 500},
    {"but not with too few", 3, 10, 100, 0.04, XB_STOP_NONE, 9 * MAX_TIME_US},
    {"as alike as can be, without a target", 8, 0, 10, -1, XB_STOP_NONE, 0},
    {"as many as may be", 12, 10, 10, 0.04, XB_STOP_MAX_SAMPLES, 0},
    {"which counts before the time", 12, 0, 9 * MAX_TIME_US, 0.1, XB_STOP_MAX_SAMPLES, 0},
};

/* What a pass has of a case's sampling. */
static void test_share(void)
{
    static const struct {
        const char *name;
        int passes, min, max;
        int want_min, want_max;
    } shares[] = {
        {"a single pass has all", 1, 10, 100, 10, 100},
        {"none said is one", 0, 10, 100, 10, 100},
        {"rounded up", 6, 10, 100, 2, 17},
        {"at least two", 6, 3, 9, 2, 2},
        {"and as many at most", 100, 1, 200, 2, 2},
        {"but where a case may have one alone", 6, 1, 1, 1, 1},
    };

    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        struct xb_sampling all = {.min_samples = shares[i].min,
                                  .max_samples = shares[i].max,
                                  .max_time_ns = 600,
                                  .warmup_ns = 20,
                                  .bandwidth_ci = 0.01,
                                  .latency_ci = 0.02,
                                  .passes = shares[i].passes};
        struct xb_sampling share = xb_sampling_share(&all);
        bool several = shares[i].passes > 1;
        is_int(share.min_samples, shares[i].want_min, shares[i].name);
        is_int(share.max_samples, shares[i].want_max, shares[i].name);
        is_int(share.max_time_ns, several ? 600 / shares[i].passes : 600, "its time");
        is_int(share.warmup_ns, 20, "the warm-up stays");
        ok((share.bandwidth_ci < 0) == several && (share.latency_ci < 0) == several,
           "several have no target");
    }
}

int main(void)
{
    test_share();
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        double samples[12];
        for (size_t i = 0; i < rows[r].n; i++)
            samples[i] = 100 + (i % 2 ? rows[r].spread : 0);
        is_int(xb_sampling_decide(&sampling, rows[r].target, samples, rows[r].n,
                                  rows[r].spent_us, rows[r].spent_us + rows[r].between_us),
               rows[r].want, rows[r].name);
    }
    is_int(xb_sampling_passes(&(struct xb_sampling){.passes = 1}), 1, "one pass");
    is_int(xb_sampling_passes(&(struct xb_sampling){.passes = 1, .repeat_for_ns = 1}), 2,
           "for a time two at least");
    is_int(xb_sampling_passes(&(struct xb_sampling){.passes = 6, .repeat_for_ns = 1}), 6,
           "or more");
    is_near(xb_sampling_least_batch_us(&sampling, 1), 300, 1e-9, "a fine clock");
    is_near(xb_sampling_least_batch_us(&sampling, 300), 300, 1e-9, "just fine enough");
    is_near(xb_sampling_least_batch_us(&sampling, 1000), 1000, 1e-9, "a coarse one");
    return done_testing();
}
