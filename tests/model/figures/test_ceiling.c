/* SPDX-License-Identifier: BSD-3-Clause */
/* test_ceiling.c - the most that the hardware of a case's lanes can carry. */
#include "model/figures/ceiling.h"

#include "tests/catalog_fixture.h"
#include "tests/tap.h"

#define MIB       (UINT64_C(1) << 20)
#define LARGE     (256 * MIB)
#define GEN5_X16  (16 * 32.0 * 128 / 130 / 8) /* 63.0 */
#define GEN4_X16  (16 * 16.0 * 128 / 130 / 8) /* 31.5 */
#define NVLINK    478.125                     /* 18 links */
#define HALF_MEM  2400.0
#define NIC       50.0
#define OTHER_NIC 25.0

static const struct xb_method_spec copy = {.name = "copy"};
static const struct xb_method_spec staged = {.name = "staged", .flags = XB_METHOD_VIA_HOST};
static const struct xb_method_spec nothing = {.name = "null", .flags = XB_METHOD_NO_BYTES};

/* What a job is made of: ranks 0 and 1 on node 0, rank 2 on node 1. */
enum jobs { FAST, PCIE, NO_LINKS, SHARED, UNEVEN, BARE, NO_NIC, NO_CACHE_SIZE };

static struct xb_rank_info a_rank(int rank, const char *pci)
{
    struct xb_rank_info info = {
        .rank = rank,
        .node = rank / 2,
        .place = {.has_gpu = true},
        .pcie_gen = 5,
        .pcie_width = 16,
        .nvlink_links = 18,
        .nvlink_gb_per_s = NVLINK,
        .memory_gb_per_s = 2 * HALF_MEM,
        .l2_bytes = 50 * MIB,
        .nic_gb_per_s = NIC,
    };

    snprintf(info.place.pci, sizeof(info.place.pci), "%s", pci);
    return info;
}

/* Rank 2's GPU has the bus id of rank 0's, as nodes of one make do. */
static void fill_ranks(enum jobs job, struct xb_rank_info ranks[3])
{
    ranks[0] = a_rank(0, "0000:3b:00.0");
    ranks[1] = a_rank(1, job == SHARED ? "0000:3b:00.0" : "0000:5e:00.0");
    ranks[2] = a_rank(2, "0000:3b:00.0");
    ranks[2].nic_gb_per_s = job == NO_NIC ? 0 : OTHER_NIC;
    if (job == UNEVEN) {
        ranks[1].pcie_gen = 4;
        ranks[1].nvlink_gb_per_s = NVLINK / 2;
    }
    for (int i = 0; i < 3; i++) {
        if (job == PCIE)
            ranks[i].nvlink_links = 0;
        if (job == NO_LINKS)
            ranks[i].nvlink_links = -1;
        if (job == NO_LINKS || job == PCIE)
            ranks[i].nvlink_gb_per_s = 0;
        if (job == NO_LINKS)
            ranks[i].pcie_gen = 0;
        if (job == NO_CACHE_SIZE)
            ranks[i].l2_bytes = 0;
    }
    if (job == BARE)
        ranks[1].nvlink_links = 0;
}

/* The nodes of these ranks: their GPUs, each with what its rank says of it and all its NVLinks
 * to switches. Every rank sees all GPUs of its node. Valid until the next call. */
static struct xb_machine a_machine(struct xb_rank_info *ranks, int nranks)
{
    static struct xb_gpu_info gpus[2][4];
    static struct xb_node_info nodes[2];

