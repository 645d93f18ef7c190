/* SPDX-License-Identifier: BSD-3-Clause */
/* test_nvml.c - what is made of NVML's answers, by a library of made-up ones. */
#include "engine/probes/nvml_library.h"

#include "tests/tap.h"

/* What the made-up library says of one link of a GPU. */
struct link {
    int state_rc, active, type; /* type -1: the question fails */
    const char *remote;
    unsigned mb_per_s; /* 0: not told */
};

static struct gpu {
    const char *pci;
    struct link links[XB_NVML_MAX_LINKS];
    int state_rc_beyond; /* of links that are not listed */
    unsigned c2c_links;
    unsigned char cluster; /* each byte of it */
    unsigned char fabric_state;
    int fabric_status, mig_rc;
    unsigned mig;
} * asked;

static const struct link *link_of(unsigned i)
{
    static struct link beyond;

    if (asked->links[i].active || asked->links[i].state_rc)
        return &asked->links[i];
    beyond = (struct link){.state_rc = asked->state_rc_beyond};
    return &beyond;
}

static int by_bus_id(const char *pci, xb_nvml_gpu *gpu)
{
    *gpu = NULL;
    return strcmp(pci, asked->pci) == 0 ? 0 : 6;
}

static int say(unsigned *out, unsigned value)
{
    *out = value;
    return 0;
}

static int max_gen(xb_nvml_gpu gpu, unsigned *out)
{
    (void)gpu;
    return say(out, 5);
}

static int width(xb_nvml_gpu gpu, unsigned *out)
{
    (void)gpu;
    return say(out, 16);
}

static int gen(xb_nvml_gpu gpu, unsigned *out)
{
    (void)gpu;
    return say(out, 1);
}

static int name(xb_nvml_gpu gpu, char *out, unsigned len)
{
    (void)gpu;
    snprintf(out, len, "A GPU");
    return 0;
}

static int mig_mode(xb_nvml_gpu gpu, unsigned *mode, unsigned *pending)
{
    (void)gpu;
    *mode = *pending = asked->mig;
    return asked->mig_rc;
}

static int link_state(xb_nvml_gpu gpu, unsigned i, int *active)
{
    (void)gpu;
    *active = link_of(i)->active;
    return link_of(i)->state_rc;
}

static int remote_type(xb_nvml_gpu gpu, unsigned i, int *type)
{
    (void)gpu;
    *type = link_of(i)->type;
    return link_of(i)->type < 0 ? 999 : 0;
}

static int remote_pci(xb_nvml_gpu gpu, unsigned i, struct xb_nvml_pci *out)
{
    (void)gpu;
    *out = (struct xb_nvml_pci){.legacy_id = "wrong", .domain = 0xffff};
    snprintf(out->id, sizeof out->id, "%s", link_of(i)->remote ? link_of(i)->remote : "");
    return link_of(i)->remote ? 0 : 999;
}

static int fabric(xb_nvml_gpu gpu, struct xb_nvml_fabric *out)
{
    (void)gpu;
    memset(out->cluster, asked->cluster, sizeof out->cluster);
    out->status = asked->fabric_status;
    out->clique = 3;
    out->state = asked->fabric_state;
    return 0;
}

static int c2c_mode(xb_nvml_gpu gpu, unsigned *on)
{
    (void)gpu;
    return say(on, asked->c2c_links > 0);
}

static int fields(xb_nvml_gpu gpu, int n, struct xb_nvml_field *f)
{
    (void)gpu;
    for (int i = 0; i < n; i++) {
        f[i].rc = 0;
        if (f[i].field == 164) {
            f[i].value.u32 = link_of(f[i].scope)->mb_per_s;
            f[i].rc = f[i].value.u32 ? 0 : 3;
        } else if (f[i].field == 170)
            f[i].value.u32 = asked->c2c_links;
        else if (f[i].field == 171) /* the last one is down */
            f[i].value.u32 = f[i].scope + 1 < asked->c2c_links;
        else if (f[i].field == 172)
            f[i].value.u32 = 45000;
        else
            f[i].rc = 3;
    }
    return 0;
}

/* ---- a node of three GPUs, of which the second one is in MIG mode with two instances ---- */

static char handles[5]; /* GPUs 0 to 2, instances 3 and 4 */

static int count(unsigned *n)
{
    return say(n, 3);
}

static int by_index(unsigned i, xb_nvml_gpu *gpu)
{
    *gpu = &handles[i];
    return 0;
}

static int by_bus(const char *pci, xb_nvml_gpu *gpu)
{
    *gpu = &handles[pci[6] - '1']; /* 0000:01:00.0 is the first */
    return 0;
}

static int pci_of(xb_nvml_gpu gpu, struct xb_nvml_pci *out)
{
    snprintf(out->id, sizeof out->id, "00000000:%02x:00.0", (int)((char *)gpu - handles) + 1);
    return 0;
}

static int node_mig_mode(xb_nvml_gpu gpu, unsigned *mode, unsigned *pending)
{
    *mode = *pending = gpu == &handles[1];
    return 0;
}

