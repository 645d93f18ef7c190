/* SPDX-License-Identifier: BSD-3-Clause */
/* expect_machine.c - which machine a report is of, and what its GPUs have. */
#include "report/expect.h"

#include <assert.h>
#include <fnmatch.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text_set.h"

static const cJSON *at(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static const char *text_at(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(at(object, key));
}

/* ---- which machine ---- */

static const char *const trait_names[] = {[XB_TRAIT_CPU] = "cpu",
                                          [XB_TRAIT_DEVICE] = "device",
                                          [XB_TRAIT_GPU] = "gpu",
                                          [XB_TRAIT_HOST] = "host"};

const char *xb_expect_trait_name(enum xb_expect_trait trait)
{
    return trait_names[trait];
}

/* The next value, NULL where it is not known; false behind the last. */
static bool any_trait(struct xb_trait_walk *walk, const char **value)
{
    const cJSON *nodes = walk->report->environment.nodes;
    const struct xb_report_rank *rank = NULL;
    size_t i = walk->next++;

    if (walk->trait == XB_TRAIT_CPU)
        walk->node = i == 0       ? (nodes ? nodes->child : NULL)
                     : walk->node ? walk->node->next
                                  : NULL;
    else if (i < walk->report->ranks.n)
        rank = xb_report_rank_at(walk->report, i);
    *value = NULL;
    switch (walk->trait) {
    case XB_TRAIT_CPU:
        *value = text_at(walk->node, "cpu");
        return walk->node != NULL;
    case XB_TRAIT_DEVICE:
        *value = walk->report->run.device;
        return i == 0;
    case XB_TRAIT_GPU:
        *value = rank && rank->gpu.there ? rank->gpu.name : NULL;
        return rank != NULL;
    case XB_TRAIT_HOST:
        *value = rank ? rank->host : NULL;
        return rank != NULL;
    }
    return false;
}

const char *xb_expect_trait_next(struct xb_trait_walk *walk)
{
    const char *value;

    while (any_trait(walk, &value)) {
        if (!value || (walk->last && strcmp(value, walk->last) == 0))
            continue; /* most often it is that of the one before */
        walk->last = value;
        return value;
    }
    return NULL;
}

const char *xb_expect_trait_first(const struct xb_report *report, enum xb_expect_trait trait)
{
    struct xb_trait_walk walk = {.report = report, .trait = trait};

    return xb_expect_trait_next(&walk);
}

static bool fits(const cJSON *wanted, const char *text)
{
    const cJSON *one;

    if (cJSON_IsString(wanted))
        return fnmatch(wanted->valuestring, text, FNM_NOESCAPE) == 0;
    cJSON_ArrayForEach(one, wanted)
    {
        if (fnmatch(one->valuestring, text, FNM_NOESCAPE) == 0)
            return true;
    }
    return false;
}

static bool match_trait(const struct xb_expectations *expect, const struct xb_report *report,
                        enum xb_expect_trait trait, struct xb_error *why)
{
    const cJSON *wanted = at(expect->match, trait_names[trait]);
    struct xb_trait_walk walk = {.report = report, .trait = trait};
    const char *text;
    bool any = false;

    if (!wanted)
        return true;
    for (; (text = xb_expect_trait_next(&walk)); any = true)
        if (!fits(wanted, text)) {
            xb_fail(why, "%s are for another %s than \"%s\"", expect->name, trait_names[trait],
                    text);
            return false;
        }
    if (!any)
        xb_fail(why, "%s ask for a %s, of which the report says nothing", expect->name,
                trait_names[trait]);
    return any;
}

bool xb_expect_match(const struct xb_expectations *expect, const struct xb_report *report,
                     struct xb_error *why)
{
    for (int t = 0; t < XB_TRAITS; t++)
        if (!match_trait(expect, report, (enum xb_expect_trait)t, why))
            return false;
    return true;
}

/* ---- nodes and GPUs ---- */

static const cJSON *find_described(const cJSON *node, const char *uuid, const char *bus_id)
{
    const cJSON *gpu;

    cJSON_ArrayForEach(gpu, at(node, "gpus"))
    {
        const char *its = text_at(gpu, "uuid"), *bus = text_at(gpu, "pci_bus_id");
        if (uuid && its ? strcmp(uuid, its) == 0 : bus_id && bus && strcmp(bus_id, bus) == 0)
            return gpu;
    }
    return NULL;
}

/* What is known so far while the units of a report are gathered. */
struct gathering {
    struct xb_list *out;
    const cJSON *nodes, *ranks;
    struct xb_text_set numbers; /* of nodes */
    struct xb_list numbered;    /* of const cJSON *, the nodes of these */
    struct xb_text_set uuids;   /* of ranks' GPUs */
    struct xb_list taken;       /* of const cJSON *, GPUs that nodes describe and ranks have */
};

static int add_unit(const struct gathering *g, const struct xb_expect_gpu *unit)
{
    struct xb_expect_gpu *added = xb_list_add(g->out, sizeof *added);

    if (added)
        *added = *unit;
    return added ? 0 : -1;
}

static int add_item(struct xb_list *list, const cJSON *item)
{
    const cJSON **added = xb_list_add(list, sizeof(const cJSON *));

    if (added)
        *added = item;
    return added ? 0 : -1;
}

/* The number of a node as a text; NULL where it has none. */
static const char *node_number(const cJSON *object, char buf[32])
{
    const cJSON *number = at(object, "node");

    if (!cJSON_IsNumber(number))
        return NULL;
    snprintf(buf, 32, "%.17g", number->valuedouble);
    return buf;
}

/* Every node is a unit, and of two with one number the last counts. */
static int add_nodes(struct gathering *g)
{
    const cJSON *node;
    char buf[32];

    cJSON_ArrayForEach(node, g->nodes)
    {
        const struct xb_expect_gpu unit = {.host = text_at(node, "host"), .node = node};
        const char *text = node_number(node, buf);
        int64_t number = text ? xb_text_set_add(&g->numbers, text) : -1;
        if (add_unit(g, &unit) < 0 || (text && number < 0))
            return -1;
        if (text && (size_t)number < g->numbered.n)
            ((const cJSON **)g->numbered.item)[number] = node;
        else if (text && add_item(&g->numbered, node) < 0)
            return -1;
    }
    return 0;
}

/* The GPU of a rank's JSON. */
static void of_rank(const struct gathering *g, const cJSON *rank, struct xb_expect_gpu *out)
{
    const cJSON *gpu = at(rank, "gpu");
    char buf[32];
    const char *text = node_number(rank, buf);
    int64_t number = text ? xb_text_set_find(&g->numbers, text, strlen(text)) : -1;

    *out = (struct xb_expect_gpu){
        .host = text_at(rank, "host"), .bus_id = text_at(gpu, "pci_bus_id"), .gpu = gpu};
    if (number < 0)
        return;
    assert((size_t)number < g->numbered.n && g->numbered.item);
    out->node = ((const cJSON *const *)g->numbered.item)[number];
    out->described = find_described(out->node, text_at(gpu, "uuid"), out->bus_id);
}

/* GPUs of ranks, which several ranks may share. */
static int add_ranks(struct gathering *g)
{
    struct xb_expect_gpu unit;
    const cJSON *rank;

    cJSON_ArrayForEach(rank, g->ranks)
    {
        of_rank(g, rank, &unit);
        if (unit.described && add_item(&g->taken, unit.described) < 0)
            return -1;
        if (!cJSON_IsObject(unit.gpu))
            continue;
        const char *uuid = text_at(unit.gpu, "uuid");
        size_t before = g->uuids.n;
        if (uuid && xb_text_set_add(&g->uuids, uuid) < 0)
            return -1;
        if ((!uuid || g->uuids.n > before) && add_unit(g, &unit) < 0)
            return -1;
    }
    return 0;
}

static int by_address(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t) * (const cJSON *const *)a,
              y = (uintptr_t) * (const cJSON *const *)b;

    return (x > y) - (x < y);
}

