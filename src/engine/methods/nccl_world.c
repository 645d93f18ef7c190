/* SPDX-License-Identifier: BSD-3-Clause */
/* nccl_world.c - NCCL's communicators of all ranks of the run, and of groups of them. */
#include "engine/methods/nccl_world.h"

#include <stdbool.h>
#include <string.h>

#include "engine/devices/device.h"
#include "engine/methods/nccl_spec.h"
#include "engine/runtime/agree.h"
#include "model/plan/collective_op.h"
#include "model/plan/schedule.h"

static const struct xb_nccl *nccl;

/* A group of ranks that this rank is in; all zero where it is of all ranks. */
struct group {
    const void *of; /* what has made the groups, for which locality: these are the same then */
    enum xb_locality locality;
    int first;           /* tells this group from the others */
    int member, members; /* which of how many this rank is; members 0: it is in none */
};

/* What is kept: for each policy that of all ranks, and that of this rank's group for each way
 * in which ranks were grouped. */
#define MOST           (XB_NCCL_CTAS * (1 + MOST_GROUPINGS))
#define MOST_GROUPINGS 4
static struct world {
    bool used, here; /* here: made, or not to be made since this rank is in no group */
    int ctas;
    struct group group;
    ncclComm_t comm; /* NULL if not there */
} worlds[MOST];
static struct world *of_case = worlds; /* the one that was started last */

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
    else if (of_case->ctas == XB_NCCL_CTAS_ZERO && !has_policies())
        xb_fail(err, "ctas zero is of NCCL 2.28 and later; the library is %s%s", nccl->version,
                nccl->code >= 22800 ? ", and this build's header is older" : "");
    else
        return XB_GO;
    return XB_SKIP;
}

static ncclResult_t init_rank(ncclUniqueId id, int member, int members)
{
#ifdef XB_NCCL_HAS_WINDOWS
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;

    config.CTAPolicy = NCCL_CTA_POLICY_ZERO;
    if (of_case->ctas == XB_NCCL_CTAS_ZERO)
        return nccl->CommInitRankConfig(&of_case->comm, members, id, member, &config);
#endif
    return nccl->CommInitRank(&of_case->comm, members, id, member);
}

/* The first member of a group, of which comm is, hands out what makes them find each other. */
static int join_members(MPI_Comm comm, int member, int members, struct xb_error *err)
{
    ncclUniqueId id = {{0}};
    ncclResult_t rc = member == 0 ? nccl->GetUniqueId(&id) : ncclSuccess;

    MPI_Bcast(&rc, (int)sizeof rc, MPI_BYTE, 0, comm);
    if (rc != ncclSuccess)
        return xb_nccl_fail(err, nccl, "ncclGetUniqueId", rc, NULL);
    MPI_Bcast(&id, (int)sizeof id, MPI_BYTE, 0, comm);
    rc = init_rank(id, member, members);
    if (rc == ncclSuccess)
        return XB_GO;
    of_case->comm = NULL;
    return xb_nccl_fail(err, nccl, "ncclCommInitRank", rc, NULL);
}

static int join_world(const struct xb_session *s, struct xb_error *err)
{
    const struct group *g = &of_case->group;
    MPI_Comm comm;

    if (!g->of)
        return join_members(s->world, s->rank, s->nranks, err);
    MPI_Comm_split(s->world, g->members > 0 ? g->first : MPI_UNDEFINED, g->member, &comm);
    if (comm == MPI_COMM_NULL)
        return XB_GO;
    int rc = join_members(comm, g->member, g->members, err);
    MPI_Comm_free(&comm);
    return rc;
}

static bool is_of(const struct world *w, int ctas, const struct group *group)
{
    return w->ctas == ctas && w->group.of == group->of && w->group.locality == group->locality;
}

/* The place of such a communicator: all ranks find the same. Where all are in use the last one
 * makes room. */
static struct world *find_world(int ctas, const struct group *group)
{
    size_t i = 0;

    while (i + 1 < MOST && worlds[i].used && !is_of(&worlds[i], ctas, group))
        i++;
    return &worlds[i];
}

/* The group of a collective that this rank is in, which is the same in all of its rounds; left
 * as it is where all ranks are one, and of nobody where it is in none. */
static int find_group(const struct xb_session *s, const struct xb_case *c, struct group *out,
                      struct xb_error *err)
{
    const struct xb_job job = xb_session_job(s);
    struct xb_schedule schedule;
    struct xb_round round = {0};

    if (xb_case_collective(c) == XB_COLLECTIVE_NONE)
        return XB_GO;
    if (xb_schedule_open(c, &job, &schedule, err) != 0)
        return XB_SKIP;
    int rc = xb_schedule_round(&schedule, 0, &round, err);
    if (rc == 0 && round.lane[0].members < s->nranks)
        *out = (struct group){.of = c->pattern, .locality = c->path.locality};
    for (size_t i = 0; rc == 0 && out->of && i < round.count; i++)
        if (round.lane[i].src_rank == s->rank) {
            out->first = round.lane[i].group;
            out->members = round.lane[i].members;
            out->member = (int)i - out->first;
        }
    xb_round_release(&round);
    xb_schedule_close(&schedule);
    return rc < 0 ? XB_ERROR : XB_GO;
}

/* A case that failed has aborted the communicator on some ranks; then all make a new one. */
int xb_nccl_world_start(const struct xb_session *s, const struct xb_case *c, int ctas,
                        const struct xb_nccl **library, ncclComm_t *world, struct xb_error *err)
{
    const char *host = s->ranks[s->rank].host;
    struct group group = {0};
    int here, everywhere, rc = find_group(s, c, &group, err);

    if (rc != XB_GO)
        return rc;
    of_case = find_world(ctas, &group);
    if (!is_of(of_case, ctas, &group))
        xb_nccl_world_abort(); /* of another case, which had this place */
    of_case->used = true;
    of_case->ctas = ctas;
    of_case->group = group;
    here = of_case->here;
    MPI_Allreduce(&here, &everywhere, 1, MPI_INT, MPI_MIN, s->world);
    if (!everywhere) {
        xb_nccl_world_abort();
        rc = xb_agree(s->world, can_start(s, err), s->rank, host, err);
        if (rc == XB_GO)
            rc = xb_agree(s->world, join_world(s, err), s->rank, host, err);
        if (rc != XB_GO)
            xb_nccl_world_abort();
        of_case->here = rc == XB_GO;
    }
    *library = nccl;
    *world = of_case->comm;
    return rc;
}

void xb_nccl_world_abort(void)
{
    if (of_case->comm)
        nccl->CommAbort(of_case->comm);
    of_case->comm = NULL;
    of_case->here = false;
}

void xb_nccl_world_stop(void)
{
    for (int i = 0; i < MOST; i++) {
        if (worlds[i].comm)
            nccl->CommDestroy(worlds[i].comm);
        worlds[i] = (struct world){0};
    }
}
