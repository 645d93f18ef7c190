/* SPDX-License-Identifier: BSD-3-Clause */
/* cuda_stepper.c - the Gray-Scott solver of the CUDA device. A batch of steps is a CUDA graph
 * of kernels, each of which makes several steps; it is captured in a stream of its own, so that
 * the next one can be built while this one runs. */
#include "engine/devices/cuda_internal.h"

#include <stdlib.h>

#include "lab/gray_scott/gray_scott.h"
#include "lab/gray_scott/stepper.h"
#include "kernels.h"

struct xb_fields {
    struct xb_gray_scott_grid grid;
    size_t bytes;    /* of a field */
    float *memory;   /* all fields: the beginning, and two pairs */
    float *start[2]; /* u and v at the beginning */
    float *pair[2][2];
    int built; /* the pair that holds the state once all that was built has run */
    cudaStream_t stream, capture;
};

struct xb_batch {
    struct xb_fields *fields;
    cudaGraphExec_t graph;
    cudaEvent_t from, to;
    int result; /* the pair that it leaves the state in */
};

#define FIELDS 6

static void stepper_close(struct xb_fields *f)
{
    if (!f)
        return;
    if (f->stream)
        cudaStreamDestroy(f->stream);
    if (f->capture)
        cudaStreamDestroy(f->capture);
    cudaFree(f->memory);
    free(f);
}

static void stepper_needs(int width, int height, uint64_t *device, uint64_t *host)
{
    *device = FIELDS * (uint64_t)width * (uint64_t)height * sizeof(float);
    *host = 0;
}

/* The state at the beginning is made by the CPU, for all devices alike. */
static int upload_start(struct xb_fields *f, struct xb_error *err)
{
    float *host = malloc(2 * f->bytes);

    if (!host)
        return xb_fail(err, "out of memory");
    xb_gray_scott_begin_float(host, host + f->bytes / sizeof *host, f->grid.width,
                              f->grid.height);
    cudaError_t rc =
        cudaMemcpyAsync(f->start[0], host, 2 * f->bytes, cudaMemcpyHostToDevice, f->stream);
    if (rc == cudaSuccess)
        rc = cudaStreamSynchronize(f->stream);
    free(host);
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "upload of the fields");
}

static int stepper_reset(struct xb_fields *f, struct xb_error *err)
{
    cudaError_t rc = cudaMemcpyAsync(f->pair[0][0], f->start[0], 2 * f->bytes,
                                     cudaMemcpyDeviceToDevice, f->stream);
    f->built = 0;
    if (rc == cudaSuccess)
        rc = cudaStreamSynchronize(f->stream);
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "reset of the fields");
}

/* Kernels are loaded when they are first launched, which is better not done in a capture. */
static int load_kernels(struct xb_fields *f, struct xb_error *err)
{
    const float *const from[2] = {f->start[0], f->start[1]};
    cudaError_t rc = cudaSuccess;

    for (int steps = 1; rc == cudaSuccess && steps <= XB_GRAY_SCOTT_FUSED; steps++)
        rc = (cudaError_t)xb_kernel_gray_scott(&f->grid, from, f->pair[1], steps, f->stream);
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "Gray-Scott kernel");
}

static int open_parts(struct xb_fields *f, struct xb_error *err)
{
    size_t n = f->bytes / sizeof(float);
    cudaError_t rc = cudaMalloc((void **)&f->memory, FIELDS * f->bytes);

    if (rc == cudaSuccess)
        rc = cudaStreamCreateWithFlags(&f->stream, cudaStreamNonBlocking);
    if (rc == cudaSuccess)
        rc = cudaStreamCreateWithFlags(&f->capture, cudaStreamNonBlocking);
    if (rc == cudaSuccess)
        rc = cudaDeviceGetAttribute(&f->grid.sms, cudaDevAttrMultiProcessorCount,
                                    xb_cuda_gpus[0].ordinal);
    if (rc != cudaSuccess)
        return xb_cuda_fail(err, rc, "memory and streams of the fields");
    for (int i = 0; i < 2; i++) { /* u and v of each state follow one another */
        f->start[i] = f->memory + (size_t)i * n;
        f->pair[0][i] = f->memory + (size_t)(2 + i) * n;
        f->pair[1][i] = f->memory + (size_t)(4 + i) * n;
    }
    if (upload_start(f, err) < 0 || load_kernels(f, err) < 0)
        return -1;
    return stepper_reset(f, err);
}

static int stepper_open(int width, int height, struct xb_fields **out, struct xb_error *err)
{
    struct xb_fields *f = calloc(1, sizeof *f);

    if (!f)
        return xb_fail(err, "out of memory");
    f->grid.width = width;
    f->grid.height = height;
    f->bytes = (size_t)width * (size_t)height * sizeof(float);
    if (open_parts(f, err) < 0) {
        stepper_close(f);
        return -1;
    }
    *out = f;
    return 0;
}

