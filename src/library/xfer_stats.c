/* SPDX-License-Identifier: BSD-3-Clause */
/* xfer_stats.c - what was transferred, by path and size class. */
#include "library/xfer_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"

struct xfer_stats *xb_xfer_stats_find(struct xfer *x, const struct xb_xfer_move *move)
{
    struct xfer_stats fresh = {.size_class = xb_size_class(move->bytes)};
    char name[XB_PATH_LEN];

    snprintf(fresh.src, sizeof fresh.src, "%.15s",
             xb_endpoint_format(move->src.endpoint, name));
    snprintf(fresh.dst, sizeof fresh.dst, "%.15s",
             xb_endpoint_format(move->dst.endpoint, name));
    for (size_t i = 0; i < x->nstats; i++)
        if (x->stats[i].size_class == fresh.size_class &&
            strcmp(x->stats[i].src, fresh.src) == 0 && strcmp(x->stats[i].dst, fresh.dst) == 0)
            return &x->stats[i];
    struct xfer_stats *more = realloc(x->stats, (x->nstats + 1) * sizeof *more);
    if (!more)
        return NULL;
    x->stats = more;
    x->stats[x->nstats] = fresh;
    return &x->stats[x->nstats++];
}

void xb_xfer_stats_count(struct xfer_stats *s, uint64_t bytes, double us, bool replaced)
{
    double rate = us > 0 ? xb_gb_per_s((double)bytes, us) : 0;

    s->transfers++;
    s->bytes += bytes;
    s->replaced += replaced;
    s->time_us += us;
    if (rate > s->best_gb_per_s)
        s->best_gb_per_s = rate;
    s->avg_gb_per_s = s->time_us > 0 ? xb_gb_per_s((double)s->bytes, s->time_us) : 0;
}

size_t xfer_stats_get(const struct xfer *x, struct xfer_stats *out, size_t max)
{
    for (size_t i = 0; i < x->nstats && i < max; i++)
        out[i] = x->stats[i];
    return x->nstats;
}

void xfer_stats_clear(struct xfer *x)
{
    x->nstats = 0;
}
