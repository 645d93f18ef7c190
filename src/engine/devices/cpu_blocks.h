/* SPDX-License-Identifier: BSD-3-Clause */
/* cpu_blocks.h - the row `blocks` of the device cpu; see device.h. */
#ifndef XB_ENGINE_DEVICES_CPU_BLOCKS_H
#define XB_ENGINE_DEVICES_CPU_BLOCKS_H

#include "engine/devices/device.h"

extern const struct xb_block_copies xb_cpu_blocks;

#endif
