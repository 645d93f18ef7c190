/* SPDX-License-Identifier: BSD-3-Clause */
/* session_state.c - what a session finds out about its ranks' GPUs, NICs and memory. */
#include "engine/measure/session_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/devices/device.h"
#include "engine/probes/nic_choice.h"
#include "engine/probes/nvml_state.h"
#include "engine/probes/nvml_traffic.h"
#include "engine/runtime/give_up.h"
#include "engine/runtime/mpi_buffers.h"
#include "engine/runtime/near_memory.h"

#define LOOK_AT_BYTES (UINT64_C(1) << 20)

void xb_session_nic(const struct xb_session *session, struct xb_place *place)
{
    struct xb_nic_addresses first, second; /* of rank 0, and of the lowest rank elsewhere */
    char nearest[XB_NIC_LEN], route[XB_NIC_LEN] = "";
    int other = 0;

    while (other < session->nranks && session->node_of_rank[other] == 0)
        other++;
    xb_nic_addresses(&first);
    second = first;
    if (other < session->nranks) {
        MPI_Bcast(&first, (int)sizeof first, MPI_BYTE, 0, session->world);
        MPI_Bcast(&second, (int)sizeof second, MPI_BYTE, other, session->world);
        xb_nic_route(session->node_of_rank[session->rank] == 0 ? &second : &first, route);
    }
    memcpy(nearest, place->nic, sizeof nearest);
    const struct xb_nic_question question = {.nearest = nearest,
                                             .route = route,
                                             .other_nodes = session->nnodes > 1,
                                             .ucx = xb_mpi_uses_ucx()};
    xb_nic_choose("", &question, place->nic);
}

void xb_session_state(const struct xb_session *session, const struct xb_place *place,
                      struct xb_gpu_state *out)
{
    int self = (int)getpid(), *pids = calloc((size_t)session->nlocal, sizeof *pids);

    memset(out, 0, sizeof *out);
    if (!pids)
        xb_give_up(session->world); /* the others wait in the next call */
    MPI_Allgather(&self, 1, MPI_INT, pids, 1, MPI_INT, session->node);
    if (place->has_gpu)
        xb_nvml_state(place->pci, pids, (size_t)session->nlocal, out);
    free(pids);
}

/* Pinned memory belongs to the driver, of which the kernel may say nothing. */
static void find_memory(const struct xb_device *device, struct xb_host_memory *out)
{
    static const enum xb_mem_kind kinds[] = {XB_MEM_PINNED, XB_MEM_PAGEABLE};
    struct xb_error ignored;
    struct xb_mem mem;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && out->n == 0; i++) {
        if (device->alloc(kinds[i], 0, LOOK_AT_BYTES, &mem, &ignored) < 0)
            continue;
        memset(mem.ptr, 1, LOOK_AT_BYTES);
        xb_near_memory_find(mem.ptr, LOOK_AT_BYTES, out);
        out->pinned = kinds[i] == XB_MEM_PINNED;
        device->free(&mem);
    }
}

/* Where the memory of each rank lies, and the words of its place. */
static void tell_rank_0(struct xb_session *s, const struct xb_host_memory *mine)
{
    const bool hears = s->rank == 0;
    const int bytes = (int)sizeof *s->words;
    struct xb_host_memory *all = hears ? calloc((size_t)s->nranks, sizeof *all) : NULL;

    if (hears && !all)
        xb_give_up(s->world); /* the others wait in the next call */
    MPI_Gather(mine, (int)sizeof *mine, MPI_BYTE, all, (int)sizeof *mine, MPI_BYTE, 0,
               s->world);
    MPI_Gather(hears ? MPI_IN_PLACE : s->words, bytes, MPI_BYTE, s->words, bytes, MPI_BYTE, 0,
               s->world);
    for (int r = 0; hears && r < s->nranks; r++) {
        s->ranks[r].host_memory = all[r];
        s->ranks[r].place.words = &s->words[r];
    }
    free(all);
}

void xb_session_memory(struct xb_session *session)
{
    struct xb_rank_info *me = &session->ranks[session->rank];
    struct xb_host_memory *memory = &me->host_memory;

    find_memory(session->device, memory);
    for (int i = 0; i < memory->n; i++) {
        char *warning = me->place.words->warning;
        size_t at = strlen(warning);
        if (memory->asked < 0 || memory->found[i].node == memory->asked)
            continue;
        snprintf(warning + at, sizeof me->place.words->warning - at,
                 "%shost memory lies on NUMA node %d, not on %d", at ? "; " : "",
                 memory->found[i].node, memory->asked);
    }
    tell_rank_0(session, memory);
}

void xb_session_states(const struct xb_session *session, struct xb_gpu_state *out)
{
    struct xb_gpu_state mine, seen;

    xb_nvml_pcie_seen(&seen); /* first, before the GPU falls asleep */
    xb_session_state(session, &session->ranks[session->rank].place, &mine);
    mine.pcie_gen = seen.pcie_gen > mine.pcie_gen ? seen.pcie_gen : mine.pcie_gen;
    mine.pcie_width = seen.pcie_width > mine.pcie_width ? seen.pcie_width : mine.pcie_width;
    mine.pcie_busy = seen.pcie_busy;
    MPI_Gather(&mine, (int)sizeof mine, MPI_BYTE, out, (int)sizeof mine, MPI_BYTE, 0,
               session->world);
}
