/* SPDX-License-Identifier: BSD-3-Clause */
/* bytes.cu - fill and check of the test pattern on the device, and of stamps in it. */
#include "bytes_word.h"
#include "kernels.h"

namespace
{

constexpr int kThreads = 256;
constexpr uint64_t kMaxBlocks = 4096;

/* Bytes before the first 8-byte boundary of p, at most bytes. */
__device__ uint64_t head_bytes(const void *p, uint64_t bytes)
{
    uint64_t head = (8 - reinterpret_cast<uintptr_t>(p) % 8) % 8;
    return head < bytes ? head : bytes;
}

/* Eight pattern bytes from any offset, as they lie in memory. */
__device__ uint64_t pattern_at(const xb_bytes_keys &keys, uint64_t offset, int poison)
{
    unsigned shift = static_cast<unsigned>(8 * (offset % 8));
    uint64_t low = xb_bytes_sum_word(&keys, offset / 8, poison);
    if (shift == 0)
        return low;
    return low >> shift | xb_bytes_sum_word(&keys, offset / 8 + 1, poison) << (64 - shift);
}

/* A stretch whose buffer is in blocks, by elements of a size that divides block, stride, and
 * all addresses. */
template <typename T>
__device__ T pattern_element(const xb_bytes_keys &keys, uint64_t offset, int poison)
{
    return sizeof(T) == 8 ? static_cast<T>(pattern_at(keys, offset, poison))
                          : static_cast<T>(xb_bytes_sum_byte(&keys, offset, poison));
}

template <typename T>
__global__ void fill_blocks(uint8_t *base, uint64_t from, uint64_t bytes,
                            const __grid_constant__ xb_bytes_keys keys, uint64_t first,
                            const xb_block_map map, int poison)
{
    uint64_t thread = blockIdx.x * static_cast<uint64_t>(blockDim.x) + threadIdx.x;
    uint64_t stride = static_cast<uint64_t>(gridDim.x) * blockDim.x;

    for (uint64_t i = thread * sizeof(T); i < bytes; i += stride * sizeof(T))
        *reinterpret_cast<T *>(base + xb_block_map_at(&map, from + i)) =
            pattern_element<T>(keys, first + i, poison);
}

__global__ void fill(uint8_t *dst, uint64_t bytes, const __grid_constant__ xb_bytes_keys keys,
                     uint64_t first, int poison)
{
    uint64_t thread = blockIdx.x * static_cast<uint64_t>(blockDim.x) + threadIdx.x;
    uint64_t stride = static_cast<uint64_t>(gridDim.x) * blockDim.x;
    uint64_t head = head_bytes(dst, bytes), words = (bytes - head) / 8;
    uint64_t tail = head + words * 8;
    uint64_t *body = reinterpret_cast<uint64_t *>(dst + head);

    for (uint64_t w = thread; w < words; w += stride)
        body[w] = pattern_at(keys, first + head + w * 8, poison);
    if (thread < head)
        dst[thread] = xb_bytes_sum_byte(&keys, first + thread, poison);
    if (thread < bytes - tail)
        dst[tail + thread] = xb_bytes_sum_byte(&keys, first + tail + thread, poison);
}

__device__ void check_byte(uint8_t got, uint64_t offset, const xb_bytes_keys &keys, int poison,
                           unsigned long long *wrong, unsigned long long *bad)
{
    if (got == xb_bytes_sum_byte(&keys, offset, poison))
        return;
    ++*wrong;
    if (offset < *bad)
        *bad = offset;
}

__global__ void check(const uint8_t *src, uint64_t bytes,
                      const __grid_constant__ xb_bytes_keys keys, uint64_t first, int poison,
                      xb_check_result *cell)
{
    uint64_t thread = blockIdx.x * static_cast<uint64_t>(blockDim.x) + threadIdx.x;
    uint64_t stride = static_cast<uint64_t>(gridDim.x) * blockDim.x;
    uint64_t head = head_bytes(src, bytes), words = (bytes - head) / 8;
    uint64_t tail = head + words * 8;
    const uint64_t *body = reinterpret_cast<const uint64_t *>(src + head);
    unsigned long long wrong = 0, bad = ~0ull;

    for (uint64_t w = thread; w < words; w += stride) {
        uint64_t offset = first + head + w * 8, got = body[w];
        if (got == pattern_at(keys, offset, poison))
            continue;
        for (unsigned b = 0; b < 8; b++)
            check_byte(static_cast<uint8_t>(got >> (8 * b)), offset + b, keys, poison, &wrong,
                       &bad);
    }
    if (thread < head)
        check_byte(src[thread], first + thread, keys, poison, &wrong, &bad);
    if (thread < bytes - tail)
        check_byte(src[tail + thread], first + tail + thread, keys, poison, &wrong, &bad);
    if (wrong) {
        atomicAdd(&cell->wrong, wrong);
        atomicMin(&cell->first_bad, bad);
    }
}

template <typename T>
__global__ void check_blocks(const uint8_t *base, uint64_t from, uint64_t bytes,
                             const __grid_constant__ xb_bytes_keys keys, uint64_t first,
                             const xb_block_map map, int poison, xb_check_result *cell)
{
    uint64_t thread = blockIdx.x * static_cast<uint64_t>(blockDim.x) + threadIdx.x;
    uint64_t stride = static_cast<uint64_t>(gridDim.x) * blockDim.x;
    unsigned long long wrong = 0, bad = ~0ull;

    for (uint64_t i = thread * sizeof(T); i < bytes; i += stride * sizeof(T)) {
        T got = *reinterpret_cast<const T *>(base + xb_block_map_at(&map, from + i));
        if (got == pattern_element<T>(keys, first + i, poison))
            continue;
        for (unsigned b = 0; b < sizeof(T); b++)
            check_byte(static_cast<uint8_t>(got >> (8 * b)), first + i + b, keys, poison,
                       &wrong, &bad);
    }
    if (wrong) {
        atomicAdd(&cell->wrong, wrong);
        atomicMin(&cell->first_bad, bad);
    }
}

/* The byte of a stamp that a thread is for: false where it lies outside. */
__device__ bool stamp_byte(const xb_stamps &stamps, uint64_t first, uint64_t bytes,
                           uint64_t *position)
{
    uint64_t thread = blockIdx.x * static_cast<uint64_t>(blockDim.x) + threadIdx.x;
    uint64_t length = xb_stamps_bytes(&stamps), i = thread / length;

    if (i >= xb_stamps_count(&stamps, first, bytes))
        return false;
    *position = xb_stamps_at(&stamps, first, i) + thread % length;
    return *position >= first && *position < first + bytes;
}

__global__ void stamp(uint8_t *base, uint64_t from, uint64_t bytes,
                      const __grid_constant__ xb_bytes_keys keys, uint64_t first,
                      const xb_block_map map, const __grid_constant__ xb_stamps stamps)
{
    uint64_t at;
    if (stamp_byte(stamps, first, bytes, &at))
        base[xb_block_map_at(&map, from + (at - first))] = xb_bytes_sum_byte(&keys, at, 0);
}

__global__ void check_stamps(const uint8_t *base, uint64_t from, uint64_t bytes,
                             const __grid_constant__ xb_bytes_keys keys, uint64_t first,
                             const xb_block_map map, const __grid_constant__ xb_stamps stamps,
                             xb_check_result *cell)
{
    uint64_t at;
    if (!stamp_byte(stamps, first, bytes, &at) ||
        base[xb_block_map_at(&map, from + (at - first))] == xb_bytes_sum_byte(&keys, at, 0))
        return;
    atomicAdd(&cell->wrong, 1ull);
    atomicMin(&cell->first_bad, static_cast<unsigned long long>(at));
}

unsigned blocks_for_stamps(const xb_stamps *stamps, uint64_t first, uint64_t bytes)
{
    uint64_t threads = xb_stamps_count(stamps, first, bytes) * xb_stamps_bytes(stamps);
    return static_cast<unsigned>((threads + kThreads - 1) / kThreads);
}

unsigned blocks_for(uint64_t bytes)
{
    uint64_t blocks = (bytes / 8 + kThreads - 1) / kThreads;
    return static_cast<unsigned>(blocks < 1 ? 1 : blocks > kMaxBlocks ? kMaxBlocks : blocks);
}

/* Can words of 8 bytes be used throughout? */
bool is_of_words(const struct xb_stretch_bytes *s)
{
    return (reinterpret_cast<uintptr_t>(s->base) | s->from | s->bytes | s->map.block |
            s->map.stride) %
               8 ==
           0;
}

/* A cell for results in each GPU's memory, made when first needed and kept. */
cudaError_t get_cell(xb_check_result **cell)
{
    constexpr int kMaxGpus = 64;
    static xb_check_result *cells[kMaxGpus];
    int gpu = 0;
    cudaError_t rc = cudaGetDevice(&gpu);

    if (rc != cudaSuccess || gpu >= kMaxGpus)
        return rc != cudaSuccess ? rc : cudaErrorInvalidDevice;
    if (!cells[gpu])
        rc = cudaMalloc(reinterpret_cast<void **>(&cells[gpu]), sizeof **cell);
    *cell = cells[gpu];
    return rc;
}

} // namespace

