/* SPDX-License-Identifier: BSD-3-Clause */
/* info.c - where every rank runs: host, GPU, bus id, NUMA node, cores, nearest NIC. */
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/output.h"
#include "cmd/agree.h"
#include "cmd/launch.h"
#include "engine/measure/session_open.h"
#include "engine/runtime/session.h"
#include "model/topology/nvml_file.h"

struct args {
    const char *device, *topology, *save;
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
     .offset = offsetof(struct args, topology),
     .wants = XB_WANTS_FILE},
    {.name = "ranks",
     .type = XB_ARG_COUNT,
     .max = 4096,
     .argument = "N",
     .help = "so many ranks there (default: one for each of its GPUs)",
     .offset = offsetof(struct args, ranks)},
    {.name = "save",
     .type = XB_ARG_TEXT,
     .argument = "PREFIX",
     .help = "write this node to PREFIX.xml and PREFIX.nvml.json",
     .offset = offsetof(struct args, save),
     .wants = XB_WANTS_FILE},
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
    for (int n = 0; n < s->nnodes; n++)
        xb_links_print(&s->nodes[n]);
    xb_links_warn(s->ranks, (size_t)s->nranks, s->nodes, (size_t)s->nnodes);
}

/* What --save writes: PREFIX.xml and PREFIX.nvml.json. */
struct saved {
    char xml[4096], nvml[4096 + 16];
};

static int name_saved(const char *prefix, struct saved *out, struct xb_error *err)
{
    if (!prefix[0])
        return xb_fail(err, "--save: found an empty text, expected the prefix of two files");
    if (snprintf(out->xml, sizeof out->xml, "%s.xml", prefix) >= (int)sizeof out->xml)
        return xb_fail(err, "--save: found a prefix of %zu characters, expected at most %zu",
                       strlen(prefix), sizeof out->xml - sizeof ".xml");
    if (xb_nvml_file_name(out->xml, out->nvml, sizeof out->nvml, err) < 0)
        return -1;
    const struct xb_output files[] = {
        {.what = "saved topology", .file = out->xml, .kept = true},
        {.what = "saved links", .file = out->nvml, .kept = true},
    };
    return xb_outputs_check(files, 2, NULL, 0, false, err);
}

/* Save the node of rank 0: both files, or none. */
static int save_node(const struct xb_session *s, const struct saved *to, struct xb_error *err)
{
    if (xb_topology_save(s->topology, to->xml, err) < 0)
        return -1;
    if (xb_nvml_file_write(to->nvml, &s->nodes[s->node_of_rank[s->rank]], err) < 0) {
        unlink(to->xml);
        return -1;
    }
    printf("saved: %s and %s\n", to->xml, to->nvml);
    return 0;
}

static int info_live(void *arg, int rank)
{
    const struct args *a = arg;
    struct xb_session_options options = {.device = a->device};
    struct xb_session session;
    struct saved saved = {"", ""};
    struct xb_error err = {""};
    int status = XB_EXIT_OK;
    int rc = rank == 0 && a->save ? name_saved(a->save, &saved, &err) : 0;

    if (xb_arguments_agree(rc, &err) == 0 && xb_launch_session(&options, &session, &err) == 0) {
        if (rank == 0)
            print_session(&session);
        if (rank == 0 && a->save && save_node(&session, &saved, &err) < 0) {
            xb_log_error("%s", err.text);
            status = XB_EXIT_USAGE;
        }
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
    struct xb_saved_job job;
    struct xb_error err;

    if (xb_saved_job_load(a->topology, a->ranks, &job, &err) < 0) {
        xb_log_error("%s", err.text);
        return XB_EXIT_USAGE;
    }
    xb_places_print(job.ranks, job.nranks);
    xb_links_print(&job.node);
    xb_links_warn(job.ranks, job.nranks, &job.node, 1);
    xb_saved_job_release(&job);
    return XB_EXIT_OK;
}

static int info_main(int argc, char **argv)
{
    struct args a = {.device = "auto"};
    int status;

    if (!xb_command_parse(&xb_command_info, argc, argv, &a, &status))
        return status;
    if (a.save && a.topology)
        return xb_command_refuse(&xb_command_info,
                                 "--save is for this machine, not with --topology");
    return a.topology ? info_saved(&a)
                      : xb_launch_mpi(XB_LOG_NORMAL, &xb_command_info, &a, info_live);
}

const struct xb_command xb_command_info = {
    .name = "info",
    .summary = "show where every rank runs, under mpirun or for a saved topology",
    .args = info_args,
    .ends = "0 it is done\n2 wrong usage, or a file that cannot be read or written",
    .main = info_main,
};
