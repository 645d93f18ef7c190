/* SPDX-License-Identifier: BSD-3-Clause */
/* p2p_spec.h - what the method p2p is, and its options. */
#ifndef XB_ENGINE_METHODS_P2P_SPEC_H
#define XB_ENGINE_METHODS_P2P_SPEC_H

#include "model/scenario/catalog.h"
#include "model/scenario/layout_option.h"
#include "model/scenario/sms_option.h"

enum { XB_P2P_CE, XB_P2P_SM };
static const char *const xb_p2p_engines[] = {"ce", "sm", NULL};

enum { XB_P2P_PUSH, XB_P2P_PULL };
static const char *const xb_p2p_sides[] = {"push", "pull", NULL};

enum { XB_P2P_HANDLE, XB_P2P_NCCL };
static const char *const xb_p2p_mappings[] = {"handle", "nccl", NULL};

struct xb_p2p_options {
    int engine;
    int side;
    int mapping;
    int64_t sms;
    struct xb_layout_options layout;
};

static const struct xb_option xb_p2p_option_table[] = {
    {.name = "engine",
     .type = XB_OPTION_ENUM,
     .choices = xb_p2p_engines,
     .fallback = XB_P2P_CE,
     .summary = "what moves the bytes: ce, the copy engine; sm, a kernel",
     XB_OPTION_MEMBER(struct xb_p2p_options, engine)},
    {.name = "side",
     .type = XB_OPTION_ENUM,
     .choices = xb_p2p_sides,
     .fallback = XB_P2P_PUSH,
     .summary = "push: the source's GPU writes; pull: the destination's GPU reads",
     XB_OPTION_MEMBER(struct xb_p2p_options, side)},
    {.name = "mapping",
     .type = XB_OPTION_ENUM,
     .choices = xb_p2p_mappings,
     .fallback = XB_P2P_HANDLE,
     .quiet = true,
     .summary = "how a rank gets at the other's memory: by CUDA's handle, or by the pointer "
                "that NCCL has for kernels",
     XB_OPTION_MEMBER(struct xb_p2p_options, mapping)},
    XB_SMS_OPTION(struct xb_p2p_options, "the kernel of engine sm"),
    XB_LAYOUT_OPTIONS(struct xb_p2p_options),
    {0},
};

#define XB_P2P_SPEC                                                                            \
    {                                                                                          \
        .name = "p2p", .summary = "GPU to GPU of the node through the peer's mapped memory",   \
        .options = xb_p2p_option_table, .flags = XB_METHOD_PIECES, .default_depth = 4,         \
        XB_TAKES_LAYOUT(struct xb_p2p_options),                                                \
        .paths = {                                                                             \
            [XB_SELF] = XB_GPU_TO_GPU | XB_GPU_TO_OTHER | XB_OTHER_TO_GPU | XB_OTHER_TO_OTHER, \
            [XB_NODE] = XB_GPU_TO_GPU,                                                         \
        },                                                                                     \
    }

#endif
