/* budget.c - memory is asked for before it is taken. */
#include "engine/measure/budget.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/devices/arena.h"
#include "engine/measure/buffers.h"
#include "engine/runtime/shm.h"

#define DEVICE_GRANULE (2ull << 20) /* in which GPUs hand out their memory */
#define MANAGED_SHARE  4            /* of the free device memory, one part may be managed */
#define TIGHT_COPIES   2            /* of a case's buffers: rings and staging come on top */

/* What one rank needs and finds free. */
struct budget {
    int node;
    char pci[XB_PCI_LEN], host[64];
    uint64_t need_device, need_other, need_host; /* other: of a GPU not bound to */
    uint64_t free_device, free_other, free_host;
    uint64_t need_managed, free_managed;
};

/* What a lane's end lacks in the arena. */
static void count_buffer(const struct xb_transfer *t, enum xb_role role, struct xb_needs *needs)
{
    struct xb_buffer_key key = xb_buffer_key_of(t, role);
    bool is_host = t->session->device_is_host;
    uint64_t bytes = xb_arena_lacks(t->session->arena, key, xb_buffer_bytes(t->c, role));

    switch (key.kind) {
    case XB_MEM_MANAGED:
        needs->managed += bytes;
        return;
    case XB_MEM_PINNED:
    case XB_MEM_PAGEABLE:
        needs->host += bytes;
        return;
    case XB_MEM_DEVICE:
        break;
    }
    if (!is_host)
        bytes = (bytes + DEVICE_GRANULE - 1) / DEVICE_GRANULE * DEVICE_GRANULE;
    if (key.gpu == 0)
        needs->device += bytes;
    else
        needs->other += bytes;
}

static int make_budget(const struct xb_case_run *run, struct budget *b, struct xb_error *err)
{
    const struct xb_session *s = run->session;
    const struct xb_rank_info *me = &s->ranks[s->rank];
    struct xb_needs needs = {0};
    int other = 0; /* a GPU beside the own one that is an end */

    for (size_t i = 0; i < run->nmine; i++) {
        const struct xb_transfer *t = &run->mine[i].t;
        if (t->roles & XB_ROLE_SRC)
            count_buffer(t, XB_ROLE_SRC, &needs);
        if (t->roles & XB_ROLE_DST)
            count_buffer(t, XB_ROLE_DST, &needs);
        other = t->lane->path.src.index > 0   ? t->lane->path.src.index
                : t->lane->path.dst.index > 0 ? t->lane->path.dst.index
                                              : other;
        if (run->method->needs)
            run->method->needs(t, &needs);
    }
    memset(b, 0, sizeof *b);
    b->node = me->node;
    memcpy(b->pci, me->place.pci, sizeof b->pci);
    memcpy(b->host, me->host, sizeof b->host);
    bool is_host = s->device_is_host;
    b->need_device = is_host ? 0 : needs.device;
    /* shared memory is host memory too, and managed memory may all come to the host */
    b->need_host = needs.host + needs.shared + needs.managed + (is_host ? needs.device : 0);
    b->free_host = xb_host_free_bytes();
    b->need_other = needs.other;
    b->need_managed = needs.managed;
    if ((b->need_other || (other > 0 && b->need_managed)) &&
        s->device->mem_free(other, &b->free_other, err) < 0)
        return -1;
    if ((b->need_device || b->need_managed) && s->device->mem_free(0, &b->free_device, err) < 0)
        return -1;
    b->free_managed = b->free_device / MANAGED_SHARE;
    if (other > 0 && b->free_other / MANAGED_SHARE < b->free_managed)
        b->free_managed = b->free_other / MANAGED_SHARE;
    return 0;
}

static int refuse(struct xb_error *err, uint64_t need, const char *kind, const char *where,
                  uint64_t have)
{
    xb_fail(err, "needs %" PRIu64 " bytes of %s memory on %s, where %" PRIu64 " are free", need,
            kind, where, have);
    return XB_SKIP;
}

/* Ranks of a node, which these all are, draw on the same host memory, and sharers of a GPU on
 * the same device memory. */
static int check_sums(const struct budget *all, int n, struct xb_error *err)
{
    for (int i = 0; i < n; i++) {
        uint64_t device = 0, host = 0, managed = 0;
        for (int k = 0; k < n; k++) {
            host += all[k].need_host;
            if (strcmp(all[k].pci, all[i].pci) != 0)
                continue;
            device += all[k].need_device;
            managed += all[k].need_managed;
        }
        if (all[i].need_device && device > all[i].free_device)
            return refuse(err, device, "device", all[i].pci, all[i].free_device);
        if (all[i].need_managed && managed > all[i].free_managed)
            return refuse(err, managed, "managed", "a quarter of its GPUs",
                          all[i].free_managed);
        if (all[i].need_other > all[i].free_other)
            return refuse(err, all[i].need_other, "device", "another GPU", all[i].free_other);
        if (host > all[i].free_host)
            return refuse(err, host, "host", all[i].host, all[i].free_host);
    }
    return XB_GO;
}

/* Members on this rank's node, in their order; returns how many. */
static int find_neighbours(const struct xb_case_run *run, int *rank)
{
    const struct xb_session *s = run->session;
    int n = 0;

    for (int i = 0; i < run->team.count; i++)
        if (s->node_of_rank[run->team.member[i]] == s->node_of_rank[s->rank])
            rank[n++] = run->team.member[i];
    return n;
}

/* The first member of each node decides for all of it. */
static int check_node(const struct xb_case_run *run, const struct budget *mine,
                      const int *neighbour, int n, struct xb_error *err)
{
    int tag = xb_tag(run->team.epoch, XB_TAG_TEAM, 2);

    if (neighbour[0] != run->session->rank) {
        xb_team_send(&run->team, neighbour[0], tag, mine, sizeof *mine);
        return XB_GO;
    }
    struct budget *all = calloc((size_t)n, sizeof *all);
    if (!all)
        abort(); /* the others send what nobody would receive */
    all[0] = *mine;
    for (int i = 1; i < n; i++)
        xb_team_receive(&run->team, neighbour[i], tag, &all[i], sizeof all[i]);
    int rc = check_sums(all, n, err);
    free(all);
    return rc;
}

int xb_budget_check(struct xb_case_run *run, struct xb_error *err)
{
    struct budget mine;
    int *neighbour = calloc((size_t)run->team.count, sizeof *neighbour);
    int rc = neighbour ? make_budget(run, &mine, err) : xb_fail(err, "out of memory");

    rc = xb_case_agree(run, rc, err);
    if (rc == XB_GO)
        rc = xb_case_agree(
            run, check_node(run, &mine, neighbour, find_neighbours(run, neighbour), err), err);
    free(neighbour);
    return rc;
}

bool xb_budget_is_tight(const struct xb_session *s, const struct xb_case *c)
{
    uint64_t bytes = xb_buffer_bytes(c, XB_ROLE_SRC) + xb_buffer_bytes(c, XB_ROLE_DST);
    uint64_t free_device = UINT64_MAX, free_host = xb_host_free_bytes();
    int nlocal = s->nlocal;
    struct xb_error ignored;

    if (xb_arena_idle_bytes(s->arena) < bytes / 2)
        return false;
    if (!s->device_is_host && s->device->mem_free(0, &free_device, &ignored) < 0)
        free_device = UINT64_MAX;
    return free_device / MANAGED_SHARE < 2 * bytes ||
           free_host / (uint64_t)nlocal < TIGHT_COPIES * bytes;
}
