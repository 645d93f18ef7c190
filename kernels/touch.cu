/* SPDX-License-Identifier: BSD-3-Clause */
/* touch.cu - a read of every page, so that pages of managed memory come to the GPU. */
#include "kernels.h"

namespace
{

constexpr int kThreads = 256;
constexpr uint64_t kMaxBlocks = 4096;
constexpr uint64_t kPage = 4096; /* the smallest that pages are moved in */

__global__ void touch(const uint8_t *ptr, uint64_t bytes)
{
    uint64_t thread = blockIdx.x * static_cast<uint64_t>(blockDim.x) + threadIdx.x;
    uint64_t stride = static_cast<uint64_t>(gridDim.x) * blockDim.x;

    for (uint64_t at = thread * kPage; at < bytes; at += stride * kPage)
        (void)*const_cast<const volatile uint8_t *>(ptr + at);
    if (thread == 0) /* a last page that begins between two steps */
        (void)*const_cast<const volatile uint8_t *>(ptr + bytes - 1);
}

} // namespace

extern "C" int xb_kernel_touch(const void *ptr, uint64_t bytes, cudaStream_t stream)
{
    uint64_t pages = (bytes + kPage - 1) / kPage, blocks = (pages + kThreads - 1) / kThreads;

    cudaGetLastError();
    touch<<<static_cast<unsigned>(blocks < kMaxBlocks ? blocks : kMaxBlocks), kThreads, 0,
            stream>>>(static_cast<const uint8_t *>(ptr), bytes);
    return static_cast<int>(cudaGetLastError());
}
