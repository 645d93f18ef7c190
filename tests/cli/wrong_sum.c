/* SPDX-License-Identifier: BSD-3-Clause */
/* wrong_sum.c - xferbench with an MPI whose sums of floats are wrong in one element, the middle
 * one of rank 1, by 1. What is defined here is found before the library's own. */
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

int MPI_Iallreduce(const void *src, void *dst, int count, MPI_Datatype type, MPI_Op op,
                   MPI_Comm comm, MPI_Request *request)
{
    static float *spoilt; /* read until the sum is complete, of which there is one at a time */
    int rank;

    MPI_Comm_rank(comm, &rank);
    if (type != MPI_FLOAT || rank != 1)
        return PMPI_Iallreduce(src, dst, count, type, op, comm, request);
    size_t bytes = (size_t)count * sizeof(float);
    free(spoilt);
    if (!(spoilt = malloc(bytes)))
        return MPI_ERR_NO_MEM;
    memcpy(spoilt, src, bytes);
    spoilt[count / 2] += 1;
    return PMPI_Iallreduce(spoilt, dst, count, type, op, comm, request);
}
