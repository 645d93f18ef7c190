/* expect_machine.c - which machine a report is of, and what its GPUs have. */
#include "report/expect.h"

#include <fnmatch.h>
#include <math.h>
#include <string.h>

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

/* Value i of a trait, each as often as it is there. */
static const char *any_trait(const struct xb_report *report, enum xb_expect_trait trait,
                             size_t i, bool *more)
{
    const cJSON *nodes = report->environment.nodes;
    const struct xb_report_gpu *gpu;

    *more = trait == XB_TRAIT_CPU      ? i < (size_t)cJSON_GetArraySize(nodes)
            : trait == XB_TRAIT_DEVICE ? i == 0
                                       : i < report->ranks.n;
    if (!*more)
        return NULL;
    switch (trait) {
    case XB_TRAIT_CPU:
        return text_at(cJSON_GetArrayItem(nodes, (int)i), "cpu");
    case XB_TRAIT_DEVICE:
        return report->run.device;
    case XB_TRAIT_GPU:
        gpu = &xb_report_rank_at(report, i)->gpu;
        return gpu->there ? gpu->name : NULL;
    case XB_TRAIT_HOST:
        return xb_report_rank_at(report, i)->host;
    }
    return NULL;
}

static bool is_first(const struct xb_report *report, enum xb_expect_trait trait, size_t i)
{
    const char *text;
    bool more;

    const char *value = any_trait(report, trait, i, &more);
    for (size_t k = i; k-- > 0;) /* most often the one before is the same */
        if ((text = any_trait(report, trait, k, &more)) && strcmp(text, value) == 0)
            return false;
    return true;
}

const char *xb_expect_trait_next(const struct xb_report *report, enum xb_expect_trait trait,
                                 size_t *at)
{
    const char *text;
    bool more;

    do
        text = any_trait(report, trait, (*at)++, &more);
    while (more && !(text && is_first(report, trait, *at - 1)));
    return more ? text : NULL;
}

const char *xb_expect_trait_first(const struct xb_report *report, enum xb_expect_trait trait)
{
    size_t at = 0;

    return xb_expect_trait_next(report, trait, &at);
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
    const char *text;
    size_t at_trait = 0;
    bool any = false;

    if (!wanted)
        return true;
    for (; (text = xb_expect_trait_next(report, trait, &at_trait)); any = true)
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

/* The GPU of a rank's JSON. */
static void of_rank(const cJSON *rank, const cJSON *nodes, struct xb_expect_gpu *out)
{
    const cJSON *node, *gpu = at(rank, "gpu"), *number = at(rank, "node");

    *out = (struct xb_expect_gpu){
        .host = text_at(rank, "host"), .bus_id = text_at(gpu, "pci_bus_id"), .gpu = gpu};
    cJSON_ArrayForEach(node, nodes)
    {
        if (number && cJSON_Compare(at(node, "node"), number, true)) {
            out->node = node;
            out->described = find_described(node, text_at(gpu, "uuid"), out->bus_id);
        }
    }
}

/* Does a rank before this one have its GPU too? */
static bool is_shared(const cJSON *ranks, const cJSON *rank)
{
    const char *uuid = text_at(at(rank, "gpu"), "uuid"), *other;

    for (const cJSON *r = ranks ? ranks->child : NULL; uuid && r && r != rank; r = r->next)
        if ((other = text_at(at(r, "gpu"), "uuid")) && strcmp(other, uuid) == 0)
            return true;
    return false;
}

static bool is_taken(const cJSON *ranks, const cJSON *nodes, const cJSON *described)
{
    struct xb_expect_gpu gpu;
    const cJSON *rank;

    cJSON_ArrayForEach(rank, ranks)
    {
        of_rank(rank, nodes, &gpu);
        if (gpu.described == described)
            return true;
    }
    return false;
}

bool xb_expect_gpu_at(const struct xb_report *report, size_t i, struct xb_expect_gpu *out)
{
    const cJSON *nodes = at(report->topology, "nodes"), *ranks = at(report->topology, "ranks");
    const cJSON *node, *rank, *gpu;

    cJSON_ArrayForEach(node, nodes)
    {
        if (i-- == 0) {
            *out = (struct xb_expect_gpu){.host = text_at(node, "host"), .node = node};
            return true;
        }
    }
    cJSON_ArrayForEach(rank, ranks)
    {
        if (cJSON_IsObject(at(rank, "gpu")) && !is_shared(ranks, rank) && i-- == 0) {
            of_rank(rank, nodes, out);
            return true;
        }
    }
    cJSON_ArrayForEach(node, nodes)
    {
        cJSON_ArrayForEach(gpu, at(node, "gpus"))
        {
            if (!is_taken(ranks, nodes, gpu) && i-- == 0) {
                *out = (struct xb_expect_gpu){.host = text_at(node, "host"),
                                              .bus_id = text_at(gpu, "pci_bus_id"),
                                              .node = node,
                                              .described = gpu};
                return true;
            }
        }
    }
    return false;
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
