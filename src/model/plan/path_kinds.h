/* SPDX-License-Identifier: BSD-3-Clause */
/* path_kinds.h - sets of paths, as methods declare which they take. */
#ifndef XB_MODEL_PLAN_PATH_KINDS_H
#define XB_MODEL_PLAN_PATH_KINDS_H

#include <stddef.h>

#include "model/plan/path.h"

/* From what to what: a host, the GPU that a rank is bound to, another GPU of the rank. */
enum xb_path_kind {
    XB_HOST_TO_HOST = 1 << 0,
    XB_HOST_TO_GPU = 1 << 1,
    XB_HOST_TO_OTHER = 1 << 2,
    XB_GPU_TO_HOST = 1 << 3,
    XB_GPU_TO_GPU = 1 << 4,
    XB_GPU_TO_OTHER = 1 << 5,
    XB_OTHER_TO_HOST = 1 << 6,
    XB_OTHER_TO_GPU = 1 << 7,
    XB_OTHER_TO_OTHER = 1 << 8,
};
#define XB_PATH_KINDS 9
#define XB_ANY_PATH   ((1u << XB_PATH_KINDS) - 1)

/* The kind of a path, whatever its locality. */
enum xb_path_kind xb_path_kind_of(const struct xb_path *path);

/* A set of kinds in words, "host->gpu gpu->gpu+K", "any path" for all of them, into buf, which
 * is returned. */
const char *xb_path_kinds_format(unsigned kinds, char *buf, size_t len);

#endif
