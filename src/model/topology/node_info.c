/* SPDX-License-Identifier: BSD-3-Clause */
/* node_info.c - what a node's GPUs are and what joins them, as plain data. */
#include "model/topology/node_info.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/topology/topology_internal.h"

const char *xb_link_end_name(enum xb_link_end end)
{
    switch (end) {
    case XB_LINK_TO_GPU:
        return "gpu";
    case XB_LINK_TO_SWITCH:
        return "switch";
    case XB_LINK_TO_CPU:
        return "cpu";
    case XB_LINK_TO_UNKNOWN:
        break;
    }
    return "unknown";
}

struct xb_gpu_info xb_gpu_unknown(const char *pci)
{
    struct xb_gpu_info gpu = {.numa = -1, .package = -1, .mig = -1, .nlinks = -1};

    snprintf(gpu.pci, sizeof gpu.pci, "%s", pci);
    return gpu;
}

/* The bridges above a device, up to the one that the CPU's own bus begins with. */
static void list_bridges(hwloc_obj_t dev, struct xb_gpu_info *gpu)
{
    for (hwloc_obj_t up = dev->parent; up && up->type == HWLOC_OBJ_BRIDGE; up = up->parent) {
        const struct hwloc_bridge_attr_s *bridge = &up->attr->bridge;
        if (bridge->upstream_type == HWLOC_OBJ_BRIDGE_HOST)
            snprintf(gpu->host_bridge, sizeof gpu->host_bridge, "%04x:%02x",
                     bridge->downstream.pci.domain & 0xffffu,
                     bridge->downstream.pci.secondary_bus);
        else if (gpu->nbridges < XB_MAX_BRIDGES)
            snprintf(gpu->bridges[gpu->nbridges++], XB_PCI_LEN, "%04x:%02x:%02x.%x",
                     bridge->upstream.pci.domain & 0xffffu, bridge->upstream.pci.bus,
                     bridge->upstream.pci.dev & 0x1fu, bridge->upstream.pci.func & 7u);
    }
}

int xb_node_info_read(const struct xb_topology *topo, struct xb_node_info *out,
                      struct xb_error *err)
{
    const struct xb_topo_gpu *known;
    size_t n = xb_topology_gpus(topo, &known);

    *out = (struct xb_node_info){.gpus = calloc(n + 1, sizeof *out->gpus)};
    if (!out->gpus)
        return xb_fail(err, "out of memory");
    snprintf(out->host, sizeof out->host, "%s", xb_topology_host(topo));
    for (size_t i = 0; i < n; i++) {
        struct xb_gpu_info *gpu = &out->gpus[out->ngpus++];
        hwloc_obj_t dev =
            hwloc_get_pcidev_by_busidstring(xb_topology_hwloc(topo), known[i].pci);
        *gpu = xb_gpu_unknown(known[i].pci);
        gpu->numa = known[i].numa;
        if (!dev)
            continue;
        gpu->package = xb_topology_package_of(
            topo, hwloc_get_non_io_ancestor_obj(xb_topology_hwloc(topo), dev)->complete_cpuset);
        list_bridges(dev, gpu);
    }
    return 0;
}

struct xb_gpu_info *xb_node_gpu(const struct xb_node_info *node, const char *pci)
{
    return xb_node_instance(node, pci, "");
}

struct xb_gpu_info *xb_node_instance(const struct xb_node_info *node, const char *pci,
                                     const char *instance)
{
    for (size_t i = 0; i < node->ngpus; i++)
        if (xb_gpu_same(node->gpus[i].pci, node->gpus[i].instance, pci, instance))
            return &node->gpus[i];
    return NULL;
}

/* What an instance has of its GPU, described or another instance of it: NULL where the node
 * knows nothing of the kind. */
static const struct xb_gpu_info *find_parent(const struct xb_node_info *node, const char *pci)
{
    for (size_t i = 0; i < node->ngpus; i++)
        if (strcmp(node->gpus[i].pci, pci) == 0)
            return &node->gpus[i];
    return NULL;
}

/* The instance: where its GPU stands and how that is joined to the host, which it shares. Of
 * NVLink an instance has nothing. */
