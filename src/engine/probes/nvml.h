/* SPDX-License-Identifier: BSD-3-Clause */
/* nvml.h - facts about a node's GPUs and their links from NVIDIA's management library.
 *
 * Unknown figures stay unknown: no library, no driver or an unsupported question are no errors.
 */
#ifndef XB_ENGINE_PROBES_NVML_H
#define XB_ENGINE_PROBES_NVML_H

#include <stddef.h>

#include "model/topology/node_info.h"
#include "model/topology/visible.h"

/* List what a process may be shown of this node: GPUs that are not in MIG mode, and the
 * instances of those that are, up to max; returns how many. Does not start CUDA. */
size_t xb_nvml_list(struct xb_listed_gpu *out, size_t max);

/* Fill in what the library knows of these GPUs, by their bus ids: names, PCI Express, the far
 * ends of NVLinks, fabric, the link to the CPU; of an instance its name, and the PCI Express of
 * its GPU. GPUs that this process may not see stay as they
 * are. */
void xb_nvml_describe(struct xb_gpu_info *gpus, size_t n);

/* The driver's version ("580.159.04") into buf, "" if it cannot be told. */
void xb_nvml_driver_version(char *buf, size_t len);

#endif
