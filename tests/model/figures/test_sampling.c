/* test_sampling.c - when samples suffice. */
#include "model/figures/sampling.h"

#include "tests/tap.h"

#define MAX_TIME_US 1000.0

static const struct xb_sampling sampling = {
    .min_samples = 4, .max_samples = 12, .max_time_ns = 1000000};

static const struct {
    const char *name;
    size_t n;
    double spread; /* samples are 100 and 100 + spread in turn */
    double spent_us, target;
    enum xb_stop want;
} rows[] = {
    {"none yet", 0, 0, 0, 0.1, XB_STOP_NONE},
    {"too few, however alike", 3, 0, 10, 0.1, XB_STOP_NONE},
    {"too few, and the time is over", 3, 0, MAX_TIME_US, 0.1, XB_STOP_NONE},
    {"too few in four times the time", 3, 0, 4 * MAX_TIME_US, 0.1, XB_STOP_MAX_TIME},
    {"enough, but no interval reaches 95 %", 5, 0, 10, 0.1, XB_STOP_NONE},
    {"the first interval", 6, 0, 10, 0.1, XB_STOP_TARGET},
    {"alike enough", 8, 10, 10, 0.05, XB_STOP_TARGET},
    {"not alike enough", 8, 10, 10, 0.04, XB_STOP_NONE},
    {"nor when the time is over", 8, 10, MAX_TIME_US, 0.04, XB_STOP_MAX_TIME},
    {"the time is over, though alike", 8, 0, MAX_TIME_US, 0.1, XB_STOP_MAX_TIME},
    {"just within the time", 8, 10, MAX_TIME_US - 1, 0.04, XB_STOP_NONE},
    {"as many as may be", 12, 10, 10, 0.04, XB_STOP_MAX_SAMPLES},
    {"which counts before the time", 12, 0, 9 * MAX_TIME_US, 0.1, XB_STOP_MAX_SAMPLES},
};

int main(void)
{
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        double samples[12];
        for (size_t i = 0; i < rows[r].n; i++)
            samples[i] = 100 + (i % 2 ? rows[r].spread : 0);
        is_int(
            xb_sampling_decide(&sampling, rows[r].target, samples, rows[r].n, rows[r].spent_us),
            rows[r].want, rows[r].name);
    }
    is_near(xb_sampling_least_batch_us(1), 200, 0, "a fine clock");
    is_near(xb_sampling_least_batch_us(200), 200, 1e-9, "just fine enough");
    is_near(xb_sampling_least_batch_us(1000), 1000, 1e-9, "a coarse one");
    return done_testing();
}