    for (int n = 0; n < 2; n++)
        nodes[n] = (struct xb_node_info){.gpus = gpus[n]};
    for (int r = 0; r < nranks; r++) {
        struct xb_node_info *node = &nodes[ranks[r].node];
        int links = ranks[r].nvlink_links;
        if (xb_node_gpu(node, ranks[r].place.pci))
            continue;
        struct xb_gpu_info *gpu = &node->gpus[node->ngpus++];
        *gpu = xb_gpu_unknown(ranks[r].place.pci);
        gpu->pcie_gen = ranks[r].pcie_gen;
        gpu->pcie_width = ranks[r].pcie_width;
        gpu->nlinks = links > 0 ? 1 : links;
        gpu->links[0] = (struct xb_gpu_link){
            .end = XB_LINK_TO_SWITCH, .links = links, .gb_per_s = ranks[r].nvlink_gb_per_s};
    }
    for (int r = 0; r < nranks; r++) {
        ranks[r].nvisible = (int)nodes[ranks[r].node].ngpus;
        for (int g = 0; g < ranks[r].nvisible; g++)
            ranks[r].visible[g] = (uint8_t)g;
    }
    return (struct xb_machine){.ranks = ranks, .nodes = nodes};
}

static void test_pcie(void)
{
    static const struct {
        int gen, width;
        double want;
        const char *name;
    } links[] = {
        {1, 16, 4, "gen 1 x16"},
        {2, 8, 4, "gen 2 x8"},
        {3, 16, 15.7538, "gen 3 x16"},
        {4, 16, 31.5077, "gen 4 x16"},
        {5, 16, 63.0154, "gen 5 x16"},
        {6, 16, 121, "gen 6 x16"},
        {5, 1, 3.93846, "gen 5 x1"},
        {0, 16, 0, "no generation"},
        {7, 16, 0, "a generation to be"},
        {-1, 16, 0, "no such generation"},
        {5, 0, 0, "no width"},
        {5, -1, 0, "no such width"},
    };

    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
        is_near(xb_pcie_gb_per_s(links[i].gen, links[i].width), links[i].want, 1e-5,
                links[i].name);
}

