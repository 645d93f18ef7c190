/* SPDX-License-Identifier: BSD-3-Clause */
/* placement.c - which rank of a node gets which GPU: from the requests to the places. */
#include "model/topology/placement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/topology/assignment.h"
#include "model/topology/placement_internal.h"

/* ---- what the ranks bring ---- */

static int by_key(const void *a, const void *b)
{
    const struct xb_gpu_key *x = &((const struct xb_placing_gpu *)a)->key;
    const struct xb_gpu_key *y = &((const struct xb_placing_gpu *)b)->key;
    int order = strcmp(x->pci, y->pci);

    return order ? order : strcmp(x->instance, y->instance);
}

/* A bus id that is none is still a name that ranks can agree on. */
static void gpu_key(struct xb_placing_gpu *gpu, const struct xb_gpu_key *visible)
{
    gpu->key = *visible;
    if (xb_pci_normalize(visible->pci, gpu->key.pci, NULL))
        snprintf(gpu->key.pci, sizeof gpu->key.pci, "%s", visible->pci);
}

static int read_ranks(struct xb_placing *p, struct xb_error *err)
{
    p->ranks = calloc(p->nranks ? p->nranks : 1, sizeof *p->ranks);
    if (!p->ranks)
        return xb_fail(err, "out of memory");
    for (size_t r = 0; r < p->nranks; r++) {
        struct xb_placing_rank *rank = &p->ranks[r];
        rank->gpu = XB_PLACING_NO_GPU;
        rank->cpus = hwloc_bitmap_alloc();
        rank->domain = hwloc_bitmap_alloc();
        if (!rank->cpus || !rank->domain)
            return xb_fail(err, "out of memory");
        if (xb_cpuset_parse(p->requests[r].bound_to, rank->cpus, err))
            return xb_fail_in(err, "binding of rank %zu of this node", r);
        rank->bound = !hwloc_bitmap_iszero(rank->cpus) &&
                      !hwloc_bitmap_isincluded(p->allowed, rank->cpus);
    }
    return 0;
}

/* Make one bus-ordered list of the GPUs that any rank sees. */
static int list_gpus(struct xb_placing *p, struct xb_error *err)
{
    size_t total = 0, kept = 0;

    for (size_t r = 0; r < p->nranks; r++)
        total += p->requests[r].nvisible;
    p->gpus = calloc(total ? total : 1, sizeof *p->gpus);
    if (!p->gpus)
        return xb_fail(err, "out of memory");
    total = 0;
    for (size_t r = 0; r < p->nranks; r++)
        for (size_t v = 0; v < p->requests[r].nvisible; v++)
            gpu_key(&p->gpus[total++], &p->requests[r].visible[v]);
    qsort(p->gpus, total, sizeof *p->gpus, by_key);
    for (size_t g = 0; g < total; g++)
        if (kept == 0 || by_key(&p->gpus[g], &p->gpus[kept - 1]) != 0)
            p->gpus[kept++] = p->gpus[g];
    p->ngpus = kept;
    return 0;
}

static int locate_gpus(struct xb_placing *p, struct xb_error *err)
{
    for (size_t g = 0; g < p->ngpus; g++) {
        struct xb_placing_gpu *gpu = &p->gpus[g];
        gpu->known = xb_topology_gpu_find(p->topo, gpu->key.pci);
        gpu->near = hwloc_bitmap_alloc();
        if (!gpu->near)
            return xb_fail(err, "out of memory");
        if (xb_cpuset_parse(gpu->known ? gpu->known->cpuset : "", gpu->near, err))
            return xb_fail_in(err, "GPU %s", gpu->key.pci);
    }
    return 0;
}

static int note_who_sees_what(struct xb_placing *p, struct xb_error *err)
{
    struct xb_placing_gpu key = {.known = NULL}, *gpu;

    p->sees = calloc(p->nranks * p->ngpus + 1, sizeof *p->sees);
    if (!p->sees)
        return xb_fail(err, "out of memory");
    for (size_t r = 0; r < p->nranks; r++) {
        for (size_t v = 0; v < p->requests[r].nvisible; v++) {
            gpu_key(&key, &p->requests[r].visible[v]);
            gpu = bsearch(&key, p->gpus, p->ngpus, sizeof key, by_key);
            p->sees[r * p->ngpus + (size_t)(gpu - p->gpus)] = true;
        }
    }
    return 0;
}

static void placing_free(struct xb_placing *p)
{
    for (size_t r = 0; p->ranks && r < p->nranks; r++) {
        hwloc_bitmap_free(p->ranks[r].cpus);
        hwloc_bitmap_free(p->ranks[r].domain);
    }
    for (size_t g = 0; p->gpus && g < p->ngpus; g++)
        hwloc_bitmap_free(p->gpus[g].near);
    free(p->ranks);
    free(p->gpus);
    free(p->sees);
}

/* ---- GPUs ---- */

/* What it costs to give each GPU to each of the n waiting ranks, or, behind those, to leave it
 * free: a row for each GPU, so that a round of many ranks on few GPUs is a few rows. The terms
 * of a sum outweigh each other in this order: a rank goes without; a bound rank's GPU is far
 * from it; a rank takes a GPU late in bus order, or none, which weighs more the earlier the
 * rank. */
