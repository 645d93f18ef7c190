/* SPDX-License-Identifier: BSD-3-Clause */
/* cuda_load.c - work that keeps a GPU busy, by arithmetic or by memory. */
#include "engine/devices/cuda_internal.h"

#include <stdlib.h>
#include <time.h>

#include "engine/runtime/clock.h"
#include "kernels.h"

#define STEPS       4096           /* of each chain of floats: 0.3 ms of an H200 */
#define PASSES      2              /* over the arrays in a unit */
#define LEAST_ARRAY (128ull << 20) /* bytes; two of them, if they are twice the L2 each */
#define GLANCE_NS   20000          /* between two looks whether a unit is complete */

struct xb_load {
    struct xb_load_ask ask;
    struct xb_load_words of;
    struct xb_mem words, other;
    struct xb_stream *stream;
    struct xb_event *event[XB_LOAD_AHEAD];
    uint64_t started, waited; /* units */
    struct xb_load_sum sum;   /* behind all that were started */
};

/* Bytes of each array. */
static int array_bytes(const struct xb_load_ask *ask, uint64_t *bytes, struct xb_error *err)
{
    int sms = 0, l2 = 0;

    if (xb_cuda_multiprocessors(ask->gpu, &sms, err) < 0)
        return -1;
    if (ask->kind == XB_LOAD_ARITHMETIC) {
        *bytes = xb_kernel_load_threads(sms) * sizeof(uint32_t);
        return 0;
    }
    cudaError_t rc =
        cudaDeviceGetAttribute(&l2, cudaDevAttrL2CacheSize, xb_cuda_gpus[ask->gpu].ordinal);
    if (rc != cudaSuccess)
        return xb_cuda_fail(err, rc, "size of the L2 cache");
    *bytes = 2 * (uint64_t)(l2 > 0 ? l2 : 0) / 16 * 16;
    if (*bytes < LEAST_ARRAY)
        *bytes = LEAST_ARRAY;
    return 0;
}

static int load_needs(const struct xb_load_ask *ask, uint64_t *bytes, struct xb_error *err)
{
    if (array_bytes(ask, bytes, err) < 0)
        return -1;
    *bytes *= ask->kind == XB_LOAD_MEMORY ? 2 : 1;
    return 0;
}

static void load_close(struct xb_load *l)
{
    if (!l)
        return;
    for (int i = 0; i < XB_LOAD_AHEAD; i++)
        xb_cuda_event_close(l->event[i]);
    xb_cuda_stream_close(l->stream);
    if (l->started ==
        l->waited) { /* else a kernel may still write: freeing would wait for it */
        xb_cuda_free(&l->other);
        xb_cuda_free(&l->words);
    }
    free(l);
}

static int open_parts(struct xb_load *l, struct xb_error *err)
{
    const int gpu = l->ask.gpu;
    uint64_t bytes = 0;

    if (xb_cuda_multiprocessors(gpu, &l->of.sms, err) < 0 ||
        array_bytes(&l->ask, &bytes, err) < 0 ||
        xb_cuda_alloc(XB_MEM_DEVICE, gpu, bytes, &l->words, err) < 0 ||
        (l->ask.kind == XB_LOAD_MEMORY &&
         xb_cuda_alloc(XB_MEM_DEVICE, gpu, bytes, &l->other, err) < 0) ||
        xb_cuda_stream_open(gpu, &l->stream, err) < 0)
        return -1;
    for (int i = 0; i < XB_LOAD_AHEAD; i++)
        if (xb_cuda_event_open(false, gpu, &l->event[i], err) < 0)
            return -1;
    l->of.words = l->words.ptr;
    l->of.other = l->other.ptr;
    l->of.n = bytes / sizeof(uint32_t);
    cudaError_t rc = xb_cuda_use_gpu(gpu);
    if (rc == cudaSuccess)
        rc = (cudaError_t)xb_kernel_load_begin(&l->of, xb_cuda_stream_handle(l->stream));
    if (rc == cudaSuccess)
        rc = cudaStreamSynchronize(xb_cuda_stream_handle(l->stream));
    xb_cuda_use_gpu(0);
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "kernel that begins the work");
}

