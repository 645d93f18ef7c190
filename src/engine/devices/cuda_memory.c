/* SPDX-License-Identifier: BSD-3-Clause */
/* cuda_memory.c - memory of the CUDA device: where it comes from, and other ranks' memory. */
#include "config.h"

#include "engine/devices/cuda_internal.h"

#include <stdlib.h>
#include <string.h>

#include "engine/runtime/near_memory.h"
#ifdef HAVE_NCCL
#include "engine/devices/nccl_library.h"
#endif

/* IPC handles stand for whole driver allocations; rounding to its granularity keeps two
 * buffers from sharing one, which a peer could then open only once. */
#define IPC_GRANULE (2ull << 20)

static uint64_t round_up(uint64_t bytes)
{
    return (bytes + IPC_GRANULE - 1) / IPC_GRANULE * IPC_GRANULE;
}

static cudaError_t alloc_device(int gpu, uint64_t bytes, void **ptr)
{
    cudaError_t rc = xb_cuda_use_gpu(gpu);
    if (rc == cudaSuccess)
        rc = cudaMalloc(ptr, round_up(bytes));
    xb_cuda_use_gpu(0);
    return rc;
}

static int alloc_pageable(uint64_t bytes, void **ptr, struct xb_error *err)
{
    struct xb_near_memory policy;

    *ptr = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
    if (!*ptr)
        return xb_fail(err, "cannot have %llu bytes of host memory", (unsigned long long)bytes);
    xb_near_memory_begin(&policy);
    memset(*ptr, 0, bytes); /* pages exist before they are timed */
    xb_near_memory_end(&policy);
    return 0;
}

static cudaError_t alloc_pinned(uint64_t bytes, void **ptr)
{
    struct xb_near_memory policy;

    xb_near_memory_begin(&policy);
    cudaError_t rc = cudaHostAlloc(ptr, bytes, cudaHostAllocPortable | cudaHostAllocMapped);
    xb_near_memory_end(&policy);
    return rc;
}

int xb_cuda_alloc(enum xb_mem_kind kind, int gpu, uint64_t bytes, struct xb_mem *out,
                  struct xb_error *err)
{
    static const char *const calls[] = {[XB_MEM_DEVICE] = "cudaMalloc",
                                        [XB_MEM_PINNED] = "cudaHostAlloc",
                                        [XB_MEM_MANAGED] = "cudaMallocManaged"};
    cudaError_t rc;

    *out = (struct xb_mem){.bytes = bytes, .kind = kind, .gpu = gpu};
    if (kind == XB_MEM_PAGEABLE)
        return alloc_pageable(bytes, &out->ptr, err);
    if (kind == XB_MEM_DEVICE)
        rc = alloc_device(gpu, bytes, &out->ptr);
    else if (kind == XB_MEM_PINNED)
        rc = alloc_pinned(bytes, &out->ptr);
    else
        rc = cudaMallocManaged(&out->ptr, bytes, cudaMemAttachGlobal);
    if (rc == cudaSuccess)
        return 0;
    out->ptr = NULL;
    return xb_cuda_fail(err, rc, calls[kind]);
}

/* ---- cudaMallocAsync ---- */

static int pool_has(int gpu, struct xb_error *reason)
{
    int pools = 0;
    cudaError_t rc = cudaDeviceGetAttribute(&pools, cudaDevAttrMemoryPoolsSupported,
                                            xb_cuda_gpus[gpu].ordinal);

    if (rc != cudaSuccess)
        xb_cuda_fail(reason, rc, "cudaDevAttrMemoryPoolsSupported");
    else if (!pools)
        xb_fail(reason, "GPU %s has no memory pools", xb_cuda_gpus[gpu].key.pci);
    return rc != cudaSuccess || !pools;
}

/* Enabling peer access does not reach memory of pools: each is told who may. */
static cudaError_t open_pool(int gpu)
{
    cudaMemPool_t pool;
    struct xb_error ignored;
    cudaError_t rc = cudaDeviceGetDefaultMemPool(&pool, xb_cuda_gpus[gpu].ordinal);

    for (int i = 0; rc == cudaSuccess && i < xb_cuda_ngpus; i++) {
        const struct cudaMemAccessDesc access = {
            .location = {.type = cudaMemLocationTypeDevice, .id = xb_cuda_gpus[i].ordinal},
            .flags = cudaMemAccessFlagsProtReadWrite};
        if (i != gpu && xb_cuda_can_access(i, gpu, &ignored) == 0)
            rc = cudaMemPoolSetAccess(pool, &access, 1);
    }
    return rc;
}

