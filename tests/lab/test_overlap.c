/* SPDX-License-Identifier: BSD-3-Clause */
/* test_overlap.c - rounds in all modes on the cpu device, and on ones that break the rules. */
#include "lab/overlap.h"

#include <math.h>
#include <stdlib.h>

#include "engine/runtime/agree.h"
#include "engine/runtime/clock.h"
#include "lab/gray_scott/gray_scott.h"
#include "tests/tap.h"

#define WIDTH  64
#define HEIGHT 48
#define CELLS  (WIDTH * HEIGHT)
#define LATER  (xb_clock_us() + 60e6)

extern const struct xb_device xb_device_cpu;
extern const struct xb_stepper xb_cpu_stepper;

static const char *const modes[] = {"lockstep", "prepared", "double", "depth"};
static const char *const stages[] = {"compute", "download", "sum", "write"};

/* What the solver of the test does besides what that of the cpu device does. */
static struct {
    bool poisons; /* a buffer holds no numbers from when it is given to the solver */
    bool hurries; /* says that batches are complete which it never began */
    bool hangs;   /* never says so */
    int fails;    /* this call of done fails, from 1; 0 for none */
    int dones, builds, frees, runs;
} test;

static int test_build(struct xb_fields *f, int64_t steps, struct xb_batch **out,
                      struct xb_error *err)
{
    test.builds++;
    return xb_cpu_stepper.build(f, steps, out, err);
}

static void test_free(struct xb_batch *b)
{
    test.frees += b != NULL;
    xb_cpu_stepper.free(b);
}

static int test_run(struct xb_batch *b, float *into, struct xb_error *err)
{
    test.runs++;
    for (int i = 0; test.poisons && into && i < CELLS; i++)
        into[i] = NAN;
    return test.hurries ? 0 : xb_cpu_stepper.run(b, into, err);
}

static int test_done(struct xb_batch *b, struct xb_error *err)
{
    if (test.hurries || test.hangs)
        return test.hurries;
    int rc = xb_cpu_stepper.done(b, err);
    if (rc == 1 && ++test.dones == test.fails)
        return xb_fail(err, "the test's solver failed");
    return rc;
}

static struct xb_stepper test_stepper;

static void make_stepper(void)
{
    test_stepper = xb_cpu_stepper;
    test_stepper.build = test_build;
    test_stepper.free = test_free;
    test_stepper.run = test_run;
    test_stepper.done = test_done;
    memset(&test, 0, sizeof test);
}

static struct xb_overlap_config config_of(int mode, int stage, int64_t steps, int64_t images)
{
    return (struct xb_overlap_config){.stepper = &test_stepper,
                                      .mode = (enum xb_overlap_mode)mode,
                                      .stages = (enum xb_overlap_stages)stage,
                                      .depth = 3,
                                      .width = WIDTH,
                                      .height = HEIGHT,
                                      .steps = steps,
                                      .images = images};
}

static bool is_image(const float *image, const double *want)
{
    return image && xb_gray_scott_error(image, want, CELLS) < 1e-5;
}

/* Rounds one after the other, with batches that are as many in every mode. */
static void check_rounds(int mode, int stage, int64_t images, const double *want)
{
    struct xb_overlap_config config = config_of(mode, stage, 24, images);
    struct xb_overlap_times t = {0};
    struct xb_overlap *o = NULL;
    struct xb_error err = {""};
    char name[96];

    make_stepper();
    test.poisons = true;
    snprintf(name, sizeof name, "%s, %s, %d images", modes[mode], stages[stage], (int)images);
    ok(xb_overlap_open(&xb_device_cpu, &config, &o, &err) == 0, name);
    for (int round = 1; round <= 3; round++) {
        is_int(xb_overlap_round(o, config.mode, LATER, &t, &err), XB_GO, "a round");
        is_str(err.text, "", "without a word");
        ok(is_image(xb_overlap_image(o, &err), want), "its last image");
        ok(xb_overlap_is_right(o), "nothing was read before it was there");
        ok(test.builds == round * images && test.runs == test.builds, "a batch an image");
        is_int(test.frees, test.builds, "none is left");
        ok(t.prepare_us > 0 && t.device_us > 0 && t.total_us >= t.device_us, "times");
        ok((t.process_us > 0) == (stage >= XB_OVERLAP_SUM), "of processing where there is any");
    }
    xb_overlap_close(o);
}

