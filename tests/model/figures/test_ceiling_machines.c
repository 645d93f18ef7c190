/* SPDX-License-Identifier: BSD-3-Clause */
/* test_ceiling_machines.c - ceilings on machines that were saved or made up after public
 * descriptions: a DGX-1's mesh, two Grace Hopper, PCI Express switches, NVLink bridges with two
 * rails, an H200 machine with switches, one with dead links, one with MIG instances. One rank a
 * GPU, which sees all of them. */
#include "model/figures/ceiling.h"
#include "model/topology/nvml_file.h"

#include <stdlib.h>

#include "tests/catalog_fixture.h"
#include "tests/tap.h"

#define LARGE     (UINT64_C(1) << 30)
#define GEN3_X16  (16 * 8.0 * 128 / 130 / 8)  /* 15.75 */
#define GEN4_X16  (16 * 16.0 * 128 / 130 / 8) /* 31.51 */
#define GEN5_X16  (16 * 32.0 * 128 / 130 / 8) /* 63.02 */
#define V100_LINK 25.781                      /* of one NVLink, as the machine's file has it */
#define RAIL      50.0

static const struct xb_method_spec copy = {.name = "copy"};
static const struct xb_method_spec staged = {.name = "staged", .flags = XB_METHOD_VIA_HOST};

/* Lanes "AB", from rank A to rank B, of a path, all at once. */
static const struct row {
    const char *machine, *path, *lanes[3];
    const struct xb_method_spec *method;
    double want;
    const char *name;
} rows[] = {
    {"dgx1v-mesh", "gpu->gpu@node", {"01"}, &copy, V100_LINK, "one link of a mesh"},
    {"dgx1v-mesh", "gpu->gpu@node", {"03"}, &copy, 2 * V100_LINK, "two links"},
    {"dgx1v-mesh", "gpu->gpu@node", {"05"}, &copy, GEN3_X16, "GPUs that no link joins"},
    {"dgx1v-mesh", "gpu->gpu@node", {"01", "02", "03"}, &copy, 4 * V100_LINK, "links add up"},
    {"dgx1v-mesh", "gpu->gpu@node", {"03"}, &staged, GEN3_X16, "staged despite the links"},
    {"dgx1v-mesh", "gpu->gpu@node", {"05", "06"}, &copy, GEN3_X16, "both by one PCI Express"},
    {"gh200x2", "host->gpu", {"00"}, &copy, 447.12, "C2C from the host, not PCI Express"},
    {"gh200x2", "gpu->host", {"11"}, &copy, 447.12, "and back"},
    {"gh200x2", "gpu->gpu@node", {"01"}, &copy, 478.116, "NVLink between two Grace Hopper"},
    {"gh200x2", "gpu->gpu@node", {"01"}, &staged, 447.12, "through the hosts' memory"},
    {"gh200x2", "host->gpu", {"00", "11"}, &copy, 2 * 447.12, "each has its own"},
    {"pcie4-switch", "gpu->gpu@node", {"01"}, &copy, GEN4_X16, "below one switch"},
    {"pcie4-switch", "gpu->gpu@node", {"03"}, &copy, GEN4_X16, "between sockets"},
    {"pcie4-switch", "gpu->gpu@node", {"01", "02"}, &copy, GEN4_X16, "two lanes from one GPU"},
    {"pcie4-switch", "gpu->gpu@node", {"01", "23"}, &copy, 2 * GEN4_X16, "two pairs"},
    {"mig4", "gpu->gpu@node", {"01"}, &staged, GEN4_X16, "two instances of one GPU"},
    {"mig4", "host->gpu", {"00", "11"}, &copy, GEN4_X16, "which share its PCI Express"},
    {"mig4", "host->gpu", {"00", "22"}, &copy, 2 * GEN4_X16, "instances of two GPUs do not"},
    {"rails2", "gpu->gpu@node", {"01"}, &copy, 318.744, "twelve links of a bridge"},
    {"rails2", "gpu->host", {"00"}, &copy, GEN5_X16, "the host by PCI Express"},
    {"links2-down", "gpu->gpu@node", {"01"}, &copy, 478.116, "dead links do not lower it"},
    {"links2-down", "gpu->host", {"11"}, &copy, GEN5_X16, "nor do lanes that are not there"},
    {"h200x4-vm", "gpu->gpu@node", {"01"}, &copy, 478.116, "switches"},
    {"h200x4-vm", "gpu->gpu@node", {"01", "02", "03"}, &copy, 478.116, "three lanes from one"},
    {"h200x4-vm", "gpu->gpu@node", {"10", "20", "30"}, &copy, 478.116, "three lanes to one"},
    {"h200x4-vm", "gpu->gpu@node", {"01", "12", "20"}, &copy, 3 * 478.116, "three in a circle"},
};

/* Load a machine and put a rank on each GPU: how many, 0 where it cannot be read. */
static int load(const char *machine, struct xb_node_info *node, struct xb_rank_info *ranks)
{
    const char *folder = getenv("XB_TESTS_DATA");
    struct xb_topology *topo = NULL;
    struct xb_error err = {""};
    char file[512];

    snprintf(file, sizeof file, "%s/topo/%s.xml", folder ? folder : "tests/data", machine);
    int rc = xb_topology_load(file, &topo, &err);
    if (rc == 0)
        rc = xb_node_info_read(topo, node, &err);
    xb_topology_release(topo);
    snprintf(file, sizeof file, "%s/topo/%s.nvml.json", folder ? folder : "tests/data",
             machine);
    if (rc == 0)
        rc = xb_nvml_file_read(file, node, &err);
    is_str(err.text, "", machine);
    for (size_t g = 0; rc == 0 && g < node->ngpus; g++) {
        ranks[g] = (struct xb_rank_info){.rank = (int)g,
                                         .place = {.has_gpu = true},
                                         .nic_gb_per_s = RAIL,
                                         .nvisible = (int)node->ngpus};
        memcpy(ranks[g].place.pci, node->gpus[g].pci, XB_PCI_LEN);
        memcpy(ranks[g].place.instance, node->gpus[g].instance, XB_UUID_LEN);
        ranks[g].place.numa = node->gpus[g].numa;
        ranks[g].place.package = node->gpus[g].package;
        for (size_t v = 0; v < node->ngpus; v++)
            ranks[g].visible[v] = (uint8_t)v;
    }
    return rc == 0 ? (int)node->ngpus : 0;
}

int main(void)
{
    struct xb_rank_info ranks[XB_MAX_GPUS];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        struct xb_node_info node = {.ngpus = 0};
        struct xb_case c = {
            .pattern = xb_pattern_find("stream", NULL), .method = row->method, .bytes = LARGE};
        struct xb_round lanes = {0};

        int n = load(row->machine, &node, ranks);
        struct xb_machine m = {.ranks = ranks, .nodes = &node};
        xb_path_parse(row->path, &c.path, NULL);
        for (int l = 0; n > 0 && l < 3 && row->lanes[l]; l++)
            xb_round_add(&lanes, &(struct xb_lane){.chain = l,
                                                   .path = c.path,
                                                   .src_rank = row->lanes[l][0] - '0',
                                                   .dst_rank = row->lanes[l][1] - '0'});
        double got = n > 0 ? xb_ceiling(&c, &lanes, &m) : 0;
        is_near(got, row->want, 1e-3 * row->want, row->name);
        xb_round_release(&lanes);
        xb_node_info_release(&node);
    }
    return done_testing();
}
