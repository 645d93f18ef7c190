/* method.c - the table of methods. */
#include "engine/methods/method.h"

#include <stddef.h>

#include "report/formats/format.h"

extern const struct xb_method xb_method_auto, xb_method_direct, xb_method_p2p,
    xb_method_host_staged, xb_method_mpi, xb_method_nccl, xb_method_null, xb_method_unified,
    xb_method_zero_copy;

const struct xb_method *const xb_methods[] = {
    &xb_method_direct,    &xb_method_p2p, &xb_method_host_staged, &xb_method_unified,
    &xb_method_zero_copy, &xb_method_mpi, &xb_method_nccl,        &xb_method_auto,
    &xb_method_null,      NULL,
};

#define METHODS (sizeof xb_methods / sizeof xb_methods[0])

const struct xb_catalog *xb_engine_catalog(void)
{
    static const struct xb_method_spec *specs[METHODS];
    static struct xb_catalog catalog = {
        .methods = specs, .devices = xb_device_names, .form = xb_format_name};

    for (size_t i = 0; xb_methods[i]; i++)
        specs[i] = &xb_methods[i]->spec;
    return &catalog;
}

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

void xb_methods_stop(void)
{
    for (size_t i = 0; xb_methods[i]; i++)
        if (xb_methods[i]->stop)
            xb_methods[i]->stop();
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

#define GRACE_S       5.0
#define START_GRACE_S 60.0

double xb_method_grace_s(const struct xb_case *c)
{
    return GRACE_S + (xb_method_of(c)->start ? START_GRACE_S : 0);
}
