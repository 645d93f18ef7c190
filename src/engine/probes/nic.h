/* SPDX-License-Identifier: BSD-3-Clause */
/* nic.h - what Linux says of a network card. */
#ifndef XB_ENGINE_PROBES_NIC_H
#define XB_ENGINE_PROBES_NIC_H

#include "engine/probes/probe.h"

/* Rate of a NIC's port in GB/s, one direction, by its name: an InfiniBand or RoCE device
 * ("mlx5_0", its first port) from /sys/class/infiniband, else a network interface ("eth0") from
 * /sys/class/net. 0 if it is "" or says nothing, as virtual ones do. */
double xb_nic_gb_per_s(const char *name);

/* Bytes that the nearest NIC has sent and received. */
extern const struct xb_probe xb_probe_nic;

#endif
