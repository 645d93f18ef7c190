/* SPDX-License-Identifier: BSD-3-Clause */
/* direct_spec.h - what the method direct is, and its options. */
#ifndef XB_ENGINE_METHODS_DIRECT_SPEC_H
#define XB_ENGINE_METHODS_DIRECT_SPEC_H

#include "model/scenario/catalog.h"
#include "model/scenario/host_memory.h"
#include "model/scenario/layout_option.h"

static const char *const xb_direct_memories[] = {XB_HOST_MEMORY_NAMES, NULL};

struct xb_direct_options {
    int memory;
    struct xb_layout_options layout;
};

static const struct xb_option xb_direct_option_table[] = {
    {.name = "memory",
     .type = XB_OPTION_ENUM,
     .choices = xb_direct_memories,
     .fallback = XB_HOST_PINNED,
     .summary = "kind of the host memory",
     XB_OPTION_MEMBER(struct xb_direct_options, memory)},
    XB_LAYOUT_OPTIONS(struct xb_direct_options),
    {0},
};

#define XB_DIRECT_SPEC                                                                         \
    {                                                                                          \
        .name = "direct", .summary = "one copy within a rank",                                 \
        .options = xb_direct_option_table, .host_memory_option = &xb_direct_option_table[0],   \
        XB_TAKES_LAYOUT(struct xb_direct_options),                                             \
        .paths = {                                                                             \
            [XB_SELF] = XB_HOST_TO_GPU | XB_GPU_TO_HOST | XB_GPU_TO_GPU | XB_HOST_TO_HOST |    \
                        XB_HOST_TO_OTHER | XB_OTHER_TO_HOST,                                   \
        },                                                                                     \
    }

#endif