static const struct {
    enum jobs job;
    const char *pattern, *path;
    const struct xb_method_spec *method;
    uint64_t bytes;
    double want;
    const char *name;
} cases[] = {
    {FAST, "stream", "host->gpu", &copy, LARGE, GEN5_X16, "to the GPU over PCI Express"},
    {FAST, "stream", "gpu->host", &copy, 1, GEN5_X16, "from it, and for a byte"},
    {FAST, "stream", "host->gpu@node", &copy, LARGE, GEN5_X16, "to another rank's GPU"},
    {UNEVEN, "stream", "host->gpu@node", &copy, LARGE, GEN4_X16, "by that GPU's own link"},
    {UNEVEN, "stream", "gpu->host@node", &copy, LARGE, GEN5_X16, "from there by its"},
    {NO_LINKS, "stream", "host->gpu", &copy, LARGE, 0, "an unknown generation"},
    {FAST, "stream", "host->gpu+1", &copy, LARGE, GEN5_X16, "to another GPU of the rank"},
    {UNEVEN, "stream", "gpu+1->host", &copy, LARGE, GEN4_X16, "from there by its own link"},
    {FAST, "stream", "host->gpu+2", &copy, LARGE, 0, "a GPU that the rank does not see"},
    {FAST, "stream", "host->host", &copy, LARGE, 384, "what a core stores at most"},
    {FAST, "stream", "host->host@node", &copy, LARGE, 384, "also between two ranks"},
    {FAST, "bidirectional", "host->gpu", &copy, LARGE, 2 * GEN5_X16, "both directions"},
    {FAST, "pingpong", "host->gpu", &copy, LARGE, GEN5_X16, "one after the other"},

    {FAST, "stream", "gpu->gpu@node", &copy, LARGE, NVLINK, "NVLink between GPUs"},
    {FAST, "bidirectional", "gpu->gpu@node", &copy, LARGE, 2 * NVLINK, "both its directions"},
    {FAST, "pingpong", "gpu->gpu@node", &copy, LARGE, NVLINK, "one after the other"},
    {UNEVEN, "stream", "gpu->gpu@node", &copy, LARGE, NVLINK / 2, "the narrower NVLink"},
    {PCIE, "stream", "gpu->gpu@node", &copy, LARGE, GEN5_X16, "PCI Express without NVLink"},
    {BARE, "stream", "gpu->gpu@node", &copy, LARGE, GEN5_X16, "or with it on one side only"},
    {NO_LINKS, "stream", "gpu->gpu@node", &copy, LARGE, 0, "nothing known of the links"},
    {FAST, "stream", "gpu->gpu@node", &staged, LARGE, GEN5_X16, "staged despite NVLink"},
    {UNEVEN, "stream", "gpu->gpu@node", &staged, LARGE, GEN4_X16, "staged by the narrower"},
    {FAST, "bidirectional", "gpu->gpu@node", &staged, LARGE, 2 * GEN5_X16, "staged both ways"},
    {FAST, "stream", "gpu->gpu+1", &copy, LARGE, NVLINK, "to another GPU of the rank"},
    {UNEVEN, "stream", "gpu+1->gpu", &copy, LARGE, NVLINK / 2, "by the narrower's NVLink"},
    {FAST, "stream", "gpu->gpu+1@node", &copy, LARGE, HALF_MEM, "which is the rank's own"},
    {FAST, "stream", "gpu+1->gpu+2", &copy, LARGE, 0, "one that the rank does not see"},

    {FAST, "stream", "gpu->gpu", &copy, LARGE, HALF_MEM, "each byte is read and written"},
    {SHARED, "stream", "gpu->gpu@node", &copy, LARGE, HALF_MEM, "also for two ranks of a GPU"},
    {SHARED, "bidirectional", "gpu->gpu@node", &copy, LARGE, HALF_MEM, "who share the memory"},
    {FAST, "stream", "gpu->gpu", &copy, 100 * MIB, 0, "the cache can hold a good part"},
    {FAST, "stream", "gpu->gpu", &copy, 100 * MIB + 1, HALF_MEM, "it just cannot"},
    {NO_CACHE_SIZE, "stream", "gpu->gpu", &copy, LARGE, 0, "a cache of unknown size"},
    {FAST, "stream", "gpu->gpu", &staged, LARGE, GEN5_X16, "staged within one GPU"},
    {SHARED, "bidirectional", "gpu->gpu@node", &staged, LARGE, GEN5_X16,
     "both ways take the one link up and down"},

    {FAST, "stream", "gpu->gpu@remote", &copy, LARGE, OTHER_NIC, "the narrower NIC"},
    {FAST, "stream", "host->host@remote", &copy, LARGE, OTHER_NIC, "also from host memory"},
    {FAST, "stream", "gpu->gpu@remote", &staged, LARGE, OTHER_NIC, "and staged"},
    {FAST, "bidirectional", "gpu->gpu@remote", &copy, LARGE, 2 * OTHER_NIC,
     "both its directions, whatever the bus ids"},
    {NO_NIC, "stream", "gpu->gpu@remote", &copy, LARGE, 0, "an unknown NIC"},

    {FAST, "stream", "host->gpu", &nothing, LARGE, 0, "a method that moves nothing"},
    {FAST, "stream", "gpu->gpu@node", &nothing, LARGE, 0, "on any path"},
};

/* The lanes of a case's first round: 0, or what opening its schedule answered. */
static int first_round(const struct xb_case *c, const struct xb_job *job, struct xb_round *out)
{
    struct xb_schedule schedule;
    int rc = xb_schedule_open(c, job, &schedule, NULL);

    if (rc == 0) {
        rc = xb_schedule_round(&schedule, 0, out, NULL);
        xb_schedule_close(&schedule);
    }
    return rc;
}

static void test_cases(void)
{
    static const int nodes[] = {0, 0, 1};
    static const struct xb_job job = {.nranks = 3, .node_of_rank = nodes};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct xb_case c = {.pattern = xb_pattern_find(cases[i].pattern, NULL),
                            .method = cases[i].method,
                            .pairs = {.kind = XB_PAIRS_FIRST},
                            .bytes = cases[i].bytes};
        struct xb_rank_info ranks[3];
        struct xb_round lanes = {0};

        xb_path_parse(cases[i].path, &c.path, NULL);
        first_round(&c, &job, &lanes);
        fill_ranks(cases[i].job, ranks);
        struct xb_machine m = a_machine(ranks, 3);
        is_near(xb_ceiling(&c, &lanes, &m), cases[i].want, 1e-9, cases[i].name);
        xb_round_release(&lanes);
    }
}