/* What nodes describe and no rank has. */
static int add_others(struct gathering *g)
{
    const cJSON *node, *gpu;

    if (g->taken.n > 0)
        qsort(g->taken.item, g->taken.n, sizeof(const cJSON *), by_address);
    cJSON_ArrayForEach(node, g->nodes)
    {
        cJSON_ArrayForEach(gpu, at(node, "gpus"))
        {
            const struct xb_expect_gpu unit = {.host = text_at(node, "host"),
                                               .bus_id = text_at(gpu, "pci_bus_id"),
                                               .node = node,
                                               .described = gpu};
            bool taken = g->taken.n > 0 && bsearch(&gpu, g->taken.item, g->taken.n,
                                                   sizeof(const cJSON *), by_address);
            if (!taken && add_unit(g, &unit) < 0)
                return -1;
        }
    }
    return 0;
}

int xb_expect_gpus(const struct xb_report *report, struct xb_list *out)
{
    struct gathering g = {.out = out,
                          .nodes = at(report->topology, "nodes"),
                          .ranks = at(report->topology, "ranks")};
    int rc = add_nodes(&g) < 0 || add_ranks(&g) < 0 ? -1 : add_others(&g);

    xb_text_set_release(&g.numbers);
    xb_text_set_release(&g.uuids);
    free(g.numbered.item);
    free(g.taken.item);
    return rc;
}

/* ---- needs ---- */

enum need {
    NEED_GPUS,
    NEED_NVLINKS,
    NEED_NVLINK_RATE,
    NEED_PCIE_GEN,
    NEED_PCIE_WIDTH,
    NEED_MIG,
    NEED_ECC,
    NEED_ECC_ERRORS,
    NEED_POWER,
};

