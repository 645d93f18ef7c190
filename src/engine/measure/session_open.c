/* SPDX-License-Identifier: BSD-3-Clause */
/* session_open.c - who is where, on which device, with which clock. */
#include "config.h"

#include "engine/measure/session_open.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/utf8.h"
#include "engine/devices/arena.h"
#include "engine/devices/device.h"
#include "engine/measure/lost.h"
#include "engine/measure/session_state.h"
#include "engine/probes/host.h"
#include "engine/probes/nic.h"
#include "engine/probes/nvml.h"
#include "engine/probes/probe.h"
#include "engine/runtime/agree.h"
#include "engine/runtime/mpi_buffers.h"
#include "engine/runtime/near_memory.h"
#include "engine/runtime/process.h"
#include "engine/runtime/watch_record.h"
#include "model/topology/rank_ends.h"

static int agree(const struct xb_session *s, int outcome, struct xb_error *err)
{
    char host[64] = "";
    gethostname(host, sizeof host - 1);
    int agreed = xb_agree(s->world, outcome, s->rank, host, err);
    assert(agreed != XB_GO || outcome == XB_GO);
    return agreed;
}

/* Nodes are numbered by their lowest rank. */
static int find_nodes(struct xb_session *s, struct xb_error *err)
{
    int lowest = s->rank;

    xb_watch_step(XB_LIMIT_START, "finding the ranks of each node");
    MPI_Comm_split_type(s->world, MPI_COMM_TYPE_SHARED, s->rank, MPI_INFO_NULL, &s->node);
    MPI_Comm_size(s->node, &s->nlocal);
    MPI_Bcast(&lowest, 1, MPI_INT, 0, s->node);
    s->node_of_rank = calloc((size_t)s->nranks, sizeof *s->node_of_rank);
    int rc = s->node_of_rank ? XB_GO : xb_fail(err, "out of memory");
    if (agree(s, rc, err) != XB_GO)
        return -1;
    MPI_Allgather(&lowest, 1, MPI_INT, s->node_of_rank, 1, MPI_INT, s->world);
    for (int r = 0; r < s->nranks; r++) /* the node's lowest rank was numbered before */
        s->node_of_rank[r] =
            s->node_of_rank[r] == r ? s->nnodes++ : s->node_of_rank[s->node_of_rank[r]];
    return 0;
}

/* What each node says of itself, from its lowest rank to rank 0. */
static int describe_hosts(struct xb_session *s, struct xb_error *err)
{
    struct xb_host_facts mine;
    MPI_Comm lowest;
    int local;

    xb_watch_step(XB_LIMIT_START, "describing each node");
    MPI_Comm_rank(s->node, &local);
    if (s->rank == 0)
        s->hosts = calloc((size_t)s->nnodes, sizeof *s->hosts);
    int rc = s->rank > 0 || s->hosts ? XB_GO : xb_fail(err, "out of memory");
    if (agree(s, rc, err) != XB_GO)
        return -1;
    /* in the order of ranks, as nodes are numbered */
    MPI_Comm_split(s->world, local == 0 ? 0 : MPI_UNDEFINED, s->rank, &lowest);
    if (lowest == MPI_COMM_NULL)
        return 0;
    xb_host_read("", &mine);
    MPI_Gather(&mine, (int)sizeof mine, MPI_BYTE, s->hosts, (int)sizeof mine, MPI_BYTE, 0,
               lowest);
    MPI_Comm_free(&lowest);
    return 0;
}

/* Every rank must come to the same device, or the figures would compare nothing. */
static int choose_device(struct xb_session *s, const char *name, struct xb_error *err)
{
    struct xb_error passed;

    xb_watch_step(XB_LIMIT_START, "finding the device %s", name);
    s->device = xb_device_find(name, err);
    if (agree(s, s->device ? XB_GO : XB_ERROR, err) != XB_GO)
        return -1;
    if (strcmp(name, "auto") == 0 && xb_device_passed(s->device, &passed))
        snprintf(s->passed, sizeof s->passed, "%.*s", (int)sizeof s->passed - 1, passed.text);
    s->device_name = s->device->name;
    s->device_is_host = s->device->caps & XB_DEVICE_IS_HOST;
    int host = s->device->caps & XB_DEVICE_IS_HOST ? 1 : 0, any_host, any_gpu, gpu = !host;
    MPI_Allreduce(&host, &any_host, 1, MPI_INT, MPI_MAX, s->world);
    MPI_Allreduce(&gpu, &any_gpu, 1, MPI_INT, MPI_MAX, s->world);
    int rc = XB_GO;
    if (any_host && any_gpu && host)
        rc = xb_fail(err,
                     "no usable GPU here while other ranks have one; choose --device cpu or "
                     "other nodes%s%.300s",
                     s->passed[0] ? ": " : "", s->passed);
    return agree(s, rc, err) == XB_GO ? 0 : -1;
}