/* Four ranks on one node, or two on each of two; ranks that share a GPU or a NIC by name. */
static const struct {
    int nodes;
    const char *pci[4], *nic[4], *path;
    const struct xb_method_spec *method;
    double want;
    const char *name;
} pairs[] = {
    {1, {"a", "b", "c", "d"}, {""}, "gpu->gpu", &copy, 4 * HALF_MEM, "each GPU has its memory"},
    {1, {"a", "a", "c", "c"}, {""}, "gpu->gpu", &copy, 2 * HALF_MEM, "ranks of a GPU share it"},
    {2, {"a", "b", "a", "b"}, {""}, "gpu->gpu", &copy, 4 * HALF_MEM, "nodes share no GPU"},
    {1, {"a", "b", "c", "d"}, {""}, "gpu->gpu", &staged, 4 * GEN5_X16, "each GPU has its link"},
    {1,
     {"a", "a", "c", "c"},
     {""},
     "gpu->gpu",
     &staged,
     2 * GEN5_X16,
     "staged by the same one"},
    {1, {"a", "b", "c", "d"}, {""}, "host->gpu", &copy, 4 * GEN5_X16, "a link for each GPU"},
    {1,
     {"a", "a", "c", "d"},
     {""},
     "host->gpu",
     &copy,
     3 * GEN5_X16,
     "ranks of a GPU share it"},
    {1, {"a", "a", "c", "d"}, {""}, "gpu->host", &copy, 3 * GEN5_X16, "the other way, too"},
    {1,
     {"a", "b", "c", "b"},
     {""},
     "host->gpu@node",
     &copy,
     GEN5_X16,
     "two ranks write to one"},
    {1,
     {"a", "b", "c", "d"},
     {""},
     "gpu+1->host",
     &copy,
     2 * GEN5_X16,
     "three ranks mean the first GPU by their next, and that one the second"},
    {1, {"a", "b", "c", "d"}, {""}, "gpu->gpu@node", &copy, 2 * NVLINK, "NVLink of two pairs"},
    {1, {"a", "b", "a", "b"}, {""}, "gpu->gpu@node", &copy, NVLINK, "both of the same GPUs"},
    {1,
     {"a", "b", "b", "a"},
     {""},
     "gpu->gpu@node",
     &copy,
     2 * NVLINK,
     "of the two directions"},
    {1, {"a", "a", "a", "a"}, {""}, "gpu->gpu@node", &copy, HALF_MEM, "all within one GPU"},
    {1, {"a", "a", "c", "c"}, {""}, "gpu->gpu@node", &copy, 2 * HALF_MEM, "or within two"},
    {2,
     {"a", "b", "a", "b"},
     {"m0", "m1", "m0", "m1"},
     "gpu->gpu@remote",
     &copy,
     2 * NIC,
     "a NIC for each pair"},
    {2,
     {"a", "b", "a", "b"},
     {"m0", "m0", "m0", "m0"},
     "gpu->gpu@remote",
     &copy,
     NIC,
     "one NIC on each node"},
    {2,
     {"a", "b", "a", "b"},
     {"m0", "m0", "m0", "m1"},
     "host->host@remote",
     &copy,
     NIC,
     "one on one of them, which bounds them all"},
};

static void test_pairs(void)
{
    static const int nodes[2][4] = {{0, 0, 0, 0}, {0, 0, 1, 1}};

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct xb_job job = {.nranks = 4, .node_of_rank = nodes[pairs[i].nodes - 1]};
        struct xb_case c = {.pattern = xb_pattern_find("stream", NULL),
                            .method = pairs[i].method,
                            .pairs = {.kind = XB_PAIRS_TOGETHER},
                            .bytes = LARGE};
        struct xb_rank_info ranks[4];
        struct xb_round lanes = {0};

        for (int r = 0; r < 4; r++) {
            ranks[r] = a_rank(r, pairs[i].pci[r]);
            ranks[r].node = job.node_of_rank[r];
            snprintf(ranks[r].place.nic, sizeof(ranks[r].place.nic), "%s",
                     pairs[i].nic[r] ? pairs[i].nic[r] : "");
        }
        xb_path_parse(pairs[i].path, &c.path, NULL);
        is_int(first_round(&c, &job, &lanes), 0, "four ranks make pairs");
        struct xb_machine m = a_machine(ranks, 4);
        is_near(xb_ceiling(&c, &lanes, &m), pairs[i].want, 1e-9, pairs[i].name);
        xb_round_release(&lanes);
    }
}