static int64_t *round_costs(const struct xb_placing *p, const size_t *waiting, size_t n)
{
    size_t cols = n + p->ngpus;
    int64_t most = (int64_t)(n * p->ngpus);
    int64_t far = (int64_t)n * most + 1;
    int64_t without = far * (int64_t)(n + 1);
    int64_t never = 2 * without;
    int64_t *cost = calloc(p->ngpus * cols, sizeof *cost);

    for (size_t g = 0; cost && g < p->ngpus; g++)
        for (size_t i = 0; i < cols; i++) {
            int64_t *c = &cost[g * cols + i];
            if (i >= n) {
                *c = without + most;
                continue;
            }
            const struct xb_placing_rank *rank = &p->ranks[waiting[i]];
            *c = most - (int64_t)((n - i) * (p->ngpus - g)); /* over going without */
            if (!p->sees[waiting[i] * p->ngpus + g])
                *c = never;
            else if (rank->bound && !hwloc_bitmap_intersects(rank->cpus, p->gpus[g].near))
                *c += far;
        }
    return cost;
}

/* Give as many of the waiting ranks as possible a GPU, each GPU to one of them at most. */
static int deal_round(struct xb_placing *p, const size_t *waiting, size_t n,
                      struct xb_error *err)
{
    int64_t *cost = round_costs(p, waiting, n);
    size_t *rank_of = calloc(p->ngpus, sizeof *rank_of);
    int rc = -1;

    if (!cost || !rank_of)
        xb_fail(err, "out of memory");
    else
        rc = xb_assignment_solve(p->ngpus, n + p->ngpus, cost, rank_of, err);
    for (size_t g = 0; rc == 0 && g < p->ngpus; g++) {
        if (rank_of[g] < n) {
            p->ranks[waiting[rank_of[g]]].gpu = g;
            p->gpus[g].ranks++;
        }
    }
    free(cost);
    free(rank_of);
    return rc;
}

static bool sees_any(const struct xb_placing *p, size_t r)
{
    for (size_t g = 0; g < p->ngpus; g++)
        if (p->sees[r * p->ngpus + g])
            return true;
    return false;
}

/* The ranks that see a GPU and have none yet. */
static size_t list_waiting(const struct xb_placing *p, size_t *waiting)
{
    size_t n = 0;

    for (size_t r = 0; r < p->nranks; r++)
        if (p->ranks[r].gpu == XB_PLACING_NO_GPU && sees_any(p, r))
            waiting[n++] = r;
    return n;
}

/* Round by round, so that shared GPUs fill evenly: a rank that is left over from a round sees
 * only GPUs that were taken in it. Each round serves one rank at least, so the loop ends. */
static int deal_gpus(struct xb_placing *p, struct xb_error *err)
{
    size_t *waiting = calloc(p->nranks + 1, sizeof *waiting);
    size_t n;
    int rc = 0;

    if (!waiting)
        return xb_fail(err, "out of memory");
    while (rc == 0 && (n = list_waiting(p, waiting)) > 0)
        rc = deal_round(p, waiting, n, err);
    free(waiting);
    return rc;
}

/* ---- places ---- */

static int fill_place(const struct xb_placing *p, size_t r, struct xb_place *place,
                      struct xb_place_words *words, struct xb_error *err)
{
    const struct xb_placing_rank *rank = &p->ranks[r];
    const struct xb_placing_gpu *gpu = xb_placing_gpu_of(p, rank);
    hwloc_obj_t around;

    *place = (struct xb_place){.numa = -1, .kept_binding = rank->bound, .words = words};
    *words = (struct xb_place_words){.cpuset = ""};
    if (xb_cpuset_format(rank->cpus, words->cpuset, err))
        return xb_fail_in(err, "rank %zu of this node", r);
    if (gpu) {
        place->has_gpu = true;
        place->sharers = gpu->ranks;
        memcpy(place->pci, gpu->key.pci, sizeof place->pci);
        memcpy(place->instance, gpu->key.instance, sizeof place->instance);
    }
    if (gpu && gpu->known) {
        place->numa = gpu->known->numa;
        snprintf(place->nic, sizeof place->nic, "%s", gpu->known->nic);
    } else if ((around = hwloc_get_obj_covering_cpuset(p->hw, rank->cpus))) {
        xb_topology_nic_near(p->topo, around, place->nic);
    }
    place->package = xb_topology_package_of(p->topo, rank->cpus);
    if (place->numa < 0)
        place->numa = xb_topology_numa_of(p->topo, rank->cpus);
    return 0;
}

int xb_placement_compute(const struct xb_topology *topo,
                         const struct xb_place_request *requests, size_t nranks,
                         struct xb_place *places, struct xb_place_words *words,
                         struct xb_error *err)
{
    struct xb_placing p = {
        .topo = topo,
        .hw = xb_topology_hwloc(topo),
        .requests = requests,
        .nranks = nranks,
    };
    int rc = -1;

    p.allowed = hwloc_topology_get_allowed_cpuset(p.hw);
    if (read_ranks(&p, err) || list_gpus(&p, err) || locate_gpus(&p, err) ||
        note_who_sees_what(&p, err) || deal_gpus(&p, err) || xb_placing_deal_cores(&p, err))
        goto free_placing;
    for (size_t r = 0; r < nranks; r++)
        if (fill_place(&p, r, &places[r], &words[r], err))
            goto free_placing;
    xb_placing_warn(&p, places);
    rc = 0;
free_placing:
    placing_free(&p);
    return rc;
}
