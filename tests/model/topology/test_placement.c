/* SPDX-License-Identifier: BSD-3-Clause */
/* test_placement.c - who gets which GPU and which cores, on saved topologies.
 *
 * A case is a topology and a line for each rank: the bus ids it sees (with a space between
 * them), the binding it comes with, and the place it must get. A warning is one or more parts
 * of the text, with '|' between them; NULL is no warning at all.
 */
#include "model/topology/placement.h"

#include <stdlib.h>

#include "tests/tap.h"

#define MAX_RANKS 8

/* dgx8-2numa.xml: G0-G3 are near cores 0-15, G4-G7 near cores 16-31; core n has CPUs n, n+32.
 */
#define G0  "0000:1b:00.0"
#define G1  "0000:2c:00.0"
#define G2  "0000:43:00.0"
#define G3  "0000:4d:00.0"
#define G4  "0000:9d:00.0"
#define G5  "0000:a8:00.0"
#define G6  "0000:c3:00.0"
#define G7  "0000:d1:00.0"
#define ALL G0 " " G1 " " G2 " " G3 " " G4 " " G5 " " G6 " " G7

/* h200x4-vm.xml: all near cores 0-63. */
#define V0 "0000:00:06.0"
#define V1 "0000:00:07.0"
#define V2 "0000:00:08.0"
#define V3 "0000:00:09.0"
#define VM V0 " " V1 " " V2 " " V3

#define NODE_0  "0-15,32-47"
#define NODE_1  "16-31,48-63"
#define OVERLAP "CPUs that 1 other rank of this node has too"
#define NO_PCI  "is not in the topology: placed without locality"

