/* launch.c - the way into and out of commands that start MPI. */
#include "cmd/launch.h"

#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "cmd/told.h"
#include "engine/runtime/watchdog.h"

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

int xb_launch_mpi(enum xb_log_level level, const struct xb_command *command, void *arg,
                  int (*body)(void *arg, int rank))
{
    struct xb_error err = {""};
    struct xb_told told;
    int rank, provided, status = XB_EXIT_USAGE;

    if (xb_watchdog_start(&err) < 0)
        return xb_command_refuse(command, err.text);
    xb_told_make(command, arg, &told);
    xb_watch_step(XB_LIMIT_START, "starting MPI");
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    xb_log_setup(level, rank == 0);
    xb_watch_step(XB_LIMIT_START, "comparing what ranks were told");
    if (xb_told_agree(&told, &err) == 0) {
        xb_watch_step(XB_LIMIT_START, "meeting the other ranks");
        xb_watchdog_meet();
        status = body(arg, rank);
    } else if (rank == 0) {
        xb_log_error("%s", err.text);
    }
    xb_watch_step(XB_LIMIT_START, "ending MPI");
    MPI_Finalize();
    xb_watchdog_stop();
    return status;
}
