/* catalog_fixture.h - the methods, experiments and devices that the tests of scenarios and
 * plans know. The methods are declared as the program declares those that the shipped scenarios
 * use. */
#ifndef XB_TESTS_CATALOG_FIXTURE_H
#define XB_TESTS_CATALOG_FIXTURE_H

#include "model/plan/collective_op.h"
#include "model/scenario/catalog.h"

static const char *const fixture_memories[] = {"pinned", "pageable", NULL};
static const char *const fixture_engines[] = {"ce", "sm", NULL};
static const char *const fixture_sides[] = {"push", "pull", NULL};
static const char *const fixture_transfers[] = {"send", "put", XB_COLLECTIVE_NAMES, NULL};
static const char *const fixture_mpi_memories[] = {"device", "managed", NULL};
static const char *const fixture_accesses[] = {"prefetch", "fault", NULL};
static const char *const fixture_nccl_transfers[] = {"send", XB_COLLECTIVE_NAMES, NULL};

static const char *const fixture_modes[] = {"lockstep", "prepared", "double", "depth", NULL};
static const char *const fixture_stages[] = {"compute", "download", "sum", "write", NULL};

static const struct xb_option fixture_memory_options[] = {
    {.name = "memory", .type = XB_OPTION_ENUM, .choices = fixture_memories},
    {.name = NULL},
};

static const struct xb_option fixture_p2p_options[] = {
    {.name = "engine", .type = XB_OPTION_ENUM, .choices = fixture_engines},
    {.name = "side", .type = XB_OPTION_ENUM, .choices = fixture_sides},
    {.name = NULL},
};

static const struct xb_option fixture_mpi_options[] = {
    {.name = "transfer", .type = XB_OPTION_ENUM, .choices = fixture_transfers},
    {.name = "memory", .type = XB_OPTION_ENUM, .choices = fixture_mpi_memories},
    {.name = NULL},
};

static const struct xb_option fixture_unified_options[] = {
    {.name = "access", .type = XB_OPTION_ENUM, .choices = fixture_accesses},
    {.name = NULL},
};

static const struct xb_option fixture_nccl_options[] = {
    {.name = "transfer", .type = XB_OPTION_ENUM, .choices = fixture_nccl_transfers},
    {.name = NULL},
};

static const struct xb_option fixture_queue_options[] = {
    {.name = "producers", .type = XB_OPTION_INT, .min = 1, .max = 64, .fallback = 1},
    {.name = "consumers", .type = XB_OPTION_INT, .min = 1, .max = 64, .fallback = 1},
    {.name = "capacity", .type = XB_OPTION_INT, .min = 1, .max = 1024, .fallback = 2},
    {.name = "work", .type = XB_OPTION_DURATION, .max = 10000000000},
    {.name = NULL},
};

static const struct xb_option fixture_gray_scott_options[] = {
    {.name = "mode", .type = XB_OPTION_ENUM, .choices = fixture_modes},
    {.name = "buffers", .type = XB_OPTION_INT, .min = 2, .max = 16, .fallback = 3},
    {.name = "stages", .type = XB_OPTION_ENUM, .choices = fixture_stages},
    {.name = "width", .type = XB_OPTION_INT, .min = 4, .max = 32768, .fallback = 2048},
    {.name = "height", .type = XB_OPTION_INT, .min = 1, .max = 32768, .fallback = 1024},
    {.name = "steps", .type = XB_OPTION_INT, .min = 1, .max = 4194304, .fallback = 512},
    {.name = "images", .type = XB_OPTION_INT, .min = 1, .max = 4194304, .fallback = 8},
    {.name = NULL},
};

static const struct xb_option fixture_null_options[] = {
    {.name = "delay", .type = XB_OPTION_DURATION, .min = 0, .max = 10000000000},
    {.name = "fail", .type = XB_OPTION_BOOL},
    {.name = "hang", .type = XB_OPTION_BOOL},
    {.name = "corrupt", .type = XB_OPTION_BOOL},
    {.name = NULL},
};

static const struct xb_method_spec fixture_direct = {
    .name = "direct",
    .options = fixture_memory_options,
};

static const struct xb_method_spec fixture_p2p = {
    .name = "p2p",
    .options = fixture_p2p_options,
};

static const struct xb_method_spec fixture_host_staged = {
    .name = "host-staged",
    .options = fixture_memory_options,
    .flags = XB_METHOD_CHUNKED,
    .default_depth = 3,
    .default_chunk = 4 << 20,
};

static const struct xb_method_spec fixture_zero_copy = {
    .name = "zero-copy",
    .flags = XB_METHOD_CHUNKED,
    .default_depth = 3,
    .default_chunk = 4 << 20,
};

static const struct xb_method_spec fixture_unified = {
    .name = "unified",
    .options = fixture_unified_options,
};

static const struct xb_method_spec fixture_mpi = {
    .name = "mpi",
    .options = fixture_mpi_options,
    .first_collective = 2,
};

static const struct xb_method_spec fixture_nccl = {
    .name = "nccl",
    .options = fixture_nccl_options,
    .first_collective = 1,
};

static const struct xb_method_spec fixture_auto = {
    .name = "auto",
    .flags = XB_METHOD_BY_POLICY,
};

static const struct xb_method_spec fixture_null = {
    .name = "null",
    .options = fixture_null_options,
    .flags = XB_METHOD_NO_BYTES,
};

static const struct xb_method_spec *const fixture_methods[] = {
    &fixture_direct, &fixture_p2p,  &fixture_host_staged, &fixture_unified, &fixture_zero_copy,
    &fixture_mpi,    &fixture_nccl, &fixture_auto,        &fixture_null,    NULL,
};

static const struct xb_experiment_spec fixture_queue = {
    .name = "queue",
    .method = {.name = "queue",
               .options = fixture_queue_options,
               .flags = XB_METHOD_NO_BYTES,
               .kind = XB_KIND_EXPERIMENT},
    .path = {{XB_HOST, 0}, {XB_HOST, 0}, XB_SELF},
};

static const struct xb_experiment_spec fixture_overlap = {
    .name = "overlap",
    .method = {.name = "gray-scott",
               .options = fixture_gray_scott_options,
               .flags = XB_METHOD_NO_BYTES,
               .kind = XB_KIND_EXPERIMENT},
    .path = {{XB_GPU, 0}, {XB_HOST, 0}, XB_SELF},
};

static const struct xb_experiment_spec *const fixture_experiments[] = {&fixture_queue,
                                                                       &fixture_overlap, NULL};

static const char *const fixture_devices[] = {"cuda", "cpu", NULL};

static const struct xb_catalog fixture_catalog = {
    .methods = fixture_methods,
    .experiments = fixture_experiments,
    .devices = fixture_devices,
};

#endif