static const struct placement_case {
    const char *name, *topo;
    struct {
        const char *visible, *bound_to; /* the list ends where visible is NULL */
        const char *pci;
        int sharers;
        const char *cpuset;
        bool kept;
        int numa;
        const char *nic, *warning;
    } ranks[MAX_RANKS + 1];
} cases[] = {
    {"4 ranks on 4 GPUs",
     "h200x4-vm.xml",
     {{VM, "", V0, 1, "0-15", false, 0, "eth0", NULL},
      {VM, "", V1, 1, "16-31", false, 0, "eth0", NULL},
      {VM, "", V2, 1, "32-47", false, 0, "eth0", NULL},
      {VM, "", V3, 1, "48-63", false, 0, "eth0", NULL}}},
    {"2 ranks on 4 GPUs; a binding to everything is none",
     "h200x4-vm.xml",
     {{VM, "0-63", V0, 1, "0-31", false, 0, "eth0", NULL},
      {VM, "0-63", V1, 1, "32-63", false, 0, "eth0", NULL}}},
    {"3 ranks share 64 cores as evenly as they go",
     "h200x4-vm.xml",
     {{VM, "", V0, 1, "0-20", false, 0, "eth0", NULL},
      {VM, "", V1, 1, "21-41", false, 0, "eth0", NULL},
      {VM, "", V2, 1, "42-63", false, 0, "eth0", NULL}}},
    {"8 ranks on 8 GPUs of two NUMA nodes",
     "dgx8-2numa.xml",
     {{ALL, "", G0, 1, "0-3,32-35", false, 0, "mlx5_0", NULL},
      {ALL, "", G1, 1, "4-7,36-39", false, 0, "mlx5_0", NULL},
      {ALL, "", G2, 1, "8-11,40-43", false, 0, "mlx5_1", NULL},
      {ALL, "", G3, 1, "12-15,44-47", false, 0, "mlx5_1", NULL},
      {ALL, "", G4, 1, "16-19,48-51", false, 1, "mlx5_2", NULL},
      {ALL, "", G5, 1, "20-23,52-55", false, 1, "mlx5_2", NULL},
      {ALL, "", G6, 1, "24-27,56-59", false, 1, "mlx5_3", NULL},
      {ALL, "", G7, 1, "28-31,60-63", false, 1, "mlx5_3", NULL}}},
    {"CUDA_VISIBLE_DEVICES=3,1: the bus decides, not the order of the list",
     "dgx8-2numa.xml",
     {{G3 " " G1, "", G1, 1, "0-7,32-39", false, 0, "mlx5_0", NULL},
      {G3 " " G1, "", G3, 1, "8-15,40-47", false, 0, "mlx5_1", NULL}}},
    {"bus ids as the driver writes them, and one twice",
     "dgx8-2numa.xml",
     {{"0000:2C:00.0 0000:1B:00.0", "", G0, 1, "0-7,32-39", false, 0, "mlx5_0", NULL},
      {"1b:00.0 1b:00.0 2c:00.0", "", G1, 1, "8-15,40-47", false, 0, "mlx5_0", NULL}}},
    {"each rank sees its own GPU only, in an order of the launcher's",
     "dgx8-2numa.xml",
     {{G6, "", G6, 1, NODE_1, false, 1, "mlx5_3", NULL},
      {G2, "", G2, 1, "0-7,32-39", false, 0, "mlx5_1", NULL},
      {G0, "", G0, 1, "8-15,40-47", false, 0, "mlx5_0", NULL}}},
    {"the first come would leave the last without",
     "dgx8-2numa.xml",
     {{G0 " " G1, "", G1, 1, "0-4,32-36", false, 0, "mlx5_0", NULL},
      {G0 " " G2, "", G2, 1, "5-9,37-41", false, 0, "mlx5_1", NULL},
      {G0, "", G0, 1, "10-15,42-47", false, 0, "mlx5_0", NULL}}},
    {"a chain of moves makes room",
     "dgx8-2numa.xml",
     {{G0 " " G1, "", G0, 1, "0-3,32-35", false, 0, "mlx5_0", NULL},
      {G1 " " G2, "", G1, 1, "4-7,36-39", false, 0, "mlx5_0", NULL},
      {G2 " " G3, "", G3, 1, "8-11,40-43", false, 0, "mlx5_1", NULL},
      {G0 " " G1 " " G2, "", G2, 1, "12-15,44-47", false, 0, "mlx5_1", NULL}}},
    {"one without a choice moves the others on, and they stay in order",
     "h200x4-vm.xml",
     {{V0 " " V1 " " V2, "", V1, 1, "0-20", false, 0, "eth0", NULL},
      {V0 " " V1 " " V2, "", V2, 1, "21-41", false, 0, "eth0", NULL},
      {V0, "", V0, 1, "42-63", false, 0, "eth0", NULL}}},
    {"two share one GPU beside one that neither sees",
     "h200x4-vm.xml",
     {{V0, "", V0, 2, "0-20", false, 0, "eth0", "shared by 2 ranks"},
      {V0, "", V0, 2, "21-41", false, 0, "eth0", "shared by 2 ranks"},
      {V1 " " V2, "", V1, 1, "42-63", false, 0, "eth0", NULL}}},
    {"8 ranks share 4 GPUs, two each",
     "h200x4-vm.xml",
     {{VM, "", V0, 2, "0-7", false, 0, "eth0", "shared by 2 ranks"},
      {VM, "", V1, 2, "8-15", false, 0, "eth0", "shared by 2 ranks"},
      {VM, "", V2, 2, "16-23", false, 0, "eth0", "shared by 2 ranks"},
      {VM, "", V3, 2, "24-31", false, 0, "eth0", "shared by 2 ranks"},
      {VM, "", V0, 2, "32-39", false, 0, "eth0", "shared by 2 ranks"},
      {VM, "", V1, 2, "40-47", false, 0, "eth0", "shared by 2 ranks"},
      {VM, "", V2, 2, "48-55", false, 0, "eth0", "shared by 2 ranks"},
      {VM, "", V3, 2, "56-63", false, 0, "eth0", "shared by 2 ranks"}}},
    {"5 ranks on 2 GPUs: 3 and 2",
     "h200x4-vm.xml",
     {{V0 " " V1, "", V0, 3, "0-11", false, 0, "eth0", "shared by 3 ranks"},
      {V0 " " V1, "", V1, 2, "12-24", false, 0, "eth0", "shared by 2 ranks"},
      {V0 " " V1, "", V0, 3, "25-37", false, 0, "eth0", "shared by 3 ranks"},
      {V0 " " V1, "", V1, 2, "38-50", false, 0, "eth0", "shared by 2 ranks"},
      {V0 " " V1, "", V0, 3, "51-63", false, 0, "eth0", "shared by 3 ranks"}}},
    {"sharing is even although two of the ranks have no choice",
     "h200x4-vm.xml",
     {{V0 " " V1, "", V1, 2, "0-15", false, 0, "eth0", "shared by 2 ranks"},
      {V0, "", V0, 2, "16-31", false, 0, "eth0", "shared by 2 ranks"},
      {V0 " " V1, "", V1, 2, "32-47", false, 0, "eth0", "shared by 2 ranks"},
      {V0, "", V0, 2, "48-63", false, 0, "eth0", "shared by 2 ranks"}}},
    {"bound ranks get GPUs near their cores, and the others the rest in bus order",
     "dgx8-2numa.xml",
     {{G0 " " G1 " " G4 " " G5, "16-19", G4, 1, "16-19", true, 1, "mlx5_2", NULL},
      {G0 " " G1 " " G4 " " G5, "20-23", G5, 1, "20-23", true, 1, "mlx5_2", NULL},
      {G0 " " G1 " " G4 " " G5, "", G0, 1, "0-7,32-39", false, 0, "mlx5_0", NULL},
      {G0 " " G1 " " G4 " " G5, "", G1, 1, "8-15,40-47", false, 0, "mlx5_0", NULL}}},
    {"an unbound rank does not push a bound one away from its cores",
     "dgx8-2numa.xml",
     {{G0 " " G4, "0-3", G0, 1, "0-3", true, 0, "mlx5_0", NULL},
      {G0 " " G1, "", G1, 1, NODE_0, false, 0, "mlx5_0", NULL}}},
    {"a GPU of its own is worth more than a near one",
     "dgx8-2numa.xml",
     {{G0 " " G4, "0-3", G4, 1, "0-3", true, 1, "mlx5_2", "away from GPU " G4},
      {G0, "", G0, 1, NODE_0, false, 0, "mlx5_0", NULL}}},
    {"bound far from the only GPU it sees",
     "dgx8-2numa.xml",
     {{G0, "16-31,48-63", G0, 1, "16-31,48-63", true, 0, "mlx5_0", "away from GPU " G0}}},
    {"near GPUs run out: the last bound rank goes far",
     "dgx8-2numa.xml",
     {{G3 " " G4 " " G5, "0-1", G3, 1, "0-1", true, 0, "mlx5_1", NULL},
      {G3 " " G4 " " G5, "2-3", G4, 1, "2-3", true, 1, "mlx5_2", "away from GPU " G4}}},
    {"ranks that must share stay near their cores",
     "dgx8-2numa.xml",
     {{G3 " " G4, "0-1", G3, 2, "0-1", true, 0, "mlx5_1", "shared by 2 ranks"},
      {G3 " " G4, "2-3", G3, 2, "2-3", true, 0, "mlx5_1", "shared by 2 ranks"},
      {G3 " " G4, "16-17", G4, 2, "16-17", true, 1, "mlx5_2", "shared by 2 ranks"},
      {G3 " " G4, "18-19", G4, 2, "18-19", true, 1, "mlx5_2", "shared by 2 ranks"}}},
    {"bindings that overlap",
     "dgx8-2numa.xml",
     {{ALL, "0-7", G0, 1, "0-7", true, 0, "mlx5_0", OVERLAP},
      {ALL, "7-15", G1, 1, "7-15", true, 0, "mlx5_0", OVERLAP},
      {ALL, "16-31", G4, 1, "16-31", true, 1, "mlx5_2", NULL}}},
    {"all on one core, as a bad default has it",
     "h200x4-vm.xml",
     {{VM, "0", V0, 1, "0", true, 0, "eth0", "all 2 ranks of this node to the same core"},
      {VM, "0", V1, 1, "0", true, 0, "eth0", "all 2 ranks of this node to the same core"}}},
    {"two threads of one core",
     "dgx8-2numa.xml",
     {{ALL, "5", G0, 1, "5", true, 0, "mlx5_0", "less than one core|to the same core"},
      {ALL, "37", G1, 1, "37", true, 0, "mlx5_0", "less than one core|to the same core"}}},
    {"half a core beside a whole one",
     "dgx8-2numa.xml",
     {{ALL, "4", G0, 1, "4", true, 0, "mlx5_0", "less than one core"},
      {ALL, "5,37", G1, 1, "5,37", true, 0, "mlx5_0", NULL}}},
    {"one rank alone on half a core is what its user wanted",
     "dgx8-2numa.xml",
     {{ALL, "20", G4, 1, "20", true, 1, "mlx5_2", NULL}}},
    {"a binding to CPUs that the topology has not",
     "cpu2.xml",
     {{"", "7", "", 0, "7", true, -1, "", "not in the topology"},
      {"", "1", "", 0, "1", true, 0, "", NULL}}},
    {"no GPU at all: over the NUMA nodes, in even shares",
     "dgx8-2numa.xml",
     {{"", "", "", 0, "0-7,32-39", false, 0, "mlx5_0", NULL},
      {"", "", "", 0, "8-15,40-47", false, 0, "mlx5_0", NULL},
      {"", "", "", 0, "16-23,48-55", false, 1, "mlx5_2", NULL},
      {"", "", "", 0, "24-31,56-63", false, 1, "mlx5_2", NULL}}},
    {"2 ranks without GPU: a node each",
     "dgx8-2numa.xml",
     {{"", "", "", 0, NODE_0, false, 0, "mlx5_0", NULL},
      {"", "", "", 0, NODE_1, false, 1, "mlx5_2", NULL}}},
    {"no GPU on one NUMA node",
     "cpu2.xml",
     {{"", "", "", 0, "0", false, 0, "", NULL}, {"", "", "", 0, "1", false, 0, "", NULL}}},
    {"more ranks than cores: each keeps them all",
     "cpu2.xml",
     {{"", "", "", 0, "0-1", false, 0, "", "3 ranks share fewer cores"},
      {"", "", "", 0, "0-1", false, 0, "", "3 ranks share fewer cores"},
      {"", "", "", 0, "0-1", false, 0, "", "3 ranks share fewer cores"}}},
    {"one rank sees no GPU, the other does",
     "dgx8-2numa.xml",
     {{"", "", "", 0, "0-7,32-39", false, 0, "mlx5_0", "sees no GPU"},
      {G0, "", G0, 1, "8-15,40-47", false, 0, "mlx5_0", NULL}}},
    {"GPUs that the topology does not know",
     "cpu2.xml",
     {{"0000:0B:00.0 0000:0A:00.0", "", "0000:0a:00.0", 1, "0", false, 0, "", NO_PCI},
      {"0000:0B:00.0 0000:0A:00.0", "", "0000:0b:00.0", 1, "1", false, 0, "", NO_PCI}}},
    {"an unknown GPU comes in bus order with the known, and gets any NUMA node",
     "dgx8-2numa.xml",
     {{"0000:10:00.0 " G4, "", "0000:10:00.0", 1, "0-63", false, -1, "mlx5_0", NO_PCI},
      {"0000:10:00.0 " G4, "", G4, 1, NODE_1, false, 1, "mlx5_2", NULL}}},
    {"a bound rank keeps its cores with an unknown GPU",
     "dgx8-2numa.xml",
     {{"0000:10:00.0", "16-19", "0000:10:00.0", 1, "16-19", true, 1, "mlx5_2", NO_PCI}}},
    {"the cores near the GPU are out of bounds",
     "gpu2-cgroup.xml",
     {{"01:00.0 81:00.0", "", "0000:01:00.0", 1, "2", false, 0, "eno1",
       "none of the CPUs near GPU 0000:01:00.0 may be used"},
      {"01:00.0 81:00.0", "", "0000:81:00.0", 1, "3", false, 1, "eno1", NULL}}},
};

