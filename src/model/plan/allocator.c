/* SPDX-License-Identifier: BSD-3-Clause */
/* allocator.c - the names of allocators. */
#include "model/plan/allocator.h"

#include <stddef.h>

const char *const xb_allocator_names[] = {[XB_ALLOCATOR_MALLOC] = "malloc",
                                          [XB_ALLOCATOR_POOL] = "pool",
                                          [XB_ALLOCATOR_VMM] = "vmm",
                                          [XB_ALLOCATOR_NCCL] = "nccl",
                                          NULL};
