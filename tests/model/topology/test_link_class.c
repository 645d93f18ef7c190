/* SPDX-License-Identifier: BSD-3-Clause */
/* test_link_class.c - what joins the two ends of a path, and how wide that is. */
#include "model/topology/link_class.h"

#include <stdlib.h>

#include "tests/tap.h"

/* Node 0 has six GPUs: A and B under one PCI switch, A and C joined by two direct NVLinks, C on
 * the host bridge of A; D on the other socket, on NVSwitches as E; E and F beside it, F with a
 * link to its CPU. Node 1 has G, on the fabric of D, and H, on another one. */
enum { A, B, C, D, E, F };

#define SWITCHES(rate)                                                                         \
    {                                                                                          \
        .end = XB_LINK_TO_SWITCH, .links = 18, .gb_per_s = (rate)                              \
    }
#define GPU(bus, p)     .pci = bus, .numa = (p), .package = (p), .mig = -1
#define GEN5            .pcie_gen = 5, .pcie_width = 16
#define GEN5_GB         (16 * 32.0 * 128 / 130 / 8)
#define GEN4_GB         (GEN5_GB / 2)
#define UPPER           .nbridges = 2, .host_bridge = "0000:00"
#define FABRIC(name, n) .cluster = (name), .clique = (n)

static struct xb_gpu_info gpus0[] = {
    {GPU("0000:01:00.0", 0), GEN5, UPPER, .bridges = {"0000:03:00.0", "0000:02:00.0"},
     .nlinks = 1,
     .links = {{.end = XB_LINK_TO_GPU, .pci = "0000:05:00.0", .links = 2, .gb_per_s = 50}}},
    {GPU("0000:04:00.0", 0), .pcie_gen = 4, .pcie_width = 16, UPPER,
     .bridges = {"0000:03:01.0", "0000:02:00.0"}, .nlinks = 0},
    {GPU("0000:05:00.0", 0), GEN5, .host_bridge = "0000:00", .nbridges = 1,
     .bridges = {"0000:06:00.0"}, .nlinks = 1,
     .links = {{.end = XB_LINK_TO_GPU, .pci = "0000:01:00.0", .links = 2, .gb_per_s = 40}}},
    {GPU("0000:81:00.0", 1), GEN5, .host_bridge = "0000:80", .nlinks = 1,
     .links = {SWITCHES(450)}, FABRIC("aa", 1)},
    {GPU("0000:82:00.0", 1), GEN5, .host_bridge = "0000:80", .nlinks = 1,
     .links = {SWITCHES(400)}},
    {GPU("0000:83:00.0", 1), GEN5, .host_bridge = "0000:80", .nlinks = 2,
     .links = {{.end = XB_LINK_TO_UNKNOWN, .links = 4, .gb_per_s = 100},
               {.end = XB_LINK_TO_CPU, .links = 1, .gb_per_s = 450}}},
};

static struct xb_gpu_info gpus1[] = {
    {GPU("0000:01:00.0", 0), GEN5, .nlinks = 1, .links = {SWITCHES(300)}, FABRIC("aa", 1)},
    {GPU("0000:04:00.0", 0), GEN5, .nlinks = 1, .links = {SWITCHES(300)}, FABRIC("aa", 2)},
    {GPU("0000:05:00.0", 0), .nlinks = -1},
};

static struct xb_node_info nodes[] = {{.gpus = gpus0, .ngpus = 6}, {.gpus = gpus1, .ngpus = 3}};

#define RANK(r, n, bus, p)                                                                     \
    {                                                                                          \
        .rank = (r), .node = (n), .place = {.has_gpu = true, .pci = (bus), .package = (p)},    \
        .nic_gb_per_s = 25 * ((n) + 1)                                                         \
    }
#define SEES_ALL .nvisible = 6, .visible = {A, B, C, D, E, F}

/* Ranks 0 to 5 have A to F and are on their sockets, 6 to 8 have G, H and one of which nothing
 * is known; 9 has no GPU, 10 one that nobody describes. Rank 0 sees all GPUs, rank 3 two. */
static struct xb_rank_info ranks[] = {
    RANK(0, 0, "0000:01:00.0", 0),
    RANK(1, 0, "0000:04:00.0", 0),
    RANK(2, 0, "0000:05:00.0", 0),
    RANK(3, 0, "0000:81:00.0", 1),
    RANK(4, 0, "0000:82:00.0", 1),
    RANK(5, 0, "0000:83:00.0", 1),
    RANK(6, 1, "0000:01:00.0", 0),
    RANK(7, 1, "0000:04:00.0", 0),
    RANK(8, 1, "0000:05:00.0", 0),
    {.rank = 9, .node = 0, .place = {.package = 1}},
    {.rank = 10, .node = 0, .place = {.has_gpu = true, .pci = "0000:ff:00.0", .package = 0}},
};