static struct xb_topology *load(const char *file)
{
    const char *data = getenv("XB_TESTS_DATA");
    struct xb_topology *topo = NULL;
    struct xb_error err = {""};
    char path[1024];

    snprintf(path, sizeof path, "%s/topo/%s", data ? data : "tests/data", file);
    if (xb_topology_load(path, &topo, &err))
        printf("# %s\n", err.text);
    return topo;
}

/* "0000:3b:00.0", or an instance of it, "0000:3b:00.0/MIG-1". */
static void read_key(char *word, struct xb_gpu_key *key)
{
    const char *pci = strsep(&word, "/");

    snprintf(key->pci, sizeof key->pci, "%s", pci);
    snprintf(key->instance, sizeof key->instance, "%s", word ? word : "");
}

static void fill_request(struct xb_place_request *request, const char *visible,
                         const char *bound_to)
{
    char list[512], *rest = list, *word;

    memset(request, 0, sizeof *request);
    snprintf(list, sizeof list, "%s", visible);
    snprintf(request->bound_to, sizeof request->bound_to, "%s", bound_to);
    while ((word = strsep(&rest, " ")))
        if (word[0])
            read_key(word, &request->visible[request->nvisible++]);
}

static struct xb_place_words words[MAX_RANKS];

static void check_warning(const char *got, const char *want)
{
    char parts[256], *rest = parts, *part;

    if (!want) {
        is_str(got, "", "no warning");
        return;
    }
    snprintf(parts, sizeof parts, "%s", want);
    while ((part = strsep(&rest, "|")))
        contains(got, part, "warning");
    if (!strchr(want, '|'))
        ok(!strchr(got, ';'), "the only warning");
}

