/* launch.c - the way into and out of commands that start MPI. */
#include "cmd/launch.h"

#include <stdlib.h>
#include <string.h>

#include <mpi.h>

bool xb_launch_parse(const struct xb_command *command, int argc, char **argv, void *out,
                     struct xb_launch *launch, int *status)
{
    launch->level = XB_LOG_NORMAL;
    launch->argv = calloc((size_t)argc + 1, sizeof *launch->argv);
    if (!launch->argv) {
        *status = xb_command_refuse(command, "out of memory");
        return false;
    }
    memcpy(launch->argv, argv, (size_t)argc * sizeof *argv);
    return xb_command_parse(command, argc, argv, out, status);
}

void xb_launch_free(struct xb_launch *launch)
{
    xb_sets_free(&launch->sets);
    free(launch->argv);
    launch->argv = NULL;
}

int xb_launch_mpi(enum xb_log_level level, int (*body)(void *arg, int rank), void *arg)
{
    int rank, provided;

    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    xb_log_setup(level, rank == 0);
    int status = body(arg, rank);
    MPI_Finalize();
    return status;
}
