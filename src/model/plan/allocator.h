/* SPDX-License-Identifier: BSD-3-Clause */
/* allocator.h - where the memory of GPUs that a case moves bytes between comes from. */
#ifndef XB_MODEL_PLAN_ALLOCATOR_H
#define XB_MODEL_PLAN_ALLOCATOR_H

enum xb_allocator {
    XB_ALLOCATOR_MALLOC, /* the device's ordinary one; CUDA: cudaMalloc */
    XB_ALLOCATOR_POOL,   /* CUDA: cudaMallocAsync, out of the GPU's default pool */
    XB_ALLOCATOR_VMM,    /* CUDA: cuMemCreate, with a handle that other processes can have */
    XB_ALLOCATOR_NCCL,   /* ncclMemAlloc */
};

/* Their names, by number, NULL-terminated. */
extern const char *const xb_allocator_names[];

#endif
