/* SPDX-License-Identifier: BSD-3-Clause */
/* report_topology.c - the `topology` of a report: nodes, and each rank's place. */
#include "report/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/topology/link_warn.h"
#include "model/topology/product.h"
#include "report/gpu_state_json.h"
#include "report/report_json.h"

static cJSON *pcie_json(const struct xb_rank_info *rank)
{
    cJSON *pcie = cJSON_CreateObject();
    bool good = xb_report_put(pcie, "gen", xb_report_known(rank->pcie_gen)) &&
                xb_report_put(pcie, "width", xb_report_known(rank->pcie_width));

    return xb_report_done(pcie, good);
}

static cJSON *nvlink_json(const struct xb_rank_info *rank)
{
    int links = rank->nvlink_links;
    cJSON *nvlink = cJSON_CreateObject();
    bool good =
        xb_report_put(nvlink, "links", xb_report_number(links >= 0 ? (double)links : NAN)) &&
        xb_report_put(nvlink, "expected",
                      xb_report_known(xb_product_nvlinks(rank->gpu_name))) &&
        xb_report_put(nvlink, "gb_per_s", xb_report_known(rank->nvlink_gb_per_s));

    return xb_report_done(nvlink, good);
}

static cJSON *gpudirect_json(const struct xb_rank_info *rank)
{
    cJSON *gpudirect = cJSON_CreateObject();
    bool good = xb_report_put(gpudirect, "rdma", xb_report_flag(rank->gpudirect_rdma)) &&
                xb_report_put(gpudirect, "dma_buf", xb_report_flag(rank->dma_buf));

    return xb_report_done(gpudirect, good);
}

static cJSON *gpu_json(const struct xb_rank_info *rank)
{
    if (!rank->place.has_gpu)
        return cJSON_CreateNull();

    cJSON *gpu = cJSON_CreateObject();
    bool good = xb_report_put(gpu, "uuid", xb_report_text(rank->gpu_uuid)) &&
                xb_report_put(gpu, "pci_bus_id", xb_report_text(rank->place.pci)) &&
                xb_report_put(gpu, "name", xb_report_text(rank->gpu_name)) &&
                xb_report_put(gpu, "mig", cJSON_CreateBool(rank->place.instance[0] != '\0')) &&
                xb_report_put(gpu, "sharers", xb_report_number(rank->place.sharers)) &&
                xb_report_put(gpu, "pcie", pcie_json(rank)) &&
                xb_report_put(gpu, "nvlink", nvlink_json(rank)) &&
                xb_report_put(gpu, "memory_gb_per_s", xb_report_known(rank->memory_gb_per_s)) &&
                xb_report_put(gpu, "gpudirect", gpudirect_json(rank)) &&
                xb_gpu_state_put(gpu, &rank->before, NULL);

    return xb_report_done(gpu, good);
}

static cJSON *found_json(const struct xb_host_memory *memory)
{
    if (memory->n == 0)
        return cJSON_CreateNull();

    cJSON *found = cJSON_CreateObject();
    bool good = found != NULL;
    for (int i = 0; good && i < memory->n; i++) {
        char node[16];
        snprintf(node, sizeof node, "%d", memory->found[i].node);
        good = xb_report_put(found, node, xb_report_number((double)memory->found[i].pages));
    }
    return xb_report_done(found, good);
}

static cJSON *memory_json(const struct xb_host_memory *memory)
{
    cJSON *object = cJSON_CreateObject();
    bool good =
        xb_report_put(object, "numa_asked",
                      xb_report_number(memory->asked >= 0 ? (double)memory->asked : NAN)) &&
        xb_report_put(object, "kind",
                      cJSON_CreateString(memory->pinned ? "pinned" : "pageable")) &&
        xb_report_put(object, "numa_found", found_json(memory));

    return xb_report_done(object, good);
}

/* Those that gpu+1, gpu+2 and so on of the rank are, and its own, in bus order; null where
 * nobody has described its node. */
static cJSON *visible_json(const struct xb_rank_info *rank, const struct xb_node_info *node)
{
    if (!node)
        return cJSON_CreateNull();

    cJSON *array = cJSON_CreateArray();
    bool good = array != NULL;
    for (int i = 0; good && i < rank->nvisible; i++) {
        const struct xb_gpu_info *seen = &node->gpus[rank->visible[i]];
        cJSON *gpu = cJSON_CreateObject();
        bool complete = xb_report_put(gpu, "uuid", xb_report_text(seen->uuid)) &&
                        xb_report_put(gpu, "pci_bus_id", xb_report_text(seen->pci)) &&
                        xb_report_put(gpu, "name", xb_report_text(seen->name)) &&
                        xb_report_put(gpu, "mig", cJSON_CreateBool(seen->instance[0] != '\0'));
        good = xb_report_push(array, xb_report_done(gpu, complete));
    }
    return xb_report_done(array, good);
}

