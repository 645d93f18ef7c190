/* session_state.c - in what state the GPUs of a run are. */
#include "engine/measure/session_state.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/probes/nvml_state.h"
#include "engine/probes/nvml_traffic.h"

void xb_session_state(const struct xb_session *session, const struct xb_place *place,
                      struct xb_gpu_state *out)
{
    int self = (int)getpid(), *pids = calloc((size_t)session->nlocal, sizeof *pids);

    memset(out, 0, sizeof *out);
    if (!pids)
        MPI_Abort(session->world, 1); /* the others wait in the next call */
    MPI_Allgather(&self, 1, MPI_INT, pids, 1, MPI_INT, session->node);
    if (place->has_gpu)
        xb_nvml_state(place->pci, pids, (size_t)session->nlocal, out);
    free(pids);
}

void xb_session_states(const struct xb_session *session, struct xb_gpu_state *out)
{
    struct xb_gpu_state mine;
    int gen, width;

    xb_nvml_pcie_seen(&gen, &width); /* first, before the GPU falls asleep */
    xb_session_state(session, &session->ranks[session->rank].place, &mine);
    mine.pcie_gen = gen > mine.pcie_gen ? gen : mine.pcie_gen;
    mine.pcie_width = width > mine.pcie_width ? width : mine.pcie_width;
    MPI_Gather(&mine, (int)sizeof mine, MPI_BYTE, out, (int)sizeof mine, MPI_BYTE, 0,
               session->world);
}
