/* SPDX-License-Identifier: BSD-3-Clause */
/* cpu_load.h - work that keeps the cores busy, beside which transfers are measured. */
#ifndef XB_ENGINE_DEVICES_CPU_LOAD_H
#define XB_ENGINE_DEVICES_CPU_LOAD_H

#include "engine/devices/device.h"

/* The device table's row: threads stand for a GPU's multiprocessors. */
extern const struct xb_loads xb_cpu_loads;

#endif