static cJSON *rank_json(const struct xb_rank_info *rank, const struct xb_node_info *node)
{
    const struct xb_place *place = &rank->place;
    cJSON *object = cJSON_CreateObject();
    bool good = xb_report_put(object, "rank", xb_report_number(rank->rank)) &&
                xb_report_put(object, "node", xb_report_number(rank->node)) &&
                xb_report_put(object, "host", xb_report_text(rank->host)) &&
                xb_report_put(object, "cpuset", xb_report_text(xb_place_cpuset(place))) &&
                xb_report_put(object, "binding_kept", cJSON_CreateBool(place->kept_binding)) &&
                xb_report_put(object, "numa",
                              xb_report_number(place->numa >= 0 ? (double)place->numa : NAN)) &&
                xb_report_put(object, "host_memory", memory_json(&rank->host_memory)) &&
                xb_report_put(object, "gpu", gpu_json(rank)) &&
                xb_report_put(object, "visible_gpus", visible_json(rank, node)) &&
                xb_report_put(object, "nic", xb_report_text(place->nic)) &&
                xb_report_put(object, "nic_gb_per_s", xb_report_known(rank->nic_gb_per_s)) &&
                xb_report_put(object, "warning", xb_report_text(xb_place_warning(place)));

    return xb_report_done(object, good);
}

static cJSON *ranks_json(const struct xb_rank_info *ranks, size_t nranks,
                         const struct xb_node_info *nodes)
{
    cJSON *array = cJSON_CreateArray();
    bool good = array != NULL;

    for (size_t i = 0; good && i < nranks; i++)
        good =
            xb_report_push(array, rank_json(&ranks[i], nodes ? &nodes[ranks[i].node] : NULL));
    return xb_report_done(array, good);
}

/* The ranks of each node, from the lowest on. */
struct by_node {
    const struct xb_rank_info *ranks;
    size_t *first, *next; /* of a node, and behind a rank: places from 1 */
};

static bool sort_by_node(const struct xb_rank_info *ranks, size_t nranks, struct by_node *out)
{
    size_t nodes = 0;

    for (size_t i = 0; i < nranks; i++)
        nodes = (size_t)ranks[i].node >= nodes ? (size_t)ranks[i].node + 1 : nodes;
    *out = (struct by_node){ranks, calloc(nodes + 1, sizeof *out->first),
                            calloc(nranks + 1, sizeof *out->next)};
    if (!out->first || !out->next)
        return false;
    for (size_t i = nranks; i-- > 0;) {
        size_t *first = &out->first[ranks[i].node];
        out->next[i] = *first;
        *first = i + 1;
    }
    return true;
}

/* The ranks on the node of rank i, which is its lowest. */
static cJSON *members_json(const struct by_node *b, size_t i)
{
    cJSON *members = cJSON_CreateArray();
    bool good = members != NULL;

    for (size_t at = i + 1; good && at > 0; at = b->next[at - 1])
        good = xb_report_push(members, xb_report_number(b->ranks[at - 1].rank));
    return xb_report_done(members, good);
}

static cJSON *speed_json(int gen, int width)
{
    cJSON *speed = cJSON_CreateObject();
    bool good = xb_report_put(speed, "gen", xb_report_known(gen)) &&
                xb_report_put(speed, "width", xb_report_known(width));

    return xb_report_done(speed, good);
}

static cJSON *link_json(const struct xb_gpu_link *link)
{
    cJSON *object = cJSON_CreateObject();
    bool good = xb_report_put(object, "end", xb_report_text(xb_link_end_name(link->end))) &&
                xb_report_put(object, "pci_bus_id", xb_report_text(link->pci)) &&
                xb_report_put(object, "links", xb_report_number(link->links)) &&
                xb_report_put(object, "gb_per_s", xb_report_known(link->gb_per_s));

    return xb_report_done(object, good);
}

static cJSON *links_json(const struct xb_gpu_info *gpu)
{
    if (gpu->nlinks < 0)
        return cJSON_CreateNull();

    cJSON *links = cJSON_CreateArray();
    bool good = links != NULL;
    for (int i = 0; good && i < gpu->nlinks; i++)
        good = xb_report_push(links, link_json(&gpu->links[i]));
    return xb_report_done(links, good);
}

