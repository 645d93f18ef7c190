/* SPDX-License-Identifier: BSD-3-Clause */
/* cuda_queue.c - streams and events of the CUDA device, and the work that goes into streams. */
#include "engine/devices/cuda_internal.h"

#include <stdlib.h>

#include "kernels.h"

struct xb_stream {
    cudaStream_t stream;
    int gpu;
};

struct xb_event {
    cudaEvent_t event;
};

/* Blocks of a copy kernel for each multiprocessor, where it may have all. */
#define COPY_BLOCKS_PER_SM 2

int xb_cuda_stream_open(int gpu, struct xb_stream **out, struct xb_error *err)
{
    *out = calloc(1, sizeof **out);
    if (!*out)
        return xb_fail(err, "out of memory");
    (*out)->gpu = gpu;
    cudaError_t rc = xb_cuda_use_gpu(gpu);
    if (rc == cudaSuccess)
        rc = cudaStreamCreateWithFlags(&(*out)->stream, cudaStreamNonBlocking);
    xb_cuda_use_gpu(0);
    if (rc == cudaSuccess)
        return 0;
    free(*out);
    *out = NULL;
    return xb_cuda_fail(err, rc, "cudaStreamCreate");
}

void xb_cuda_stream_close(struct xb_stream *stream)
{
    if (stream)
        cudaStreamDestroy(stream->stream);
    free(stream);
}

int xb_cuda_event_open(bool timed, int gpu, struct xb_event **out, struct xb_error *err)
{
    *out = calloc(1, sizeof **out);
    if (!*out)
        return xb_fail(err, "out of memory");
    cudaError_t rc = xb_cuda_use_gpu(gpu);
    if (rc == cudaSuccess)
        rc = cudaEventCreateWithFlags(&(*out)->event,
                                      timed ? cudaEventDefault : cudaEventDisableTiming);
    xb_cuda_use_gpu(0);
    if (rc == cudaSuccess)
        return 0;
    free(*out);
    *out = NULL;
    return xb_cuda_fail(err, rc, "cudaEventCreate");
}

void xb_cuda_event_close(struct xb_event *event)
{
    if (event)
        cudaEventDestroy(event->event);
    free(event);
}

int xb_cuda_copy(void *dst, const void *src, uint64_t bytes, struct xb_stream *stream,
                 struct xb_error *err)
{
    cudaError_t rc = cudaMemcpyAsync(dst, src, bytes, cudaMemcpyDefault, stream->stream);
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "cudaMemcpyAsync");
}

int xb_cuda_multiprocessors(int gpu, int *sms, struct xb_error *err)
{
    struct xb_cuda_gpu *g = &xb_cuda_gpus[gpu];

    if (g->sms == 0) {
        cudaError_t rc =
            cudaDeviceGetAttribute(&g->sms, cudaDevAttrMultiProcessorCount, g->ordinal);
        if (rc != cudaSuccess)
            return xb_cuda_fail(err, rc, "number of multiprocessors");
    }
    *sms = g->sms;
    return 0;
}

int xb_cuda_stream_gpu(const struct xb_stream *stream)
{
    return stream->gpu;
}

/* With a budget each multiprocessor gets one block: on an idle GPU the hardware gives every
 * block one of its own while there are some left. Without one, blocks that fill the GPU. */
int xb_cuda_copy_grid(int gpu, int sms, struct xb_copy_grid *out, struct xb_error *err)
{
    int all = 0;

    *out = (struct xb_copy_grid){.blocks = sms, .threads = 1024};
    if (sms > 0)
        return 0;
    if (xb_cuda_multiprocessors(gpu, &all, err) < 0)
        return -1;
    *out = (struct xb_copy_grid){.blocks = all * COPY_BLOCKS_PER_SM, .threads = 512};
    return 0;
}

int xb_cuda_launch_copy(void *dst, const void *src, uint64_t bytes, int times, int sms,
                        struct xb_stream *stream, struct xb_error *err)
{
    struct xb_copy_grid grid;

    if (xb_cuda_copy_grid(stream->gpu, sms, &grid, err) < 0)
        return -1;
    cudaError_t rc = stream->gpu ? xb_cuda_use_gpu(stream->gpu) : cudaSuccess;
    if (rc == cudaSuccess)
        rc = (cudaError_t)xb_kernel_copy(dst, src, bytes, times, &grid, stream->stream);
    if (stream->gpu)
        xb_cuda_use_gpu(0);
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "copy kernel");
}

int xb_cuda_event_record(struct xb_event *event, struct xb_stream *stream, struct xb_error *err)
{
    cudaError_t rc = cudaEventRecord(event->event, stream->stream);
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "cudaEventRecord");
}

int xb_cuda_event_done(struct xb_event *event, struct xb_error *err)
{
    cudaError_t rc = cudaEventQuery(event->event);
    if (rc == cudaSuccess)
        return 1;
    return rc == cudaErrorNotReady ? 0 : xb_cuda_fail(err, rc, "cudaEventQuery");
}

int xb_cuda_event_elapsed(struct xb_event *from, struct xb_event *to, double *us,
                          struct xb_error *err)
{
    float ms;
    cudaError_t rc = cudaEventElapsedTime(&ms, from->event, to->event);
    if (rc != cudaSuccess)
        return xb_cuda_fail(err, rc, "cudaEventElapsedTime");
    *us = (double)ms * 1e3;
    return 0;
}

void *xb_cuda_stream_handle(struct xb_stream *stream)
{
    return stream->stream;
}

int xb_cuda_prefetch(void *ptr, uint64_t bytes, int gpu, struct xb_stream *stream,
                     struct xb_error *err)
{
    int ordinal = gpu == XB_TO_HOST ? cudaCpuDeviceId : xb_cuda_gpus[gpu].ordinal;
#if CUDART_VERSION >= 13000
    struct cudaMemLocation to = {.type = gpu == XB_TO_HOST ? cudaMemLocationTypeHost
                                                           : cudaMemLocationTypeDevice,
                                 .id = gpu == XB_TO_HOST ? 0 : ordinal};
    cudaError_t rc = cudaMemPrefetchAsync(ptr, bytes, to, 0, stream->stream);
#else
    cudaError_t rc = cudaMemPrefetchAsync(ptr, bytes, ordinal, stream->stream);
#endif
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "cudaMemPrefetchAsync");
}

int xb_cuda_touch(void *ptr, uint64_t bytes, struct xb_stream *stream, struct xb_error *err)
{
    cudaError_t rc = stream->gpu ? xb_cuda_use_gpu(stream->gpu) : cudaSuccess;
    if (rc == cudaSuccess)
        rc = (cudaError_t)xb_kernel_touch(ptr, bytes, stream->stream);
    if (stream->gpu)
        xb_cuda_use_gpu(0);
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "touch kernel");
}