/* Lanes "SRC->DST" of ranks that leave from one GPU or arrive at one. The GPUs are joined by
 * switches, or each pair by links of its own. */
static const struct {
    const char *lanes[4];
    enum { BY_SWITCH, DIRECT, NARROW_PEERS } joined;
    const struct xb_method_spec *method;
    double want;
    const char *name;
} ends[] = {
    {{"01", "02", "03"}, BY_SWITCH, &copy, NVLINK, "three lanes from one GPU, by a switch"},
    {{"10", "20", "30"}, BY_SWITCH, &copy, NVLINK, "three lanes to one GPU"},
    {{"01", "02", "10"}, BY_SWITCH, &copy, 2 * NVLINK, "its links carry both directions"},
    {{"01", "02", "31", "32"}, BY_SWITCH, &copy, 2 * NVLINK, "two from each of two"},
    {{"01", "23"}, BY_SWITCH, &copy, 2 * NVLINK, "pairs with no GPU in common"},
    {{"01", "02", "03"}, DIRECT, &copy, 3 * NVLINK / 3, "links of single pairs add up"},
    {{"01", "01", "02"}, DIRECT, &copy, 2 * NVLINK / 3, "but for those of the same pair"},
    {{"01", "02", "03"}, NARROW_PEERS, &copy, NVLINK * 3 / 4, "peers narrower than the source"},
    {{"01", "02", "03"}, BY_SWITCH, &staged, GEN5_X16, "three staged lanes from one GPU"},
    {{"10", "20", "30"}, DIRECT, &staged, GEN5_X16, "three staged lanes to one"},
};

/* Join four GPUs in another way than a_machine does. */
static void join_gpus(const struct xb_machine *m, bool direct)
{
    for (int a = 0; a < 4; a++) {
        struct xb_gpu_info *gpu = &m->nodes[0].gpus[a];
        gpu->nlinks = 0;
        for (int b = 0; b < 4; b++) {
            struct xb_gpu_link link = {
                .end = XB_LINK_TO_GPU, .links = 6, .gb_per_s = NVLINK / 3};
            snprintf(link.pci, sizeof(link.pci), "%s", m->nodes[0].gpus[b].pci);
            if (direct && a != b)
                gpu->links[gpu->nlinks++] = link;
        }
        if (!direct)
            gpu->links[gpu->nlinks++] = (struct xb_gpu_link){
                .end = XB_LINK_TO_SWITCH, .links = 18, .gb_per_s = a ? NVLINK / 4 : NVLINK};
    }
}

/* One node with four GPUs, each with a rank. */
static struct xb_machine four_gpus(struct xb_rank_info ranks[4])
{
    static const char *const pci[] = {"a", "b", "c", "d"};

    for (int r = 0; r < 4; r++) {
        ranks[r] = a_rank(r, pci[r]);
        ranks[r].node = 0;
    }
    return a_machine(ranks, 4);
}

static void test_shared_ends(void)
{
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        struct xb_case c = {.pattern = xb_pattern_find("stream", NULL),
                            .method = ends[i].method,
                            .path = {{XB_GPU, 0}, {XB_GPU, 0}, XB_NODE},
                            .bytes = LARGE};
        struct xb_rank_info ranks[4];
        struct xb_round lanes = {0};

        struct xb_machine m = four_gpus(ranks);
        if (ends[i].joined != BY_SWITCH)
            join_gpus(&m, ends[i].joined == DIRECT);
        for (int l = 0; l < 4 && ends[i].lanes[l]; l++)
            xb_round_add(&lanes, &(struct xb_lane){.chain = l,
                                                   .path = c.path,
                                                   .src_rank = ends[i].lanes[l][0] - '0',
                                                   .dst_rank = ends[i].lanes[l][1] - '0'});
        is_near(xb_ceiling(&c, &lanes, &m), ends[i].want, 1e-9, ends[i].name);
        xb_round_release(&lanes);
    }
}

