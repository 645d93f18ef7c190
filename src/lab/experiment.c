/* SPDX-License-Identifier: BSD-3-Clause */
/* experiment.c - the table of experiments. */
#include "lab/experiment.h"

#include "engine/methods/method.h"

extern const struct xb_experiment xb_experiment_interference, xb_experiment_overlap,
    xb_experiment_queue;

const struct xb_experiment *const xb_experiments[] = {
    &xb_experiment_queue,
    &xb_experiment_overlap,
    &xb_experiment_interference,
    NULL,
};

#define EXPERIMENTS (sizeof xb_experiments / sizeof xb_experiments[0])

const struct xb_catalog *xb_lab_catalog(void)
{
    static const struct xb_experiment_spec *specs[EXPERIMENTS];
    static struct xb_catalog catalog;

    catalog = *xb_engine_catalog();
    catalog.experiments = specs;
    for (size_t i = 0; xb_experiments[i]; i++)
        specs[i] = &xb_experiments[i]->spec;
    return &catalog;
}

const struct xb_experiment *xb_experiment_of(const struct xb_case *c)
{
    /* the catalog hands out the address of each row's spec */
    return (const struct xb_experiment *)((const char *)c->experiment -
                                          offsetof(struct xb_experiment, spec));
}
