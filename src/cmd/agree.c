/* agree.c - arguments that are wrong on one rank end all of them. */
#include "cmd/measure.h"

#include <unistd.h>

#include <mpi.h>

#include "engine/collective.h"

int xb_arguments_agree(int rc, struct xb_error *err)
{
    struct xb_error agreed = *err;
    char host[64] = "";
    int rank;

    gethostname(host, sizeof host - 1);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (xb_agree(MPI_COMM_WORLD, rc < 0 ? XB_ERROR : XB_GO, rank, host, &agreed) == XB_GO)
        return 0;
    if (rc == 0) /* else the rank's own text says it without naming ranks */
        *err = agreed;
    return -1;
}