extern "C" int xb_kernel_fill(const struct xb_stretch_bytes *s,
                              const struct xb_bytes_keys *keys)
{
    const cudaStream_t stream = cudaStreamPerThread;
    uint8_t *base = static_cast<uint8_t *>(s->base);

    cudaGetLastError(); /* what is returned must be this launch's own */
    if (s->stamps)
        stamp<<<blocks_for_stamps(s->stamps, s->first, s->bytes), kThreads, 0, stream>>>(
            base, s->from, s->bytes, *keys, s->first, s->map, *s->stamps);
    else if (s->map.block == 0)
        fill<<<blocks_for(s->bytes), kThreads, 0, stream>>>(base + s->from, s->bytes, *keys,
                                                            s->first, s->poison);
    else if (is_of_words(s))
        fill_blocks<uint64_t><<<blocks_for(s->bytes), kThreads, 0, stream>>>(
            base, s->from, s->bytes, *keys, s->first, s->map, s->poison);
    else
        fill_blocks<uint8_t><<<blocks_for(s->bytes), kThreads, 0, stream>>>(
            base, s->from, s->bytes, *keys, s->first, s->map, s->poison);
    cudaError_t rc = cudaGetLastError();
    return static_cast<int>(rc == cudaSuccess ? cudaStreamSynchronize(stream) : rc);
}