static const struct {
    const char *path;
    int src, dst;
    enum xb_link_class want;
    double gb_per_s;
    const char *name;
} cases[] = {
    {"gpu->gpu", 0, 0, XB_LINK_SAME_DEVICE, 0, "a GPU with itself"},
    {"gpu->gpu+1", 0, 0, XB_LINK_PCIE_SWITCH, GEN4_GB, "the next in bus order"},
    {"gpu->gpu+2", 0, 0, XB_LINK_NVLINK, 40, "the one behind it, by its narrower side"},
    {"gpu+1->gpu+2", 0, 0, XB_LINK_HOST_BRIDGE, GEN4_GB, "two others of the rank"},
    {"gpu+3->gpu+4", 0, 0, XB_LINK_NVLINK, 400, "two others on switches"},
    {"gpu->gpu+6", 0, 0, XB_LINK_HOST_BRIDGE, 0, "one that is not there"},
    {"gpu->gpu+1", 3, 3, XB_LINK_OTHER_SOCKET, GEN5_GB, "one of two that a rank sees"},
    {"gpu->gpu@node", 0, 1, XB_LINK_PCIE_SWITCH, GEN4_GB, "under one switch"},
    {"gpu->gpu@node", 0, 2, XB_LINK_NVLINK, 40, "direct links of this pair"},
    {"gpu->gpu@node", 1, 2, XB_LINK_HOST_BRIDGE, GEN4_GB, "links of another pair do not count"},
    {"gpu->gpu@node", 0, 3, XB_LINK_OTHER_SOCKET, GEN5_GB, "direct links there, a switch here"},
    {"gpu->gpu@node", 3, 4, XB_LINK_NVLINK, 400, "switches of one node"},
    {"gpu->gpu@node", 4, 5, XB_LINK_HOST_BRIDGE, GEN5_GB, "links to something unknown"},
    {"gpu->gpu+3@node", 3, 0, XB_LINK_SAME_DEVICE, 0, "the source's own, seen by another rank"},
    {"gpu->gpu@remote", 3, 6, XB_LINK_NVLINK, 300, "one clique of one cluster"},
    {"gpu->gpu@remote", 3, 7, XB_LINK_OTHER_NODE, 25, "another clique"},
    {"gpu->gpu@remote", 4, 6, XB_LINK_OTHER_NODE, 25, "no cluster at one end"},
    {"gpu->gpu@remote", 0, 6, XB_LINK_OTHER_NODE, 25, "the same bus id on another node"},
    {"gpu->gpu@remote", 2, 6, XB_LINK_OTHER_NODE, 25, "a link to that bus id on its own node"},
    {"gpu->gpu@node", 6, 7, XB_LINK_HOST_BRIDGE, GEN5_GB, "two fabrics on one node"},
    {"gpu->gpu@node", 6, 8, XB_LINK_HOST_BRIDGE, 0, "of one nothing is known"},
    {"host->gpu", 0, 0, XB_LINK_HOST_BRIDGE, GEN5_GB, "to the own GPU"},
    {"host->gpu+3", 0, 0, XB_LINK_OTHER_SOCKET, GEN5_GB, "to one on the other socket"},
    {"gpu->host@node", 1, 3, XB_LINK_OTHER_SOCKET, GEN4_GB, "to a host there"},
    {"host->gpu", 5, 5, XB_LINK_C2C, 450, "to a GPU with a link to its CPU"},
    {"gpu->host@node", 5, 0, XB_LINK_OTHER_SOCKET, 450, "from there to another socket"},
    {"host->gpu", 8, 8, XB_LINK_HOST_BRIDGE, 0, "its PCI Express is not known"},
    {"host->gpu@remote", 3, 6, XB_LINK_OTHER_NODE, 25, "no host has NVLink"},
    {"host->host", 0, 0, XB_LINK_SAME_DEVICE, 0, "one memory"},
    {"host->host@node", 0, 1, XB_LINK_SAME_DEVICE, 0, "one socket's"},
    {"host->host@node", 0, 3, XB_LINK_OTHER_SOCKET, 0, "two sockets'"},
    {"host->host@remote", 0, 6, XB_LINK_OTHER_NODE, 25, "two nodes'"},
    {"gpu->gpu", 9, 9, XB_LINK_SAME_DEVICE, 0, "without a GPU all is host memory"},
    {"gpu->gpu@node", 9, 0, XB_LINK_OTHER_SOCKET, GEN5_GB, "which lies on a socket"},
    {"gpu->gpu", 10, 10, XB_LINK_SAME_DEVICE, 0, "a GPU that is not described"},
    {"gpu->gpu@node", 10, 3, XB_LINK_OTHER_SOCKET, 0, "and another one, by its NUMA node"},
};

