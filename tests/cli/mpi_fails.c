/* SPDX-License-Identifier: BSD-3-Clause */
/* mpi_fails.c - xferbench with an MPI that is out of resources on one rank, XB_MPI_RANK.
 * XB_MPI_FAIL is the call that returns MPI_ERR_NO_MEM there: "send", "receive" or "iallreduce"
 * of XB_MPI_BYTES, from call XB_MPI_AT on, "window" once all have made it, or "absent" before
 * it takes part in that; with "end" the rank is killed when it is to end MPI. What is defined
 * here is found before the library's own. */
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

static long number(const char *name)
{
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : 0;
}

static bool is_asked(const char *call)
{
    const char *asked = getenv("XB_MPI_FAIL"), *mine = getenv("OMPI_COMM_WORLD_RANK");

    return asked && strcmp(asked, call) == 0 && mine && atol(mine) == number("XB_MPI_RANK");
}

/* Is it this one that fails, of those with so many bytes? */
static bool fails(const char *call, int count, MPI_Datatype type)
{
    static long calls;
    int size = 0;

    if (!is_asked(call))
        return false;
    MPI_Type_size(type, &size);
    return (long)count * size == number("XB_MPI_BYTES") && ++calls > number("XB_MPI_AT");
}

int MPI_Isend(const void *from, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm,
              MPI_Request *request)
{
    return fails("send", count, type) ? MPI_ERR_NO_MEM
                                      : PMPI_Isend(from, count, type, to, tag, comm, request);
}

int MPI_Irecv(void *into, int count, MPI_Datatype type, int from, int tag, MPI_Comm comm,
              MPI_Request *request)
{
    return fails("receive", count, type)
               ? MPI_ERR_NO_MEM
               : PMPI_Irecv(into, count, type, from, tag, comm, request);
}

int MPI_Iallreduce(const void *src, void *dst, int count, MPI_Datatype type, MPI_Op op,
                   MPI_Comm comm, MPI_Request *request)
{
    return fails("iallreduce", count, type)
               ? MPI_ERR_NO_MEM
               : PMPI_Iallreduce(src, dst, count, type, op, comm, request);
}

int MPI_Win_create(void *base, MPI_Aint size, int unit, MPI_Info info, MPI_Comm comm,
                   MPI_Win *win)
{
    if (is_asked("absent"))
        return MPI_ERR_NO_MEM;
    int rc = PMPI_Win_create(base, size, unit, info, comm, win);
    return rc == MPI_SUCCESS && is_asked("window") ? MPI_ERR_NO_MEM : rc;
}

int MPI_Finalize(void)
{
    if (is_asked("end"))
        raise(SIGKILL);
    return PMPI_Finalize();
}
