/* SPDX-License-Identifier: BSD-3-Clause */
/* unified_spec.h - what the method unified is, and its options. */
#ifndef XB_ENGINE_METHODS_UNIFIED_SPEC_H
#define XB_ENGINE_METHODS_UNIFIED_SPEC_H

#include "model/scenario/catalog.h"

enum { XB_UNIFIED_PREFETCH, XB_UNIFIED_FAULT };
static const char *const xb_unified_accesses[] = {"prefetch", "fault", NULL};

struct xb_unified_options {
    int access;
};

static const struct xb_option xb_unified_option_table[] = {
    {.name = "access",
     .type = XB_OPTION_ENUM,
     .choices = xb_unified_accesses,
     .fallback = XB_UNIFIED_PREFETCH,
     .summary = "how pages come: prefetch, asked for; fault, as the destination touches them",
     XB_OPTION_MEMBER(struct xb_unified_options, access)},
    {0},
};

#define XB_UNIFIED_SPEC                                                                        \
    {                                                                                          \
        .name = "unified", .summary = "managed memory, whose pages go where they are used",    \
        .options = xb_unified_option_table,                                                    \
        .flags = XB_METHOD_RANKS_VIA_HOST | XB_METHOD_MIGRATES | XB_METHOD_NEEDS_GPU |         \
                 XB_METHOD_PIECES,                                                             \
        .default_depth = 4,                                                                    \
        .paths = {                                                                             \
            [XB_SELF] = XB_HOST_TO_GPU | XB_GPU_TO_HOST | XB_GPU_TO_OTHER | XB_OTHER_TO_GPU |  \
                        XB_OTHER_TO_OTHER,                                                     \
            [XB_NODE] = XB_GPU_TO_GPU,                                                         \
            [XB_REMOTE] = XB_GPU_TO_GPU,                                                       \
        },                                                                                     \
    }

#endif
