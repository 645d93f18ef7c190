/* SPDX-License-Identifier: BSD-3-Clause */
/* placement.h - which rank of a node gets which GPU and which cores: a function of the topology
 * and of what each rank sees, with no side effects.
 *
 * Rules: two ranks share a GPU only when no assignment avoids it (a maximum matching of ranks
 * to the GPUs each can see); among those, ranks that a launcher has bound already get a GPU
 * near their cores where there is one; else ranks take GPUs in bus order, and instances of one
 * GPU, each of which counts as a GPU, in the order of their UUIDs. A binding that a
 * launcher made is kept, and warned about when it lies away from the GPU. An unbound rank gets
 * an even share of the cores near its GPU, whole cores first. A node without GPUs spreads its
 * ranks over its NUMA nodes.
 */
#ifndef XB_MODEL_TOPOLOGY_PLACEMENT_H
#define XB_MODEL_TOPOLOGY_PLACEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "model/topology/topology.h"

/* What one rank of the node brings. */
struct xb_place_request {
    size_t nvisible;
    struct xb_gpu_key visible[XB_MAX_GPUS]; /* those it can use, in any order */
    char bound_to[XB_CPUSET_LEN];           /* its cpuset now, list format; "" if not known */
};

/* Words about a place, which no rank needs but itself, and rank 0 for the report. */
struct xb_place_words {
    char cpuset[XB_CPUSET_LEN]; /* where it shall run */
    char warning[XB_ERROR_LEN]; /* "" or what is wrong with the place */
    char passed[400]; /* a device that was there and was passed over, and why; "" for none */
};

/* What it gets. */
struct xb_place {
    bool has_gpu;
    char pci[XB_PCI_LEN];       /* of its GPU, "" without one */
    char instance[XB_UUID_LEN]; /* that it has of this GPU; "" for all of it */
    int sharers; /* ranks of this node on the same GPU or instance, itself included; 0 without
                  */
    bool kept_binding;            /* its cpuset is the one it came with */
    int numa;                     /* NUMA node near the GPU, or of its cores; -1 if unknown */
    int package;                  /* socket of its cores; -1 if unknown or on several */
    char nic[XB_NIC_LEN];         /* nearest NIC, or the one that is used; "" if none */
    struct xb_place_words *words; /* borrowed; NULL where they are not known */
};

/* Its cpuset, what is wrong with it, what was passed over; "" where that is not known. */
static inline const char *xb_place_cpuset(const struct xb_place *place)
{
    return place->words ? place->words->cpuset : "";
}

static inline const char *xb_place_warning(const struct xb_place *place)
{
    return place->words ? place->words->warning : "";
}

static inline const char *xb_place_passed(const struct xb_place *place)
{
    return place->words ? place->words->passed : "";
}

/* The GPU or instance of a place. */
static inline struct xb_gpu_key xb_place_key(const struct xb_place *place)
{
    struct xb_gpu_key key;

    memcpy(key.pci, place->pci, sizeof key.pci);
    memcpy(key.instance, place->instance, sizeof key.instance);
    return key;
}

/* Place the nranks ranks of one node, in rank order, into places[nranks], each of which borrows
 * its words of words[nranks]. A rank counts as
 * bound when its bound_to is smaller than the topology's allowed cpuset. Every rank of the node
 * calls it with the same input and gets the same answer. A visible GPU that the topology does
 * not know (no PCI access, say) is dealt out in bus order without locality, with a warning that
 * says so. Fails only when out of memory or when a bound_to is not a cpuset. */
int xb_placement_compute(const struct xb_topology *topo,
                         const struct xb_place_request *requests, size_t nranks,
                         struct xb_place *places, struct xb_place_words *words,
                         struct xb_error *err);

#endif