static int max_instances(xb_nvml_gpu gpu, unsigned *n)
{
    return say(n, gpu == &handles[1] ? 7 : 0);
}

/* Number 0 is free, as after an instance was given up. */
static int instance(xb_nvml_gpu gpu, unsigned i, xb_nvml_gpu *out)
{
    *out = i == 2 || i == 5 ? &handles[i == 2 ? 3 : 4] : NULL;
    return gpu == &handles[1] && *out ? 0 : 6;
}

static int node_uuid(xb_nvml_gpu gpu, char *out, unsigned len)
{
    int i = (int)((char *)gpu - handles);
    snprintf(out, len, "%s-%d", i < 3 ? "GPU" : "MIG", i);
    return 0;
}

static int node_name(xb_nvml_gpu gpu, char *out, unsigned len)
{
    snprintf(out, len, "A GPU%s", (char *)gpu - handles < 3 ? "" : " MIG 3g.40gb");
    return 0;
}

static const struct xb_nvml library = {
    .by_bus_id = by_bus_id,
    .max_gen = max_gen,
    .max_width = width,
    .link_state = link_state,
    .fields = fields,
    .gen = gen,
    .width = width,
    .name = name,
    .mig_mode = mig_mode,
    .remote_type = remote_type,
    .remote_pci = remote_pci,
    .fabric = fabric,
    .c2c_mode = c2c_mode,
};

#define PCI "0000:3b:00.0"
#define FAR "FFFFFFFF:FF:FF.0" /* of a switch that a virtual machine does not see */
#define TO_SWITCH                                                                              \
    {                                                                                          \
        0, 1, XB_NVML_REMOTE_SWITCH, FAR, 26562                                                \
    }

static struct {
    const char *name;
    struct gpu gpu;
    int nlinks;
    struct xb_gpu_link want[4];
    const char *cluster;
    int mig;
} cases[] = {
    {"links to switches are one entry",
     {PCI, {TO_SWITCH, TO_SWITCH, TO_SWITCH}, .state_rc_beyond = 2, .fabric_state = 3},
     1,
     {{XB_LINK_TO_SWITCH, "", 3, 79.686}},
     "",
     0},
    {"links to GPUs are told apart, and one that is down does not count",
     {PCI,
      {{0, 1, XB_NVML_REMOTE_GPU, "00000000:5E:00.0", 25000},
       {0, 1, XB_NVML_REMOTE_GPU, "00000000:5F:00.0", 25000},
       {0, 0, XB_NVML_REMOTE_GPU, "00000000:5F:00.0", 25000},
       {0, 1, XB_NVML_REMOTE_GPU, "00000000:5E:00.0", 25000}},
      .mig = 1},
     2,
     {{XB_LINK_TO_GPU, "0000:5e:00.0", 2, 50}, {XB_LINK_TO_GPU, "0000:5f:00.0", 1, 25}},
     "",
     1},
    {"a far end that cannot be told stays unknown",
     {PCI,
      {{0, 1, -1, NULL, 25000},
       {0, 1, XB_NVML_REMOTE_GPU, NULL, 25000},
       {0, 1, XB_NVML_REMOTE_GPU, FAR, 25000},
       {0, 1, 255, "00000000:5E:00.0", 0}},
      .mig_rc = 999},
     1,
     {{XB_LINK_TO_UNKNOWN, "", 4, 75}},
     "",
     -1},
    {"C2C is a link to the CPU, as far as it is up",
     {PCI, {TO_SWITCH}, .c2c_links = 11, .fabric_state = 3, .cluster = 0xab},
     2,
     {{XB_LINK_TO_SWITCH, "", 1, 26.562}, {XB_LINK_TO_CPU, "", 10, 450}},
     "abababababababababababababababab",
     0},
    {"no links at all, and no MIG", {PCI, .state_rc_beyond = 3, .mig_rc = 3}, 0, {{0}}, "", 0},
    {"links that nobody answers for", {PCI, .state_rc_beyond = 999}, -1, {{0}}, "", 0},
    {"a fabric that is not ready has no name",
     {PCI, {TO_SWITCH}, .fabric_state = 2, .cluster = 1},
     1,
     {{XB_LINK_TO_SWITCH, "", 1, 26.562}},
     "",
     0},
    {"nor has one that failed",
     {PCI, {TO_SWITCH}, .fabric_state = 3, .fabric_status = 1, .cluster = 1},
     1,
     {{XB_LINK_TO_SWITCH, "", 1, 26.562}},
     "",
     0},
};

