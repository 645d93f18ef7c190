/* SPDX-License-Identifier: BSD-3-Clause */
/* nvml_traffic.h - bytes that a GPU has sent and received over all its NVLinks and over PCI
 * Express, from NVIDIA's management library, and how fast the latter was seen. */
#ifndef XB_ENGINE_PROBES_NVML_TRAFFIC_H
#define XB_ENGINE_PROBES_NVML_TRAFFIC_H

#include "engine/probes/probe.h"
#include "model/topology/gpu_state.h"

extern const struct xb_probe xb_probe_nvml;

/* The fastest that the GPU's PCI Express has been seen since it was opened, by the readings of
 * its counters and by this one, into out->pcie_gen and pcie_width: an idle GPU slows its link
 * down. 0 if unknown. pcie_busy says that at one of them much had just gone over it. */
void xb_nvml_pcie_seen(struct xb_gpu_state *out);

#endif
