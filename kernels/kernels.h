/* kernels.h - the CUDA kernels behind plain C prototypes.
 *
 * Each function launches on the given stream and returns the CUDA error code of the launch as
 * an int (0 is success), without waiting. Pointers are device pointers unless said otherwise.
 */
#ifndef XB_KERNELS_H
#define XB_KERNELS_H

#include <stdint.h>

#include <cuda_runtime_api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a check found: counts wrong bytes and keeps the lowest wrong offset. Lives in device
 * memory; set wrong to 0 and first_bad to UINT64_MAX before the launch. */
struct xb_check_cell {
    unsigned long long wrong, first_bad;
};

/* Write bytes [first, first + bytes) of the pattern of key to dst, which may have any
 * alignment; poison as in pattern_word.h. */
int xb_kernel_fill(void *dst, uint64_t bytes, uint64_t key, uint64_t first, int poison,
                   cudaStream_t stream);

/* Compare src with bytes [first, first + bytes) of the pattern and add to *cell. */
int xb_kernel_check(const void *src, uint64_t bytes, uint64_t key, uint64_t first, int poison,
                    struct xb_check_cell *cell, cudaStream_t stream);

#ifdef __cplusplus
}
#endif

#endif
