/* SPDX-License-Identifier: BSD-3-Clause */
/* path_kinds.c - sets of paths in words. */
#include "model/plan/path_kinds.h"

#include <stdio.h>

static const char *const ends[] = {"host", "gpu", "gpu+K"};

static unsigned place_of(struct xb_endpoint e)
{
    switch (e.kind) {
    case XB_HOST:
        return 0;
    case XB_GPU:
        break;
    }
    return e.index == 0 ? 1 : 2;
}

enum xb_path_kind xb_path_kind_of(const struct xb_path *path)
{
    return (enum xb_path_kind)(1u << (3 * place_of(path->src) + place_of(path->dst)));
}

const char *xb_path_kinds_format(unsigned kinds, char *buf, size_t len)
{
    size_t used = 0;

    if (kinds == XB_ANY_PATH) {
        snprintf(buf, len, "any path");
        return buf;
    }
    buf[0] = '\0';
    for (unsigned i = 0; i < XB_PATH_KINDS && used < len; i++)
        if (kinds & 1u << i)
            used += (size_t)snprintf(buf + used, len - used, "%s%s->%s", used ? " " : "",
                                     ends[i / 3], ends[i % 3]);
    return buf;
}
