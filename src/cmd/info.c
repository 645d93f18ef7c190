/* info.c - where every rank runs: host, GPU, bus id, NUMA node, cores, nearest NIC. */
#include <stdio.h>

#include "base/log.h"
#include "cmd/launch.h"
#include "engine/measure/session_open.h"
#include "engine/runtime/session.h"

struct args {
    const char *device, *topology;
    uint64_t ranks;
    bool help;
};

static int parse(int argc, char **argv, struct args *a, struct xb_error *err)
{
    static const struct option longs[] = {{"device", required_argument, NULL, 'd'},
                                          {"topology", required_argument, NULL, 't'},
                                          {"ranks", required_argument, NULL, 'n'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    int c, rc = 0;

    a->device = "auto";
    opterr = 0;
    while (rc == 0 && (c = getopt_long(argc, argv, ":h", longs, NULL)) != -1)
        switch (c) {
        case 'd':
            a->device = optarg;
            break;
        case 't':
            a->topology = optarg;
            break;
        case 'n':
            rc = xb_arg_u64("--ranks", optarg, 4096, &a->ranks, err);
            break;
        case 'h':
            a->help = true;
            break;
        default:
            rc = xb_arg_error(c, argv, err);
        }
    return rc == 0 && optind < argc ? xb_fail(err, "takes no arguments") : rc;
}

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

int xb_cmd_info(int argc, char **argv)
{
    struct args a = {0};
    struct xb_error err = {""};
    int rc = parse(argc, argv, &a, &err);

    if (rc == 0 && a.help)
        return xb_usage("info");
    if (rc == 0 && a.topology)
        return info_saved(&a);
    return xb_launch_mpi("info", XB_LOG_NORMAL, rc, &err, info_live, &a);
}
