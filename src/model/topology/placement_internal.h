/* SPDX-License-Identifier: BSD-3-Clause */
/* placement_internal.h - what the parts of placement share: the state of one computation. */
#ifndef XB_MODEL_TOPOLOGY_PLACEMENT_INTERNAL_H
#define XB_MODEL_TOPOLOGY_PLACEMENT_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "model/topology/placement.h"
#include "model/topology/topology_internal.h"

#define XB_PLACING_NO_GPU SIZE_MAX

/* A GPU, or an instance of one, that some rank sees. */
struct xb_placing_gpu {
    struct xb_gpu_key key;
    const struct xb_topo_gpu *known; /* NULL where the topology has no such GPU */
    hwloc_bitmap_t near;             /* its CPUs that may be used; empty if not known */
    int ranks;                       /* that have it */
};

struct xb_placing_rank {
    bool bound;            /* by the launcher, to less than everything */
    hwloc_bitmap_t cpus;   /* the binding it came with, then where it shall run */
    hwloc_bitmap_t domain; /* the CPUs it may get a share of; not used for a bound rank */
    size_t crowd;          /* ranks that have the domain in common, if its cores are fewer */
    size_t gpu;            /* index, or XB_PLACING_NO_GPU */
};

struct xb_placing {
    const struct xb_topology *topo;
    hwloc_topology_t hw;
    hwloc_const_bitmap_t allowed;
    const struct xb_place_request *requests;
    size_t nranks, ngpus;
    struct xb_placing_rank *ranks;
    struct xb_placing_gpu *gpus; /* in bus order */
    bool *sees;                  /* [rank * ngpus + gpu] */
};

/* The GPU that a rank has been given, or NULL. */
static inline const struct xb_placing_gpu *xb_placing_gpu_of(const struct xb_placing *p,
                                                             const struct xb_placing_rank *rank)
{
    return rank->gpu == XB_PLACING_NO_GPU ? NULL : &p->gpus[rank->gpu];
}

/* Give every rank that is not bound its share of the cores near its GPU. GPUs come first. */
int xb_placing_deal_cores(struct xb_placing *p, struct xb_error *err);

/* Say what is wrong with each place. GPUs and cores come first. */
void xb_placing_warn(const struct xb_placing *p, struct xb_place *places);

#endif
