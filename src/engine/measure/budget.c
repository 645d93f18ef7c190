/* SPDX-License-Identifier: BSD-3-Clause */
/* budget.c - memory is asked for before it is taken. */
#include "engine/measure/budget.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/devices/arena.h"
#include "engine/measure/buffers.h"
#include "engine/measure/lost.h"
#include "engine/runtime/shm.h"

#define DEVICE_GRANULE (2ull << 20) /* in which GPUs hand out their memory */
#define HOST_SPARE     16 /* of the free host memory, one part is left to the system */
#define MANAGED_SHARE  4  /* of the free device memory, one part may be managed */
#define TIGHT_COPIES   2  /* of a case's buffers: rings and staging come on top */

/* The entry of a GPU of this rank, with those before it. */
static struct xb_gpu_budget *entry(const struct xb_session *s, struct xb_budget *b, int index)
{
    struct xb_machine m = xb_session_machine(s);

    for (; b->ngpus <= index; b->ngpus++) {
        const struct xb_gpu_info *gpu = xb_machine_gpu(&m, s->rank, b->ngpus);
        char *pci = b->gpu[b->ngpus].pci;
        if (gpu || b->ngpus == 0)
            memcpy(pci, gpu ? gpu->pci : s->ranks[s->rank].place.pci, XB_PCI_LEN);
        if (b->ngpus == 0)
            memcpy(b->gpu[0].instance, s->ranks[s->rank].place.instance, XB_UUID_LEN);
        else /* nobody else's, as far as is known */
            snprintf(pci, XB_PCI_LEN, "gpu+%d", b->ngpus);
    }
    return &b->gpu[index];
}

/* Managed memory may come to each end of its lane that is a GPU of this rank, and to the host.
 */
static void count_managed(const struct xb_transfer *t, uint64_t bytes, struct xb_budget *b)
{
    const struct xb_path *p = &t->lane->path;
    bool src = t->roles & XB_ROLE_SRC && p->src.kind == XB_GPU;
    bool dst = t->roles & XB_ROLE_DST && p->dst.kind == XB_GPU;

    b->need_host += bytes;
    if (bytes && (src || !dst))
        entry(t->session, b, src ? p->src.index : 0)->managed += bytes;
    if (bytes && dst && !(src && p->src.index == p->dst.index))
        entry(t->session, b, p->dst.index)->managed += bytes;
}

static void count_device(const struct xb_session *s, int index, uint64_t bytes,
                         struct xb_budget *b)
{
    if (s->device_is_host)
        b->need_host += bytes;
    else if (bytes)
        entry(s, b, index)->device +=
            (bytes + DEVICE_GRANULE - 1) / DEVICE_GRANULE * DEVICE_GRANULE;
}

/* What a lane's end lacks in the arena. */
static void count_buffer(const struct xb_transfer *t, enum xb_role role, struct xb_budget *b)
{
    struct xb_buffer_key key = xb_buffer_key_of(t, role);
    uint64_t bytes = xb_arena_lacks(t->session->arena, key, xb_buffer_bytes(t->c, role));

    switch (key.kind) {
    case XB_MEM_MANAGED:
        count_managed(t, bytes, b);
        return;
    case XB_MEM_PINNED:
    case XB_MEM_PAGEABLE:
        b->need_host += bytes;
        return;
    case XB_MEM_DEVICE:
        count_device(t->session, key.gpu, bytes, b);
        return;
    }
}

static void count_lane(const struct xb_method *method, const struct xb_transfer *t,
                       struct xb_budget *b)
{
    struct xb_needs needs = {0};

    if (t->roles & XB_ROLE_SRC)
        count_buffer(t, XB_ROLE_SRC, b);
    if (t->roles & XB_ROLE_DST)
        count_buffer(t, XB_ROLE_DST, b);
    if (!method->needs)
        return;
    method->needs(t, &needs);
    count_device(t->session, 0, needs.device, b);
    count_managed(t, needs.managed, b);
    b->need_host += needs.host + needs.shared; /* shared memory is host memory too */
}

static int make_budget(const struct xb_case_run *run, struct xb_budget *b, struct xb_error *err)
{
    const struct xb_session *s = run->session;

    memset(b, 0, sizeof *b);
    for (size_t i = 0; i < run->nmine; i++)
        count_lane(run->method, &run->mine[i].t, b);
    memcpy(b->host, s->ranks[s->rank].host, sizeof b->host);
    b->free_host = b->need_host ? xb_host_free_bytes() : UINT64_MAX; /* it reads files */
    for (int g = 0; g < b->ngpus; g++) {
        struct xb_gpu_budget *gpu = &b->gpu[g];
        if ((gpu->device || gpu->managed) && s->device->mem_free(g, &gpu->free, err) < 0)
            return -1;
    }
    return 0;
}

