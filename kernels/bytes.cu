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

/* The byte of a stamp that a thread is for: false where it lies outside. */
__device__ bool stamp_byte(const xb_stamps &stamps, uint64_t first, uint64_t bytes,
                           uint64_t *position)
{
    uint64_t thread = blockIdx.x * static_cast<uint64_t>(blockDim.x) + threadIdx.x;
    uint64_t i = thread / XB_STAMP_BYTES;

    if (i >= xb_stamps_count(&stamps, first, bytes))
        return false;
    *position = xb_stamps_at(&stamps, first, i) + thread % XB_STAMP_BYTES;
    return *position >= first && *position < first + bytes;
}

__global__ void stamp(uint8_t *dst, uint64_t bytes, const __grid_constant__ xb_bytes_keys keys,
                      uint64_t first, const __grid_constant__ xb_stamps stamps)
{
    uint64_t at;
    if (stamp_byte(stamps, first, bytes, &at))
        dst[at - first] = xb_bytes_sum_byte(&keys, at, 0);
}

__global__ void check_stamps(const uint8_t *src, uint64_t bytes,
                             const __grid_constant__ xb_bytes_keys keys, uint64_t first,
                             const __grid_constant__ xb_stamps stamps, xb_check_result *cell)
{
    uint64_t at;
    if (!stamp_byte(stamps, first, bytes, &at) ||
        src[at - first] == xb_bytes_sum_byte(&keys, at, 0))
        return;
    atomicAdd(&cell->wrong, 1ull);
    atomicMin(&cell->first_bad, static_cast<unsigned long long>(at));
}

unsigned blocks_for_stamps(const xb_stamps *stamps, uint64_t first, uint64_t bytes)
{
    uint64_t threads = xb_stamps_count(stamps, first, bytes) * XB_STAMP_BYTES;
    return static_cast<unsigned>((threads + kThreads - 1) / kThreads);
}

unsigned blocks_for(uint64_t bytes)
{
    uint64_t blocks = (bytes / 8 + kThreads - 1) / kThreads;
    return static_cast<unsigned>(blocks < 1 ? 1 : blocks > kMaxBlocks ? kMaxBlocks : blocks);
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
    uint8_t *dst = static_cast<uint8_t *>(s->at);

    cudaGetLastError(); /* what is returned must be this launch's own */
    if (s->stamps)
        stamp<<<blocks_for_stamps(s->stamps, s->first, s->bytes), kThreads, 0, stream>>>(
            dst, s->bytes, *keys, s->first, *s->stamps);
    else
        fill<<<blocks_for(s->bytes), kThreads, 0, stream>>>(dst, s->bytes, *keys, s->first,
                                                            s->poison);
    cudaError_t rc = cudaGetLastError();
    return static_cast<int>(rc == cudaSuccess ? cudaStreamSynchronize(stream) : rc);
}

extern "C" int xb_kernel_check(const struct xb_stretch_bytes *s,
                               const struct xb_bytes_keys *keys, struct xb_check_result *found)
{
    const cudaStream_t stream = cudaStreamPerThread;
    const uint8_t *src = static_cast<const uint8_t *>(s->at);
    xb_check_result *cell;
    cudaError_t rc = get_cell(&cell);

    *found = xb_check_result{0, UINT64_MAX};
    if (rc == cudaSuccess)
        rc = cudaMemcpyAsync(cell, found, sizeof *found, cudaMemcpyDefault, stream);
    if (rc == cudaSuccess) {
        cudaGetLastError();
        if (s->stamps)
            check_stamps<<<blocks_for_stamps(s->stamps, s->first, s->bytes), kThreads, 0,
                           stream>>>(src, s->bytes, *keys, s->first, *s->stamps, cell);
        else
            check<<<blocks_for(s->bytes), kThreads, 0, stream>>>(src, s->bytes, *keys, s->first,
                                                                 s->poison, cell);
        rc = cudaGetLastError();
    }
    if (rc == cudaSuccess)
        rc = cudaMemcpyAsync(found, cell, sizeof *found, cudaMemcpyDefault, stream);
    return static_cast<int>(rc == cudaSuccess ? cudaStreamSynchronize(stream) : rc);
}
