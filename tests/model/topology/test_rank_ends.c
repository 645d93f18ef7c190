/* SPDX-License-Identifier: BSD-3-Clause */
/* test_rank_ends.c - what is looked up once for each rank: its GPU, and who is joined as it is.
 */
#include "model/topology/rank_ends.h"

#include <stdlib.h>

#include "tests/tap.h"

static struct xb_gpu_info gpus0[2], gpus1[1];
static struct xb_node_info nodes[] = {{.gpus = gpus0, .ngpus = 2}, {.gpus = gpus1, .ngpus = 1}};

#define ON(n, bus)                                                                             \
    .node = (n), .place = {.has_gpu = true, .pci = (bus)}, .nvisible = 1, .visible = {0}

static const struct row {
    struct xb_rank_info rank;
    int alike;
    const struct xb_gpu_info *gpu;
    const char *name;
} rows[] = {
    {{ON(0, "0000:01:00.0")}, 0, &gpus0[0], "the first of its node"},
    {{ON(0, "0000:02:00.0")}, 1, &gpus0[1], "another GPU"},
    {{ON(0, "0000:01:00.0")}, 0, &gpus0[0], "the first one's GPU"},
    {{ON(1, "0000:01:00.0")}, 3, &gpus1[0], "the same bus id on another node"},
    {{.node = 0, .place = {.pci = "0000:01:00.0"}, .nvisible = 1}, 4, NULL, "no GPU"},
    {{.node = 0,
      .place = {.has_gpu = true, .pci = "0000:01:00.0", .package = 1},
      .nvisible = 1},
     5,
     &gpus0[0],
     "another socket"},
    {{.node = 0, .place = {.has_gpu = true, .pci = "0000:01:00.0", .numa = 1}, .nvisible = 1},
     6,
     &gpus0[0],
     "another NUMA node"},
    {{.node = 0,
      .place = {.has_gpu = true, .pci = "0000:01:00.0"},
      .nvisible = 2,
      .visible = {0, 1}},
     7,
     &gpus0[0],
     "one that sees more"},
    {{.node = 0,
      .place = {.has_gpu = true, .pci = "0000:01:00.0", .instance = "MIG-1"},
      .nvisible = 1},
     8,
     NULL,
     "an instance that nobody describes"},
    {{ON(0, "0000:02:00.0")}, 1, &gpus0[1], "the second one's GPU"},
    {{ON(1, "0000:01:00.0")}, 3, &gpus1[0], "the other node's again"},
};

#define RANKS ((int)(sizeof rows / sizeof *rows))

int main(void)
{
    struct xb_rank_info ranks[RANKS];
    struct xb_machine m = {.ranks = ranks, .nodes = nodes};
    const struct xb_path path = {{XB_GPU, 0}, {XB_GPU, 0}, XB_NODE};
    bool same = true;

    gpus0[0] = gpus1[0] = xb_gpu_unknown("0000:01:00.0");
    gpus0[1] = xb_gpu_unknown("0000:02:00.0");
    for (int r = 0; r < RANKS; r++)
        ranks[r] = rows[r].rank;
    struct xb_rank_ends *ends = xb_rank_ends_make(&m, RANKS);
    ok(ends, "ends of all ranks");
    for (int r = 0; ends && r < RANKS; r++) {
        is_int(ends[r].alike, rows[r].alike, rows[r].name);
        ok(ends[r].gpu == rows[r].gpu, "its GPU");
    }
    snprintf(ranks[1].place.nic, XB_NIC_LEN, "eth1");
    snprintf(ranks[9].place.nic, XB_NIC_LEN, "eth1");
    snprintf(ranks[10].place.nic, XB_NIC_LEN, "eth1");
    struct xb_rank_ends *others = xb_rank_ends_make(&m, RANKS);
    is_int(others[2].same_nic, 0, "all that no NIC is known of are alike");
    is_int(others[9].same_nic, 1, "one NIC");
    is_int(others[10].same_nic, 10, "a NIC of that name on another node");
    free(others);
    struct xb_machine quick = {.ranks = ranks, .nodes = nodes, .ends = ends};
    for (int a = 0; a < RANKS; a++)
        for (int b = 0; b < RANKS; b++)
            same = same && xb_link_class_between(&m, &path, a, b) ==
                               xb_link_class_between(&quick, &path, a, b);
    ok(same, "what joins two is the same with them");
    free(ends);
    return done_testing();
}
