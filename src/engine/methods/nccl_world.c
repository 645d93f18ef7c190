/* nccl_world.c - NCCL's communicators of all ranks of the run. */
#include "engine/methods/nccl_world.h"

#include <stdbool.h>
#include <string.h>

#include "engine/devices/device.h"
#include "engine/methods/nccl_spec.h"
#include "engine/runtime/agree.h"

static const struct xb_nccl *nccl;
static ncclComm_t worlds[XB_NCCL_CTAS]; /* by policy; NULL if not there */
static int of_case;                     /* the policy that was started last */

/* NCCL knows GPUs by their bus ids, also those of which MIG makes several. */
static int count_on_gpu(const struct xb_session *s)
{
    const struct xb_rank_info *me = &s->ranks[s->rank];
    int n = 0;

    for (int r = 0; r < s->nranks; r++)
        n += s->ranks[r].node == me->node && s->ranks[r].place.has_gpu &&
             strcmp(s->ranks[r].place.pci, me->place.pci) == 0;
    return n;
}

/* Can communicators be asked to take no thread blocks? */
static bool has_policies(void)
{
#ifdef XB_NCCL_HAS_WINDOWS
    return nccl->CommInitRankConfig && nccl->code >= 22800;
#else
    return false;
#endif
}

/* What every rank can tell by itself. */
static int can_start(const struct xb_session *s, struct xb_error *err)
{
    const struct xb_place *place = &s->ranks[s->rank].place;

    if (s->device->caps & XB_DEVICE_IS_HOST)
        xb_fail(err, "NCCL moves bytes between GPUs; device %s has none", s->device->name);
    else if (count_on_gpu(s) > 1)
        xb_fail(err, "NCCL takes one rank a GPU; %d ranks share %s", count_on_gpu(s),
                place->pci);
    else if (!(nccl = xb_nccl_load(err)))
        return XB_SKIP;
    else if (of_case == XB_NCCL_CTAS_ZERO && !has_policies())
        xb_fail(err, "ctas zero is of NCCL 2.28 and later; the library is %s%s", nccl->version,
                nccl->code >= 22800 ? ", and this build's header is older" : "");
    else
        return XB_GO;
    return XB_SKIP;
}

static ncclResult_t init_rank(const struct xb_session *s, ncclUniqueId id)
{
#ifdef XB_NCCL_HAS_WINDOWS
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;

    config.CTAPolicy = NCCL_CTA_POLICY_ZERO;
    if (of_case == XB_NCCL_CTAS_ZERO)
        return nccl->CommInitRankConfig(&worlds[of_case], s->nranks, id, s->rank, &config);
#endif
    return nccl->CommInitRank(&worlds[of_case], s->nranks, id, s->rank);
}

static int join_world(const struct xb_session *s, struct xb_error *err)
{
    ncclUniqueId id = {{0}};
    ncclResult_t rc = s->rank == 0 ? nccl->GetUniqueId(&id) : ncclSuccess;

    MPI_Bcast(&rc, (int)sizeof rc, MPI_BYTE, 0, s->world);
    if (rc != ncclSuccess)
        return xb_nccl_fail(err, nccl, "ncclGetUniqueId", rc, NULL);
    MPI_Bcast(&id, (int)sizeof id, MPI_BYTE, 0, s->world);
    rc = init_rank(s, id);
    if (rc == ncclSuccess)
        return XB_GO;
    worlds[of_case] = NULL;
    return xb_nccl_fail(err, nccl, "ncclCommInitRank", rc, NULL);
}

/* A case that failed has aborted the communicator on some ranks; then all make a new one. */
int xb_nccl_world_start(const struct xb_session *s, int ctas, const struct xb_nccl **library,
                        ncclComm_t *world, struct xb_error *err)
{
    const char *host = s->ranks[s->rank].host;
    int here, everywhere, rc = XB_GO;

    of_case = ctas;
    here = worlds[of_case] != NULL;
    MPI_Allreduce(&here, &everywhere, 1, MPI_INT, MPI_MIN, s->world);
    if (!everywhere) {
        xb_nccl_world_abort();
        rc = xb_agree(s->world, can_start(s, err), s->rank, host, err);
        if (rc == XB_GO)
            rc = xb_agree(s->world, join_world(s, err), s->rank, host, err);
        if (rc != XB_GO)
            xb_nccl_world_abort();
    }
    *library = nccl;
    *world = worlds[of_case];
    return rc;
}

void xb_nccl_world_abort(void)
{
    if (worlds[of_case])
        nccl->CommAbort(worlds[of_case]);
    worlds[of_case] = NULL;
}

void xb_nccl_world_stop(void)
{
    for (int i = 0; i < XB_NCCL_CTAS; i++) {
        if (worlds[i])
            nccl->CommDestroy(worlds[i]);
        worlds[i] = NULL;
    }
}