extern "C" int xb_kernel_check(const struct xb_stretch_bytes *s,
                               const struct xb_bytes_keys *keys, struct xb_check_result *found)
{
    const cudaStream_t stream = cudaStreamPerThread;
    const uint8_t *base = static_cast<const uint8_t *>(s->base);
    unsigned blocks =
        s->stamps ? blocks_for_stamps(s->stamps, s->first, s->bytes) : blocks_for(s->bytes);
    xb_check_result *cell;
    cudaError_t rc = get_cell(&cell);

    *found = xb_check_result{0, UINT64_MAX};
    if (rc == cudaSuccess)
        rc = cudaMemcpyAsync(cell, found, sizeof *found, cudaMemcpyDefault, stream);
    if (rc == cudaSuccess) {
        cudaGetLastError();
        if (s->stamps)
            check_stamps<<<blocks, kThreads, 0, stream>>>(base, s->from, s->bytes, *keys,
                                                          s->first, s->map, *s->stamps, cell);
        else if (s->map.block == 0)
            check<<<blocks, kThreads, 0, stream>>>(base + s->from, s->bytes, *keys, s->first,
                                                   s->poison, cell);
        else if (is_of_words(s))
            check_blocks<uint64_t><<<blocks, kThreads, 0, stream>>>(
                base, s->from, s->bytes, *keys, s->first, s->map, s->poison, cell);
        else
            check_blocks<uint8_t><<<blocks, kThreads, 0, stream>>>(
                base, s->from, s->bytes, *keys, s->first, s->map, s->poison, cell);
        rc = cudaGetLastError();
    }
    if (rc == cudaSuccess)
        rc = cudaMemcpyAsync(found, cell, sizeof *found, cudaMemcpyDefault, stream);
    return static_cast<int>(rc == cudaSuccess ? cudaStreamSynchronize(stream) : rc);
}
