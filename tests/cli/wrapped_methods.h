/* SPDX-License-Identifier: BSD-3-Clause */
/* wrapped_methods.h - the program's own table of methods with each row changed by wrap(), which
 * who includes this defines. What it links in place of: engine/methods/method_table.c.
 */
#ifndef XB_TESTS_CLI_WRAPPED_METHODS_H
#define XB_TESTS_CLI_WRAPPED_METHODS_H

#include "engine/methods/method.h"

#include "report/formats/format.h"

extern const struct xb_method xb_method_direct, xb_method_p2p, xb_method_host_staged,
    xb_method_zero_copy, xb_method_unified, xb_method_mpi, xb_method_nccl;

static const struct xb_method *const wrapped[] = {
    &xb_method_direct,  &xb_method_p2p, &xb_method_host_staged, &xb_method_zero_copy,
    &xb_method_unified, &xb_method_mpi, &xb_method_nccl,
};

#define METHODS (sizeof wrapped / sizeof wrapped[0])

static struct xb_method rows[METHODS];
const struct xb_method *const xb_methods[METHODS + 1] = {
    &rows[0], &rows[1], &rows[2], &rows[3], &rows[4], &rows[5], &rows[6], NULL,
};

/* Put the test's own functions into a row. */
static void wrap(struct xb_method *row);

/* The method itself, of a transfer by its wrapped row. */
static const struct xb_method *method_of(const struct xb_transfer *t)
{
    return wrapped[xb_method_of(t->c) - rows];
}

const struct xb_catalog *xb_engine_catalog(void)
{
    static const struct xb_method_spec *specs[METHODS + 1];
    static struct xb_catalog catalog = {
        .methods = specs, .devices = xb_device_names, .form = xb_format_name};

    for (size_t i = 0; i < METHODS && !specs[i]; i++) {
        rows[i] = *wrapped[i];
        wrap(&rows[i]);
        specs[i] = &rows[i].spec;
    }
    return &catalog;
}

void xb_methods_stop(void)
{
    for (size_t i = 0; i < METHODS; i++)
        if (wrapped[i]->stop)
            wrapped[i]->stop();
}

#endif
