/* SPDX-License-Identifier: BSD-3-Clause */
/* placement_warn.c - what a user should know about a rank's place. */
#include "model/topology/placement_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Add to the place's warning, after "; " if there is something before. */
__attribute__((format(printf, 2, 3))) static void warn(struct xb_place *place, const char *fmt,
                                                       ...)
{
    char *warning = place->words->warning;
    const size_t room = sizeof place->words->warning;
    size_t used = strlen(warning);
    va_list args;

    if (used > 0)
        used += (size_t)snprintf(warning + used, room - used, "; ");
    if (used >= room)
        return;
    va_start(args, fmt);
    vsnprintf(warning + used, room - used, fmt, args);
    va_end(args);
}

static void warn_gpu(const struct xb_placing *p, size_t r, struct xb_place *place)
{
    const struct xb_placing_rank *rank = &p->ranks[r];
    const struct xb_placing_gpu *gpu = xb_placing_gpu_of(p, rank);
    char label[XB_GPU_LABEL_LEN];

    if (!gpu) {
        if (p->ngpus > 0)
            warn(place, "sees no GPU, while other ranks of this node do");
        return;
    }
    xb_gpu_label(gpu->key.pci, gpu->key.instance, label);
    if (!gpu->known)
        warn(place, "GPU %s is not in the topology: placed without locality", label);
    if (gpu->ranks > 1)
        warn(place, "GPU %s is shared by %d ranks, as they see too few for one each", label,
             gpu->ranks);
    if (gpu->known && rank->bound && !hwloc_bitmap_intersects(rank->cpus, gpu->near))
        warn(place, "bound by the launcher to CPUs away from GPU %s", label);
    if (gpu->known && !rank->bound && hwloc_bitmap_iszero(gpu->near))
        warn(place, "none of the CPUs near GPU %s may be used", label);
}

/* The core that a binding lies within, or NULL if it has CPUs of several. */
static hwloc_obj_t core_around(const struct xb_placing *p, hwloc_const_bitmap_t cpus)
{
    hwloc_obj_t obj = hwloc_get_obj_covering_cpuset(p->hw, cpus);

    while (obj && obj->type != HWLOC_OBJ_CORE)
        obj = obj->parent;
    return obj;
}

/* Whether every rank is bound, and all of them to one and the same core. */
static bool all_on_one_core(const struct xb_placing *p)
{
    hwloc_obj_t core, same = NULL;

    for (size_t r = 0; r < p->nranks; r++) {
        core = p->ranks[r].bound ? core_around(p, p->ranks[r].cpus) : NULL;
        if (!core || (same && core != same))
            return false;
        same = core;
    }
    return same != NULL;
}

/* How many other bound ranks have CPUs of this one's binding. */
static size_t count_overlaps(const struct xb_placing *p, size_t r)
{
    size_t n = 0;

    for (size_t other = 0; other < p->nranks; other++)
        n += other != r && p->ranks[other].bound &&
             hwloc_bitmap_intersects(p->ranks[other].cpus, p->ranks[r].cpus);
    return n;
}

static void warn_cpus(const struct xb_placing *p, size_t r, bool one_core,
                      struct xb_place *place)
{
    const struct xb_placing_rank *rank = &p->ranks[r];
    hwloc_obj_t core;
    size_t overlaps;

    if (rank->crowd > 0)
        warn(place, "%zu ranks share fewer cores than they are", rank->crowd);
    if (!rank->bound || p->nranks < 2)
        return;
    core = core_around(p, rank->cpus);
    if (core && !hwloc_bitmap_isincluded(core->cpuset, rank->cpus))
        warn(place, "bound by the launcher to less than one core");
    if (!hwloc_bitmap_intersects(rank->cpus, p->allowed))
        warn(place, "bound by the launcher to CPUs that are not in the topology");
    overlaps = count_overlaps(p, r);
    if (one_core)
        warn(place, "the launcher bound all %zu ranks of this node to the same core",
             p->nranks);
    else if (overlaps > 0)
        warn(place, "bound by the launcher to CPUs that %zu other rank%s of this node %s too",
             overlaps, overlaps == 1 ? "" : "s", overlaps == 1 ? "has" : "have");
}

void xb_placing_warn(const struct xb_placing *p, struct xb_place *places)
{
    bool one_core = all_on_one_core(p);

    for (size_t r = 0; r < p->nranks; r++) {
        warn_gpu(p, r, &places[r]);
        warn_cpus(p, r, one_core, &places[r]);
    }
}