/* Describe this rank's node: the GPUs that hwloc finds and those that any of its ranks sees. */
static int list_gpus(const struct xb_session *s, const struct xb_place_request *all, int nlocal,
                     struct xb_node_info *node, struct xb_error *err)
{
    if (xb_node_info_read(s->topology, node, err) < 0)
        return XB_ERROR;
    for (int r = 0; r < nlocal; r++)
        for (size_t v = 0; v < all[r].nvisible; v++)
            if (!xb_node_add_gpu(node, &all[r].visible[v], err))
                return XB_ERROR;
    return node->ngpus <= XB_MAX_GPUS
               ? XB_GO
               : xb_fail(err, "this node has %zu GPUs, expected at most %d", node->ngpus,
                         XB_MAX_GPUS);
}

/* The place of this rank: all ranks of the node compute all places alike. Describes the node by
 * the way. */
static int compute_place(struct xb_session *s, struct xb_rank_info *me,
                         struct xb_node_info *node, struct xb_error *err)
{
    struct xb_place_request mine = {0}, *all = NULL;
    struct xb_place_words *words = NULL;
    struct xb_place *places = NULL;
    int nlocal, local, rc;

    MPI_Comm_size(s->node, &nlocal);
    MPI_Comm_rank(s->node, &local);
    mine.nvisible = s->device->visible(mine.visible, XB_MAX_GPUS);
    all = calloc((size_t)nlocal, sizeof *all);
    places = calloc((size_t)nlocal, sizeof *places);
    words = calloc((size_t)nlocal, sizeof *words);
    s->words = calloc(s->rank == 0 ? (size_t)s->nranks : 1, sizeof *s->words);
    rc = all && places && words && s->words ? XB_GO : xb_fail(err, "out of memory");
    if (rc == XB_GO && (rc = xb_topology_load(NULL, &s->topology, err)) == XB_GO)
        rc = xb_topology_binding(s->topology, mine.bound_to, err);
    if ((rc = agree(s, rc, err)) == XB_GO) {
        MPI_Allgather(&mine, (int)sizeof mine, MPI_BYTE, all, (int)sizeof mine, MPI_BYTE,
                      s->node);
        rc = xb_placement_compute(s->topology, all, (size_t)nlocal, places, words, err);
        me->place = places[local];
        me->place.words = s->words;
        *s->words = words[local];
        if (rc == XB_GO)
            rc = list_gpus(s, all, nlocal, node, err);
        rc = agree(s, rc, err);
    }
    for (size_t g = 0; rc == XB_GO && g < node->ngpus; g++) {
        const struct xb_gpu_info *gpu = &node->gpus[g];
        for (size_t v = 0; v < mine.nvisible; v++)
            if (xb_gpu_same(mine.visible[v].pci, mine.visible[v].instance, gpu->pci,
                            gpu->instance) &&
                xb_gpu_drives(me->place.pci, me->place.instance, gpu))
                me->visible[me->nvisible++] = (uint8_t)g;
    }
    free(all);
    free(places);
    free(words);
    return rc == XB_GO ? 0 : -1;
}

/* Each rank of a node asks for the GPUs that it may see; the lowest puts together what they
 * know, and all have it then. */
static int learn_links(const struct xb_session *s, struct xb_node_info *node,
                       struct xb_error *err)
{
    size_t bytes = node->ngpus * sizeof *node->gpus;
    struct xb_gpu_info *all = NULL;
    int nlocal, local;

    MPI_Comm_size(s->node, &nlocal);
    MPI_Comm_rank(s->node, &local);
    xb_nvml_describe(node->gpus, node->ngpus);
    if (local == 0)
        all = malloc((size_t)nlocal * bytes + 1);
    int rc = all || local > 0 ? XB_GO : xb_fail(err, "out of memory");
    if ((rc = agree(s, rc, err)) != XB_GO) {
        free(all);
        return rc;
    }
    MPI_Gather(node->gpus, (int)bytes, MPI_BYTE, all, (int)bytes, MPI_BYTE, 0, s->node);
    for (size_t i = 0; local == 0 && i < (size_t)nlocal * node->ngpus; i++)
        xb_gpu_learn(&node->gpus[i % node->ngpus], &all[i]);
    free(all);
    MPI_Bcast(node->gpus, (int)bytes, MPI_BYTE, 0, s->node);
    return XB_GO;
}

