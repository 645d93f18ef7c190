/* SPDX-License-Identifier: BSD-3-Clause */
/* method.c - what methods ask of a case, and are asked. */
#include "engine/methods/method.h"

#include <inttypes.h>
#include <stddef.h>

const struct xb_method *xb_method_of(const struct xb_case *c)
{
    /* the catalog hands out the address of each row's spec */
    return (const struct xb_method *)((const char *)c->method -
                                      offsetof(struct xb_method, spec));
}

enum xb_mover xb_method_mover(const struct xb_case *c)
{
    const struct xb_method *m = xb_method_of(c);
    return m->mover ? m->mover(c) : XB_MOVER_BOTH;
}

enum xb_mem_kind xb_method_memory(const struct xb_case *c, struct xb_endpoint e,
                                  enum xb_role role)
{
    const struct xb_method *m = xb_method_of(c);
    if (m->memory)
        return m->memory(c, e, role);
    return e.kind == XB_GPU ? XB_MEM_DEVICE : XB_MEM_PINNED;
}

int xb_method_supports(const struct xb_transfer *t, struct xb_error *err)
{
    const struct xb_path *path = &t->lane->path;
    char text[XB_PATH_LEN];

    if (!xb_catalog_takes_path(t->c->method, path)) {
        xb_fail(err, "method %s does not do the path %s", t->c->method->name,
                xb_path_format(path, text));
        return XB_SKIP;
    }
    int others = t->device->others();
    if (path->src.index > others || path->dst.index > others) {
        xb_fail(err, "the path %s needs more GPUs than this rank sees: %d beside its own",
                xb_path_format(path, text), others);
        return XB_SKIP;
    }
    return XB_GO;
}

int xb_method_has_sms(const struct xb_transfer *t, int gpu, int64_t sms, struct xb_error *err)
{
    int there;

    if (sms == 0)
        return XB_GO;
    if (!t->device->multiprocessors) {
        xb_fail(err, "device %s has no multiprocessors: sms must be 0", t->device->name);
        return XB_SKIP;
    }
    if (t->device->multiprocessors(gpu, &there, err) < 0)
        return XB_ERROR;
    if (sms <= there)
        return XB_GO;
    xb_fail(err, "sms is %" PRId64 ", and this GPU has %d multiprocessors", sms, there);
    return XB_SKIP;
}

#define GRACE_S       5.0
#define START_GRACE_S 60.0

double xb_method_grace_s(const struct xb_case *c)
{
    return GRACE_S + (xb_method_of(c)->start ? START_GRACE_S : 0);
}
