/* SPDX-License-Identifier: BSD-3-Clause */
/* page_nodes.c - where everything is, as boxes within boxes: a node, its NUMA nodes, their
 * GPUs, and in each the ranks that are bound to it. They are lists of lists, so that who hears
 * the page follows them too.
 */
#include "report/page/page_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/page/markup.h"

#define MOST_OPEN 8 /* nodes that are shown without a click */

#define UNKNOWN (-1) /* the NUMA node of what does not say its own */

/* A report's ranks and one of its nodes. */
struct node {
    const struct xb_report *report;
    const cJSON *ranks, *node;
    double number;
};

/* ---- what is asked of them ---- */

static const char *short_bus_id(const char *pci)
{
    return pci && strncmp(pci, "0000:", 5) == 0 ? pci + 5 : pci;
}

static int numa_of(const cJSON *object)
{
    double numa = xb_page_number_of(object, "numa");

    return isfinite(numa) ? (int)numa : UNKNOWN;
}

static bool is_of_node(const struct node *n, const cJSON *rank)
{
    return xb_page_number_of(rank, "node") == n->number;
}

static bool is_same_text(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

/* Is the rank bound to that GPU? Instances of one have the bus id in common. */
static bool is_bound_to(const cJSON *rank, const cJSON *gpu)
{
    const cJSON *own = cJSON_GetObjectItemCaseSensitive(rank, "gpu");
    const char *uuid = xb_page_text_of(own, "uuid");

    return uuid && xb_page_text_of(gpu, "uuid")
               ? strcmp(uuid, xb_page_text_of(gpu, "uuid")) == 0
               : is_same_text(xb_page_text_of(own, "pci_bus_id"),
                              xb_page_text_of(gpu, "pci_bus_id"));
}

/* Is the rank's GPU shown already: one of those that describe the node, which early reports do
 * not, or that of a rank before it? */
static bool is_shown(const struct node *n, const cJSON *rank)
{
    const cJSON *gpu;

    for (gpu = n->ranks->child; gpu != rank; gpu = gpu->next)
        if (is_of_node(n, gpu) &&
            is_bound_to(rank, cJSON_GetObjectItemCaseSensitive(gpu, "gpu")))
            return true;
    cJSON_ArrayForEach(gpu, cJSON_GetObjectItemCaseSensitive(n->node, "gpus"))
    {
        if (is_bound_to(rank, gpu))
            return true;
    }
    return false;
}

/* ---- boxes ---- */

static void print_rank(const cJSON *rank, FILE *out)
{
    const char *cpuset = xb_page_text_of(rank, "cpuset"), *nic = xb_page_text_of(rank, "nic");

    fprintf(out, "<li class=\"rank\"><b>rank %.0f</b>", xb_page_number_of(rank, "rank"));
    if (cpuset) {
        fputs(", cores ", out);
        xb_markup_text(cpuset, out);
    }
    if (nic) {
        fputs(", NIC ", out);
        xb_markup_text(nic, out);
    }
    fputs("</li>", out);
}

/* "PCIe gen 5 x16, 18 NVLinks to switches, MIG" */
static void print_gpu_facts(const cJSON *gpu, FILE *out)
{
    const cJSON *pcie = cJSON_GetObjectItemCaseSensitive(gpu, "pcie"), *link;
    const cJSON *max = cJSON_GetObjectItemCaseSensitive(pcie, "max");
    double gen = xb_page_number_of(max ? max : pcie, "gen");
    double width = xb_page_number_of(max ? max : pcie, "width");
    const char *before = "";

    if (isfinite(gen) && isfinite(width)) {
        fprintf(out, "PCIe gen %.0f x%.0f", gen, width);
        before = ", ";
    }
    cJSON_ArrayForEach(link, cJSON_GetObjectItemCaseSensitive(gpu, "links"))
    {
        const char *end = xb_page_text_of(link, "end");
        const char *pci = short_bus_id(xb_page_text_of(link, "pci_bus_id"));
        bool switches = is_same_text(end, "switch");
        fprintf(out, "%s%.0f NVLinks to ", before, xb_page_number_of(link, "links"));
        xb_markup_text(switches ? "switches" : end, out);
        if (pci)
            fputc(' ', out);
        xb_markup_text(pci, out);
        before = ", ";
    }
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(gpu, "mig")))
        fprintf(out, "%san instance of MIG", before);
}

static void print_gpu(const struct node *n, const cJSON *gpu, FILE *out)
{
    const char *pci = short_bus_id(xb_page_text_of(gpu, "pci_bus_id"));
    const cJSON *rank;
    size_t bound = 0;

    fputs("<li class=\"gpu\"><b>GPU ", out);
    xb_markup_text(pci, out);
    fputs("</b><br>", out);
    xb_markup_text(xb_page_text_of(gpu, "name"), out);
    fputs("<br><small>", out);
    print_gpu_facts(gpu, out);
    fputs("</small><ul class=\"ranks\">", out);
    cJSON_ArrayForEach(rank, n->ranks)
    {
        if (is_of_node(n, rank) && is_bound_to(rank, gpu)) {
            print_rank(rank, out);
            bound++;
        }
    }
    fputs(bound ? "</ul></li>\n" : "<li class=\"idle\">no rank</li></ul></li>\n", out);
}

