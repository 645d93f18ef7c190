/* SPDX-License-Identifier: BSD-3-Clause */
/* window_fails.c - xferbench with an MPI that makes no windows: on all ranks MPI_Win_create
 * returns an error of the class XB_FAIL_CLASS, "win" or "memory". What is defined here is found
 * before the library's own. */
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

int MPI_Win_create(void *base, MPI_Aint size, int unit, MPI_Info info, MPI_Comm comm,
                   MPI_Win *win)
{
    const char *class = getenv("XB_FAIL_CLASS");

    if (class)
        return strcmp(class, "win") == 0 ? MPI_ERR_WIN : MPI_ERR_NO_MEM;
    return PMPI_Win_create(base, size, unit, info, comm, win);
}
