/* SPDX-License-Identifier: BSD-3-Clause */
/* mpi_buffers.c - can the MPI library in this process move device memory?
 *
 * MPIX_Query_cuda_support speaks of how Open MPI itself was built. An Open MPI built without
 * CUDA still moves device memory when its messages go through UCX (pml ucx) and that UCX has
 * CUDA transports, so the libraries that are loaded are looked at as well. */
#include "config.h"

#include "engine/runtime/mpi_buffers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>
#ifdef HAVE_MPI_EXT_H
#include <mpi-ext.h>
#endif

/* Does a file whose name contains `part` stand in this process's memory map? */
static bool loaded(const char *part)
{
    char line[4096];
    bool found = false;
    FILE *f = fopen("/proc/self/maps", "re");

    if (!f)
        return false;
    while (!found && fgets(line, sizeof line, f))
        found = strstr(line, part) != NULL;
    fclose(f);
    return found;
}

/* Does UCX_TLS leave any CUDA transport? Unset or "all" does; a list must name one ("cuda",
 * "cuda_copy", "cuda_ipc"); a negated list ("^...") must not name "cuda" or "cuda_copy". */
static bool ucx_tls_allows_cuda(void)
{
    const char *tls = getenv("UCX_TLS");
    char copy[1024];
    bool negated, named = false, all = false;

    if (!tls || !*tls)
        return true;
    negated = *tls == '^';
    snprintf(copy, sizeof copy, "%s", tls + negated);
    char *save = NULL;
    for (char *t = strtok_r(copy, ",", &save); t; t = strtok_r(NULL, ",", &save)) {
        all = all || strcmp(t, "all") == 0;
        named = named || strcmp(t, "cuda") == 0 || strcmp(t, "cuda_copy") == 0;
    }
    return negated ? !named : named || all;
}

bool xb_mpi_library_takes_device_buffers(void)
{
#if defined(MPIX_CUDA_AWARE_SUPPORT) && MPIX_CUDA_AWARE_SUPPORT
    return MPIX_Query_cuda_support() == 1;
#else
    return false;
#endif
}

static bool has_variable(const char *name)
{
    int index;

    return MPI_T_cvar_get_index(name, &index) == MPI_SUCCESS;
}

/* Open MPI lets go of the components that it has not chosen: of their files, and where they are
 * parts of the library itself, of their variables. Files are looked for first, for where there
 * are some, asking for a variable loads all others that there are (0.2 s; else 0.2 ms). */
int xb_mpi_uses_ucx(void)
{
    int provided, uses = -1;

    if (loaded("mca_pml_"))
        return loaded("mca_pml_ucx") ? 1 : loaded("mca_pml_ob1") ? 0 : -1;
    if (MPI_T_init_thread(MPI_THREAD_SINGLE, &provided) != MPI_SUCCESS)
        return -1;
    if (has_variable("pml_ucx_priority"))
        uses = 1;
    else if (has_variable("pml_ob1_priority"))
        uses = 0;
    MPI_T_finalize();
    return uses;
}

bool xb_mpi_takes_device_buffers(char *how, size_t len)
{
    if (xb_mpi_library_takes_device_buffers()) {
        snprintf(how, len, "MPIX_Query_cuda_support() says yes");
        return true;
    }
    if (xb_mpi_uses_ucx() != 1) {
        snprintf(how, len,
                 "Open MPI was built without CUDA and its messages do not go through "
                 "UCX");
        return false;
    }
    if (!loaded("libuct_cuda")) {
        snprintf(how, len, "Open MPI's messages go through a UCX without CUDA transports");
        return false;
    }
    if (!ucx_tls_allows_cuda()) {
        snprintf(how, len, "UCX_TLS leaves out the CUDA transports of UCX");
        return false;
    }
    snprintf(how, len, "Open MPI's messages go through a UCX with CUDA transports loaded");
    return true;
}
