/* SPDX-License-Identifier: BSD-3-Clause */
/* cuda.c - the CUDA device: runtime API calls behind the device table.
 *
 * The runtime is linked statically and loads the driver by itself, so the program starts on a
 * node without one; probe then says what is missing. */
#include "engine/devices/cuda_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/devices/nvidia_signs.h"
#include "engine/probes/nvml.h"
#include "kernels.h"

static int cuda_probe(struct xb_error *reason)
{
    struct xb_gpu_key any;
    int count = 0;

    if (xb_cuda_offer(&any, 1) > 0) /* CUDA must not start before one is chosen */
        return 0;
    cudaError_t rc = cudaGetDeviceCount(&count);
    if (rc != cudaSuccess)
        xb_cuda_fail(reason, rc, "no usable CUDA driver or GPU");
    else if (count == 0)
        xb_fail(reason, "the CUDA driver shows no GPU to this process");
    return rc != cudaSuccess || count == 0;
}

static int cuda_broken(struct xb_error *what)
{
    int count;
    cudaError_t rc = cudaGetDeviceCount(&count);

    cudaGetLastError();
    return xb_nvidia_is_broken("", (int)rc, getenv("CUDA_VISIBLE_DEVICES"), what);
}

static const char *cuda_loaded(char *buf, size_t len)
{
    char driver[32];
    int version = 0; /* stays 0 without a driver */

    cudaDriverGetVersion(&version);
    xb_nvml_driver_version(driver, sizeof driver);
    if (version == 0)
        snprintf(buf, len, "no driver");
    else
        snprintf(buf, len, "%d.%d of the driver %s", version / 1000, version % 1000 / 10,
                 driver);
    return buf;
}

static size_t cuda_visible(struct xb_gpu_key *keys, size_t max)
{
    size_t n = xb_cuda_offer(keys, max);

    if (n > 0)
        return n;
    for (xb_cuda_list_gpus(); n < (size_t)xb_cuda_ngpus && n < max; n++)
        keys[n] = xb_cuda_gpus[n].key;
    return n;
}

/* Two transfers a clock (double data rate) of the whole bus. */
static double memory_gb_per_s(int ordinal)
{
    int khz = 0, bits = 0; /* left so where the driver does not say */
    cudaDeviceGetAttribute(&khz, cudaDevAttrMemoryClockRate, ordinal);
    cudaDeviceGetAttribute(&bits, cudaDevAttrGlobalMemoryBusWidth, ordinal);
    return 2.0 * khz * 1e3 * bits / 8 * 1e-9;
}

static enum xb_gpu_memory memory_of(int ordinal, const struct cudaDeviceProp *prop)
{
    int by_host = 0;

    cudaDeviceGetAttribute(&by_host, cudaDevAttrDirectManagedMemAccessFromHost, ordinal);
    return prop->integrated ? XB_GPU_UNIFIED : by_host ? XB_GPU_MAPPABLE : XB_GPU_DISCRETE;
}

/* What was chosen is not what CUDA shows. */
static int fail_to_show(const struct xb_gpu_key *key, const char *variable,
                        struct xb_error *err)
{
    int count = 0;
    cudaError_t rc = cudaGetDeviceCount(&count);

    if (rc != cudaSuccess)
        return xb_cuda_fail(err, rc, "no usable CUDA driver or GPU");
    if (!variable)
        return xb_fail(err, "GPU %s is not visible to this process", key->pci);
    return xb_fail(
        err,
        "GPU %s %s is not visible to this process although it was chosen by %s; start "
        "each rank with its own %s",
        key->pci, key->instance, variable, variable);
}

static int cuda_attach(const struct xb_gpu_key *key, struct xb_device_info *out,
                       struct xb_error *err)
{
    struct cudaDeviceProp prop;
    int runtime = 0;
    cudaError_t rc;

