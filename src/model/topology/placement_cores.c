/* SPDX-License-Identifier: BSD-3-Clause */
/* placement_cores.c - even shares of the cores near each rank's GPU. */
#include "model/topology/placement_internal.h"

#include <stdlib.h>

/* The NUMA nodes with CPUs that may be used. A node whose CPUs earlier ones have already
 * (high-bandwidth or expansion memory beside a socket's own) is no place of its own. */
static int list_nodes(const struct xb_placing *p, hwloc_obj_t **out, size_t *nnodes,
                      struct xb_error *err)
{
    int total = hwloc_get_nbobjs_by_type(p->hw, HWLOC_OBJ_NUMANODE);
    hwloc_bitmap_t covered = hwloc_bitmap_alloc();
    hwloc_obj_t node = NULL;

    *out = calloc((size_t)(total > 0 ? total : 0) + 1, sizeof(hwloc_obj_t));
    *nnodes = 0;
    if (!covered || !*out) {
        hwloc_bitmap_free(covered);
        return xb_fail(err, "out of memory");
    }
    while ((node = hwloc_get_next_obj_by_type(p->hw, HWLOC_OBJ_NUMANODE, node))) {
        if (!hwloc_bitmap_intersects(node->cpuset, p->allowed) ||
            hwloc_bitmap_isincluded(node->cpuset, covered))
            continue;
        (*out)[(*nnodes)++] = node;
        hwloc_bitmap_or(covered, covered, node->cpuset);
    }
    hwloc_bitmap_free(covered);
    return 0;
}

static bool is_spread(const struct xb_placing_rank *rank)
{
    return !rank->bound && rank->gpu == XB_PLACING_NO_GPU;
}

/* Lay the ranks without GPU over the NUMA nodes in blocks, so that neighbours stay together
 * and few ranks still lie apart. */
static int spread_over_nodes(struct xb_placing *p, struct xb_error *err)
{
    size_t nspread = 0, nnodes, k = 0;
    hwloc_obj_t *nodes;
    int rc = 0;

    for (size_t r = 0; r < p->nranks; r++)
        nspread += is_spread(&p->ranks[r]);
    if (list_nodes(p, &nodes, &nnodes, err))
        rc = -1;
    for (size_t r = 0; rc == 0 && r < p->nranks; r++) {
        if (!is_spread(&p->ranks[r]))
            continue;
        hwloc_const_bitmap_t cpus = nnodes ? nodes[k++ * nnodes / nspread]->cpuset : p->allowed;
        if (hwloc_bitmap_and(p->ranks[r].domain, cpus, p->allowed))
            rc = xb_fail(err, "out of memory");
    }
    free(nodes);
    return rc;
}

/* The CPUs near each unbound rank's GPU; all of them where it has none that it may use. */
static int gather_near_gpus(struct xb_placing *p, struct xb_error *err)
{
    for (size_t r = 0; r < p->nranks; r++) {
        const struct xb_placing_gpu *gpu = xb_placing_gpu_of(p, &p->ranks[r]);
        if (p->ranks[r].bound || !gpu)
            continue;
        if (hwloc_bitmap_copy(p->ranks[r].domain,
                              hwloc_bitmap_iszero(gpu->near) ? p->allowed : gpu->near))
            return xb_fail(err, "out of memory");
    }
    return 0;
}

/* What is dealt out: cores, or threads on a machine whose cores are not known. */
static hwloc_obj_type_t unit_type(const struct xb_placing *p, hwloc_const_bitmap_t domain)
{
    return hwloc_get_next_obj_covering_cpuset_by_type(p->hw, domain, HWLOC_OBJ_CORE, NULL)
               ? HWLOC_OBJ_CORE
               : HWLOC_OBJ_PU;
}

static size_t count_units(const struct xb_placing *p, hwloc_const_bitmap_t domain,
                          hwloc_obj_type_t type)
{
    hwloc_obj_t unit = NULL;
    size_t n = 0;

    while ((unit = hwloc_get_next_obj_covering_cpuset_by_type(p->hw, domain, type, unit)))
        n++;
    return n;
}

/* Give a rank share k of n of its domain: a run of whole cores. */
static int take_share(const struct xb_placing *p, struct xb_placing_rank *rank, size_t k,
                      size_t n, struct xb_error *err)
{
    hwloc_obj_type_t type = unit_type(p, rank->domain);
    size_t units = count_units(p, rank->domain, type), i = 0;
    hwloc_obj_t unit = NULL;
    int rc = 0;

    if (units < n) {
        rank->crowd = n;
        rc = hwloc_bitmap_copy(rank->cpus, rank->domain);
        return rc ? xb_fail(err, "out of memory") : 0;
    }
    hwloc_bitmap_zero(rank->cpus);
    while (
        (unit = hwloc_get_next_obj_covering_cpuset_by_type(p->hw, rank->domain, type, unit))) {
        if (i >= k * units / n && i < (k + 1) * units / n)
            rc |= hwloc_bitmap_or(rank->cpus, rank->cpus, unit->cpuset);
        i++;
    }
    rc |= hwloc_bitmap_and(rank->cpus, rank->cpus, rank->domain);
    return rc ? xb_fail(err, "out of memory") : 0;
}

int xb_placing_deal_cores(struct xb_placing *p, struct xb_error *err)
{
    if (gather_near_gpus(p, err) || spread_over_nodes(p, err))
        return -1;
    for (size_t r = 0; r < p->nranks; r++) {
        size_t before = 0, n = 0;
        if (p->ranks[r].bound)
            continue;
        for (size_t other = 0; other < p->nranks; other++) {
            if (p->ranks[other].bound ||
                !hwloc_bitmap_isequal(p->ranks[other].domain, p->ranks[r].domain))
                continue;
            n++;
            before += other < r;
        }
        if (take_share(p, &p->ranks[r], before, n, err))
            return xb_fail_in(err, "rank %zu of this node", r);
    }
    return 0;
}
