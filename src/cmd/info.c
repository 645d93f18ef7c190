/* info.c - where every rank runs: host, GPU, bus id, NUMA node, cores, nearest NIC. */
#include <stdio.h>

#include "base/log.h"
#include "cmd/launch.h"
#include "engine/measure/session_open.h"
#include "engine/runtime/session.h"

struct args {
    const char *device, *topology;
    uint64_t ranks;
};

static const struct xb_arg info_args[] = {
    {.name = "device",
     .type = XB_ARG_TEXT,
     .argument = "auto|cuda|cpu",
     .help = "device to look for (default auto)",
     .offset = offsetof(struct args, device)},
    {.name = "topology",
     .type = XB_ARG_TEXT,
     .argument = "FILE",
     .help = "place ranks on a saved topology instead (lstopo FILE.xml)",
     .offset = offsetof(struct args, topology)},
    {.name = "ranks",
     .type = XB_ARG_COUNT,
     .max = 4096,
     .argument = "N",
     .help = "so many ranks there (default: one for each of its GPUs)",
     .offset = offsetof(struct args, ranks)},
    {0},
};

static void print_session(const struct xb_session *s)
{
    printf("device: %s%s%s\n", s->device_name, s->device_info.driver[0] ? ", driver " : "",
           s->device_info.driver);
    printf("ranks: %d on %d node%s\n", s->nranks, s->nnodes, s->nnodes == 1 ? "" : "s");
    printf("MPI takes device buffers: %s (%s)\n", s->mpi_device_buffers ? "yes" : "no",
           s->mpi_device_buffers_how);
    xb_places_print(s->ranks, (size_t)s->nranks);
}

static int info_live(void *arg, int rank)
{
    const struct args *a = arg;
    struct xb_session_options options = {.device = a->device};
    struct xb_session session;
    struct xb_error err;
    int status = XB_EXIT_OK;

    if (xb_session_open(&options, &session, &err) == 0) {
        if (rank == 0)
            print_session(&session);
        xb_session_close(&session);
    } else {
        if (rank == 0)
            xb_log_error("%s", err.text);
        status = XB_EXIT_USAGE;
    }
    return status;
}

static int info_saved(const struct args *a)
{
    struct xb_error err;

    if (xb_places_show_saved(a->topology, a->ranks, &err) >= 0)
        return XB_EXIT_OK;
    xb_log_error("%s", err.text);
    return XB_EXIT_USAGE;
}

static int info_main(int argc, char **argv)
{
    struct args a = {.device = "auto"};
    int status;

    if (!xb_command_parse(&xb_command_info, argc, argv, &a, &status))
        return status;
    return a.topology ? info_saved(&a) : xb_launch_mpi(XB_LOG_NORMAL, info_live, &a);
}

const struct xb_command xb_command_info = {
    .name = "info",
    .summary = "show where every rank runs, under mpirun or for a saved topology",
    .args = info_args,
    .main = info_main,
};
