/* host_staged_spec.h - what the method host-staged is, and its options. */
#ifndef XB_ENGINE_METHODS_HOST_STAGED_SPEC_H
#define XB_ENGINE_METHODS_HOST_STAGED_SPEC_H

#include "model/scenario/catalog.h"

enum { XB_HOST_STAGED_PINNED, XB_HOST_STAGED_PAGEABLE };
static const char *const xb_host_staged_memories[] = {"pinned", "pageable", NULL};

struct xb_host_staged_options {
    int memory;
};

static const struct xb_option xb_host_staged_option_table[] = {
    {.name = "memory",
     .type = XB_OPTION_ENUM,
     .choices = xb_host_staged_memories,
     .fallback = XB_HOST_STAGED_PINNED,
     .summary = "memory of the ring",
     XB_OPTION_MEMBER(struct xb_host_staged_options, memory)},
    {0},
};

/* Host to host within a rank is what direct does. */

#define XB_HOST_STAGED_SPEC                                                                    \
    {                                                                                          \
        .name = "host-staged", .summary = "through a ring of host memory, in chunks",          \
        .options = xb_host_staged_option_table,                                                \
        .flags = XB_METHOD_CHUNKED | XB_METHOD_VIA_HOST, .default_chunk = 4 << 20,             \
        .default_depth = 3,                                                                    \
        .paths = {                                                                             \
            [XB_SELF] = XB_GPU_TO_GPU,                                                         \
            [XB_NODE] = XB_GPU_TO_GPU | XB_HOST_TO_HOST,                                       \
            [XB_REMOTE] = XB_GPU_TO_GPU | XB_HOST_TO_HOST,                                     \
        },                                                                                     \
    }

#endif