/* A NIC of a NUMA node's ranks, once, with who uses it. */
static void print_nics(const struct node *n, int numa, FILE *out)
{
    const cJSON *rank, *other;

    cJSON_ArrayForEach(rank, n->ranks)
    {
        const char *nic = xb_page_text_of(rank, "nic"), *before = "";
        bool first = nic && is_of_node(n, rank) && numa_of(rank) == numa;
        for (other = n->ranks->child; first && other != rank; other = other->next)
            first = !(is_of_node(n, other) && numa_of(other) == numa &&
                      is_same_text(nic, xb_page_text_of(other, "nic")));
        if (!first)
            continue;
        fputs("<li class=\"nic\"><b>NIC ", out);
        xb_markup_text(nic, out);
        fputs("</b><br><small>", out);
        if (isfinite(xb_page_number_of(rank, "nic_gb_per_s")))
            fprintf(out, "%.4g GB/s, ", xb_page_number_of(rank, "nic_gb_per_s"));
        fputs("used by rank ", out);
        for (other = rank; other; other = other->next)
            if (is_of_node(n, other) && numa_of(other) == numa &&
                is_same_text(nic, xb_page_text_of(other, "nic"))) {
                fprintf(out, "%s%.0f", before, xb_page_number_of(other, "rank"));
                before = ", ";
            }
        fputs("</small></li>\n", out);
    }
}

/* Is anything of the node there? */
static bool is_used(const struct node *n, int numa)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(n->node, "gpus"))
    {
        if (numa_of(item) == numa)
            return true;
    }
    cJSON_ArrayForEach(item, n->ranks)
    {
        if (is_of_node(n, item) && numa_of(item) == numa)
            return true;
    }
    return false;
}

static int last_numa(const struct node *n)
{
    const cJSON *item;
    int last = UNKNOWN;

    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(n->node, "gpus"))
    {
        last = numa_of(item) > last ? numa_of(item) : last;
    }
    cJSON_ArrayForEach(item, n->ranks)
    {
        if (is_of_node(n, item) && numa_of(item) > last)
            last = numa_of(item);
    }
    return last;
}

static void print_numa(const struct node *n, int numa, FILE *out)
{
    const cJSON *item;

    if (numa == UNKNOWN)
        fputs("<li class=\"numa\"><span>NUMA node unknown</span><ul>\n", out);
    else
        fprintf(out, "<li class=\"numa\"><span>NUMA node %d</span><ul>\n", numa);
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(n->node, "gpus"))
    {
        if (numa_of(item) == numa)
            print_gpu(n, item, out);
    }
    cJSON_ArrayForEach(item, n->ranks)
    {
        const cJSON *gpu = cJSON_GetObjectItemCaseSensitive(item, "gpu");
        if (!is_of_node(n, item) || numa_of(item) != numa || is_shown(n, item))
            continue;
        if (cJSON_IsObject(gpu))
            print_gpu(n, gpu, out);
        else
            print_rank(item, out);
    }
    print_nics(n, numa, out);
    fputs("</ul></li>\n", out);
}

/* What its operating system says of a node of that host. */
static void print_host(const struct xb_report *report, const char *host, FILE *out)
{
    const cJSON *facts;

    cJSON_ArrayForEach(facts, report->environment.nodes)
    {
        double processors = xb_page_number_of(facts, "processors");
        double bytes = xb_page_number_of(facts, "memory_bytes");
        if (!is_same_text(host, xb_page_text_of(facts, "host")))
            continue;
        fputs("<br><small>", out);
        xb_markup_text(xb_page_text_of(facts, "cpu"), out);
        if (isfinite(processors))
            fprintf(out, ", %.0f processors", processors);
        if (isfinite(bytes))
            fprintf(out, ", %.0f GiB", bytes / (1024.0 * 1024 * 1024));
        fputs("</small>", out);
        return;
    }
}

static void print_node(const struct node *n, FILE *out)
{
    const char *host = xb_page_text_of(n->node, "host");
    int last = last_numa(n);

    fprintf(out, "<li class=\"node\"><b>Node %.0f: ", n->number);
    xb_markup_text(host, out);
    fputs("</b>", out);
    print_host(n->report, host, out);
    fputs("<ul class=\"numas\">\n", out);
    for (int numa = UNKNOWN; numa <= last; numa++)
        if (is_used(n, numa))
            print_numa(n, numa, out);
    fputs("</ul></li>\n", out);
}

int xb_page_nodes(const struct xb_report *report, FILE *out)
{
    const cJSON *nodes = cJSON_GetObjectItemCaseSensitive(report->topology, "nodes"), *item;
    int place = 0;

    fputs(
        "<ul class=\"nodes\" aria-label=\"Nodes, their GPUs, and the ranks bound to them\">\n",
        out);
    cJSON_ArrayForEach(item, nodes)
    {
        const struct node n = {report,
                               cJSON_GetObjectItemCaseSensitive(report->topology, "ranks"),
                               item, xb_page_number_of(item, "node")};
        if (place++ == MOST_OPEN)
            fprintf(out,
                    "</ul>\n<details><summary>%d more nodes</summary><ul class=\"nodes\">\n",
                    cJSON_GetArraySize(nodes) - MOST_OPEN);
        print_node(&n, out);
    }
    fputs(place > MOST_OPEN ? "</ul></details>\n" : "</ul>\n", out);
    return 0;
}