static void test_answers(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct xb_gpu_info gpus[] = {xb_gpu_unknown("0000:01:00.0"), xb_gpu_unknown(PCI)};
        struct xb_gpu_info *gpu = &gpus[1];

        asked = &cases[i].gpu;
        printf("# %s\n", cases[i].name);
        xb_nvml_describe_by(&library, gpus, 2);
        is_int(gpus[0].nlinks, -1, "a GPU that is not seen stays unknown");
        is_int(gpu->pcie_gen * 100 + gpu->pcie_width, 516, "PCI Express");
        is_int(gpu->pcie_gen_now * 100 + gpu->pcie_width_now, 116, "and now");
        is_str(gpu->name, "A GPU", "name");
        is_str(gpu->uuid, "", "an old driver has no UUID");
        is_int(gpu->mig, cases[i].mig, "MIG");
        is_str(gpu->cluster, cases[i].cluster, "cluster");
        if (!is_int(gpu->nlinks, cases[i].nlinks, cases[i].name))
            continue;
        for (int k = 0; k < gpu->nlinks; k++) {
            is_int(gpu->links[k].end, cases[i].want[k].end, "far end");
            is_str(gpu->links[k].pci, cases[i].want[k].pci, "its bus id");
            is_int(gpu->links[k].links, cases[i].want[k].links, "links");
            is_near(gpu->links[k].gb_per_s, cases[i].want[k].gb_per_s, 1e-9, "GB/s");
        }
    }
}

/* Links are known by number too: which are up, and which are there and down. */
static void test_numbers(void)
{
    struct gpu told = {PCI, {TO_SWITCH, {0, 0, 0, NULL, 0}, TO_SWITCH}, .state_rc_beyond = 2};
    struct xb_gpu_info gpu = xb_gpu_unknown(PCI);

    told.links[3] = (struct link){.state_rc = 3};
    asked = &told;
    xb_nvml_describe_by(&library, &gpu, 1);
    is_int((long long)gpu.links_up, 5, "links 0 and 2 are up");
    is_int((long long)gpu.links_down, 0, "a link that nobody answers for is not down");
    told.links[1].state_rc = 0;
    told.state_rc_beyond = 0;
    told.links[4].state_rc = 2;
    gpu = xb_gpu_unknown(PCI);
    xb_nvml_describe_by(&library, &gpu, 1);
    is_int((long long)(gpu.links_down & 0x1f), 2, "link 1 is, and neither 3 nor 4");
}

/* Drivers of before answer none of the later questions. */
static void test_old_driver(void)
{
    struct xb_nvml old = library;
    struct xb_gpu_info gpu = xb_gpu_unknown(PCI);

    old.gen = old.width = old.c2c_mode = NULL;
    old.name = NULL;
    old.mig_mode = NULL;
    old.remote_type = NULL;
    old.remote_pci = NULL;
    old.fabric = NULL;
    asked = &cases[0].gpu;
    xb_nvml_describe_by(&old, &gpu, 1);
    is_int(gpu.nlinks, 1, "links");
    is_int(gpu.links[0].end, XB_LINK_TO_UNKNOWN, "but not where they end");
    is_int(gpu.mig, -1, "MIG is not known");
    is_int(gpu.pcie_gen, 5, "PCI Express is");
}

static void test_instances(void)
{
    static const struct xb_listed_gpu want[] = {{{"0000:01:00.0", ""}, "GPU-0"},
                                                {{"0000:02:00.0", "MIG-3"}, "MIG-3"},
                                                {{"0000:02:00.0", "MIG-4"}, "MIG-4"},
                                                {{"0000:03:00.0", ""}, "GPU-2"}};
    struct xb_nvml node = library;
    struct xb_listed_gpu got[8];
    struct xb_node_info info = {.gpus = NULL};
    struct gpu quiet = {.pci = PCI, .links = {TO_SWITCH}, .state_rc_beyond = 3};

    asked = &quiet;
    node.count = count;
    node.by_index = by_index;
    node.by_bus_id = by_bus;
    node.pci = pci_of;
    node.mig_mode = node_mig_mode;
    node.max_instances = max_instances;
    node.instance = instance;
    node.uuid = node_uuid;
    node.name = node_name;
    is_int((long long)xb_nvml_list_by(&node, got, 8), 4, "GPUs, and instances in their place");
    for (size_t i = 0; i < 4; i++) {
        is_str(got[i].key.pci, want[i].key.pci, "bus id");
        is_str(got[i].key.instance, want[i].key.instance, "instance");
        is_str(got[i].uuid, want[i].uuid, "UUID");
        ok(xb_node_add_gpu(&info, &got[i].key, NULL) != NULL, "described");
    }
    is_int((long long)xb_nvml_list_by(&node, got, 2), 2, "as many as there is room for");
    xb_nvml_describe_by(&node, info.gpus, info.ngpus);
    is_str(info.gpus[0].name, "A GPU", "a GPU by its name");
    is_int(info.gpus[0].nlinks, 1, "with its links");
    is_str(info.gpus[2].name, "A GPU MIG 3g.40gb", "an instance by its own");
    is_str(info.gpus[2].uuid, "MIG-4", "its UUID");
    is_int(info.gpus[2].mig, 1, "MIG");
    is_int(info.gpus[2].nlinks, 0, "no links");
    is_int(info.gpus[2].pcie_gen, 5, "PCI Express of its GPU");
    node.instance = NULL;
    is_int((long long)xb_nvml_list_by(&node, got, 8), 2, "an old driver knows no instances");
    node.count = NULL;
    is_int((long long)xb_nvml_list_by(&node, got, 8), 0, "an older one cannot list");
    xb_node_info_release(&info);
}

int main(void)
{
    test_answers();
    test_numbers();
    test_old_driver();
    test_instances();
    return done_testing();
}