static struct xb_gpu_info make_instance(const struct xb_gpu_info *parent,
                                        const struct xb_gpu_key *key)
{
    struct xb_gpu_info gpu = parent ? *parent : xb_gpu_unknown(key->pci);

    memcpy(gpu.instance, key->instance, sizeof gpu.instance);
    memcpy(gpu.uuid, key->instance, sizeof gpu.uuid);
    gpu.name[0] = gpu.cluster[0] = '\0';
    gpu.clique = gpu.nlinks = 0;
    gpu.links_up = gpu.links_down = 0;
    gpu.mig = 1;
    return gpu;
}

static bool stands_behind(const struct xb_gpu_info *gpu, const struct xb_gpu_key *key)
{
    int order = strcmp(gpu->pci, key->pci);
    return order > 0 || (order == 0 && strcmp(gpu->instance, key->instance) > 0);
}

struct xb_gpu_info *xb_node_add_gpu(struct xb_node_info *node, const struct xb_gpu_key *key,
                                    struct xb_error *err)
{
    struct xb_gpu_info *gpu = xb_node_instance(node, key->pci, key->instance), *grown;
    struct xb_gpu_info made = key->instance[0] ? make_instance(find_parent(node, key->pci), key)
                                               : xb_gpu_unknown(key->pci);
    size_t at = node->ngpus;

    if (gpu)
        return gpu;
    if (key->instance[0] && (gpu = xb_node_gpu(node, key->pci))) {
        *gpu = made;
        return gpu;
    }
    grown = realloc(node->gpus, (node->ngpus + 1) * sizeof *grown);
    if (!grown) {
        xb_fail(err, "out of memory");
        return NULL;
    }
    node->gpus = grown;
    while (at > 0 && stands_behind(&grown[at - 1], key))
        at--;
    memmove(&grown[at + 1], &grown[at], (node->ngpus - at) * sizeof *grown);
    grown[at] = made;
    node->ngpus++;
    return &grown[at];
}

bool xb_gpu_drives(const char *pci, const char *instance, const struct xb_gpu_info *gpu)
{
    return xb_gpu_same(pci, instance, gpu->pci, gpu->instance) ||
           (!instance[0] && !gpu->instance[0]);
}

void xb_gpu_learn(struct xb_gpu_info *gpu, const struct xb_gpu_info *other)
{
    if (!gpu->name[0])
        memcpy(gpu->name, other->name, sizeof gpu->name);
    if (!gpu->uuid[0])
        memcpy(gpu->uuid, other->uuid, sizeof gpu->uuid);
    if (gpu->pcie_gen == 0)
        gpu->pcie_gen = other->pcie_gen;
    if (gpu->pcie_width == 0)
        gpu->pcie_width = other->pcie_width;
    if (gpu->pcie_gen_now == 0)
        gpu->pcie_gen_now = other->pcie_gen_now;
    if (gpu->pcie_width_now == 0)
        gpu->pcie_width_now = other->pcie_width_now;
    if (gpu->mig < 0)
        gpu->mig = other->mig;
    if (gpu->nlinks < 0) {
        gpu->nlinks = other->nlinks;
        memcpy(gpu->links, other->links, sizeof gpu->links);
        gpu->links_up = other->links_up;
        gpu->links_down = other->links_down;
    }
    if (!gpu->cluster[0]) {
        memcpy(gpu->cluster, other->cluster, sizeof gpu->cluster);
        gpu->clique = other->clique;
    }
}

int xb_gpu_nvlinks(const struct xb_gpu_info *gpu, double *gb_per_s)
{
    int links = 0;

    *gb_per_s = 0;
    for (int i = 0; i < gpu->nlinks; i++) {
        if (gpu->links[i].end == XB_LINK_TO_CPU)
            continue;
        links += gpu->links[i].links;
        *gb_per_s += gpu->links[i].gb_per_s;
    }
    return gpu->nlinks < 0 ? -1 : links;
}

void xb_node_info_release(struct xb_node_info *node)
{
    free(node->gpus);
    *node = (struct xb_node_info){.gpus = NULL};
}