static void check_place(const struct placement_case *c, size_t r, const struct xb_place *got)
{
    printf("# %s: rank %zu\n", c->name, r);
    ok(got->has_gpu == (c->ranks[r].pci[0] != '\0'), "with or without GPU");
    is_str(got->pci, c->ranks[r].pci, "GPU");
    is_int(got->sharers, c->ranks[r].sharers, "sharers");
    is_str(got->words->cpuset, c->ranks[r].cpuset, "CPUs");
    ok(got->kept_binding == c->ranks[r].kept, "binding kept or made");
    is_int(got->numa, c->ranks[r].numa, "NUMA node");
    is_str(got->nic, c->ranks[r].nic, "NIC");
    check_warning(got->words->warning, c->ranks[r].warning);
}

static void test_cases(void)
{
    static struct xb_place_request requests[MAX_RANKS];
    static struct xb_place places[MAX_RANKS];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct xb_topology *topo = load(cases[i].topo);
        struct xb_error err = {""};
        size_t n = 0;

        for (; cases[i].ranks[n].visible; n++)
            fill_request(&requests[n], cases[i].ranks[n].visible, cases[i].ranks[n].bound_to);
        if (ok(topo && xb_placement_compute(topo, requests, n, places, words, &err) == 0,
               cases[i].name))
            for (size_t r = 0; r < n; r++)
                check_place(&cases[i], r, &places[r]);
        else
            printf("# %s\n", err.text);
        xb_topology_release(topo);
    }
}