static int load_open(const struct xb_load_ask *ask, struct xb_load **out, struct xb_error *err)
{
    struct xb_load *l = calloc(1, sizeof *l);

    *out = NULL;
    if (!l)
        return xb_fail(err, "out of memory");
    l->ask = *ask;
    if (open_parts(l, err) < 0) {
        load_close(l);
        return -1;
    }
    *out = l;
    return 0;
}

static double load_unit(const struct xb_load *l)
{
    double words = (double)l->of.n;
    return l->ask.kind == XB_LOAD_ARITHMETIC ? 2.0 * words * STEPS * XB_LOAD_CHAINS
                                             : 3.0 * sizeof(uint32_t) * words * PASSES;
}

static cudaError_t launch(struct xb_load *l, cudaStream_t stream)
{
    const uint32_t seed = xb_load_seed(l->started);
    int rc = 0;

    if (l->ask.kind == XB_LOAD_ARITHMETIC) {
        xb_load_add_arithmetic(&l->sum, seed, STEPS);
        return (cudaError_t)xb_kernel_load_arithmetic(&l->of, seed, STEPS, stream);
    }
    for (int pass = 0; rc == 0 && pass < PASSES; pass++) {
        xb_load_add_memory(&l->sum, seed);
        rc = xb_kernel_load_memory(&l->of, seed, stream);
    }
    return (cudaError_t)rc;
}

static int load_start(struct xb_load *l, struct xb_error *err)
{
    struct xb_event *event = l->event[l->started % XB_LOAD_AHEAD];
    cudaError_t rc = xb_cuda_use_gpu(l->ask.gpu);

    if (rc == cudaSuccess)
        rc = launch(l, xb_cuda_stream_handle(l->stream));
    xb_cuda_use_gpu(0);
    if (rc != cudaSuccess)
        return xb_cuda_fail(err, rc, "kernel that keeps the GPU busy");
    l->started++;
    return xb_cuda_event_record(event, l->stream, err);
}

/* It sleeps in between: asking without a pause would hold up who posts transfers. */
static int load_wait(struct xb_load *l, double limit_us, struct xb_error *err)
{
    const struct timespec glance = {.tv_nsec = GLANCE_NS};
    const double until_us = xb_clock_us() + limit_us;
    int rc;

    while ((rc = xb_cuda_event_done(l->event[l->waited % XB_LOAD_AHEAD], err)) == 0 &&
           xb_clock_us() < until_us)
        nanosleep(&glance, NULL);
    l->waited += rc == 1;
    return rc;
}

static int load_check(struct xb_load *l, struct xb_verify *out, struct xb_error *err)
{
    struct xb_check_result found = {0, 0};
    cudaError_t rc = xb_cuda_use_gpu(l->ask.gpu);

    if (rc == cudaSuccess)
        rc = (cudaError_t)xb_kernel_load_check(&l->of, &l->sum, &found,
                                               xb_cuda_stream_handle(l->stream));
    xb_cuda_use_gpu(0);
    if (rc != cudaSuccess)
        return xb_cuda_fail(err, rc, "kernel that checks the work");
    if (found.wrong && (out->wrong_bytes == 0 || found.first_bad < out->first_bad))
        out->first_bad = found.first_bad;
    out->done = true;
    out->wrong_bytes += found.wrong;
    out->checked_bytes += l->of.n * sizeof(uint32_t);
    return 0;
}

const struct xb_loads xb_cuda_loads = {
    .needs = load_needs,
    .open = load_open,
    .unit = load_unit,
    .start = load_start,
    .wait = load_wait,
    .check = load_check,
    .close = load_close,
};
