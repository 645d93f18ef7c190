/* SPDX-License-Identifier: BSD-3-Clause */
/* pairs.c - kinds of pairs in words. */
#include "model/plan/pairs.h"

#include <stdio.h>

const char *const xb_pairs_names[] = {
    [XB_PAIRS_CLASSES] = "classes", [XB_PAIRS_FIRST] = "first",       [XB_PAIRS_EACH] = "each",
    [XB_PAIRS_ROUNDS] = "rounds",   [XB_PAIRS_TOGETHER] = "together", NULL,
};

const char *xb_pairs_name(enum xb_pairs_kind kind)
{
    return kind == XB_PAIRS_LIST ? "list" : xb_pairs_names[kind];
}

size_t xb_pairs_format(const struct xb_pairs *pairs, char *buf, size_t len)
{
    size_t used = 0;

    if (pairs->kind != XB_PAIRS_LIST)
        return (size_t)snprintf(buf, len, "%s", xb_pairs_name(pairs->kind));
    for (size_t i = 0; i < pairs->count; i++) {
        size_t at = used < len ? used : len;
        used += (size_t)snprintf(buf + at, len - at, "%s%d-%d", i ? "," : "", pairs->list[i][0],
                                 pairs->list[i][1]);
    }
    return used;
}
