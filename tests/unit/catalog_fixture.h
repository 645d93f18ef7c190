/* catalog_fixture.h - the methods and devices that the tests of scenarios and plans know. The
 * methods are declared as the program declares those that the shipped scenarios use. */
#ifndef XB_TESTS_CATALOG_FIXTURE_H
#define XB_TESTS_CATALOG_FIXTURE_H

#include "model/catalog.h"

static const char *const fixture_memories[] = {"pinned", "pageable", NULL};
static const char *const fixture_engines[] = {"ce", "sm", NULL};
static const char *const fixture_sides[] = {"push", "pull", NULL};
static const char *const fixture_transfers[] = {"send", NULL};

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

static const struct xb_method_spec fixture_mpi = {
    .name = "mpi",
    .options = fixture_mpi_options,
};

static const struct xb_method_spec fixture_null = {
    .name = "null",
    .options = fixture_null_options,
    .flags = XB_METHOD_NO_BYTES,
};

static const struct xb_method_spec *const fixture_methods[] = {
    &fixture_direct, &fixture_p2p, &fixture_host_staged, &fixture_zero_copy, &fixture_mpi,
    &fixture_null,   NULL,
};

static const char *const fixture_devices[] = {"cuda", "cpu", NULL};

static const struct xb_catalog fixture_catalog = {
    .methods = fixture_methods,
    .devices = fixture_devices,
};

#endif