/* One rank copies from its GPU to all others that it sees: `gpu+*`, together. */
static void test_within_rank(void)
{
    struct xb_case c = {
        .pattern = xb_pattern_find("stream", NULL), .method = &copy, .bytes = LARGE};
    struct xb_rank_info ranks[4];
    struct xb_round lanes = {0};

    struct xb_machine m = four_gpus(ranks);
    for (int k = 1; k < 4; k++)
        xb_round_add(&lanes, &(struct xb_lane){.chain = k - 1,
                                               .path = {{XB_GPU, 0}, {XB_GPU, k}, XB_SELF}});
    is_near(xb_ceiling(&c, &lanes, &m), NVLINK, 1e-9, "one rank, one source, three GPUs");
    xb_round_release(&lanes);
    for (int k = 1; k < 4; k++)
        xb_round_add(&lanes, &(struct xb_lane){.chain = k - 1,
                                               .path = {{XB_HOST, 0}, {XB_GPU, k}, XB_SELF}});
    is_near(xb_ceiling(&c, &lanes, &m), 3 * GEN5_X16, 1e-9,
            "from the host to each by its link");
    xb_round_release(&lanes);
}

/* The rates are bus bandwidth: those of one link, whatever the number of ranks. */
static void test_collectives(void)
{
    static const struct {
        const char *name;
        enum jobs job;
        int64_t transfer; /* of nccl: 1 is all-reduce */
        int nranks, last_node;
        double want;
    } rows[] = {
        {"all-reduce of two", FAST, 1, 2, 0, NVLINK},
        {"all-gather of two", FAST, 2, 2, 0, NVLINK},
        {"all-to-all over PCI Express", PCIE, 4, 2, 0, GEN5_X16},
        {"the narrowest link decides", UNEVEN, 3, 2, 0, NVLINK / 2},
        {"all-reduce of three, which a switch may add up", FAST, 1, 3, 0, NVLINK * 4 / 3},
        {"reduce-scatter of three", FAST, 3, 3, 0, NVLINK},
        {"between nodes all NICs may carry it", FAST, 1, 3, 1, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const int nodes[] = {0, 0, rows[i].last_node};
        const struct xb_job job = {.nranks = rows[i].nranks, .node_of_rank = nodes};
        struct xb_case c = {
            .method = &fixture_nccl,
            .pattern = xb_pattern_find("collective", NULL),
            .path = {{XB_GPU, 0}, {XB_GPU, 0}, rows[i].last_node ? XB_REMOTE : XB_NODE},
            .bytes = LARGE};
        xb_option_set(fixture_nccl.collective_option, &c.options, rows[i].transfer);
        struct xb_rank_info ranks[3];
        struct xb_round lanes = {0};

        fill_ranks(rows[i].job, ranks);
        ranks[2].node = rows[i].last_node;
        snprintf(ranks[2].place.pci, sizeof(ranks[2].place.pci), "0000:86:00.0");
        first_round(&c, &job, &lanes);
        struct xb_machine m = a_machine(ranks, 3);
        is_near(xb_ceiling(&c, &lanes, &m), rows[i].want, 1e-9, rows[i].name);
        xb_round_release(&lanes);
    }
}

static void test_no_lanes(void)
{
    struct xb_case c = {
        .pattern = xb_pattern_find("stream", NULL), .method = &copy, .bytes = 1};
    struct xb_round none = {0};

    is_near(xb_ceiling(&c, &none, NULL), 0, 0, "no lanes, no ceiling");
}

int main(void)
{
    test_pcie();
    test_cases();
    test_pairs();
    test_shared_ends();
    test_within_rank();
    test_collectives();
    test_no_lanes();
    return done_testing();
}
