/* SPDX-License-Identifier: BSD-3-Clause */
/* cold.c - transfers whose bytes lie in no cache when they start. */
#include "engine/measure/cold.h"

static bool is_cold(const struct xb_case_run *run)
{
    return run->c->cache == XB_CACHE_COLD;
}

static int probe_end(const struct xb_transfer *t, enum xb_role role, struct xb_error *err)
{
    const struct xb_path *path = &t->lane->path;
    struct xb_endpoint e = role == XB_ROLE_SRC ? path->src : path->dst;

    if (!(t->roles & role))
        return XB_GO;
    return t->device->make_cold(xb_method_memory(t->c, e, role), 0, NULL, 0, err) == 0
               ? XB_GO
               : XB_SKIP;
}

int xb_cold_probe(const struct xb_case_run *run, const struct xb_lane_run *l,
                  struct xb_error *err)
{
    if (!is_cold(run))
        return XB_GO;
    if (!l->t.device->make_cold) {
        xb_fail(err, "device %s cannot put memory out of caches", l->t.device->name);
        return XB_SKIP;
    }
    int rc = probe_end(&l->t, XB_ROLE_SRC, err);
    return rc == XB_GO ? probe_end(&l->t, XB_ROLE_DST, err) : rc;
}

static int make_cold(const struct xb_transfer *t, const struct xb_mem *mem,
                     struct xb_error *err)
{
    /* of the kinds that it was asked about a refusal now is a failure */
    return t->device->make_cold(mem->kind, mem->gpu, mem->ptr, mem->bytes, err) == 0 ? 0 : -1;
}

/* What the transfer may reach of a buffer, from its first byte on: the buffer may be far
 * larger. */
static struct xb_mem reached(const struct xb_transfer *t, enum xb_role role)
{
    struct xb_mem mem = role == XB_ROLE_SRC ? t->src_mem : t->dst_mem;

    mem.ptr = role == XB_ROLE_SRC ? t->src : t->dst;
    mem.bytes = xb_transfer_span(t->c, role);
    return mem;
}

int xb_cold_make(const struct xb_case_run *run, struct xb_error *err)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && is_cold(run) && i < run->nmine; i++) {
        const struct xb_lane_run *l = &run->mine[i];
        const struct xb_transfer *t = &l->t;
        struct xb_mem src = reached(t, XB_ROLE_SRC), dst = reached(t, XB_ROLE_DST), stage;
        if (t->roles & XB_ROLE_SRC)
            rc = make_cold(t, &src, err);
        if (rc == 0 && t->roles & XB_ROLE_DST)
            rc = make_cold(t, &dst, err);
        if (rc == 0 && run->method->staging && run->method->staging(l->ctx, &stage))
            rc = make_cold(t, &stage, err);
    }
    return rc;
}
