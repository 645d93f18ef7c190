/* SPDX-License-Identifier: BSD-3-Clause */
/* nvml_state.h - in what state a GPU is now, from NVIDIA's management library. It is only
 * asked; nothing on a GPU is ever set. */
#ifndef XB_ENGINE_PROBES_NVML_STATE_H
#define XB_ENGINE_PROBES_NVML_STATE_H

#include <stddef.h>

#include "engine/probes/nvml_library.h"
#include "model/topology/gpu_state.h"

/* The state of the GPU of that bus id; not there without a library. ours[n] are the process ids
 * of this run on the GPU's node, the caller's among them, which must have a context on the GPU:
 * where the library lists processes but not the caller, it shows other numbers than the
 * container, and how many others there are stays unknown. Called by one rank for itself. */
void xb_nvml_state(const char *pci, const int *ours, size_t n, struct xb_gpu_state *out);

/* The same, given the library's functions; for tests. self is the caller's process id. */
void xb_nvml_state_by(const struct xb_nvml *nvml, const char *pci, int self, const int *ours,
                      size_t n, struct xb_gpu_state *out);

#endif
