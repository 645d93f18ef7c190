/* SPDX-License-Identifier: BSD-3-Clause */
/* method_table.c - the table of methods. */
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

void xb_methods_stop(void)
{
    for (size_t i = 0; xb_methods[i]; i++)
        if (xb_methods[i]->stop)
            xb_methods[i]->stop();
}
