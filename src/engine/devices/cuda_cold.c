/* SPDX-License-Identifier: BSD-3-Clause */
/* cuda_cold.c - memory put out of the caches that a transfer by a GPU could find it in. */
#include "engine/devices/cuda_internal.h"
#include "engine/runtime/caches.h"

#define TIMES_L2 2 /* so much is written that nothing of before is left */

/* What is written to push all else out of a GPU's cache, by CUDA's number of the GPU; kept for
 * the next time. */
static struct {
    void *ptr;
    size_t bytes;
} sweeps[XB_MAX_GPUS];

static cudaError_t make_sweep(int ordinal, void **ptr, size_t *bytes)
{
    int l2 = 0;
    cudaError_t rc = cudaDeviceGetAttribute(&l2, cudaDevAttrL2CacheSize, ordinal);

    *bytes = TIMES_L2 * (size_t)(l2 > 0 ? l2 : 1);
    if (rc == cudaSuccess)
        rc = cudaMalloc(ptr, *bytes);
    if (rc != cudaSuccess)
        *ptr = NULL;
    return rc;
}

/* A memset is a kernel of the driver's, whose writes all go through the GPU's L2. */
static int sweep_l2(int gpu, struct xb_error *err)
{
    int ordinal = xb_cuda_gpus[gpu].ordinal;
    cudaError_t rc = xb_cuda_use_gpu(gpu);

    if (rc == cudaSuccess && !sweeps[ordinal].ptr)
        rc = make_sweep(ordinal, &sweeps[ordinal].ptr, &sweeps[ordinal].bytes);
    if (rc == cudaSuccess)
        rc = cudaMemset(sweeps[ordinal].ptr, 0, sweeps[ordinal].bytes);
    if (rc == cudaSuccess)
        rc = cudaDeviceSynchronize();
    xb_cuda_use_gpu(0);
    return rc == cudaSuccess ? 0
                             : xb_cuda_fail(err, rc, "writing more than the GPU's cache holds");
}

/* A GPU may keep what it has read of the host's memory in its L2 as well. */
int xb_cuda_make_cold(enum xb_mem_kind kind, int gpu, const void *at, uint64_t bytes,
                      struct xb_error *err)
{
    switch (kind) {
    case XB_MEM_DEVICE:
        return bytes ? sweep_l2(gpu, err) : 0;
    case XB_MEM_PINNED:
    case XB_MEM_PAGEABLE:
        if (xb_caches_can_flush(err) != 0)
            return 1;
        if (bytes == 0)
            return 0;
        xb_caches_flush(at, bytes);
        return sweep_l2(0, err);
    case XB_MEM_MANAGED:
        break;
    }
    xb_fail(err,
            "managed memory cannot be put out of caches: whoever does that moves its pages");
    return 1;
}