/* Each instance is a GPU of its own, near its GPU's cores, as if it stood there alone. */
static void test_instances(void)
{
    static const char all[] = "0000:01:00.0/MIG-2 0000:81:00.0 0000:01:00.0/MIG-1";
    static const struct {
        const char *pci, *instance;
        int sharers, numa;
    } want[] = {{"0000:01:00.0", "MIG-1", 2, 0},
                {"0000:01:00.0", "MIG-2", 1, 0},
                {"0000:81:00.0", "", 1, 1},
                {"0000:01:00.0", "MIG-1", 2, 0}};
    static struct xb_place_request requests[4];
    struct xb_topology *topo = load("links2-down.xml");
    struct xb_place places[4];

    for (int r = 0; r < 4; r++)
        fill_request(&requests[r], all, "");
    if (!ok(topo && xb_placement_compute(topo, requests, 4, places, words, NULL) == 0,
            "instances"))
        return;
    for (int r = 0; r < 4; r++) {
        is_str(places[r].pci, want[r].pci, "GPU");
        is_str(places[r].instance, want[r].instance, "instance");
        is_int(places[r].sharers, want[r].sharers, "sharers");
        is_int(places[r].numa, want[r].numa, "NUMA node");
    }
    contains(places[0].words->warning, "GPU 0000:01:00.0 MIG-1 is shared by 2",
             "which is shared");
    is_int(xb_placement_compute(topo, requests, 2, places, words, NULL), 0, "two ranks");
    ok(places[0].sharers == 1 && places[1].sharers == 1, "two instances are not shared");
    xb_topology_release(topo);
}

static void test_bad_bindings(void)
{
    static const char *const bad[] = {"x",  "0-",  "-1",    "3-1",        "0,",
                                      ",0", "0 1", "1-2-3", "4294967296", "0x3"};
    static struct xb_place_request requests[2];
    struct xb_topology *topo = load("cpu2.xml");
    struct xb_place places[2];

    for (size_t i = 0; topo && i < sizeof bad / sizeof *bad; i++) {
        struct xb_error err = {""};
        fill_request(&requests[0], "", "0");
        fill_request(&requests[1], "", bad[i]);
        is_int(xb_placement_compute(topo, requests, 2, places, words, &err), -1, bad[i]);
        contains(err.text, "rank 1", "names the rank");
        contains(err.text, "is not a set of CPUs", "says why");
    }
    xb_topology_release(topo);
}

static void test_no_ranks(void)
{
    struct xb_topology *topo = load("cpu2.xml");
    struct xb_place_request request = {.nvisible = 0};
    struct xb_place place;

    is_int(topo ? xb_placement_compute(topo, &request, 0, &place, words, NULL) : -1, 0,
           "no ranks");
    xb_topology_release(topo);
}

int main(void)
{
    test_cases();
    test_instances();
    test_bad_bindings();
    test_no_ranks();
    return done_testing();
}