/* Rank 0 gets the NICs of all nodes, for the report, each from the lowest rank; bytes and from
 * are room for a number a rank. */
static int gather_nics(struct xb_session *s, const struct xb_node_info *mine, int *bytes,
                       int *from, struct xb_error *err)
{
    size_t total = 0, at = 0;
    struct xb_nic_info *nics = NULL;
    int local, count, rc = XB_GO;

    MPI_Comm_rank(s->node, &local);
    count = local == 0 ? (int)(mine->nnics * sizeof *mine->nics) : 0;
    MPI_Gather(&count, 1, MPI_INT, bytes, 1, MPI_INT, 0, s->world);
    for (int r = 0; s->rank == 0 && r < s->nranks; total += (size_t)bytes[r++])
        from[r] = (int)total;
    if (s->rank == 0 && (total > INT_MAX || !(nics = malloc(total + 1))))
        rc = xb_fail(err, "cannot hold the %zu bytes that describe all NICs", total);
    if ((rc = agree(s, rc, err)) != XB_GO) {
        free(nics);
        return rc;
    }
    MPI_Gatherv(mine->nics, count, MPI_BYTE, nics, bytes, from, MPI_BYTE, 0, s->world);
    s->nodes[0].nics = nics;
    for (int r = 0, n = 0; s->rank == 0 && r < s->nranks; r++) {
        if (s->node_of_rank[r] != n)
            continue;
        s->nodes[n].nics = nics + at;
        s->nodes[n].nnics = (size_t)bytes[r] / sizeof *nics;
        at += s->nodes[n++].nnics;
    }
    return XB_GO;
}

/* Every rank gets the descriptions of all nodes, each from its lowest rank. */
static int gather_nodes(struct xb_session *s, const struct xb_node_info *mine,
                        struct xb_error *err)
{
    size_t nranks = (size_t)s->nranks, total = 0, at = 0;
    int *bytes = calloc(nranks, sizeof *bytes), *from = calloc(nranks, sizeof *from);
    struct xb_gpu_info *gpus = NULL;
    int local, rc, count;

    MPI_Comm_rank(s->node, &local);
    count = local == 0 ? (int)(mine->ngpus * sizeof *mine->gpus) : 0;
    s->nodes = calloc((size_t)s->nnodes, sizeof *s->nodes);
    rc = bytes && from && s->nodes ? XB_GO : xb_fail(err, "out of memory");
    if ((rc = agree(s, rc, err)) != XB_GO)
        goto out;
    MPI_Allgather(&count, 1, MPI_INT, bytes, 1, MPI_INT, s->world);
    for (size_t r = 0; r < nranks; total += (size_t)bytes[r++])
        from[r] = (int)total;
    gpus = malloc(total + 1);
    rc = !gpus || total > INT_MAX
             ? xb_fail(err, "cannot hold the %zu bytes that describe all GPUs", total)
             : XB_GO;
    if ((rc = agree(s, rc, err)) != XB_GO) {
        free(gpus);
        goto out;
    }
    MPI_Allgatherv(mine->gpus, count, MPI_BYTE, gpus, bytes, from, MPI_BYTE, s->world);
    s->nodes[0].gpus = gpus;
    for (size_t r = 0, n = 0; r < nranks; r++) {
        if (s->node_of_rank[r] != (int)n)
            continue;
        s->nodes[n].gpus = gpus + at;
        s->nodes[n].ngpus = (size_t)bytes[r] / sizeof *gpus;
        snprintf(s->nodes[n].host, sizeof s->nodes[n].host, "%s", s->ranks[r].host);
        at += s->nodes[n++].ngpus;
    }
    rc = gather_nics(s, mine, bytes, from, err);
out:
    free(bytes);
    free(from);
    return rc;
}

static void describe_links(struct xb_rank_info *me, const struct xb_node_info *node)
{
    const struct xb_gpu_info *gpu = xb_node_instance(node, me->place.pci, me->place.instance);

    if (!me->place.has_gpu || !gpu)
        return;
    me->pcie_gen = gpu->pcie_gen;
    me->pcie_width = gpu->pcie_width;
    me->nvlink_links = xb_gpu_nvlinks(gpu, &me->nvlink_gb_per_s);
}

static void add_warning(struct xb_place *place, const char *text)
{
    char *warning = place->words->warning;
    size_t at = strlen(warning);
    snprintf(warning + at, sizeof place->words->warning - at, "%snot bound: %s", at ? "; " : "",
             text);
}

