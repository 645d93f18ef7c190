/* SPDX-License-Identifier: BSD-3-Clause */
/* host_memory.h - the two kinds of host memory that a method's option can choose between. */
#ifndef XB_MODEL_SCENARIO_HOST_MEMORY_H
#define XB_MODEL_SCENARIO_HOST_MEMORY_H

enum xb_host_pinning {
    XB_HOST_PINNED,   /* the device reads and writes it by itself */
    XB_HOST_PAGEABLE, /* plain host memory */
};
/* As choices of an option. */
#define XB_HOST_MEMORY_NAMES "pinned", "pageable"

#endif
