/* launch.c - the way into and out of commands that start MPI. */
#include "cmd/launch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "cmd/run/measure.h"

static int take_option(struct xb_launch *l, int c, xb_take_option take, void *arg,
                       struct xb_error *err)
{
    switch (c) {
    case 'q':
        l->level = XB_LOG_QUIET;
        return 0;
    case 'v':
        l->level = XB_LOG_VERBOSE;
        return 0;
    case 'h':
        l->help = true;
        return 0;
    case XB_OPT_SET:
        return xb_sets_add(&l->sets, optarg) < 0 ? xb_fail(err, "out of memory") : 0;
    case XB_OPT_DEVICE:
        snprintf(l->device, sizeof l->device, "device=\"%.40s\"", optarg);
        return xb_sets_add(&l->sets, l->device) < 0 ? xb_fail(err, "out of memory") : 0;
    default:
        return take(c, arg, err);
    }
}

int xb_launch_parse(struct xb_launch *launch, int argc, char **argv,
                    const struct option *options, xb_take_option take, void *arg,
                    struct xb_error *err)
{
    int c;

    launch->level = XB_LOG_NORMAL;
    launch->argv = calloc((size_t)argc + 1, sizeof *launch->argv);
    if (!launch->argv)
        return xb_fail(err, "out of memory");
    memcpy(launch->argv, argv, (size_t)argc * sizeof *argv);
    opterr = 0; /* all ranks parse, one of them speaks */
    while ((c = getopt_long(argc, argv, ":o:qvh", options, NULL)) != -1) {
        if (c == ':' || c == '?')
            return xb_arg_error(c, argv, err);
        if (take_option(launch, c, take, arg, err) < 0)
            return -1;
    }
    if (optind < argc)
        launch->scenario = argv[optind++];
    return optind < argc ? xb_fail(err, "one scenario at a time, not also '%s'", argv[optind])
                         : 0;
}

void xb_launch_free(struct xb_launch *launch)
{
    xb_sets_free(&launch->sets);
    free(launch->argv);
    launch->argv = NULL;
}

int xb_launch_mpi(const char *command, enum xb_log_level level, int rc, struct xb_error *err,
                  int (*body)(void *arg, int rank), void *arg)
{
    int rank, provided, status = XB_EXIT_USAGE;

    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    xb_log_setup(level, rank == 0);
    if (xb_arguments_agree(rc, err) == 0)
        status = body(arg, rank);
    else if (rank == 0)
        xb_usage_error(command, err->text);
    MPI_Finalize();
    return status;
}
