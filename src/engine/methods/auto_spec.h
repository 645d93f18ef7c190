/* SPDX-License-Identifier: BSD-3-Clause */
/* auto_spec.h - what the method auto is, and its options. */
#ifndef XB_ENGINE_METHODS_AUTO_SPEC_H
#define XB_ENGINE_METHODS_AUTO_SPEC_H

#include "model/scenario/catalog.h"
#include "model/scenario/layout_option.h"

struct xb_auto_options {
    struct xb_layout_options layout; /* its submission is what the policy picks */
};

static const struct xb_option xb_auto_option_table[] = {
    XB_BLOCKS_OPTIONS(struct xb_auto_options),
    {0},
};

#define XB_AUTO_SPEC                                                                           \
    {                                                                                          \
        .name = "auto", .summary = "what the policy picks for path, size and blocks",          \
        .options = xb_auto_option_table, XB_TAKES_LAYOUT(struct xb_auto_options),              \
        .flags = XB_METHOD_BY_POLICY, .paths = {XB_ANY_PATH, XB_ANY_PATH, XB_ANY_PATH},        \
    }

#endif