    memset(out, 0, sizeof *out);
    if (xb_cuda_choose(key, &out->variable, err) < 0)
        return -1;
    xb_cuda_list_gpus();
    if (xb_cuda_bring_to_front(key) < 0)
        return fail_to_show(key, out->variable, err);
    if ((rc = xb_cuda_use_gpu(0)) != cudaSuccess ||
        (rc = cudaGetDeviceProperties(&prop, xb_cuda_gpus[0].ordinal)) != cudaSuccess ||
        (rc = cudaFree(NULL)) != cudaSuccess) /* which makes the context */
        return xb_cuda_fail(err, rc, key->pci);
    cudaRuntimeGetVersion(&runtime);
    snprintf(out->name, sizeof out->name, "%.63s", prop.name);
    out->memory_gb_per_s = memory_gb_per_s(xb_cuda_gpus[0].ordinal);
    out->l2_bytes = (uint64_t)prop.l2CacheSize;
    out->memory = memory_of(xb_cuda_gpus[0].ordinal, &prop);
    out->gpudirect_rdma = xb_cuda_flag(XB_CUDA_GPUDIRECT_RDMA, xb_cuda_gpus[0].ordinal);
    out->dma_buf = xb_cuda_flag(XB_CUDA_DMA_BUF, xb_cuda_gpus[0].ordinal);
    xb_cuda_format_uuid("GPU", (const unsigned char *)prop.uuid.bytes, out->uuid);
    if (key->instance[0])
        memcpy(out->uuid, key->instance, sizeof out->uuid);
    xb_nvml_driver_version(out->driver, sizeof out->driver);
    snprintf(out->runtime, sizeof out->runtime, "%d.%d", runtime / 1000, runtime % 1000 / 10);
    return 0;
}

static int cuda_enter(struct xb_error *err)
{
    cudaError_t rc = xb_cuda_use_gpu(0);
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "cudaSetDevice");
}

static int cuda_others(void)
{
    return xb_cuda_ngpus - 1;
}

static int memory_info(int gpu, size_t *free_bytes, size_t *total, struct xb_error *err)
{
    cudaError_t rc = xb_cuda_use_gpu(gpu);

    *free_bytes = *total = 0;
    if (rc == cudaSuccess)
        rc = cudaMemGetInfo(free_bytes, total);
    xb_cuda_use_gpu(0);
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "cudaMemGetInfo");
}

static int cuda_mem_free(int gpu, uint64_t *bytes, struct xb_error *err)
{
    size_t free_bytes, total;
    int rc = memory_info(gpu, &free_bytes, &total, err);

    *bytes = free_bytes;
    return rc;
}

static int cuda_mem_used(int gpu, uint64_t *bytes, struct xb_error *err)
{
    size_t free_bytes, total;
    int rc = memory_info(gpu, &free_bytes, &total, err);

    *bytes = total - free_bytes;
    return rc;
}

static int cuda_host_register(void *ptr, uint64_t bytes, struct xb_error *err)
{
    cudaError_t rc =
        cudaHostRegister(ptr, bytes, cudaHostRegisterPortable | cudaHostRegisterMapped);
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "cudaHostRegister");
}

static void cuda_host_unregister(void *ptr)
{
    cudaHostUnregister(ptr);
}

static int cuda_peer(const struct xb_gpu_key *other, struct xb_error *reason)
{
    const struct xb_gpu_key *own = &xb_cuda_gpus[0].key;
    bool same = xb_gpu_same(own->pci, own->instance, other->pci, other->instance);

    if (!same && (own->instance[0] || other->instance[0])) {
        xb_fail(reason, "an instance that MIG makes of a GPU reaches no memory of another "
                        "instance or GPU, nor is its own reached");
        return 1;
    }
    for (int i = 1; i < xb_cuda_ngpus; i++)
        if (strcmp(xb_cuda_gpus[i].key.pci, other->pci) == 0)
            return xb_cuda_can_access(0, i, reason);
    return 0;
}

static int cuda_peer_enable(int gpu, int other, struct xb_error *reason)
{
    cudaError_t rc;

    if (gpu == other)
        return 0;
    if (xb_cuda_can_access(gpu, other, reason))
        return 1;
    if ((rc = xb_cuda_use_gpu(gpu)) == cudaSuccess)
        rc = cudaDeviceEnablePeerAccess(xb_cuda_gpus[other].ordinal, 0);
    xb_cuda_use_gpu(0);
    if (rc == cudaErrorPeerAccessAlreadyEnabled) {
        cudaGetLastError();
        rc = cudaSuccess;
    }
    if (rc == cudaSuccess)
        return 0;
    xb_cuda_fail(reason, rc, "cudaDeviceEnablePeerAccess");
    return 1;
}

static int cuda_managed(struct xb_error *reason)
{
    for (int i = 0; i < xb_cuda_ngpus; i++) {
        int can = 0;
        cudaError_t rc = cudaDeviceGetAttribute(&can, cudaDevAttrConcurrentManagedAccess,
                                                xb_cuda_gpus[i].ordinal);
        if (rc != cudaSuccess)
            xb_cuda_fail(reason, rc, "cudaDevAttrConcurrentManagedAccess");
        else if (!can)
            xb_fail(reason, "GPU %s cannot share managed memory with the host at the same time",
                    xb_cuda_gpus[i].key.pci);
        if (rc != cudaSuccess || !can)
            return 1;
    }
    return 0;
}

