/* SPDX-License-Identifier: BSD-3-Clause */
/* copy.cu - copies by the multiprocessors, for memory that the GPU can address wherever it
 * lies: its own, a peer's, mapped or managed host memory. */
#include "kernels.h"

namespace
{

constexpr int kMaxThreads = 1024; /* of a block */
constexpr int kInFlight = 4;      /* accesses of a thread that do not wait for each other */

/* Grid-stride copy of `count` elements, so many times over, kInFlight loads issued before the
 * first store. Loads pass by the first-level cache, and are told to the compiler as new ones
 * each time: a small source would otherwise be read once and written often. */
template <typename T>
__global__ void __launch_bounds__(kMaxThreads)
    copy(T *dst, const T *src, uint64_t count, int times)
{
    uint64_t thread = blockIdx.x * static_cast<uint64_t>(blockDim.x) + threadIdx.x;
    uint64_t stride = static_cast<uint64_t>(gridDim.x) * blockDim.x;
    for (; times > 0; times--) {
        uint64_t i = thread;

        asm volatile("" ::: "memory");
        for (; i + (kInFlight - 1) * stride < count; i += kInFlight * stride) {
            T v[kInFlight];
#pragma unroll
            for (int k = 0; k < kInFlight; k++)
                v[k] = __ldcg(src + i + k * stride);
#pragma unroll
            for (int k = 0; k < kInFlight; k++)
                dst[i + k * stride] = v[k];
        }
        for (; i < count; i += stride)
            dst[i] = __ldcg(src + i);
    }
}

/* The bytes before the first 16-byte boundary, and those behind the last, one a thread. */
__global__ void copy_ends(uint8_t *dst, const uint8_t *src, uint64_t head, uint64_t tail_at,
                          uint64_t bytes)
{
    if (threadIdx.x < head)
        dst[threadIdx.x] = src[threadIdx.x];
    if (tail_at + threadIdx.x < bytes)
        dst[tail_at + threadIdx.x] = src[tail_at + threadIdx.x];
}

/* Element i of all blocks. */
template <typename T>
__device__ const T *source_of(const xb_blocks_to_copy &b, uint64_t per_block, uint64_t i)
{
    return static_cast<const T *>(b.src[i / per_block]) + i % per_block;
}

template <typename T>
__device__ T *destination_of(const xb_blocks_to_copy &b, uint64_t per_block, uint64_t i)
{
    return static_cast<T *>(b.dst[i / per_block]) + i % per_block;
}

/* The same for blocks, as if they lay behind each other. */
template <typename T>
__global__ void __launch_bounds__(kMaxThreads) copy_blocks(const xb_blocks_to_copy b)
{
    uint64_t i = blockIdx.x * static_cast<uint64_t>(blockDim.x) + threadIdx.x;
    uint64_t stride = static_cast<uint64_t>(gridDim.x) * blockDim.x;
    uint64_t per_block = b.block / sizeof(T), count = per_block * b.count;

    for (; i + (kInFlight - 1) * stride < count; i += kInFlight * stride) {
        T v[kInFlight];
#pragma unroll
        for (int k = 0; k < kInFlight; k++)
            v[k] = __ldcg(source_of<T>(b, per_block, i + k * stride));
#pragma unroll
        for (int k = 0; k < kInFlight; k++)
            *destination_of<T>(b, per_block, i + k * stride) = v[k];
    }
    for (; i < count; i += stride)
        *destination_of<T>(b, per_block, i) = __ldcg(source_of<T>(b, per_block, i));
}

unsigned blocks_needed(uint64_t count, const struct xb_copy_grid *grid)
{
    uint64_t need = (count + grid->threads - 1) / grid->threads;
    return need < static_cast<uint64_t>(grid->blocks) ? static_cast<unsigned>(need)
                                                      : static_cast<unsigned>(grid->blocks);
}

template <typename T>
void launch_blocks(const struct xb_blocks_to_copy *b, const struct xb_copy_grid *grid,
                   cudaStream_t stream)
{
    copy_blocks<T>
        <<<blocks_needed(b->block / sizeof(T) * b->count, grid), grid->threads, 0, stream>>>(
            *b);
}

template <typename T>
void launch(uint8_t *dst, const uint8_t *src, uint64_t bytes, int times,
            const struct xb_copy_grid *grid, cudaStream_t stream)
{
    uint64_t count = bytes / sizeof(T);
    copy<T><<<blocks_needed(count, grid), grid->threads, 0, stream>>>(
        reinterpret_cast<T *>(dst), reinterpret_cast<const T *>(src), count, times);
}

} // namespace

extern "C" int xb_kernel_copy(void *dst, const void *src, uint64_t bytes, int times,
                              const struct xb_copy_grid *grid, cudaStream_t stream)
{
    uint8_t *d = static_cast<uint8_t *>(dst);
    const uint8_t *s = static_cast<const uint8_t *>(src);
    uint64_t apart = reinterpret_cast<uintptr_t>(d) - reinterpret_cast<uintptr_t>(s);
    unsigned width = apart % 16 == 0 ? 16 : apart % 8 == 0 ? 8 : apart % 4 == 0 ? 4 : 1;
    uint64_t head = (16 - reinterpret_cast<uintptr_t>(d) % 16) % 16;

    if (head > bytes)
        head = bytes;
    uint64_t body = (bytes - head) / 16 * 16, tail_at = head + body;
    if (body > 0 && width == 16)
        launch<uint4>(d + head, s + head, body, times, grid, stream);
    else if (body > 0 && width == 8)
        launch<uint2>(d + head, s + head, body, times, grid, stream);
    else if (body > 0 && width == 4)
        launch<uint32_t>(d + head, s + head, body, times, grid, stream);
    else if (body > 0)
        launch<uint8_t>(d + head, s + head, body, times, grid, stream);
    for (int i = 0; body < bytes && i < times; i++)
        copy_ends<<<1, 32, 0, stream>>>(d, s, head, tail_at, bytes);
    return static_cast<int>(cudaGetLastError());
}

extern "C" int xb_kernel_copy_blocks(const struct xb_blocks_to_copy *b,
                                     const struct xb_copy_grid *grid, cudaStream_t stream)
{
    if (b->align >= 16)
        launch_blocks<uint4>(b, grid, stream);
    else if (b->align >= 8)
        launch_blocks<uint2>(b, grid, stream);
    else if (b->align >= 4)
        launch_blocks<uint32_t>(b, grid, stream);
    else
        launch_blocks<uint8_t>(b, grid, stream);
    return static_cast<int>(cudaGetLastError());
}
