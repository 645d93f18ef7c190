/* SPDX-License-Identifier: BSD-3-Clause */
/* nccl_pointer.cu - where NCCL has mapped another rank's part of a window, as kernels ask it.
 */
#include <nccl.h>
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <nccl_device.h>
#pragma GCC diagnostic pop

#include "nccl_pointer.h"

namespace
{

__global__ void find(ncclWindow_t window, int rank, void **out)
{
    *out = ncclGetLsaPointer(window, 0, rank);
}

} // namespace

extern "C" int xb_kernel_nccl_pointer(void *window, int rank, void **out)
{
    void **there = nullptr;
    cudaError_t rc = cudaMalloc(&there, sizeof *there);

    if (rc == cudaSuccess) {
        find<<<1, 1>>>(static_cast<ncclWindow_t>(window), rank, there);
        rc = cudaGetLastError();
    }
    if (rc == cudaSuccess)
        rc = cudaMemcpy(out, there, sizeof *out, cudaMemcpyDeviceToHost);
    cudaFree(there);
    return static_cast<int>(rc);
}
