/* SPDX-License-Identifier: BSD-3-Clause */
/* nccl_pointer.h - what NCCL tells kernels alone. Only in builds that have its header for
 * kernels, nccl_device.h (NCCL 2.28 and later). */
#ifndef XB_KERNELS_NCCL_POINTER_H
#define XB_KERNELS_NCCL_POINTER_H

#include <cuda_runtime_api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* *out: the address, on the current GPU, of the first byte that this rank of the GPUs which
 * reach each other by loads and stores (NCCL's LSA team) has in a window (an ncclWindow_t).
 * Waits until the kernel that asks has ended. The library must be of the header's version,
 * since the kernel reads its structures. Returns a CUDA error code, 0 for success. */
int xb_kernel_nccl_pointer(void *window, int rank, void **out);

#ifdef __cplusplus
}
#endif

#endif