static int pool_alloc(int gpu, uint64_t bytes, struct xb_mem *out, struct xb_error *err)
{
    cudaError_t rc = xb_cuda_use_gpu(gpu);

    *out = (struct xb_mem){
        .bytes = bytes, .kind = XB_MEM_DEVICE, .gpu = gpu, .allocator = XB_ALLOCATOR_POOL};
    if (rc == cudaSuccess)
        rc = open_pool(gpu);
    if (rc == cudaSuccess)
        rc = cudaMallocAsync(&out->ptr, round_up(bytes), NULL);
    if (rc == cudaSuccess && (rc = cudaStreamSynchronize(NULL)) != cudaSuccess)
        cudaFreeAsync(out->ptr, NULL);
    xb_cuda_use_gpu(0);
    if (rc == cudaSuccess)
        return 0;
    out->ptr = NULL;
    return xb_cuda_fail(err, rc, "cudaMallocAsync");
}

/* A pool gives back to the driver what is free in it when a stream is waited for. */
static void pool_free(struct xb_mem *mem)
{
    if (xb_cuda_use_gpu(mem->gpu) == cudaSuccess &&
        cudaFreeAsync(mem->ptr, NULL) == cudaSuccess)
        cudaStreamSynchronize(NULL);
    xb_cuda_use_gpu(0);
}

/* ---- ncclMemAlloc ---- */

/* without NCCL's header its macros cannot stand in one condition with it */
#ifdef HAVE_NCCL
#define HAS_NCCL_ALLOCATOR (NCCL_VERSION_CODE >= NCCL_VERSION(2, 19, 0))
#else
#define HAS_NCCL_ALLOCATOR 0
#endif

#if HAS_NCCL_ALLOCATOR

static int nccl_has(struct xb_error *reason)
{
    const struct xb_nccl *nccl = xb_nccl_load(reason);

    if (nccl && !(nccl->MemAlloc && nccl->MemFree))
        xb_fail(reason, "NCCL %s has no ncclMemAlloc: 2.19 or later is needed", nccl->version);
    return !nccl || !nccl->MemAlloc || !nccl->MemFree;
}

static int nccl_alloc(int gpu, uint64_t bytes, struct xb_mem *out, struct xb_error *err)
{
    const struct xb_nccl *nccl = xb_nccl_load(err);
    cudaError_t cuda = xb_cuda_use_gpu(gpu);

    *out = (struct xb_mem){
        .bytes = bytes, .kind = XB_MEM_DEVICE, .gpu = gpu, .allocator = XB_ALLOCATOR_NCCL};
    if (!nccl)
        return -1;
    ncclResult_t rc = cuda == cudaSuccess ? nccl->MemAlloc(&out->ptr, round_up(bytes))
                                          : ncclUnhandledCudaError;
    xb_cuda_use_gpu(0);
    if (rc == ncclSuccess)
        return 0;
    out->ptr = NULL;
    return xb_nccl_fail(err, nccl, "ncclMemAlloc", rc, NULL);
}

static void nccl_free(struct xb_mem *mem)
{
    struct xb_error ignored;
    const struct xb_nccl *nccl = xb_nccl_load(&ignored);

    xb_cuda_vmm_unshare(mem);
    if (xb_cuda_use_gpu(mem->gpu) == cudaSuccess)
        nccl->MemFree(mem->ptr);
    xb_cuda_use_gpu(0);
}

#else

static int nccl_has(struct xb_error *reason)
{
    xb_fail(reason, "this build has no ncclMemAlloc: it needs NCCL 2.19 or later");
    return 1;
}

/* Nobody asks for what is not there. */
static int nccl_alloc(int gpu, uint64_t bytes, struct xb_mem *out, struct xb_error *err)
{
    (void)gpu;
    (void)bytes;
    (void)out;
    nccl_has(err);
    return -1;
}

static void nccl_free(struct xb_mem *mem)
{
    (void)mem;
}

#endif

/* ---- the rows ---- */

static int has_allocator(enum xb_allocator allocator, int gpu, struct xb_error *reason)
{
    switch (allocator) {
    case XB_ALLOCATOR_MALLOC:
        return 0;
    case XB_ALLOCATOR_POOL:
        return pool_has(gpu, reason);
    case XB_ALLOCATOR_VMM:
        return xb_cuda_vmm_has(gpu, reason);
    case XB_ALLOCATOR_NCCL:
        return nccl_has(reason);
    }
    return 1;
}