static struct xb_stretch_bytes bytes_of(const struct xb_stretch *s)
{
    return (struct xb_stretch_bytes){.base = s->base,
                                     .from = s->from,
                                     .bytes = s->bytes,
                                     .first = s->first,
                                     .map = s->map,
                                     .poison = s->poison,
                                     .stamps = s->stamps};
}

static int cuda_fill(const struct xb_stretch *s, const struct xb_bytes_keys *keys,
                     struct xb_error *err)
{
    const struct xb_stretch_bytes bytes = bytes_of(s);
    cudaError_t rc = xb_cuda_use_gpu(s->gpu);
    if (rc == cudaSuccess)
        rc = (cudaError_t)xb_kernel_fill(&bytes, keys);
    xb_cuda_use_gpu(0);
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "fill kernel");
}

static int cuda_check(const struct xb_stretch *s, const struct xb_bytes_keys *keys,
                      struct xb_verify *out, struct xb_error *err)
{
    const struct xb_stretch_bytes bytes = bytes_of(s);
    struct xb_check_result found;
    cudaError_t rc = xb_cuda_use_gpu(s->gpu);
    if (rc == cudaSuccess)
        rc = (cudaError_t)xb_kernel_check(&bytes, keys, &found);
    xb_cuda_use_gpu(0);
    if (rc != cudaSuccess)
        return xb_cuda_fail(err, rc, "check kernel");
    if (found.wrong && (out->wrong_bytes == 0 || found.first_bad < out->first_bad))
        out->first_bad = found.first_bad;
    out->wrong_bytes += found.wrong;
    out->checked_bytes += s->bytes;
    out->done = true;
    return 0;
}

static int cuda_inbox_clear(void *inbox, uint64_t bytes, struct xb_error *err)
{
    cudaError_t rc = cudaMemset(inbox, 0, bytes);
    if (rc == cudaSuccess)
        rc = cudaDeviceSynchronize();
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "cudaMemset");
}

static int cuda_resident_start(const struct xb_resident_side *side, uint32_t rounds,
                               double limit_us, struct xb_error *err)
{
    cudaError_t rc = (cudaError_t)xb_pingpong_start(side, rounds, limit_us);
    return rc == cudaSuccess ? 0 : xb_cuda_fail(err, rc, "ping-pong kernel");
}

static int cuda_resident_done(struct xb_error *err)
{
    int done = 0;
    cudaError_t rc = (cudaError_t)xb_pingpong_done(&done);
    return rc == cudaSuccess ? done : xb_cuda_fail(err, rc, "ping-pong kernel");
}

static const struct xb_resident cuda_resident = {
    .inbox_clear = cuda_inbox_clear,
    .start = cuda_resident_start,
    .go = xb_pingpong_go,
    .done = cuda_resident_done,
};

const struct xb_device xb_device_cuda = {
    .name = "cuda",
    .summary = "NVIDIA GPUs through the CUDA runtime",
    .probe = cuda_probe,
    .broken = cuda_broken,
    .loaded = cuda_loaded,
    .visible = cuda_visible,
    .attach = cuda_attach,
    .enter = cuda_enter,
    .lost = xb_cuda_lost,
    .others = cuda_others,
    .mem_free = cuda_mem_free,
    .mem_used = cuda_mem_used,
    .alloc = xb_cuda_alloc,
    .free = xb_cuda_free,
    .allocators = &xb_cuda_allocators,
    .host_register = cuda_host_register,
    .host_unregister = cuda_host_unregister,
    .mem_export = xb_cuda_mem_export,
    .mem_import = xb_cuda_mem_import,
    .mem_unmap = xb_cuda_mem_unmap,
    .peer = cuda_peer,
    .peer_enable = cuda_peer_enable,
    .stream_open = xb_cuda_stream_open,
    .stream_close = xb_cuda_stream_close,
    .event_open = xb_cuda_event_open,
    .event_close = xb_cuda_event_close,
    .copy = xb_cuda_copy,
    .launch_copy = xb_cuda_launch_copy,
    .blocks = &xb_cuda_blocks,
    .multiprocessors = xb_cuda_multiprocessors,
    .prefetch = xb_cuda_prefetch,
    .touch = xb_cuda_touch,
    .managed = cuda_managed,
    .stream_handle = xb_cuda_stream_handle,
    .event_record = xb_cuda_event_record,
    .event_done = xb_cuda_event_done,
    .event_elapsed = xb_cuda_event_elapsed,
    .fill = cuda_fill,
    .check = cuda_check,
    .make_cold = xb_cuda_make_cold,
    .resident = &cuda_resident,
    .loads = &xb_cuda_loads,
};
