/* SPDX-License-Identifier: BSD-3-Clause */
/* test_link_warn.c - what users are told of links that are down or slow, and of errors. */
#include "model/topology/link_warn.h"
#include "model/topology/product.h"

#include "tests/tap.h"

#define PCI   "0000:3b:00.0"
#define OTHER "0000:5e:00.0"

static char said[2048];

static void keep(void *arg, const char *text)
{
    size_t at = strlen(said);

    (void)arg;
    snprintf(said + at, sizeof said - at, "%s\n", text);
}

static void test_products(void)
{
    static const struct {
        const char *name;
        int want;
    } names[] = {
        {"NVIDIA H200", 18},
        {"NVIDIA H200 NVL", 0},
        {"NVIDIA H20", 18},
        {"NVIDIA H100 80GB HBM3", 18},
        {"NVIDIA H100 PCIe", 0},
        {"NVIDIA H100 NVL", 0},
        {"NVIDIA H800", 8},
        {"NVIDIA H800 PCIe", 0},
        {"NVIDIA GH200 144G HBM3e", 18},
        {"NVIDIA B200", 18},
        {"NVIDIA GB200", 18},
        {"NVIDIA A100-SXM4-80GB", 12},
        {"A100-SXM4-40GB", 12},
        {"NVIDIA A100-PCIE-40GB", 0},
        {"NVIDIA A100 80GB PCIe", 0},
        {"Tesla V100-SXM2-16GB", 6},
        {"Tesla V100-PCIE-32GB", 0},
        {"Tesla P100-SXM2-16GB", 4},
        {"NVIDIA RTX A6000", 0},
        {"NVIDIA H2000", 0},
        {"", 0},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        is_int(xb_product_nvlinks(names[i].name), names[i].want, names[i].name);
}

/* A GPU with so many links to switches, of which these are up and down. */
static struct xb_gpu_info a_gpu(const char *pci, const char *name, uint64_t up, uint64_t down)
{
    struct xb_gpu_info gpu = xb_gpu_unknown(pci);

    snprintf(gpu.name, sizeof gpu.name, "%s", name);
    gpu.links_up = up;
    gpu.links_down = down;
    gpu.nlinks = up ? 1 : 0;
    gpu.links[0] =
        (struct xb_gpu_link){.end = XB_LINK_TO_SWITCH, .links = __builtin_popcountll(up)};
    gpu.mig = 0;
    gpu.pcie_width = gpu.pcie_width_now = 16;
    return gpu;
}

static struct xb_rank_info a_rank(int rank, int node, const char *pci)
{
    struct xb_rank_info info = {.rank = rank, .node = node, .place = {.has_gpu = true}};

    snprintf(info.host, sizeof info.host, "node%d", node);
    snprintf(info.place.pci, sizeof info.place.pci, "%s", pci);
    return info;
}

#define ALL18 ((UINT64_C(1) << 18) - 1)

/* Two nodes with a GPU or two each; the ranks have the first GPU of each. */
static void test_links(void)
{
    static const struct {
        const char *what, *name;
        uint64_t up[3], down[3]; /* GPUs 0 and 1 of node 0, GPU 0 of node 1 */
        int width, mig;
        const char *want;
    } cases[] = {
        {"all is well", "NVIDIA H200", {ALL18, ALL18, ALL18}, {0}, 16, 0, ""},
        {"two links of a product are down",
         "NVIDIA H200",
         {ALL18 & ~0x88u, ALL18, ALL18},
         {0x88},
         16,
         0,
         "rank 0, node0, GPU 0000:3b:00.0: 16 of the 18 NVLinks of an NVIDIA H200 are active; "
         "not active: 3, 7\n"},
        {"links that the driver does not even list",
         "NVIDIA H200",
         {ALL18, ALL18, ALL18 >> 2},
         {0},
         16,
         0,
         "rank 1, node1, GPU 0000:3b:00.0: 16 of the 18 NVLinks of an NVIDIA H200 are active; "
         "not active: 16, 17\n"},
        {"a GPU that no rank has, without any link",
         "NVIDIA H200",
         {ALL18, 0, ALL18},
         {0, 1},
         16,
         0,
         "no rank, node0, GPU 0000:5e:00.0: 0 of the 18 NVLinks of an NVIDIA H200 are active; "
         "not active: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17\n"},
        {"a name that tells nothing: fewer than another node's",
         "A GPU",
         {7, 7, 5},
         {0, 0, 2},
         16,
         0,
         "rank 1, node1, GPU 0000:3b:00.0: 2 NVLinks are active, while another A GPU of this "
         "job has 3; not active: 1\n"},
        {"MIG has no links", "NVIDIA H200", {0, ALL18, ALL18}, {0}, 16, 1, ""},
        {"half of the lanes",
         "NVIDIA H200",
         {ALL18, ALL18, ALL18},
         {0},
         8,
         0,
         "rank 0, node0, GPU 0000:3b:00.0: PCI Express has 8 of its 16 lanes\n"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct xb_gpu_info first[] = {
            a_gpu(PCI, cases[i].name, cases[i].up[0], cases[i].down[0]),
            a_gpu(OTHER, cases[i].name, cases[i].up[1], cases[i].down[1])};
        struct xb_gpu_info second = a_gpu(PCI, cases[i].name, cases[i].up[2], cases[i].down[2]);
        struct xb_node_info nodes[] = {{.host = "node0", .gpus = first, .ngpus = 2},
                                       {.host = "node1", .gpus = &second, .ngpus = 1}};
        struct xb_rank_info ranks[] = {a_rank(0, 0, PCI), a_rank(1, 1, PCI)};

        first[0].pcie_width_now = cases[i].width;
        first[0].mig = cases[i].mig;
        said[0] = '\0';
        xb_warn_links(ranks, 2, nodes, 2, keep, NULL);
        is_str(said, cases[i].want, cases[i].what);
    }
}

static void test_alone(void)
{
    struct xb_gpu_info gpu = a_gpu(PCI, "NVIDIA H200", 0, ALL18);
    struct xb_node_info node = {.gpus = &gpu, .ngpus = 1};

    said[0] = '\0';
    xb_warn_links(NULL, 0, &node, 1, keep, NULL);
    is_str(said, "", "a GPU that is lent alone has no links");
    gpu.links_up = 1;
    xb_warn_links(NULL, 0, &node, 1, keep, NULL);
    contains(said, "no rank, this node, GPU 0000:3b:00.0: 1 of the 18 NVLinks", "unlike one");
    gpu.nlinks = -1;
    gpu.links_up = gpu.links_down = 0;
    said[0] = '\0';
    xb_warn_links(NULL, 0, &node, 1, keep, NULL);
    xb_warn_links(NULL, 0, NULL, 1, keep, NULL);
    is_str(said, "", "what is not known is not warned about");
}

static void test_run(void)
{
    struct xb_rank_info ranks[] = {a_rank(0, 0, PCI), a_rank(1, 0, PCI), a_rank(2, 1, PCI)};
    struct xb_gpu_state after[3];

    for (int r = 0; r < 3; r++) {
        ranks[r].before = after[r] = xb_gpu_state_unknown();
        ranks[r].before.errors[XB_GPU_NVLINK_REPLAYS] = 5;
        after[r].errors[XB_GPU_NVLINK_REPLAYS] = 5;
        ranks[r].before.errors[XB_GPU_NVLINK_CRC_ERRORS] = 9;
        after[r].errors[XB_GPU_NVLINK_CRC_ERRORS] = 9 + 290; /* healthy links have some */
        ranks[r].pcie_gen = 5;
        after[r].pcie_gen = 5;
    }
    said[0] = '\0';
    xb_warn_run(ranks, 3, after, keep, NULL);
    is_str(said, "", "nothing has moved");
    after[0].errors[XB_GPU_NVLINK_REPLAYS] = after[1].errors[XB_GPU_NVLINK_REPLAYS] = 12;
    after[0].errors[XB_GPU_ECC_UNCORRECTABLE] = 3; /* not known before */
    ranks[2].before.errors[XB_GPU_NVLINK_RECOVERIES] = 9;
    after[2].errors[XB_GPU_NVLINK_RECOVERIES] = 0; /* set back */
    after[0].pcie_gen = 1;                         /* never busy */
    after[2].pcie_gen = 3;
    after[2].pcie_busy = true;
    xb_warn_run(ranks, 3, after, keep, NULL);
    is_str(said,
           "rank 0, node0, GPU 0000:3b:00.0: 7 NVLink replays during this run\n"
           "rank 2, node1, GPU 0000:3b:00.0: PCI Express was never seen above gen 3 during "
           "this run; it can gen 5\n",
           "a shared GPU once, and what can be told");
    after[0] = after[2] = (struct xb_gpu_state){.there = false};
    said[0] = '\0';
    xb_warn_run(ranks, 3, after, keep, NULL);
    is_str(said, "", "nobody has asked");
}

int main(void)
{
    test_products();
    test_links();
    test_alone();
    test_run();
    return done_testing();
}
