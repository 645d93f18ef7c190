/* copy.cu - copies by the multiprocessors, for memory that the GPU can address wherever it
 * lies: its own, a peer's, mapped or managed host memory. */
#include "kernels.h"

namespace
{

constexpr int kThreads = 512;
constexpr int kInFlight = 4; /* accesses of a thread that do not wait for each other */

/* Grid-stride copy of `count` elements, kInFlight loads issued before the first store. */
template <typename T>
__global__ void __launch_bounds__(kThreads)
    copy(T *__restrict__ dst, const T *__restrict__ src, uint64_t count)
{
    uint64_t thread = blockIdx.x * static_cast<uint64_t>(blockDim.x) + threadIdx.x;
    uint64_t stride = static_cast<uint64_t>(gridDim.x) * blockDim.x;
    uint64_t i = thread;

    for (; i + (kInFlight - 1) * stride < count; i += kInFlight * stride) {
        T v[kInFlight];
#pragma unroll
        for (int k = 0; k < kInFlight; k++)
            v[k] = src[i + k * stride];
#pragma unroll
        for (int k = 0; k < kInFlight; k++)
            dst[i + k * stride] = v[k];
    }
    for (; i < count; i += stride)
        dst[i] = src[i];
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

template <typename T>
void launch(uint8_t *dst, const uint8_t *src, uint64_t bytes, int blocks, cudaStream_t stream)
{
    uint64_t count = bytes / sizeof(T), need = (count + kThreads - 1) / kThreads;
    if (need < static_cast<uint64_t>(blocks))
        blocks = static_cast<int>(need);
    copy<T><<<blocks, kThreads, 0, stream>>>(reinterpret_cast<T *>(dst),
                                             reinterpret_cast<const T *>(src), count);
}

} // namespace

extern "C" int xb_kernel_copy(void *dst, const void *src, uint64_t bytes, int blocks,
                              cudaStream_t stream)
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
        launch<uint4>(d + head, s + head, body, blocks, stream);
    else if (body > 0 && width == 8)
        launch<uint2>(d + head, s + head, body, blocks, stream);
    else if (body > 0 && width == 4)
        launch<uint32_t>(d + head, s + head, body, blocks, stream);
    else if (body > 0)
        launch<uint8_t>(d + head, s + head, body, blocks, stream);
    if (body < bytes)
        copy_ends<<<1, 32, 0, stream>>>(d, s, head, tail_at, bytes);
    return static_cast<int>(cudaGetLastError());
}
