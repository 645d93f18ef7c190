/* SPDX-License-Identifier: BSD-3-Clause */
/* page_nodes.c - where everything is, as boxes within boxes: a node, its NUMA nodes, their
 * PCI Express switches, GPUs and NICs, and in each GPU the ranks that are bound to it. They are
 * lists of lists, so that who hears the page follows them too.
 */
#include "report/page/page_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/page/markup.h"

#define MOST_OPEN 8 /* nodes that are shown without a click */

#define UNKNOWN   (-1) /* the NUMA node of what does not say its own */
#define LAST_NUMA 1023 /* Linux has no more; all numbers up to the last are gone through */

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

    return numa >= 0 && numa <= LAST_NUMA ? (int)numa : UNKNOWN;
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

/* ---- NICs ---- */

static const cJSON *nics_of(const struct node *n)
{
    return cJSON_GetObjectItemCaseSensitive(n->node, "nics");
}

/* Is it one of a card's names? */
static bool is_named(const cJSON *nic, const char *name)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(nic, "names"))
    {
        if (is_same_text(cJSON_GetStringValue(item), name))
            return true;
    }
    return false;
}

/* Does the rank use that NIC: a card of the node, or where this is NULL the one of that name
 * near the same NUMA node? */
static bool uses(const struct node *n, const cJSON *rank, const cJSON *nic, const char *name,
                 int numa)
{
    const char *own = xb_page_text_of(rank, "nic");

    if (!own || !is_of_node(n, rank))
        return false;
    return nic ? is_named(nic, own) : numa_of(rank) == numa && is_same_text(own, name);
}

/* "50 GB/s, used by rank 0, 1" */
static void print_users(const struct node *n, const cJSON *nic, const char *name, int numa,
                        FILE *out)
{
    const char *before = "used by rank ";
    bool any = false;
    const cJSON *rank;

    cJSON_ArrayForEach(rank, n->ranks)
    {
        if (!uses(n, rank, nic, name, numa))
            continue;
        if (!any && isfinite(xb_page_number_of(rank, "nic_gb_per_s")))
            fprintf(out, "%.4g GB/s, ", xb_page_number_of(rank, "nic_gb_per_s"));
        fprintf(out, "%s%.0f", before, xb_page_number_of(rank, "rank"));
        before = ", ";
        any = true;
    }
    fputs(any ? "" : "no rank uses it", out);
}

/* A card of the node: by its first name, with the others and where it is. */
static void print_nic(const struct node *n, const cJSON *nic, FILE *out)
{
    const cJSON *names = cJSON_GetObjectItemCaseSensitive(nic, "names"), *name;
    const char *before = "<li class=\"nic\"><b>NIC ";

    cJSON_ArrayForEach(name, names)
    {
        fputs(before, out);
        xb_markup_text(cJSON_GetStringValue(name), out);
        before = name == names->child ? "</b>, " : ", ";
        fputs(name == names->child && !name->next ? "</b>" : "", out);
    }
    fputs("<br><small>", out);
    xb_markup_text(short_bus_id(xb_page_text_of(nic, "pci_bus_id")), out);
    fputs(", ", out);
    print_users(n, nic, NULL, UNKNOWN, out);
    fputs("</small></li>\n", out);
}

/* Is the rank's NIC one of the node's cards, which are shown by themselves? Early reports do
 * not describe these, and what is not on PCI is none of them. */
static bool is_described(const struct node *n, const char *name)
{
    const cJSON *nic;

    cJSON_ArrayForEach(nic, nics_of(n))
    {
        if (is_named(nic, name))
            return true;
    }
    return false;
}

/* Other NICs of a NUMA node's ranks, once, with who uses them. */
static void print_other_nics(const struct node *n, int numa, FILE *out)
{
    const cJSON *rank, *other;

    cJSON_ArrayForEach(rank, n->ranks)
    {
        const char *nic = xb_page_text_of(rank, "nic");
        bool first =
            nic && is_of_node(n, rank) && numa_of(rank) == numa && !is_described(n, nic);
        for (other = n->ranks->child; first && other != rank; other = other->next)
            first = !uses(n, other, NULL, nic, numa);
        if (!first)
            continue;
        fputs("<li class=\"nic\"><b>NIC ", out);
        xb_markup_text(nic, out);
        fputs("</b><br><small>", out);
        print_users(n, NULL, nic, numa, out);
        fputs("</small></li>\n", out);
    }
}

/* ---- NUMA nodes and switches ---- */

/* What a NUMA node has of the node's devices, GPUs or NICs, below a switch: NULL for none. */
struct below {
    int numa;
    const char *bridge;
};

static bool is_below(const cJSON *device, const struct below *place)
{
    const char *own = xb_page_text_of(device, "switch");

    return numa_of(device) == place->numa &&
           (place->bridge ? is_same_text(own, place->bridge) : !own);
}

static void print_devices(const struct node *n, const struct below *place, FILE *out)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(n->node, "gpus"))
    {
        if (is_below(item, place))
            print_gpu(n, item, out);
    }
    cJSON_ArrayForEach(item, nics_of(n))
    {
        if (is_below(item, place))
            print_nic(n, item, out);
    }
}

/* Is any device of the list below that switch, before `end`, or at all where this is NULL? */
static bool any_below(const cJSON *devices, const struct below *place, const cJSON *end)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, devices)
    {
        if (item == end)
            return false;
        if (is_below(item, place))
            return true;
    }
    return false;
}

static void print_switch(const struct node *n, const struct below *place, FILE *out)
{
    fputs("<li class=\"switch\"><span>PCIe switch ", out);
    xb_markup_text(short_bus_id(place->bridge), out);
    fputs("</span><ul>\n", out);
    print_devices(n, place, out);
    fputs("</ul></li>\n", out);
}

/* Each once, with all that is below it. */
static void print_switches(const struct node *n, int numa, FILE *out)
{
    const cJSON *gpus = cJSON_GetObjectItemCaseSensitive(n->node, "gpus"), *item;

    cJSON_ArrayForEach(item, gpus)
    {
        const struct below place = {numa, xb_page_text_of(item, "switch")};
        if (place.bridge && is_below(item, &place) && !any_below(gpus, &place, item))
            print_switch(n, &place, out);
    }
    cJSON_ArrayForEach(item, nics_of(n))
    {
        const struct below place = {numa, xb_page_text_of(item, "switch")};
        if (place.bridge && is_below(item, &place) && !any_below(gpus, &place, NULL) &&
            !any_below(nics_of(n), &place, item))
            print_switch(n, &place, out);
    }
}

/* Is anything of the node there? */
static bool is_used(const struct node *n, int numa)
{
    const cJSON *devices[] = {cJSON_GetObjectItemCaseSensitive(n->node, "gpus"), nics_of(n)};
    const cJSON *item;

    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++)
        cJSON_ArrayForEach(item, devices[i])
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
    const cJSON *devices[] = {cJSON_GetObjectItemCaseSensitive(n->node, "gpus"), nics_of(n)};
    const cJSON *item;
    int last = UNKNOWN;

    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++)
        cJSON_ArrayForEach(item, devices[i])
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
    const struct below none = {numa, NULL};
    const cJSON *item;

    if (numa == UNKNOWN)
        fputs("<li class=\"numa\"><span>NUMA node unknown</span><ul>\n", out);
    else
        fprintf(out, "<li class=\"numa\"><span>NUMA node %d</span><ul>\n", numa);
    print_switches(n, numa, out);
    print_devices(n, &none, out);
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
    print_other_nics(n, numa, out);
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
