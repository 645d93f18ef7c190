/* SPDX-License-Identifier: BSD-3-Clause */
/* zero_copy_spec.h - what the method zero-copy is, and its option. */
#ifndef XB_ENGINE_METHODS_ZERO_COPY_SPEC_H
#define XB_ENGINE_METHODS_ZERO_COPY_SPEC_H

#include "model/scenario/catalog.h"
#include "model/scenario/layout_option.h"
#include "model/scenario/sms_option.h"

struct xb_zero_copy_options {
    int64_t sms;
    struct xb_layout_options layout;
};

static const struct xb_option xb_zero_copy_option_table[] = {
    XB_SMS_OPTION(struct xb_zero_copy_options, "a kernel"),
    XB_LAYOUT_OPTIONS(struct xb_zero_copy_options),
    {0},
};

#define XB_ZERO_COPY_SPEC                                                                      \
    {                                                                                          \
        .name = "zero-copy",                                                                   \
        .summary = "kernels read and write mapped host memory, in chunks",                     \
        .options = xb_zero_copy_option_table, .flags = XB_METHOD_CHUNKED | XB_METHOD_VIA_HOST, \
        .default_chunk = 4 << 20, .default_depth = 3,                                          \
        XB_TAKES_LAYOUT(struct xb_zero_copy_options),                                          \
        .paths = {                                                                             \
            [XB_SELF] = XB_HOST_TO_GPU | XB_GPU_TO_HOST,                                       \
            [XB_NODE] = XB_GPU_TO_GPU,                                                         \
        },                                                                                     \
    }

#endif
