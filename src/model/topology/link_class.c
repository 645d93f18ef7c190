/* SPDX-License-Identifier: BSD-3-Clause */
/* link_class.c - what joins the two ends of a path. */
#include "model/topology/link_class.h"

#include <string.h>

#include "model/topology/product.h"
#include "model/topology/rank_ends.h"

/* One end of a path. A GPU that nobody has described has a bus id all the same. */
struct end {
    bool is_gpu;
    const char *pci;               /* of a GPU, "" if not known */
    const char *instance;          /* of an instance of that GPU, or "" */
    const struct xb_gpu_info *gpu; /* NULL in host memory, or where it is not described */
    int node, package, numa;
};

static const char *const class_names[] = {
    [XB_LINK_SAME_DEVICE] = "same-device",
    [XB_LINK_NVLINK] = "nvlink",
    [XB_LINK_C2C] = "c2c",
    [XB_LINK_PCIE_SWITCH] = "pcie-switch",
    [XB_LINK_HOST_BRIDGE] = "host-bridge",
    [XB_LINK_OTHER_SOCKET] = "other-socket",
    [XB_LINK_OTHER_NODE] = "other-node",
    [XB_LINK_CLASSES] = NULL,
};

const char *xb_link_class_name(enum xb_link_class link)
{
    return class_names[link];
}

int xb_link_class_find(const char *name, enum xb_link_class *out, struct xb_error *err)
{
    char list[XB_ERROR_LEN];

    for (int i = 0; i < XB_LINK_CLASSES; i++)
        if (strcmp(class_names[i], name) == 0) {
            *out = (enum xb_link_class)i;
            return 0;
        }
    return xb_fail(err, "found the link class \"%.40s\", expected %s", name,
                   xb_error_list(class_names, list, sizeof list));
}

const struct xb_gpu_info *xb_machine_gpu(const struct xb_machine *m, int rank, int index)
{
    const struct xb_rank_info *r = &m->ranks[rank];
    const struct xb_node_info *node = m->nodes ? &m->nodes[r->node] : NULL;
    int others = 0;

    if (m->ends && index == 0)
        return m->ends[rank].gpu;
    if (!node || !r->place.has_gpu)
        return NULL;
    if (index == 0)
        return xb_node_instance(node, r->place.pci, r->place.instance);
    for (int i = 0; i < r->nvisible; i++) {
        const struct xb_gpu_info *gpu = &node->gpus[r->visible[i]];
        if (!xb_gpu_same(gpu->pci, gpu->instance, r->place.pci, r->place.instance) &&
            ++others == index)
            return gpu;
    }
    return NULL;
}

/* ---- what joins what ---- */

static const struct xb_gpu_link *find_link(const struct xb_gpu_info *gpu, enum xb_link_end end,
                                           const char *pci)
{
    for (int i = 0; i < gpu->nlinks; i++)
        if (gpu->links[i].end == end && strcmp(gpu->links[i].pci, pci) == 0)
            return &gpu->links[i];
    return NULL;
}

static bool same_fabric(const struct xb_gpu_info *a, const struct xb_gpu_info *b,
                        bool same_node)
{
    if (!find_link(a, XB_LINK_TO_SWITCH, "") || !find_link(b, XB_LINK_TO_SWITCH, ""))
        return false;
    if (same_node && (!a->cluster[0] || !b->cluster[0]))
        return true;
    return a->cluster[0] && strcmp(a->cluster, b->cluster) == 0 && a->clique == b->clique;
}

bool xb_gpus_joined_directly(const struct xb_gpu_info *a, const struct xb_gpu_info *b)
{
    return a && b &&
           (find_link(a, XB_LINK_TO_GPU, b->pci) || find_link(b, XB_LINK_TO_GPU, a->pci));
}

