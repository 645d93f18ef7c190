/* SPDX-License-Identifier: BSD-3-Clause */
/* version.c - what the program was built with, and what it finds when it is started. */
#include "config.h"

#include "cmd/cmd.h"

#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "engine/devices/device.h"
#include "engine/methods/nccl.h"
#include "engine/runtime/environment.h"
#include "model/topology/topology.h"

#define TEXT_OF(macro)  #macro
#define VALUE_OF(macro) TEXT_OF(macro)
#define CJSON_BUILT                                                                            \
    VALUE_OF(CJSON_VERSION_MAJOR)                                                              \
    "." VALUE_OF(CJSON_VERSION_MINOR) "." VALUE_OF(CJSON_VERSION_PATCH)

static void print_line(const char *what, const char *built, const char *loaded)
{
    printf("%-9s %s%s%s\n", what, built ? built : "not in this build",
           built && loaded ? "; here: " : "", built && loaded ? loaded : "");
}

/* What the device needs of this node; NULL where it needs nothing. */
static const char *loaded_by(const char *device, char *buf, size_t len)
{
    for (size_t i = 0; xb_devices[i]; i++)
        if (strcmp(xb_devices[i]->name, device) == 0 && xb_devices[i]->loaded)
            return xb_devices[i]->loaded(buf, len);
    return NULL;
}

void xb_version_print(void)
{
    struct xb_report_head build = {.version = NULL};
    char mpi[XB_MPI_LIBRARY_LEN], interface[XB_HWLOC_VERSION_LEN], hwloc[64], cuda[128];
    const char *nccl;

    xb_environment_build(&build);
    snprintf(hwloc, sizeof hwloc, "interface %s", xb_topology_library(interface));
    nccl = build.build_nccl ? xb_nccl_version() : NULL;
    printf("xferbench %s\n", build.version);
    print_line("git", build.git ? build.git : "not known", NULL);
    print_line("compiler", build.compiler, NULL);
    print_line("MPI", build.build_mpi, xb_environment_mpi_library(mpi));
    print_line("CUDA", build.build_cuda, loaded_by("cuda", cuda, sizeof cuda));
    print_line("NCCL", build.build_nccl, nccl ? nccl : "no library");
    print_line("hwloc", build.build_hwloc, hwloc);
    print_line("cJSON", CJSON_BUILT, cJSON_Version());
}