static cJSON *inactive_json(const struct xb_gpu_info *gpu)
{
    if (!gpu->links_up && !gpu->links_down)
        return cJSON_CreateNull();

    cJSON *numbers = cJSON_CreateArray();
    bool good = numbers != NULL;
    for (int i = 0; good && i < 64; i++)
        if (gpu->links_down >> i & 1)
            good = xb_report_push(numbers, xb_report_number(i));
    return xb_report_done(numbers, good);
}

static cJSON *fabric_json(const struct xb_gpu_info *gpu)
{
    if (!gpu->cluster[0])
        return cJSON_CreateNull();

    cJSON *fabric = cJSON_CreateObject();
    bool good = xb_report_put(fabric, "cluster", xb_report_text(gpu->cluster)) &&
                xb_report_put(fabric, "clique", xb_report_number(gpu->clique));
    return xb_report_done(fabric, good);
}

static cJSON *speeds_json(const struct xb_gpu_info *gpu)
{
    cJSON *pcie = cJSON_CreateObject();
    bool good =
        xb_report_put(pcie, "max", speed_json(gpu->pcie_gen, gpu->pcie_width)) &&
        xb_report_put(pcie, "current", speed_json(gpu->pcie_gen_now, gpu->pcie_width_now));

    return xb_report_done(pcie, good);
}

static cJSON *bridges_json(const char bridges[][XB_PCI_LEN], int n)
{
    cJSON *list = cJSON_CreateArray();
    bool good = list != NULL;

    for (int i = 0; good && i < n; i++)
        good = xb_report_push(list, cJSON_CreateString(bridges[i]));
    return xb_report_done(list, good);
}

static cJSON *described_gpu_json(const struct xb_gpu_info *gpu)
{
    cJSON *object = cJSON_CreateObject();
    bool good = xb_report_put(object, "pci_bus_id", xb_report_text(gpu->pci)) &&
                xb_report_put(object, "name", xb_report_text(gpu->name)) &&
                xb_report_put(object, "uuid", xb_report_text(gpu->uuid)) &&
                xb_report_put(object, "pcie", speeds_json(gpu)) &&
                xb_report_put(object, "numa",
                              xb_report_number(gpu->numa >= 0 ? (double)gpu->numa : NAN)) &&
                xb_report_put(object, "switch", xb_report_text(gpu->pcie_switch)) &&
                xb_report_put(object, "bridges", bridges_json(gpu->bridges, gpu->nbridges)) &&
                xb_report_put(object, "host_bridge", xb_report_text(gpu->host_bridge)) &&
                xb_report_put(object, "mig", xb_report_flag(gpu->mig)) &&
                xb_report_put(object, "links", links_json(gpu)) &&
                xb_report_put(object, "inactive_links", inactive_json(gpu)) &&
                xb_report_put(object, "fabric", fabric_json(gpu));
    return xb_report_done(object, good);
}

/* The GPUs of a node, those too that no rank has taken; null where nobody has described it. */
static cJSON *gpus_json(const struct xb_node_info *node)
{
    if (!node)
        return cJSON_CreateNull();

    cJSON *gpus = cJSON_CreateArray();
    bool good = gpus != NULL;
    for (size_t i = 0; good && i < node->ngpus; i++)
        good = xb_report_push(gpus, described_gpu_json(&node->gpus[i]));
    return xb_report_done(gpus, good);
}

static cJSON *nic_json(const struct xb_nic_info *nic)
{
    cJSON *object = cJSON_CreateObject(), *names = cJSON_CreateArray();
    bool good = names != NULL;

    for (int i = 0; good && i < nic->nnames; i++)
        good = xb_report_push(names, cJSON_CreateString(nic->names[i]));
    names = xb_report_done(names, good);
    good = xb_report_put(object, "names", names) &&
           xb_report_put(object, "pci_bus_id", xb_report_text(nic->pci)) &&
           xb_report_put(object, "numa",
                         xb_report_number(nic->numa >= 0 ? (double)nic->numa : NAN)) &&
           xb_report_put(object, "switch", xb_report_text(nic->pcie_switch)) &&
           xb_report_put(object, "bridges", bridges_json(nic->bridges, nic->nbridges)) &&
           xb_report_put(object, "host_bridge", xb_report_text(nic->host_bridge));
    return xb_report_done(object, good);
}

