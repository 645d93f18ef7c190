/* SPDX-License-Identifier: BSD-3-Clause */
/* test_gpu_gray_scott.c - the GPU's Gray-Scott steps against the CPU's in double precision. */
#include <stdlib.h>

#include "engine/devices/device.h"
#include "lab/gray_scott/gray_scott.h"
#include "lab/gray_scott/stepper.h"
#include "tests/engine/gpu_fixture.h"

#define STEPS 64

/* Run batches of these steps, ended by 0, with a copy behind the last. */
static int run_batches(const struct xb_stepper *s, struct xb_fields *f, const int *steps,
                       float *into, struct xb_error *err)
{
    int rc = s->reset(f, err);

    for (int i = 0; rc == 0 && steps[i] > 0; i++) {
        struct xb_batch *b = NULL;
        double us = 0;
        if (s->build(f, steps[i], &b, err) < 0 ||
            s->run(b, steps[i + 1] ? NULL : into, err) < 0)
            rc = -1;
        while (rc == 0 && (rc = s->done(b, err)) == 0)
            ;
        rc = rc < 0 || s->elapsed(b, &us, err) < 0 || us <= 0 ? -1 : 0;
        s->free(b);
    }
    return rc;
}

/* However the steps are split, the same bits come out, and they are right. */
static void check_size(const struct xb_device *dev, int width, int height)
{
    static const int splits[][6] = {{64}, {1, 63}, {2, 3, 4, 5, 50}, {61, 3}};
    const struct xb_stepper *s = xb_stepper_of(dev);
    size_t cells = (size_t)width * (size_t)height, bytes = cells * sizeof(float);
    double *want = xb_gray_scott_solve(width, height, STEPS);
    float *first = malloc(bytes);
    struct xb_fields *f = NULL;
    struct xb_mem mem = {0};
    struct xb_error err = {""};
    char name[96];

    ok(s->open(width, height, &f, &err) == 0 &&
           dev->alloc(XB_MEM_PINNED, 0, bytes, &mem, &err) == 0,
       "fields and a buffer");
    for (size_t i = 0; i < sizeof splits / sizeof splits[0]; i++) {
        memset(mem.ptr, 0xff, bytes); /* no numbers */
        is_int(run_batches(s, f, splits[i], mem.ptr, &err), 0, "batches");
        is_str(err.text, "", "without an error");
        double error = xb_gray_scott_error(mem.ptr, want, cells);
        snprintf(name, sizeof name, "%d x %d, split %zu: relative error %g", width, height, i,
                 error);
        ok(error < 1e-4, name);
        if (i == 0)
            memcpy(first, mem.ptr, bytes);
        ok(memcmp(first, mem.ptr, bytes) == 0, "the same bits");
        ok(s->download(f, mem.ptr, &err) == 0 && memcmp(first, mem.ptr, bytes) == 0,
           "downloaded later, too");
    }
    s->close(f);
    dev->free(&mem);
    free(first);
    free(want);
}

static void run_all(void)
{
    static const int sizes[][2] = {{300, 200}, {2048, 1024}, {4, 1},     {8, 3},
                                   {120, 7},   {124, 1000},  {4096, 33}, {1000, 997}};
    const struct xb_device *dev = fixture_gpu();

    if (!dev)
        return;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        check_size(dev, sizes[i][0], sizes[i][1]);
}

int main(void)
{
    run_all();
    return done_testing();
}
