/* auto_spec.h - what the method auto is. */
#ifndef XB_ENGINE_METHODS_AUTO_SPEC_H
#define XB_ENGINE_METHODS_AUTO_SPEC_H

#include "model/scenario/catalog.h"

#define XB_AUTO_SPEC                                                                           \
    {                                                                                          \
        .name = "auto", .summary = "what the policy picks for path and size",                  \
        .flags = XB_METHOD_BY_POLICY, .paths = {XB_ANY_PATH, XB_ANY_PATH, XB_ANY_PATH},        \
    }

#endif
