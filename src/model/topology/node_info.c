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

/* ---- what hwloc knows of the bus ---- */

static void format_pci(const struct hwloc_pcidev_attr_s *pci, char out[XB_PCI_LEN])
{
    snprintf(out, XB_PCI_LEN, "%04x:%02x:%02x.%x", pci->domain & 0xffffu, pci->bus,
             pci->dev & 0x1fu, pci->func & 7u);
}

/* Does a bridge lead to several devices? Functions of one card, which share a bus, are not
 * several; the ports of a switch share one, but are bridges. hwloc leaves out ports that lead
 * to one device alone, whose buses differ then. */
static bool is_switch(hwloc_obj_t bridge)
{
    hwloc_obj_t first = NULL;

    for (hwloc_obj_t child = bridge->io_first_child; child; child = child->next_sibling) {
        bool port = child->type == HWLOC_OBJ_BRIDGE;
        if (!port && child->type != HWLOC_OBJ_PCI_DEVICE)
            continue;
        if (first && (port || first->type == HWLOC_OBJ_BRIDGE ||
                      child->attr->pcidev.bus != first->attr->pcidev.bus))
            return true;
        first = first ? first : child;
    }
    return false;
}

/* Where a device hangs on the bus. */
struct way {
    int nbridges;
    char (*bridges)[XB_PCI_LEN];
    char *host_bridge, *pcie_switch;
};

/* The bridges above a device, up to the one that the CPU's own bus begins with. */
static void list_bridges(hwloc_obj_t dev, struct way *way)
{
    for (hwloc_obj_t up = dev->parent; up && up->type == HWLOC_OBJ_BRIDGE; up = up->parent) {
        const struct hwloc_bridge_attr_s *bridge = &up->attr->bridge;
        char id[XB_PCI_LEN];
        if (bridge->upstream_type == HWLOC_OBJ_BRIDGE_HOST) {
            snprintf(way->host_bridge, XB_PCI_LEN, "%04x:%02x",
                     bridge->downstream.pci.domain & 0xffffu,
                     bridge->downstream.pci.secondary_bus);
            continue;
        }
        format_pci(&bridge->upstream.pci, id);
        if (!way->pcie_switch[0] && is_switch(up))
            memcpy(way->pcie_switch, id, sizeof id);
        if (way->nbridges < XB_MAX_BRIDGES)
            memcpy(way->bridges[way->nbridges++], id, sizeof id);
    }
}

static void describe_gpu(const struct xb_topology *topo, const struct xb_topo_gpu *known,
                         struct xb_gpu_info *gpu)
{
    hwloc_topology_t hw = xb_topology_hwloc(topo);
    hwloc_obj_t dev = hwloc_get_pcidev_by_busidstring(hw, known->pci);
    struct way way = {0, gpu->bridges, gpu->host_bridge, gpu->pcie_switch};

    *gpu = xb_gpu_unknown(known->pci);
    gpu->numa = known->numa;
    if (!dev)
        return;
    gpu->package =
        xb_topology_package_of(topo, hwloc_get_non_io_ancestor_obj(hw, dev)->complete_cpuset);
    list_bridges(dev, &way);
    gpu->nbridges = way.nbridges;
}

/* ---- network cards ---- */

/* The PCI device that a network device of the system belongs to, or NULL. */
static hwloc_obj_t nic_device(hwloc_obj_t dev)
{
    int type = dev->attr->osdev.type;

    if ((type != HWLOC_OBJ_OSDEV_OPENFABRICS && type != HWLOC_OBJ_OSDEV_NETWORK) || !dev->name)
        return NULL;
    while (dev && dev->type != HWLOC_OBJ_PCI_DEVICE)
        dev = dev->parent;
    return dev;
}

/* The entry of a card, made where there is none; the list has room. */
static struct xb_nic_info *enter_nic(const struct xb_topology *topo, hwloc_obj_t dev,
                                     struct xb_node_info *node)
{
    char pci[XB_PCI_LEN];

    format_pci(&dev->attr->pcidev, pci);
    for (size_t i = 0; i < node->nnics; i++)
        if (strcmp(node->nics[i].pci, pci) == 0)
            return &node->nics[i];
    struct xb_nic_info *nic = &node->nics[node->nnics++];
    hwloc_obj_t near = hwloc_get_non_io_ancestor_obj(xb_topology_hwloc(topo), dev);
    struct way way = {0, nic->bridges, nic->host_bridge, nic->pcie_switch};
    memcpy(nic->pci, pci, sizeof nic->pci);
    nic->numa = xb_topology_numa_of(topo, near->complete_cpuset);
    list_bridges(dev, &way);
    nic->nbridges = way.nbridges;
    return nic;
}

static void name_nic(struct xb_nic_info *nic, hwloc_obj_t dev)
{
    bool fabric = dev->attr->osdev.type == HWLOC_OBJ_OSDEV_OPENFABRICS;

    if (nic->nnames == XB_MAX_NIC_NAMES)
        return;
    int at = fabric ? 0 : nic->nnames;
    memmove(nic->names[at + 1], nic->names[at],
            (size_t)(nic->nnames - at) * sizeof nic->names[0]);
    snprintf(nic->names[at], XB_NIC_LEN, "%s", dev->name);
    nic->nnames++;
}

static int by_pci(const void *a, const void *b)
{
    return strcmp(((const struct xb_nic_info *)a)->pci, ((const struct xb_nic_info *)b)->pci);
}

static int list_nics(const struct xb_topology *topo, struct xb_node_info *node,
                     struct xb_error *err)
{
    hwloc_topology_t hw = xb_topology_hwloc(topo);
    hwloc_obj_t dev = NULL, card;
    size_t most = 0;

    while ((dev = hwloc_get_next_osdev(hw, dev)))
        most += nic_device(dev) != NULL;
    node->nics = calloc(most + 1, sizeof *node->nics);
    if (!node->nics)
        return xb_fail(err, "out of memory");
    while ((dev = hwloc_get_next_osdev(hw, dev)))
        if ((card = nic_device(dev)))
            name_nic(enter_nic(topo, card, node), dev);
    qsort(node->nics, node->nnics, sizeof *node->nics, by_pci);
    return 0;
}

/* ---- a node ---- */

int xb_node_info_read(const struct xb_topology *topo, struct xb_node_info *out,
                      struct xb_error *err)
{
    const struct xb_topo_gpu *known;
    size_t n = xb_topology_gpus(topo, &known);

    *out = (struct xb_node_info){.gpus = calloc(n + 1, sizeof *out->gpus)};
    if (!out->gpus)
        return xb_fail(err, "out of memory");
    snprintf(out->host, sizeof out->host, "%s", xb_topology_host(topo));
    for (size_t i = 0; i < n; i++)
        describe_gpu(topo, &known[i], &out->gpus[out->ngpus++]);
    if (list_nics(topo, out, err) == 0)
        return 0;
    xb_node_info_release(out);
    return -1;
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
    free(node->nics);
    *node = (struct xb_node_info){.gpus = NULL};
}