static void test_modes(void)
{
    static const int images[] = {1, 2, 24};
    double *want = xb_gray_scott_solve(WIDTH, HEIGHT, 24);

    for (int mode = 0; mode < 4; mode++)
        for (int stage = 0; stage < 4; stage++)
            for (int i = 0; i < 3; i++)
                check_rounds(mode, stage, images[i], want);
    free(want);
}

/* Results that are read before the device wrote them are no numbers. */
static void test_too_early(void)
{
    for (int mode = 0; mode < 4; mode++) {
        struct xb_overlap_config config = config_of(mode, XB_OVERLAP_SUM, 8, 4);
        struct xb_overlap_times t;
        struct xb_overlap *o = NULL;
        struct xb_error err = {""};

        make_stepper();
        test.poisons = test.hurries = true;
        xb_overlap_open(&xb_device_cpu, &config, &o, &err);
        is_int(xb_overlap_round(o, config.mode, LATER, &t, &err), XB_GO, modes[mode]);
        ok(!xb_overlap_is_right(o), "what was read too early is found");
        xb_overlap_close(o);
    }
}

static void check_end(struct xb_overlap_config config, int want, const char *text)
{
    struct xb_overlap_times t;
    struct xb_overlap *o = NULL;
    struct xb_error err = {""};
    /* what is not stopped ends within seconds too */
    double deadline_us = xb_clock_us() + (want == XB_TIMED_OUT ? 20e3 : 20e6);

    xb_overlap_open(&xb_device_cpu, &config, &o, &err);
    is_int(xb_overlap_round(o, config.mode, deadline_us, &t, &err), want, modes[config.mode]);
    contains(err.text, text, "it says why");
    is_int(xb_overlap_round(o, config.mode, LATER, &t, &err), XB_ERROR, "and that was the end");
    xb_overlap_close(o);
    is_int(test.frees, test.builds, "nothing is left behind");
}

static void test_ends(void)
{
    for (int mode = 0; mode < 4; mode++) {
        make_stepper();
        test.hangs = true;
        check_end(config_of(mode, XB_OVERLAP_SUM, 24, 8), XB_TIMED_OUT,
                  "within the case's time");
        for (int fails = 1; fails <= 3; fails++) {
            make_stepper();
            test.fails = fails;
            check_end(config_of(mode, XB_OVERLAP_SUM, 24, 3), XB_ERROR,
                      "the test's solver failed");
        }
    }
}

/* Loops that leave a hand-over out are stopped where they do. The device still has the buffer:
 * it never says that it is done. */
static void test_faults(void)
{
    for (int mode = 0; mode < 4; mode++) {
        struct xb_overlap_config config = config_of(mode, XB_OVERLAP_SUM, 24, 8);
        make_stepper();
        test.hangs = true;
        config.fault = XB_OVERLAP_READS_EARLY;
        check_end(config, XB_ERROR, "the host uses a buffer that the device has");
        if (config.mode != XB_OVERLAP_DOUBLE && config.mode != XB_OVERLAP_DEPTH)
            continue; /* nothing is streamed */
        make_stepper();
        test.hangs = true;
        config.fault = XB_OVERLAP_GIVES_BACK_EARLY;
        check_end(config, XB_ERROR, "from nobody to the device, but the device has it");
    }
}

/* A file that cannot be made is an error, and leaves nothing. */
static void test_no_folder(void)
{
    struct xb_overlap_config config = config_of(XB_OVERLAP_DOUBLE, XB_OVERLAP_WRITE, 8, 2);
    struct xb_overlap *o = NULL;
    struct xb_error err = {""};

    setenv("TMPDIR", "/nowhere/at/all", 1);
    is_int(xb_overlap_open(&xb_device_cpu, &config, &o, &err), -1, "no folder for the file");
    contains(err.text, "/nowhere/at/all/", "it says where");
    ok(!o, "nothing is there");
    unsetenv("TMPDIR");
}

int main(void)
{
    test_modes();
    test_too_early();
    test_ends();
    test_faults();
    test_no_folder();
    return done_testing();
}
