/* SPDX-License-Identifier: BSD-3-Clause */
/* cuda_blocks.c - the row `blocks` of the CUDA device: many blocks by one call. */
#include "engine/devices/cuda_internal.h"

#include <stdlib.h>

#include "kernels.h"

#define FIRST_WITH_BATCHES 12080 /* of CUDA, as it numbers its versions */

struct xb_graph {
    cudaGraphExec_t exec;
};

static int cuda_can_batch(struct xb_error *reason)
{
#if CUDART_VERSION >= FIRST_WITH_BATCHES
    int driver = 0;

    if (cudaDriverGetVersion(&driver) == cudaSuccess && driver >= FIRST_WITH_BATCHES)
        return 0;
    xb_fail(reason,
            "batches of copies need a driver of CUDA 12.8 or later, this one is of %d.%d",
            driver / 1000, driver % 1000 / 10);
#else
    xb_fail(reason,
            "batches of copies need a build with CUDA 12.8 or later, this one has %d.%d",
            CUDART_VERSION / 1000, CUDART_VERSION % 1000 / 10);
#endif
    return 1;
}

static int cuda_batch(const struct xb_block_list *list, struct xb_stream *stream,
                      struct xb_error *err)
{
#if CUDART_VERSION >= FIRST_WITH_BATCHES
    struct cudaMemcpyAttributes how = {.srcAccessOrder = cudaMemcpySrcAccessOrderStream};
    size_t from_the_first = 0;
    cudaStream_t s = xb_cuda_stream_handle(stream);
#if CUDART_VERSION >= 13000
    cudaError_t rc = cudaMemcpyBatchAsync(list->dst, list->src, list->bytes, list->count, &how,
                                          &from_the_first, 1, s);
#else
    size_t failed = 0;
    cudaError_t rc =
        cudaMemcpyBatchAsync((void **)list->dst, (void **)list->src, (size_t *)list->bytes,
                             list->count, &how, &from_the_first, 1, &failed, s);
#endif
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "cudaMemcpyBatchAsync");
#else
    (void)list;
    (void)stream;
    return cuda_can_batch(err) == 0 ? 0 : -1;
#endif
}

static int cuda_rows(const struct xb_rows *r, struct xb_stream *stream, struct xb_error *err)
{
    cudaError_t rc =
        cudaMemcpy2DAsync(r->dst, r->dst_pitch, r->src, r->src_pitch, r->width, r->height,
                          cudaMemcpyDefault, xb_cuda_stream_handle(stream));
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "cudaMemcpy2DAsync");
}

static int cuda_planes(const struct xb_planes *p, struct xb_stream *stream,
                       struct xb_error *err)
{
    const struct xb_rows *r = &p->rows;
    const struct cudaMemcpy3DParms copy = {
        .srcPtr = {.ptr = (void *)r->src,
                   .pitch = r->src_pitch,
                   .xsize = r->width,
                   .ysize = p->src_plane / r->src_pitch},
        .dstPtr = {.ptr = r->dst,
                   .pitch = r->dst_pitch,
                   .xsize = r->width,
                   .ysize = p->dst_plane / r->dst_pitch},
        .extent = {.width = r->width, .height = r->height, .depth = p->depth},
        .kind = cudaMemcpyDefault};
    cudaError_t rc = cudaMemcpy3DAsync(&copy, xb_cuda_stream_handle(stream));
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "cudaMemcpy3DAsync");
}

static int cuda_kernel(const struct xb_block_list *list, int sms, struct xb_stream *stream,
                       struct xb_error *err)
{
    const struct xb_blocks_to_copy blocks = {.dst = list->dst,
                                             .src = list->src,
                                             .block = list->block,
                                             .count = list->count,
                                             .align = list->align};
    struct xb_copy_grid grid;
    int gpu = xb_cuda_stream_gpu(stream);

    if (xb_cuda_copy_grid(gpu, sms, &grid, err) < 0)
        return -1;
    cudaError_t rc = gpu ? xb_cuda_use_gpu(gpu) : cudaSuccess;
    if (rc == cudaSuccess)
        rc = (cudaError_t)xb_kernel_copy_blocks(&blocks, &grid, xb_cuda_stream_handle(stream));
    if (gpu)
        xb_cuda_use_gpu(0);
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "kernel that copies blocks");
}

/* Record a copy a block, as a program's own loop would be recorded. */
static cudaError_t record(const struct xb_block_list *list, cudaStream_t stream,
                          cudaGraph_t *graph)
{
    cudaError_t rc = cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal);

    if (rc != cudaSuccess)
        return rc;
    for (uint64_t k = 0; rc == cudaSuccess && k < list->count; k++)
        rc =
            cudaMemcpyAsync(list->dst[k], list->src[k], list->block, cudaMemcpyDefault, stream);
    cudaError_t end = cudaStreamEndCapture(stream, graph);
    return rc == cudaSuccess ? end : rc;
}

static void cuda_graph_close(struct xb_graph *graph)
{
    if (graph && graph->exec)
        cudaGraphExecDestroy(graph->exec);
    free(graph);
}

static int cuda_graph_open(const struct xb_block_list *list, struct xb_stream *stream,
                           struct xb_graph **out, struct xb_error *err)
{
    cudaGraph_t graph = NULL;

    *out = calloc(1, sizeof **out);
    if (!*out)
        return xb_fail(err, "out of memory");
    cudaError_t rc = record(list, xb_cuda_stream_handle(stream), &graph);
    if (rc == cudaSuccess)
        rc = cudaGraphInstantiateWithFlags(&(*out)->exec, graph, 0);
    if (rc == cudaSuccess)
        rc = cudaGraphUpload((*out)->exec, xb_cuda_stream_handle(stream));
    if (graph)
        cudaGraphDestroy(graph);
    if (rc == cudaSuccess)
        return 0;
    cuda_graph_close(*out);
    *out = NULL;
    return xb_cuda_fail(err, rc, "a graph of copies");
}

static int cuda_graph_start(struct xb_graph *graph, struct xb_stream *stream,
                            struct xb_error *err)
{
    cudaError_t rc = cudaGraphLaunch(graph->exec, xb_cuda_stream_handle(stream));
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "cudaGraphLaunch");
}

const struct xb_block_copies xb_cuda_blocks = {
    .can_batch = cuda_can_batch,
    .batch = cuda_batch,
    .rows = cuda_rows,
    .planes = cuda_planes,
    .kernel = cuda_kernel,
    .graph_open = cuda_graph_open,
    .graph_start = cuda_graph_start,
    .graph_close = cuda_graph_close,
};
