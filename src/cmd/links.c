/* SPDX-License-Identifier: BSD-3-Clause */
/* links.c - the tables of a node's GPUs and of what joins them. */
#include "cmd/cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "model/topology/link_class.h"
#include "model/topology/link_warn.h"
#include "report/formats/table.h"

/* "18 to switches, 478.1 GB/s; 2 to 0000:5e:00.0, 50.0 GB/s", "none", "not known". */
static void describe_links(const struct xb_gpu_info *gpu, char *text, size_t len)
{
    size_t at = 0;

    snprintf(text, len, gpu->nlinks < 0 ? "not known" : "none");
    for (int i = 0; i < gpu->nlinks && at < len; i++) {
        const struct xb_gpu_link *link = &gpu->links[i];
        const char *end = link->end == XB_LINK_TO_GPU      ? link->pci
                          : link->end == XB_LINK_TO_SWITCH ? "switches"
                          : link->end == XB_LINK_TO_CPU    ? "the CPU"
                                                           : "something unknown";
        at += (size_t)snprintf(text + at, len - at, "%s%d to %s", i ? "; " : "", link->links,
                               end);
        if (link->gb_per_s > 0 && at < len)
            at += (size_t)snprintf(text + at, len - at, ", %.1f GB/s", link->gb_per_s);
    }
}

static void add_gpu(struct xb_table *table, const struct xb_gpu_info *gpu)
{
    char socket[16], pcie[32], links[1024], label[XB_GPU_LABEL_LEN];

    snprintf(socket, sizeof socket, gpu->package >= 0 ? "%d" : "-", gpu->package);
    snprintf(pcie, sizeof pcie, gpu->pcie_gen > 0 ? "gen %d x%d" : "-", gpu->pcie_gen,
             gpu->pcie_width);
    describe_links(gpu, links, sizeof links);
    const char *cells[] = {xb_gpu_label(gpu->pci, gpu->instance, label),
                           gpu->name[0] ? gpu->name : "-",
                           socket,
                           pcie,
                           links,
                           NULL};
    xb_table_add(table, cells);
}

static void print_gpus(const struct xb_node_info *node)
{
    static const char *const titles[] = {"bus id", "GPU", ">socket", "PCIe", "links", NULL};
    struct xb_table *table = xb_table_new(titles);

    for (size_t i = 0; table && i < node->ngpus; i++)
        add_gpu(table, &node->gpus[i]);
    if (table)
        xb_table_print(table, stdout);
    xb_table_free(table);
}

/* ---- PCI Express switches ---- */

/* The switches above any GPU or NIC, each once, in the order of what is below them. */
struct switches {
    const char **id;
    size_t n;
};

static void add_switch(struct switches *s, const char *id)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->id[i], id) == 0)
            return;
    if (id[0])
        s->id[s->n++] = id;
}

/* "PCIe switch 0000:01:00.0: GPU 0000:02:00.0, GPU 0000:03:00.0, NIC mlx5_0 (0000:04:00.0)" */
static void print_switch(const struct xb_node_info *node, const char *id)
{
    char label[XB_GPU_LABEL_LEN];
    const char *before = "";

    printf("PCIe switch %s: ", id);
    for (size_t i = 0; i < node->ngpus; i++) {
        const struct xb_gpu_info *gpu = &node->gpus[i];
        if (strcmp(gpu->pcie_switch, id) != 0)
            continue;
        printf("%sGPU %s", before, xb_gpu_label(gpu->pci, gpu->instance, label));
        before = ", ";
    }
    for (size_t i = 0; i < node->nnics; i++)
        if (strcmp(node->nics[i].pcie_switch, id) == 0) {
            printf("%sNIC %s (%s)", before, node->nics[i].names[0], node->nics[i].pci);
            before = ", ";
        }
    printf("\n");
}

static void print_switches(const struct xb_node_info *node)
{
    struct switches s = {calloc(node->ngpus + node->nnics + 1, sizeof *s.id), 0};

    for (size_t i = 0; s.id && i < node->ngpus; i++)
        add_switch(&s, node->gpus[i].pcie_switch);
    for (size_t i = 0; s.id && i < node->nnics; i++)
        add_switch(&s, node->nics[i].pcie_switch);
    for (size_t i = 0; i < s.n; i++) {
        printf("%s", i == 0 ? "\n" : "");
        print_switch(node, s.id[i]);
    }
    free(s.id);
}

static void print_classes(const struct xb_node_info *node)
{
    char(*labels)[XB_GPU_LABEL_LEN] = calloc(node->ngpus, sizeof *labels);
    const char **cells = calloc(node->ngpus + 2, sizeof *cells);
    struct xb_table *table = NULL;

    if (!cells || !labels)
        goto out;
    cells[0] = "between";
    for (size_t i = 0; i < node->ngpus; i++)
        cells[i + 1] = xb_gpu_label(node->gpus[i].pci, node->gpus[i].instance, labels[i]);
    table = xb_table_new(cells);
    for (size_t i = 0; table && i < node->ngpus; i++) {
        cells[0] = labels[i];
        for (size_t k = 0; k < node->ngpus; k++)
            cells[k + 1] = i == k ? "-"
                                  : xb_link_class_name(xb_gpu_link_class(&node->gpus[i],
                                                                         &node->gpus[k], true));
        xb_table_add(table, cells);
    }
    if (table)
        xb_table_print(table, stdout);
    xb_table_free(table);
out:
    free(cells);
    free(labels);
}

void xb_links_print(const struct xb_node_info *node)
{
    if (node->ngpus == 0)
        return;
    printf("\nGPUs of %s\n", node->host[0] ? node->host : "this node");
    print_gpus(node);
    print_switches(node);
    if (node->ngpus < 2)
        return;
    printf("\n");
    print_classes(node);
}

static void print_warning(void *arg, const char *text)
{
    (void)arg;
    printf("warning: %s\n", text);
}

void xb_links_warn(const struct xb_rank_info *ranks, size_t nranks,
                   const struct xb_node_info *nodes, size_t nnodes)
{
    if (xb_warn_links(ranks, nranks, nodes, nnodes, print_warning, NULL) < 0)
        xb_log_error("out of memory for warnings");
}