/* The NICs of a node that are on PCI, those too that no rank uses; null likewise. */
static cJSON *nics_json(const struct xb_node_info *node)
{
    if (!node)
        return cJSON_CreateNull();

    cJSON *nics = cJSON_CreateArray();
    bool good = nics != NULL;
    for (size_t i = 0; good && i < node->nnics; i++)
        good = xb_report_push(nics, nic_json(&node->nics[i]));
    return xb_report_done(nics, good);
}

static cJSON *node_json(const struct by_node *b, size_t first, const struct xb_node_info *nodes)
{
    const struct xb_rank_info *ranks = b->ranks;
    const struct xb_node_info *info = nodes ? &nodes[ranks[first].node] : NULL;
    cJSON *node = cJSON_CreateObject();
    bool good = xb_report_put(node, "node", xb_report_number(ranks[first].node)) &&
                xb_report_put(node, "host", xb_report_text(ranks[first].host)) &&
                xb_report_put(node, "ranks", members_json(b, first)) &&
                xb_report_put(node, "gpus", gpus_json(info)) &&
                xb_report_put(node, "nics", nics_json(info));

    return xb_report_done(node, good);
}

static cJSON *nodes_json(const struct xb_rank_info *ranks, size_t nranks,
                         const struct xb_node_info *nodes)
{
    cJSON *array = cJSON_CreateArray();
    struct by_node by_node;
    bool good = sort_by_node(ranks, nranks, &by_node) && array;

    for (size_t i = 0; good && i < nranks; i++) {
        if (by_node.first[ranks[i].node] == i + 1)
            good = xb_report_push(array, node_json(&by_node, i, nodes));
    }
    free(by_node.first);
    free(by_node.next);
    return xb_report_done(array, good);
}

/* ---- what is wrong ---- */

struct warnings {
    cJSON *list;
    bool good;
};

static void add_warning(void *arg, const char *text)
{
    struct warnings *warnings = arg;

    warnings->good = warnings->good && xb_report_push(warnings->list, cJSON_CreateString(text));
}

static cJSON *warnings_json(const struct xb_rank_info *ranks, size_t nranks,
                            const struct xb_node_info *nodes)
{
    struct warnings warnings = {.list = cJSON_CreateArray()};
    int nnodes = 0;

    for (size_t i = 0; i < nranks; i++)
        nnodes = ranks[i].node >= nnodes ? ranks[i].node + 1 : nnodes;
    warnings.good = warnings.list != NULL;
    if (xb_warn_links(ranks, nranks, nodes, (size_t)nnodes, add_warning, &warnings) < 0)
        warnings.good = false;
    return xb_report_done(warnings.list, warnings.good);
}

cJSON *xb_report_topology(const struct xb_rank_info *ranks, size_t nranks,
                          const struct xb_node_info *nodes)
{
    cJSON *topology = cJSON_CreateObject();
    bool good = xb_report_put(topology, "nodes", nodes_json(ranks, nranks, nodes)) &&
                xb_report_put(topology, "ranks", ranks_json(ranks, nranks, nodes)) &&
                xb_report_put(topology, "warnings", warnings_json(ranks, nranks, nodes));

    return xb_report_done(topology, good);
}

int xb_report_states(struct xb_report *report, const struct xb_rank_info *ranks, size_t nranks,
                     const struct xb_gpu_state *after, struct xb_error *err)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(report->topology, "ranks");
    struct warnings warnings = {
        .list = cJSON_GetObjectItemCaseSensitive(report->topology, "warnings"), .good = true};

    const cJSON *rank = list ? list->child : NULL;

    for (size_t i = 0; warnings.good && i < nranks; i++, rank = rank ? rank->next : NULL) {
        cJSON *gpu = cJSON_GetObjectItemCaseSensitive(rank, "gpu");
        if (ranks[i].place.has_gpu)
            warnings.good = xb_gpu_state_put(gpu, &ranks[i].before, &after[i]);
    }
    if (xb_warn_run(ranks, nranks, after, add_warning, &warnings) < 0)
        warnings.good = false;
    return warnings.good ? 0 : xb_fail(err, "out of memory for the report");
}

int xb_report_warn(struct xb_report *report, const char *text, struct xb_error *err)
{
    struct warnings warnings = {
        .list = cJSON_GetObjectItemCaseSensitive(report->topology, "warnings"), .good = true};

    add_warning(&warnings, text);
    return warnings.good ? 0 : xb_fail(err, "out of memory for the report");
}