/* Put the kernels of so many steps into the stream that is being captured. */
static cudaError_t launch_steps(struct xb_fields *f, int64_t steps)
{
    cudaError_t rc = cudaSuccess;

    while (rc == cudaSuccess && steps > 0) {
        int now = steps < XB_GRAY_SCOTT_FUSED ? (int)steps : XB_GRAY_SCOTT_FUSED;
        const float *const from[2] = {f->pair[f->built][0], f->pair[f->built][1]};
        rc = (cudaError_t)xb_kernel_gray_scott(&f->grid, from, f->pair[!f->built], now,
                                               f->capture);
        f->built = !f->built;
        steps -= now;
    }
    return rc;
}

/* Only this thread must leave alone what a capture forbids. */
static cudaError_t capture_steps(struct xb_fields *f, int64_t steps, cudaGraph_t *graph)
{
    cudaError_t rc = cudaStreamBeginCapture(f->capture, cudaStreamCaptureModeThreadLocal);

    if (rc != cudaSuccess)
        return rc;
    rc = launch_steps(f, steps);
    cudaError_t end = cudaStreamEndCapture(f->capture, graph);
    return rc == cudaSuccess ? end : rc;
}

static void stepper_free(struct xb_batch *b)
{
    if (!b)
        return;
    if (b->graph)
        cudaGraphExecDestroy(b->graph);
    if (b->from)
        cudaEventDestroy(b->from);
    if (b->to)
        cudaEventDestroy(b->to);
    free(b);
}

static int stepper_build(struct xb_fields *f, int64_t steps, struct xb_batch **out,
                         struct xb_error *err)
{
    struct xb_batch *b = calloc(1, sizeof *b);
    cudaGraph_t graph = NULL;

    if (!b)
        return xb_fail(err, "out of memory");
    cudaError_t rc = capture_steps(f, steps, &graph);
    if (rc == cudaSuccess)
        rc = cudaGraphInstantiateWithFlags(&b->graph, graph, 0);
    if (graph)
        cudaGraphDestroy(graph);
    if (rc == cudaSuccess)
        rc = cudaEventCreate(&b->from);
    if (rc == cudaSuccess)
        rc = cudaEventCreate(&b->to);
    if (rc != cudaSuccess) {
        stepper_free(b);
        return xb_cuda_fail(err, rc, "graph of a batch of steps");
    }
    b->fields = f;
    b->result = f->built;
    *out = b;
    return 0;
}

static int stepper_run(struct xb_batch *b, float *into, struct xb_error *err)
{
    struct xb_fields *f = b->fields;
    cudaError_t rc = cudaEventRecord(b->from, f->stream);

    if (rc == cudaSuccess)
        rc = cudaGraphLaunch(b->graph, f->stream);
    if (rc == cudaSuccess && into)
        rc = cudaMemcpyAsync(into, f->pair[b->result][1], f->bytes, cudaMemcpyDeviceToHost,
                             f->stream);
    if (rc == cudaSuccess)
        rc = cudaEventRecord(b->to, f->stream);
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "batch of steps");
}

/* From any thread: each has a current GPU of its own. */
static int stepper_done(struct xb_batch *b, struct xb_error *err)
{
    cudaError_t rc = xb_cuda_use_gpu(0);

    if (rc == cudaSuccess)
        rc = cudaEventQuery(b->to);
    if (rc == cudaSuccess)
        return 1;
    return rc == cudaErrorNotReady ? 0 : xb_cuda_fail(err, rc, "batch of steps");
}

static int stepper_elapsed(struct xb_batch *b, double *us, struct xb_error *err)
{
    float ms = 0;
    cudaError_t rc = xb_cuda_use_gpu(0);

    if (rc == cudaSuccess)
        rc = cudaEventElapsedTime(&ms, b->from, b->to);
    *us = (double)ms * 1e3;
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "cudaEventElapsedTime");
}

static int stepper_download(struct xb_fields *f, float *into, struct xb_error *err)
{
    cudaError_t rc = cudaMemcpyAsync(into, f->pair[f->built][1], f->bytes,
                                     cudaMemcpyDeviceToHost, f->stream);
    if (rc == cudaSuccess)
        rc = cudaStreamSynchronize(f->stream);
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "download of a field");
}

const struct xb_stepper xb_cuda_stepper = {
    .open = stepper_open,
    .close = stepper_close,
    .needs = stepper_needs,
    .reset = stepper_reset,
    .build = stepper_build,
    .free = stepper_free,
    .run = stepper_run,
    .done = stepper_done,
    .elapsed = stepper_elapsed,
    .download = stepper_download,
};
