/* SPDX-License-Identifier: BSD-3-Clause */
/* load.cu - work that keeps a GPU busy, by arithmetic or by memory, beside which transfers are
 * measured; load_word.h says what it leaves. */
#include "kernels.h"

namespace
{

constexpr int kThreads = 256;
constexpr int kBlocksPerSm = 8; /* with kThreads all threads that a multiprocessor has */

/* Everything stays in registers. Factor and summand are told at run time, or the compiler would
 * make additions of it. */
__global__ void __launch_bounds__(kThreads, kBlocksPerSm)
    arithmetic(uint32_t *words, float factor, float summand, uint32_t seed, uint32_t steps)
{
    uint64_t i = blockIdx.x * static_cast<uint64_t>(kThreads) + threadIdx.x;
    uint32_t sum = 0;
    float x[XB_LOAD_CHAINS];

#pragma unroll
    for (int k = 0; k < XB_LOAD_CHAINS; k++)
        x[k] = static_cast<float>(seed + static_cast<uint32_t>(i % XB_LOAD_PERIOD) + k);
#pragma unroll 4
    for (uint32_t n = 0; n < steps; n++) {
#pragma unroll
        for (int k = 0; k < XB_LOAD_CHAINS; k++)
            x[k] = __fmaf_rn(x[k], factor, summand);
    }
#pragma unroll
    for (int k = 0; k < XB_LOAD_CHAINS; k++)
        sum += static_cast<uint32_t>(x[k]);
    words[i] += sum;
}

/* One pass over both arrays, four words at a time: reads two, writes one. */
__global__ void __launch_bounds__(kThreads)
    memory(uint4 *words, const uint4 *other, uint64_t quads, uint32_t seed)
{
    uint64_t stride = static_cast<uint64_t>(gridDim.x) * kThreads;

    for (uint64_t i = blockIdx.x * static_cast<uint64_t>(kThreads) + threadIdx.x; i < quads;
         i += stride) {
        uint4 w = words[i], o = other[i];
        words[i] =
            make_uint4(w.x + seed * o.x, w.y + seed * o.y, w.z + seed * o.z, w.w + seed * o.w);
    }
}

__global__ void __launch_bounds__(kThreads) begin(uint32_t *words, uint32_t *other, uint64_t n)
{
    uint64_t stride = static_cast<uint64_t>(gridDim.x) * kThreads;

    for (uint64_t i = blockIdx.x * static_cast<uint64_t>(kThreads) + threadIdx.x; i < n;
         i += stride) {
        words[i] = 0;
        if (other)
            other[i] = static_cast<uint32_t>(i % XB_LOAD_PERIOD) + 1;
    }
}

__global__ void __launch_bounds__(kThreads)
    compare(const uint32_t *words, uint64_t n, xb_load_sum sum, xb_check_result *found)
{
    uint64_t stride = static_cast<uint64_t>(gridDim.x) * kThreads;

    for (uint64_t i = blockIdx.x * static_cast<uint64_t>(kThreads) + threadIdx.x; i < n;
         i += stride)
        if (words[i] != xb_load_word(sum, i)) {
            atomicAdd(&found->wrong, static_cast<unsigned long long>(sizeof(uint32_t)));
            atomicMin(&found->first_bad, static_cast<unsigned long long>(i * sizeof(uint32_t)));
        }
}

unsigned blocks_of(int sms)
{
    return static_cast<unsigned>(sms) * kBlocksPerSm;
}

} // namespace

extern "C" uint64_t xb_kernel_load_threads(int sms)
{
    return static_cast<uint64_t>(blocks_of(sms)) * kThreads;
}

extern "C" int xb_kernel_load_begin(const struct xb_load_words *of, cudaStream_t stream)
{
    begin<<<blocks_of(of->sms), kThreads, 0, stream>>>(of->words, of->other, of->n);
    return static_cast<int>(cudaGetLastError());
}

extern "C" int xb_kernel_load_arithmetic(const struct xb_load_words *of, uint32_t seed,
                                         uint32_t steps, cudaStream_t stream)
{
    if (of->n != xb_kernel_load_threads(of->sms))
        return static_cast<int>(cudaErrorInvalidValue);
    arithmetic<<<blocks_of(of->sms), kThreads, 0, stream>>>(of->words, 1.0f, 1.0f, seed, steps);
    return static_cast<int>(cudaGetLastError());
}

extern "C" int xb_kernel_load_memory(const struct xb_load_words *of, uint32_t seed,
                                     cudaStream_t stream)
{
    if (of->n % 4 != 0 || !of->other)
        return static_cast<int>(cudaErrorInvalidValue);
    memory<<<blocks_of(of->sms), kThreads, 0, stream>>>(
        reinterpret_cast<uint4 *>(of->words), reinterpret_cast<const uint4 *>(of->other),
        of->n / 4, seed);
    return static_cast<int>(cudaGetLastError());
}

extern "C" int xb_kernel_load_check(const struct xb_load_words *of,
                                    const struct xb_load_sum *sum,
                                    struct xb_check_result *found, cudaStream_t stream)
{
    const xb_check_result none = {0, UINT64_MAX};
    xb_check_result *device = nullptr;
    cudaError_t rc = cudaMalloc(&device, sizeof *device);

    if (rc != cudaSuccess)
        return static_cast<int>(rc);
    rc = cudaMemcpyAsync(device, &none, sizeof none, cudaMemcpyHostToDevice, stream);
    if (rc == cudaSuccess) {
        compare<<<blocks_of(of->sms), kThreads, 0, stream>>>(of->words, of->n, *sum, device);
        rc = cudaGetLastError();
    }
    if (rc == cudaSuccess)
        rc = cudaMemcpyAsync(found, device, sizeof *found, cudaMemcpyDeviceToHost, stream);
    if (rc == cudaSuccess)
        rc = cudaStreamSynchronize(stream);
    cudaFree(device);
    return static_cast<int>(rc);
}