static bool share_bridge(const struct xb_gpu_info *a, const struct xb_gpu_info *b)
{
    for (int i = 0; i < a->nbridges; i++)
        for (int k = 0; k < b->nbridges; k++)
            if (strcmp(a->bridges[i], b->bridges[k]) == 0)
                return true;
    return false;
}

static bool sockets_differ(const struct end *a, const struct end *b)
{
    if (a->package >= 0 && b->package >= 0)
        return a->package != b->package;
    return a->numa >= 0 && b->numa >= 0 && a->numa != b->numa;
}

static enum xb_link_class join(const struct end *a, const struct end *b)
{
    bool same_node = a->node == b->node, both = a->is_gpu && b->is_gpu;

    bool apart = both && (a->instance[0] || b->instance[0]);

    if (both && same_node && a->pci[0] && xb_gpu_same(a->pci, a->instance, b->pci, b->instance))
        return XB_LINK_SAME_DEVICE;
    if (apart) /* an instance reaches no other GPU or instance but through the host */
        return !same_node             ? XB_LINK_OTHER_NODE
               : sockets_differ(a, b) ? XB_LINK_OTHER_SOCKET
                                      : XB_LINK_HOST_BRIDGE;
    if (a->gpu && b->gpu &&
        ((same_node && xb_gpus_joined_directly(a->gpu, b->gpu)) ||
         same_fabric(a->gpu, b->gpu, same_node)))
        return XB_LINK_NVLINK;
    if (!same_node)
        return XB_LINK_OTHER_NODE;
    if (a->gpu && b->gpu && share_bridge(a->gpu, b->gpu))
        return XB_LINK_PCIE_SWITCH;
    if (sockets_differ(a, b))
        return XB_LINK_OTHER_SOCKET;
    if (!a->is_gpu && !b->is_gpu)
        return XB_LINK_SAME_DEVICE;
    const struct xb_gpu_info *gpu = both ? NULL : a->is_gpu ? a->gpu : b->gpu;
    return gpu && find_link(gpu, XB_LINK_TO_CPU, "") ? XB_LINK_C2C : XB_LINK_HOST_BRIDGE;
}

static struct end gpu_end(const struct xb_gpu_info *gpu, int node)
{
    return (struct end){.is_gpu = true,
                        .pci = gpu->pci,
                        .instance = gpu->instance,
                        .gpu = gpu,
                        .node = node,
                        .package = gpu->package,
                        .numa = gpu->numa};
}

enum xb_link_class xb_gpu_link_class(const struct xb_gpu_info *a, const struct xb_gpu_info *b,
                                     bool same_node)
{
    struct end from = gpu_end(a, 0), to = gpu_end(b, same_node ? 0 : 1);

    return join(&from, &to);
}

static struct end end_of(const struct xb_machine *m, int rank, struct xb_endpoint at)
{
    const struct xb_rank_info *r = &m->ranks[rank];
    const struct xb_gpu_info *gpu = xb_machine_gpu(m, rank, at.index);

    if (at.kind == XB_GPU && gpu)
        return gpu_end(gpu, r->node);
    if (at.kind == XB_GPU && r->place.has_gpu)
        return (struct end){.is_gpu = true,
                            .pci = at.index == 0 ? r->place.pci : "",
                            .instance = at.index == 0 ? r->place.instance : "",
                            .node = r->node,
                            .package = -1,
                            .numa = at.index == 0 ? r->place.numa : -1};
    return (struct end){
        .pci = "", .instance = "", .node = r->node, .package = r->place.package, .numa = -1};
}

enum xb_link_class xb_link_class_between(const struct xb_machine *m, const struct xb_path *path,
                                         int src_rank, int dst_rank)
{
    struct end from = end_of(m, src_rank, path->src), to = end_of(m, dst_rank, path->dst);

    return join(&from, &to);
}

/* ---- how wide it is ---- */

/* The narrower of two links, 0 if either is unknown. */
static double narrower(double a, double b)
{
    return a < b ? a : b;
}