static void test_paths(void)
{
    struct xb_machine m = {.ranks = ranks, .nodes = nodes};

    ranks[0] =
        (struct xb_rank_info){SEES_ALL, .rank = 0, .place = ranks[0].place, .nic_gb_per_s = 25};
    ranks[3].nvisible = 2;
    ranks[3].visible[0] = A;
    ranks[3].visible[1] = D;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct xb_path path;
        enum xb_link_class got;

        xb_path_parse(cases[i].path, &path, NULL);
        printf("# %s, ranks %d and %d: %s\n", cases[i].path, cases[i].src, cases[i].dst,
               cases[i].name);
        got = xb_link_class_between(&m, &path, cases[i].src, cases[i].dst);
        is_str(xb_link_class_name(got), xb_link_class_name(cases[i].want), cases[i].name);
        is_near(xb_link_gb_per_s(&m, &path, cases[i].src, cases[i].dst), cases[i].gb_per_s,
                1e-9, "GB/s");
        path = xb_path_reverse(&path);
        got = xb_link_class_between(&m, &path, cases[i].dst, cases[i].src);
        is_str(xb_link_class_name(got), xb_link_class_name(cases[i].want), "the way back");
    }
}

static void test_names(void)
{
    enum xb_link_class found;
    struct xb_error err;

    for (int i = 0; i < XB_LINK_CLASSES; i++) {
        const char *name = xb_link_class_name((enum xb_link_class)i);
        ok(xb_link_class_find(name, &found, NULL) == 0 && (int)found == i, name);
    }
    is_int(xb_link_class_find("pcie", &found, &err), -1, "no such class");
    contains(err.text, "\"pcie\"", "quotes it");
    contains(err.text, "pcie-switch", "names what there is");
    contains(err.text, " or other-node", "up to the last");
}

/* Nobody has described the nodes: what ranks say of their places still counts. */
static void test_bare(void)
{
    struct xb_machine m = {.ranks = ranks};
    struct xb_path path = {{XB_GPU, 0}, {XB_GPU, 0}, XB_NODE};

    is_int(xb_link_class_between(&m, &path, 0, 0), XB_LINK_SAME_DEVICE, "one bus id");
    is_int(xb_link_class_between(&m, &path, 0, 1), XB_LINK_HOST_BRIDGE, "two");
    is_int(xb_link_class_between(&m, &path, 0, 6), XB_LINK_OTHER_NODE, "two nodes");
    ok(!xb_machine_gpu(&m, 0, 0), "no description of a GPU");
}

/* Two instances of one GPU are not one device, and neither has a way of its own to any GPU. */
static void test_instances(void)
{
    struct xb_gpu_info a = xb_gpu_unknown("0000:01:00.0"), b = a, whole, far;

    a.package = b.package = 0;
    a.nbridges = b.nbridges = 1;
    snprintf(a.bridges[0], XB_PCI_LEN, "0000:00:01.0");
    snprintf(b.bridges[0], XB_PCI_LEN, "0000:00:01.0");
    whole = far = a;
    snprintf(whole.pci, sizeof whole.pci, "0000:02:00.0");
    snprintf(far.pci, sizeof far.pci, "0000:81:00.0");
    far.package = 1;
    is_int(xb_gpu_link_class(&a, &b, true), XB_LINK_SAME_DEVICE, "one GPU");
    snprintf(a.instance, sizeof a.instance, "MIG-1");
    is_int(xb_gpu_link_class(&a, &a, true), XB_LINK_SAME_DEVICE, "one instance");
    snprintf(b.instance, sizeof b.instance, "MIG-2");
    is_int(xb_gpu_link_class(&a, &b, true), XB_LINK_HOST_BRIDGE, "two instances of a GPU");
    is_int(xb_gpu_link_class(&a, &whole, true), XB_LINK_HOST_BRIDGE, "a GPU below its switch");
    is_int(xb_gpu_link_class(&far, &a, true), XB_LINK_OTHER_SOCKET, "a GPU far away");
    is_int(xb_gpu_link_class(&a, &b, false), XB_LINK_OTHER_NODE, "two nodes");
}

/* What a rank means by its GPU is its instance, and it has no other. */
static void test_rank_instance(void)
{
    struct xb_gpu_info gpus[] = {xb_gpu_unknown("0000:01:00.0"),
                                 xb_gpu_unknown("0000:01:00.0")};
    struct xb_node_info node = {.gpus = gpus, .ngpus = 2};
    struct xb_rank_info rank = {
        .place = {.has_gpu = true, .pci = "0000:01:00.0", .instance = "MIG-2"},
        .nvisible = 1,
        .visible = {1}};
    struct xb_machine m = {.ranks = &rank, .nodes = &node};

    snprintf(gpus[0].instance, sizeof gpus[0].instance, "MIG-1");
    snprintf(gpus[1].instance, sizeof gpus[1].instance, "MIG-2");
    ok(xb_machine_gpu(&m, 0, 0) == &gpus[1], "its own");
    ok(!xb_machine_gpu(&m, 0, 1), "and no other");
}

int main(void)
{
    test_paths();
    test_names();
    test_bare();
    test_instances();
    test_rank_instance();
    return done_testing();
}