const struct xb_expect_need xb_expect_needs[XB_EXPECT_NEEDS] = {
    [NEED_GPUS] = {.name = "gpus", .text = "GPUs", .of_node = true, .learnt = true},
    [NEED_NVLINKS] = {.name = "nvlinks", .text = "NVLinks", .learnt = true},
    [NEED_NVLINK_RATE] = {.name = "nvlink_gb_per_s", .text = "GB/s of NVLinks", .learnt = true},
    [NEED_PCIE_GEN] = {.name = "pcie_gen", .text = "PCI Express gen", .learnt = true},
    [NEED_PCIE_WIDTH] = {.name = "pcie_width", .text = "PCI Express lanes", .learnt = true},
    [NEED_MIG] =
        {.name = "mig", .text = "MIG", .kind = XB_NEED_SAME, .is_flag = true, .learnt = true},
    [NEED_ECC] =
        {.name = "ecc", .text = "ECC", .kind = XB_NEED_SAME, .is_flag = true, .learnt = true},
    [NEED_ECC_ERRORS] = {.name = "ecc_uncorrectable",
                         .text = "uncorrectable memory errors",
                         .kind = XB_NEED_MOST},
    [NEED_POWER] = {.name = "power_limit_w", .text = "W of power limit"},
};

int xb_expect_need_find(const char *name, struct xb_error *err)
{
    const char *names[XB_EXPECT_NEEDS + 1] = {NULL};
    char known[XB_ERROR_LEN];

    for (int n = 0; n < XB_EXPECT_NEEDS; n++) {
        if (strcmp(xb_expect_needs[n].name, name) == 0)
            return n;
        names[n] = xb_expect_needs[n].name;
    }
    return xb_fail(err, "found the need \"%.40s\", expected %s", name,
                   xb_error_list(names, known, sizeof known));
}

static double number_at(const cJSON *object, const char *key)
{
    const cJSON *value = at(object, key);

    return cJSON_IsBool(value) ? (double)cJSON_IsTrue(value) : cJSON_GetNumberValue(value);
}

static double first_known(double a, double b)
{
    return isnan(a) ? b : a;
}

/* The most that PCI Express was seen at: an idle GPU slows its link down. */
static double pcie_seen(const struct xb_expect_gpu *gpu, const char *key)
{
    const cJSON *state = at(gpu->gpu, "state");
    const cJSON *readings[] = {at(at(state, "before"), "pcie"), at(at(state, "after"), "pcie"),
                               at(at(gpu->described, "pcie"), "current")};
    double most = NAN;

    for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++)
        most = fmax(most, number_at(readings[i], key));
    return most;
}

/* Active NVLinks by what each GPU says of its links. */
static double count_links(const cJSON *described)
{
    const cJSON *link, *links = at(described, "links");
    double sum = 0;

    cJSON_ArrayForEach(link, links)
    {
        const char *end = text_at(link, "end");
        sum += end && strcmp(end, "cpu") != 0 ? number_at(link, "links") : 0;
    }
    return cJSON_IsArray(links) ? sum : NAN;
}

static double need_of_gpu(const struct xb_expect_gpu *gpu, size_t n)
{
    const cJSON *state = at(gpu->gpu, "state"), *moment = at(state, "after");

    switch ((enum need)n) {
    case NEED_NVLINKS:
        return first_known(number_at(at(gpu->gpu, "nvlink"), "links"),
                           count_links(gpu->described));
    case NEED_NVLINK_RATE:
        return number_at(at(gpu->gpu, "nvlink"), "gb_per_s");
    case NEED_PCIE_GEN:
        return pcie_seen(gpu, "gen");
    case NEED_PCIE_WIDTH:
        return pcie_seen(gpu, "width");
    case NEED_MIG:
        return first_known(number_at(state, "mig"), number_at(gpu->described, "mig"));
    case NEED_ECC:
        return number_at(state, "ecc");
    case NEED_ECC_ERRORS:
        moment = cJSON_IsObject(moment) ? moment : at(state, "before");
        return number_at(at(moment, "errors"), "ecc_uncorrectable");
    case NEED_POWER:
        return number_at(state, "power_limit_w");
    case NEED_GPUS:
        break;
    }
    return NAN;
}

/* Who lends single GPUs turns their NVLinks off. */
static bool is_lent_alone(const struct xb_expect_gpu *gpu)
{
    return cJSON_GetArraySize(at(gpu->node, "gpus")) == 1 &&
           need_of_gpu(gpu, NEED_NVLINKS) == 0;
}

double xb_expect_need_of(const struct xb_expect_gpu *gpu, size_t n, bool *asked)
{
    bool is_node = !gpu->gpu && !gpu->described;
    const cJSON *gpus = at(gpu->node, "gpus");

    *asked = xb_expect_needs[n].of_node == is_node;
    if (!*asked)
        return NAN;
    if (is_node)
        return cJSON_IsArray(gpus) ? (double)cJSON_GetArraySize(gpus) : NAN;
    double value = need_of_gpu(gpu, n);
    if ((n == NEED_NVLINKS || n == NEED_NVLINK_RATE) && is_lent_alone(gpu))
        *asked = false;
    if (!gpu->gpu) /* nobody has measured it: it may be idle, and most is not asked of it */
        *asked = n != NEED_PCIE_GEN && !isnan(value);
    return value;
}

bool xb_expect_need_met(size_t n, double value, double wanted)
{
    switch (xb_expect_needs[n].kind) {
    case XB_NEED_LEAST:
        return value >= wanted;
    case XB_NEED_MOST:
        return value <= wanted;
    case XB_NEED_SAME:
        break;
    }
    return value == wanted;
}
