/* SPDX-License-Identifier: BSD-3-Clause */
/* catalog_fixture.h - the methods and devices that the tests of scenarios and plans know: the
 * specs that the program has, without its methods, which need MPI. */
#ifndef XB_TESTS_CATALOG_FIXTURE_H
#define XB_TESTS_CATALOG_FIXTURE_H

#include "engine/methods/auto_spec.h"
#include "engine/methods/direct_spec.h"
#include "engine/methods/host_staged_spec.h"
#include "engine/methods/mpi_spec.h"
#include "engine/methods/nccl_spec.h"
#include "engine/methods/null_spec.h"
#include "engine/methods/p2p_spec.h"
#include "engine/methods/unified_spec.h"
#include "engine/methods/zero_copy_spec.h"
#include "lab/gray_scott/gray_scott_spec.h"
#include "lab/interference/interference_spec.h"
#include "lab/queue_spec.h"
#include "model/plan/plan.h"
#include "model/scenario/catalog.h"
#include "report/formats/format.h"

static const struct xb_method_spec fixture_direct = XB_DIRECT_SPEC;
static const struct xb_method_spec fixture_p2p = XB_P2P_SPEC;
static const struct xb_method_spec fixture_host_staged = XB_HOST_STAGED_SPEC;
static const struct xb_method_spec fixture_unified = XB_UNIFIED_SPEC;
static const struct xb_method_spec fixture_zero_copy = XB_ZERO_COPY_SPEC;
static const struct xb_method_spec fixture_mpi = XB_MPI_SPEC;
static const struct xb_method_spec fixture_nccl = XB_NCCL_SPEC;
static const struct xb_method_spec fixture_auto = XB_AUTO_SPEC;
static const struct xb_method_spec fixture_null = XB_NULL_SPEC;

static const struct xb_method_spec *const fixture_methods[] = {
    &fixture_direct, &fixture_p2p,  &fixture_host_staged, &fixture_unified, &fixture_zero_copy,
    &fixture_mpi,    &fixture_nccl, &fixture_auto,        &fixture_null,    NULL,
};

static const struct xb_experiment_spec fixture_queue = XB_QUEUE_EXPERIMENT;
static const struct xb_experiment_spec fixture_overlap = XB_OVERLAP_EXPERIMENT;

static const struct xb_experiment_spec fixture_interference = XB_INTERFERENCE_EXPERIMENT;

static const struct xb_experiment_spec *const fixture_experiments[] = {
    &fixture_queue, &fixture_overlap, &fixture_interference, NULL};

static const char *const fixture_devices[] = {"cuda", "cpu", NULL};

static const struct xb_catalog fixture_catalog = {
    .methods = fixture_methods,
    .experiments = fixture_experiments,
    .devices = fixture_devices,
    .form = xb_format_name,
};

#endif