double xb_pcie_gb_per_s(int gen, int width)
{
    static const double per_lane[] = {0,
                                      2.5 * 8 / 10 / 8,
                                      5.0 * 8 / 10 / 8,
                                      8.0 * 128 / 130 / 8,
                                      16.0 * 128 / 130 / 8,
                                      32.0 * 128 / 130 / 8,
                                      64.0 * 242 / 256 / 8};
    const int known = (int)(sizeof per_lane / sizeof per_lane[0]);
    return gen > 0 && gen < known && width > 0 ? per_lane[gen] * width : 0;
}

double xb_gpu_host_gb_per_s(const struct xb_gpu_info *gpu)
{
    const struct xb_gpu_link *c2c = gpu ? find_link(gpu, XB_LINK_TO_CPU, "") : NULL;

    if (c2c || !gpu)
        return c2c ? c2c->gb_per_s : 0;
    return xb_pcie_gb_per_s(gpu->pcie_gen, gpu->pcie_width);
}

double xb_gpu_switch_gb_per_s(const struct xb_gpu_info *gpu)
{
    const struct xb_gpu_link *links = gpu ? find_link(gpu, XB_LINK_TO_SWITCH, "") : NULL;
    double ignored;

    if (!links || links->links <= 0)
        return links ? links->gb_per_s : 0;
    int expected = xb_product_nvlinks(gpu->name);
    bool all = xb_gpu_nvlinks(gpu, &ignored) == links->links;
    return all && expected > links->links ? links->gb_per_s / links->links * expected
                                          : links->gb_per_s;
}

static double nvlink_gb_per_s(const struct xb_gpu_info *a, const struct xb_gpu_info *b,
                              bool same_node)
{
    if (!same_node || !xb_gpus_joined_directly(a, b))
        return narrower(xb_gpu_switch_gb_per_s(a), xb_gpu_switch_gb_per_s(b));

    const struct xb_gpu_link *there = find_link(a, XB_LINK_TO_GPU, b->pci);
    const struct xb_gpu_link *back = find_link(b, XB_LINK_TO_GPU, a->pci);
    if (there && back)
        return narrower(there->gb_per_s, back->gb_per_s);
    return there ? there->gb_per_s : back ? back->gb_per_s : 0;
}

static double host_links_gb_per_s(const struct end *a, const struct end *b)
{
    if (!a->is_gpu && !b->is_gpu)
        return 0;
    if (!a->is_gpu || !b->is_gpu)
        return xb_gpu_host_gb_per_s(a->is_gpu ? a->gpu : b->gpu);
    if (!a->gpu || !b->gpu || a->gpu->nlinks < 0 || b->gpu->nlinks < 0 ||
        (find_link(a->gpu, XB_LINK_TO_UNKNOWN, "") &&
         find_link(b->gpu, XB_LINK_TO_UNKNOWN, "")))
        return 0;
    return narrower(xb_gpu_host_gb_per_s(a->gpu), xb_gpu_host_gb_per_s(b->gpu));
}

double xb_link_gb_per_s(const struct xb_machine *m, const struct xb_path *path, int src_rank,
                        int dst_rank)
{
    struct end from = end_of(m, src_rank, path->src), to = end_of(m, dst_rank, path->dst);

    switch (join(&from, &to)) {
    case XB_LINK_NVLINK:
        return nvlink_gb_per_s(from.gpu, to.gpu, from.node == to.node);
    case XB_LINK_C2C:
    case XB_LINK_PCIE_SWITCH:
    case XB_LINK_HOST_BRIDGE:
    case XB_LINK_OTHER_SOCKET:
        return host_links_gb_per_s(&from, &to);
    case XB_LINK_OTHER_NODE:
        return narrower(m->ranks[src_rank].nic_gb_per_s, m->ranks[dst_rank].nic_gb_per_s);
    case XB_LINK_SAME_DEVICE:
        break;
    }
    return 0;
}