static int alloc_by(enum xb_allocator allocator, int gpu, uint64_t bytes, struct xb_mem *out,
                    struct xb_error *err)
{
    switch (allocator) {
    case XB_ALLOCATOR_MALLOC:
        return xb_cuda_alloc(XB_MEM_DEVICE, gpu, bytes, out, err);
    case XB_ALLOCATOR_POOL:
        return pool_alloc(gpu, bytes, out, err);
    case XB_ALLOCATOR_VMM:
        return xb_cuda_vmm_alloc(gpu, bytes, out, err);
    case XB_ALLOCATOR_NCCL:
        return nccl_alloc(gpu, bytes, out, err);
    }
    return -1;
}

const struct xb_allocators xb_cuda_allocators = {
    .has = has_allocator,
    .alloc = alloc_by,
};

static void free_device(struct xb_mem *mem)
{
    switch (mem->allocator) {
    case XB_ALLOCATOR_MALLOC:
        cudaFree(mem->ptr);
        return;
    case XB_ALLOCATOR_POOL:
        pool_free(mem);
        return;
    case XB_ALLOCATOR_VMM:
        xb_cuda_vmm_free(mem);
        return;
    case XB_ALLOCATOR_NCCL:
        nccl_free(mem);
        return;
    }
}

void xb_cuda_free(struct xb_mem *mem)
{
    if (mem->kind == XB_MEM_PAGEABLE)
        free(mem->ptr);
    else if (mem->ptr && mem->kind == XB_MEM_PINNED)
        cudaFreeHost(mem->ptr);
    else if (mem->ptr && mem->kind == XB_MEM_MANAGED)
        cudaFree(mem->ptr);
    else if (mem->ptr)
        free_device(mem);
    memset(mem, 0, sizeof *mem);
}

/* A pool's memory has no handle by itself: the call says so in CUDA's words. */
int xb_cuda_mem_export(struct xb_mem *mem, struct xb_mem_handle *out, struct xb_error *err)
{
    cudaIpcMemHandle_t h;
    _Static_assert(sizeof h <= sizeof out->data, "a CUDA IPC handle must fit");

    if (mem->allocator == XB_ALLOCATOR_VMM || mem->allocator == XB_ALLOCATOR_NCCL)
        return xb_cuda_vmm_export(mem, out, err);
    cudaError_t rc = cudaIpcGetMemHandle(&h, mem->ptr);
    if (rc != cudaSuccess) {
        xb_cuda_fail(err, rc, "cudaIpcGetMemHandle");
        if (mem->allocator == XB_ALLOCATOR_MALLOC)
            return -1;
        xb_fail_in(err, "memory of the allocator %s cannot be opened by another rank",
                   xb_allocator_names[mem->allocator]);
        return 1;
    }
    memset(out, 0, sizeof *out);
    memcpy(out->data, &h, sizeof h);
    out->bytes = mem->bytes;
    out->allocator = mem->allocator;
    return 0;
}

int xb_cuda_mem_import(const struct xb_mem_handle *handle, struct xb_mem *out,
                       struct xb_error *err)
{
    cudaIpcMemHandle_t h;

    if (handle->allocator == XB_ALLOCATOR_VMM || handle->allocator == XB_ALLOCATOR_NCCL)
        return xb_cuda_vmm_import(handle, out, err);
    memcpy(&h, handle->data, sizeof h);
    *out = (struct xb_mem){.bytes = handle->bytes, .kind = XB_MEM_DEVICE};
    cudaError_t rc = cudaIpcOpenMemHandle(&out->ptr, h, cudaIpcMemLazyEnablePeerAccess);

    if (rc == cudaSuccess)
        return 0;
    out->ptr = NULL;
    xb_cuda_fail(err, rc, "cudaIpcOpenMemHandle");
    return rc == cudaErrorPeerAccessUnsupported || rc == cudaErrorMapBufferObjectFailed ||
                   rc == cudaErrorInvalidDevice || rc == cudaErrorNotSupported
               ? 1
               : -1;
}

void xb_cuda_mem_unmap(struct xb_mem *mem)
{
    if (mem->ptr && mem->allocator == XB_ALLOCATOR_VMM)
        xb_cuda_vmm_free(mem);
    else if (mem->ptr)
        cudaIpcCloseMemHandle(mem->ptr);
    memset(mem, 0, sizeof *mem);
}