static int refuse(struct xb_error *err, uint64_t need, const char *kind, const char *where,
                  uint64_t have)
{
    xb_fail(err, "needs %" PRIu64 " bytes of %s memory on %s, where %" PRIu64 " are free", need,
            kind, where, have);
    return XB_SKIP;
}

/* What all ranks of a node together need of one GPU. */
static int check_gpu(const struct xb_budget *all, int n, const struct xb_gpu_budget *gpu,
                     struct xb_error *err)
{
    uint64_t device = 0, managed = 0;
    char where[XB_PCI_LEN + 40];

    for (int k = 0; k < n; k++)
        for (int g = 0; g < all[k].ngpus; g++) {
            const struct xb_gpu_budget *other = &all[k].gpu[g];
            bool same = xb_gpu_same(other->pci, other->instance, gpu->pci, gpu->instance);
            device += same ? all[k].gpu[g].device : 0;
            managed += same ? all[k].gpu[g].managed : 0;
        }
    if (gpu->device && device > gpu->free)
        return refuse(err, device, "device", gpu->pci, gpu->free);
    if (!gpu->managed || managed <= gpu->free / MANAGED_SHARE)
        return XB_GO;
    snprintf(where, sizeof where, "a quarter of %s", gpu->pci[0] ? gpu->pci : "the host");
    return refuse(err, managed, "managed", where, gpu->free / MANAGED_SHARE);
}

int xb_budget_compare(const struct xb_budget *all, int n, struct xb_error *err)
{
    for (int i = 0; i < n; i++) {
        uint64_t host = 0;
        for (int g = 0; g < all[i].ngpus; g++) {
            int rc = check_gpu(all, n, &all[i].gpu[g], err);
            if (rc != XB_GO)
                return rc;
        }
        for (int k = 0; k < n; k++)
            host += all[k].need_host;
        uint64_t spare = all[i].free_host / HOST_SPARE;
        if (host > all[i].free_host - spare) {
            refuse(err, host, "host", all[i].host, all[i].free_host);
            xb_fail(err, "%s; %" PRIu64 " of these are left to the system", err->text, spare);
            return XB_SKIP;
        }
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
static int check_node(const struct xb_case_run *run, const struct xb_budget *mine,
                      const int *neighbour, int n, struct xb_error *err)
{
    int tag = xb_tag(run->team.epoch, XB_TAG_TEAM, 2);

    if (neighbour[0] != run->session->rank) {
        xb_team_send(&run->team, neighbour[0], tag, mine, sizeof *mine);
        return XB_GO;
    }
    struct xb_budget *all = calloc((size_t)n + 1, sizeof *all);
    if (!all)
        abort(); /* the others send what nobody would receive */
    all[0] = *mine;
    for (int i = 1; i < n; i++)
        xb_team_receive(&run->team, neighbour[i], tag, &all[i], sizeof all[i]);
    int rc = xb_budget_compare(all, n, err);
    free(all);
    return rc;
}

int xb_budget_check(struct xb_case_run *run, struct xb_error *err)
{
    struct xb_budget mine;
    int *neighbour = calloc((size_t)run->team.count + 1, sizeof *neighbour);
    int rc = neighbour ? make_budget(run, &mine, err) : xb_fail(err, "out of memory");

    rc = xb_case_agree(run, rc, err);
    assert(rc != XB_GO || neighbour);
    if (rc == XB_GO)
        rc = xb_case_agree(
            run, check_node(run, &mine, neighbour, find_neighbours(run, neighbour), err), err);
    free(neighbour);
    return rc;
}

bool xb_budget_is_tight(const struct xb_session *s, const struct xb_case *c)
{
    uint64_t bytes = xb_buffer_bytes(c, XB_ROLE_SRC) + xb_buffer_bytes(c, XB_ROLE_DST);
    uint64_t free_device = UINT64_MAX;
    struct xb_error ignored;

    if (xb_arena_idle_bytes(s->arena) < bytes / 2)
        return false;
    uint64_t free_host = xb_host_free_bytes();
    if (!s->device_is_host && !xb_lost_is(s, s->rank) &&
        s->device->mem_free(0, &free_device, &ignored) < 0)
        free_device = UINT64_MAX;
    return free_device / MANAGED_SHARE < 2 * bytes ||
           free_host / (uint64_t)s->nlocal < TIGHT_COPIES * bytes;
}