/* What the device has set for this process stands with the others that the user has not. */
static void note_variable(struct xb_session *s, const char *name)
{
    size_t n = 0;

    while (s->set_here[n])
        n++;
    if (name && n < XB_MAX_SET_HERE)
        s->set_here[n] = name;
}

/* Bind, take the GPU, and say who this rank is. */
static int settle_down(struct xb_session *s, struct xb_rank_info *me, struct xb_error *err)
{
    struct xb_error warning;

    me->rank = s->rank;
    me->node = s->node_of_rank[s->rank];
    me->nvlink_links = -1;
    memcpy(me->place.words->passed, s->passed, sizeof s->passed);
    xb_utf8_host(me->host, sizeof me->host);
    me->host_memory.asked = xb_near_memory_use(me->place.numa);
    if (!me->place.kept_binding && xb_place_cpuset(&me->place)[0] &&
        xb_topology_bind(s->topology, xb_place_cpuset(&me->place), &warning) < 0)
        add_warning(&me->place, warning.text);
    struct xb_gpu_key key = xb_place_key(&me->place);
    if (s->device->attach(&key, &s->device_info, err) < 0)
        return XB_ERROR;
    note_variable(s, s->device_info.variable);
    memcpy(me->gpu_uuid, s->device_info.uuid, sizeof me->gpu_uuid);
    memcpy(me->gpu_name, s->device_info.name, sizeof me->gpu_name);
    me->memory_gb_per_s = s->device_info.memory_gb_per_s;
    me->l2_bytes = s->device_info.l2_bytes;
    me->gpu_memory = s->device_info.memory;
    me->gpudirect_rdma = s->device_info.gpudirect_rdma;
    me->dma_buf = s->device_info.dma_buf;
    me->nic_gb_per_s = xb_nic_gb_per_s(me->place.nic);
    xb_probes_open(&me->place);
    return XB_GO;
}

static int place_ranks(struct xb_session *s, struct xb_error *err)
{
    struct xb_rank_info me = {0};
    struct xb_node_info node = {.gpus = NULL};
    int rc = -1;

    xb_watch_step(XB_LIMIT_START, "placing the ranks");
    if (compute_place(s, &me, &node, err) < 0)
        goto release;
    xb_session_nic(s, &me.place);
    xb_watch_step(XB_LIMIT_START, "taking the device %s", me.place.pci);
    rc = settle_down(s, &me, err);
    if (rc == XB_GO && me.place.has_gpu)
        xb_watch_place("%.40s, %s", me.host, me.place.pci);
    xb_watch_step(XB_LIMIT_START, "describing what joins the GPUs");
    s->ranks = calloc((size_t)s->nranks, sizeof *s->ranks);
    if (rc == XB_GO && !s->ranks)
        rc = xb_fail(err, "out of memory");
    if ((rc = agree(s, rc, err)) != XB_GO || (rc = learn_links(s, &node, err)) != XB_GO)
        goto release;
    describe_links(&me, &node);
    xb_session_state(s, &me.place, &me.before);
    MPI_Allgather(&me, (int)sizeof me, MPI_BYTE, s->ranks, (int)sizeof me, MPI_BYTE, s->world);
    for (int r = 0; r < s->nranks; r++) /* what another rank points to is not here */
        s->ranks[r].place.words = r == s->rank ? s->words : NULL;
    if ((rc = gather_nodes(s, &node, err)) != XB_GO)
        goto release;
    struct xb_machine machine = xb_session_machine(s);
    s->ends = xb_rank_ends_make(&machine, s->nranks);
    rc = agree(s, s->ends ? XB_GO : xb_fail(err, "out of memory for %d ranks", s->nranks), err);
release:
    xb_node_info_release(&node);
    return rc == XB_GO ? 0 : -1;
}

static int open_arena(struct xb_session *s, struct xb_error *err)
{
    s->epoch = calloc(1, sizeof *s->epoch);
    xb_watch_step(XB_LIMIT_START, "opening the arena");
    s->arena = xb_arena_open(s->device, s->nlocal);
    s->lost = calloc((size_t)s->nranks, sizeof *s->lost);
    return agree(s, s->epoch && s->arena && s->lost ? XB_GO : xb_fail(err, "out of memory"),
                 err) == XB_GO
               ? 0
               : -1;
}

