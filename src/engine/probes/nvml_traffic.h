/* nvml_traffic.h - bytes that a GPU has sent and received over all its NVLinks and over PCI
 * Express, from NVIDIA's management library. */
#ifndef XB_ENGINE_PROBES_NVML_TRAFFIC_H
#define XB_ENGINE_PROBES_NVML_TRAFFIC_H

#include "engine/probes/probe.h"

extern const struct xb_probe xb_probe_nvml;

#endif
