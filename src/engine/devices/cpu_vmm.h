/* SPDX-License-Identifier: BSD-3-Clause */
/* cpu_vmm.h - memory of the cpu device by the allocator vmm: it has no name, but a file
 * descriptor, which other ranks get by asking the kernel for it, as they do for CUDA's memory
 * of that allocator. */
#ifndef XB_ENGINE_DEVICES_CPU_VMM_H
#define XB_ENGINE_DEVICES_CPU_VMM_H

#include "engine/devices/device.h"

/* As the rows of the same names of struct xb_device, for such memory alone; close is for what
 * alloc gave and for what import gave. */
int xb_cpu_vmm_alloc(uint64_t bytes, struct xb_mem *out, struct xb_error *err);
int xb_cpu_vmm_export(struct xb_mem *mem, struct xb_mem_handle *out, struct xb_error *err);
int xb_cpu_vmm_import(const struct xb_mem_handle *handle, struct xb_mem *out,
                      struct xb_error *err);
void xb_cpu_vmm_close(struct xb_mem *mem);

#endif