static void ask_mpi_buffers(struct xb_session *s, enum xb_mpi_buffers asked)
{
    char how[sizeof s->mpi_device_buffers_how];
    int mine, all;

    if (asked != XB_MPI_BUFFERS_AUTO) {
        s->mpi_device_buffers = asked == XB_MPI_BUFFERS_YES;
        snprintf(s->mpi_device_buffers_how, sizeof s->mpi_device_buffers_how,
                 "said so by --mpi-device-buffers %s", s->mpi_device_buffers ? "yes" : "no");
        return;
    }
    mine = xb_mpi_takes_device_buffers(how, sizeof how);
    MPI_Allreduce(&mine, &all, 1, MPI_INT, MPI_MIN, s->world);
    s->mpi_device_buffers = all;
    if (mine && !all)
        snprintf(how, sizeof how, "yes on this rank but not on all");
    memcpy(s->mpi_device_buffers_how, how, sizeof how);
}

/* Do ranks wait for each other on the same processing units? A launcher that knows tells Open
 * MPI to yield, and what is good for it is good here. */
static bool must_yield(const struct xb_session *s)
{
    int nlocal;

    MPI_Comm_size(s->node, &nlocal);
    return nlocal > sysconf(_SC_NPROCESSORS_ONLN) || xb_process_told_to_yield();
}

/* Variables that are set where the user has not: in-network multicast is for the user to turn
 * on. A report says who has set what, also of the second session of a process. */
static void set_variables(struct xb_session *s)
{
    static const struct {
        const char *name, *value;
    } defaults[] = {{"NCCL_NVLS_ENABLE", "0"}};
    static bool ours[sizeof defaults / sizeof *defaults];
    size_t n = 0;

    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
        ours[i] = ours[i] || !getenv(defaults[i].name);
        if (!ours[i])
            continue;
        setenv(defaults[i].name, defaults[i].value, 0);
        s->set_here[n++] = defaults[i].name;
    }
}

int xb_session_open(const struct xb_session_options *options, struct xb_session *out,
                    struct xb_error *err)
{
    struct xb_session *s = out;

    memset(s, 0, sizeof *s);
    set_variables(s);
    s->node = s->cases = MPI_COMM_NULL;
    s->seed = options->seed;
    MPI_Comm_dup(MPI_COMM_WORLD, &s->world);
    MPI_Comm_set_errhandler(s->world, MPI_ERRORS_ARE_FATAL);
    MPI_Comm_dup(s->world, &s->cases);
    MPI_Comm_set_errhandler(s->cases, MPI_ERRORS_RETURN);
    MPI_Comm_get_errhandler(MPI_COMM_WORLD, &s->before);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN); /* where some requests' end */
    MPI_Comm_rank(s->world, &s->rank);
    MPI_Comm_size(s->world, &s->nranks);
    if (find_nodes(s, err) < 0 || describe_hosts(s, err) < 0 ||
        choose_device(s, options->device, err) < 0 || place_ranks(s, err) < 0 ||
        open_arena(s, err) < 0) {
        xb_session_close(s);
        return -1;
    }
    xb_watch_step(XB_LIMIT_START, "looking where host memory lies");
    xb_session_memory(s);
    s->yield = must_yield(s);
    s->clock = xb_clock_measure();
    xb_watch_step(XB_LIMIT_START, "asking whether MPI takes device buffers");
    ask_mpi_buffers(s, options->mpi_buffers);
    return 0;
}

void xb_session_close(struct xb_session *s)
{
    xb_watch_step(XB_LIMIT_START, "closing devices");
    if (s->arena) {
        xb_arena_flush_mapped(s->arena);
        xb_watch_meet();
        MPI_Barrier(s->world); /* nobody maps another's memory any more */
        xb_arena_close(s->arena);
    }
    free(s->epoch);
    xb_lost_release(s->lost, s->nranks);
    free(s->hosts);
    if (s->cases != MPI_COMM_NULL)
        MPI_Comm_free(&s->cases);
    if (s->node != MPI_COMM_NULL)
        MPI_Comm_free(&s->node);
    if (s->world != MPI_COMM_NULL) {
        MPI_Comm_free(&s->world);
        MPI_Comm_set_errhandler(MPI_COMM_WORLD, s->before);
        MPI_Errhandler_free(&s->before);
    }
    xb_probes_close();
    xb_topology_release(s->topology);
    free(s->node_of_rank);
    free(s->words);
    free(s->ends);
    free(s->ranks);
    if (s->nodes) { /* the blocks of all nodes */
        free(s->nodes[0].gpus);
        free(s->nodes[0].nics);
    }
    free(s->nodes);
    memset(s, 0, sizeof *s);
}
