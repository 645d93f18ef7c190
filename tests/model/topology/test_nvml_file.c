/* SPDX-License-Identifier: BSD-3-Clause */
/* test_nvml_file.c - what NVML says of a saved machine: names, reading, writing, refusing. */
#include "model/topology/nvml_file.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/tap.h"

static void test_names(void)
{
    static const struct {
        const char *xml, *want;
    } cases[] = {
        {"a.xml", "a.nvml.json"},
        {"dir.xml/a", "dir.xml/a.nvml.json"},
        {"a.xml.bak", "a.xml.bak.nvml.json"},
        {".xml", ".xml.nvml.json"},
    };
    char name[64];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        is_int(xb_nvml_file_name(cases[i].xml, name, sizeof name, NULL), 0, cases[i].xml);
        is_str(name, cases[i].want, "beside it");
    }
    is_int(xb_nvml_file_name("long.xml", name, 8, NULL), -1, "no room for the name");
}

/* A GPU of which all is known, and one of which nothing is. */
static struct xb_gpu_info full_gpu(void)
{
    struct xb_gpu_info gpu = xb_gpu_unknown("0000:3b:00.0");

    snprintf(gpu.name, sizeof gpu.name, "A GPU");
    snprintf(gpu.uuid, sizeof gpu.uuid, "GPU-1");
    snprintf(gpu.cluster, sizeof gpu.cluster, "00ff");
    gpu.clique = 7;
    gpu.mig = 1;
    gpu.pcie_gen = 5;
    gpu.pcie_width = 16;
    gpu.pcie_gen_now = 1;
    gpu.pcie_width_now = 8;
    gpu.nlinks = 3;
    gpu.links_down = 0x208; /* 3 and 9 */
    gpu.links_up = 0x77;    /* those before them and between, six in all */
    gpu.links[0] = (struct xb_gpu_link){XB_LINK_TO_GPU, "0000:5e:00.0", 2, 50.125};
    gpu.links[1] = (struct xb_gpu_link){XB_LINK_TO_SWITCH, "", 4, 0};
    gpu.links[2] = (struct xb_gpu_link){XB_LINK_TO_CPU, "", 1, 450};
    return gpu;
}

/* Of a GPU, as NVML describes it. */
static struct xb_gpu_info instance(const char *uuid)
{
    struct xb_gpu_info gpu = xb_gpu_unknown("0000:6f:00.0");

    snprintf(gpu.instance, sizeof gpu.instance, "%s", uuid);
    snprintf(gpu.uuid, sizeof gpu.uuid, "%s", uuid);
    snprintf(gpu.name, sizeof gpu.name, "A GPU MIG 1g.5gb");
    gpu.mig = 1;
    gpu.nlinks = 0;
    gpu.pcie_gen = 5;
    return gpu;
}

static void check_gpu(const struct xb_gpu_info *got, const struct xb_gpu_info *want)
{
    is_str(got->pci, want->pci, "bus id");
    is_str(got->instance, want->instance, "instance");
    is_str(got->name, want->name, "name");
    is_str(got->uuid, want->uuid, "UUID");
    is_str(got->cluster, want->cluster, "cluster");
    is_int(got->clique, want->clique, "clique");
    is_int(got->mig, want->mig, "MIG");
    is_int((long long)got->links_up, (long long)want->links_up, "links that are up");
    is_int((long long)got->links_down, (long long)want->links_down, "links that are down");
    is_int(got->pcie_gen, want->pcie_gen, "PCI Express generation");
    is_int(got->pcie_width, want->pcie_width, "width");
    is_int(got->pcie_gen_now, want->pcie_gen_now, "generation now");
    is_int(got->pcie_width_now, want->pcie_width_now, "width now");
    if (!is_int(got->nlinks, want->nlinks, "entries of links"))
        return;
    for (int i = 0; i < want->nlinks; i++) {
        is_int(got->links[i].end, want->links[i].end, "far end");
        is_str(got->links[i].pci, want->links[i].pci, "its bus id");
        is_int(got->links[i].links, want->links[i].links, "links there");
        is_near(got->links[i].gb_per_s, want->links[i].gb_per_s, 1e-12, "GB/s");
    }
}

static void test_round_trip(void)
{
    char dir[] = "/tmp/xb-nvml-XXXXXX", file[64];
    struct xb_gpu_info gpus[] = {full_gpu(), xb_gpu_unknown("0000:5e:00.0"),
                                 xb_gpu_unknown("0000:5f:00.0"), instance("MIG-1"),
                                 instance("MIG-2")};
    struct xb_node_info node = {.host = "h", .gpus = gpus, .ngpus = 5}, read = {.gpus = NULL};
    struct xb_error err = {""};

    gpus[2].nlinks = 0; /* known to have none */
    if (!ok(mkdtemp(dir) != NULL, "a folder"))
        return;
    snprintf(file, sizeof file, "%s/n.json", dir);
    is_int(xb_nvml_file_write(file, &node, &err), 0, "written");
    is_int(xb_nvml_file_write(file, &node, &err), -1, "but not over what is there");
    contains(err.text, file, "names the file");
    is_int(xb_nvml_file_read(file, &read, &err), 0, "read again");
    if (is_int((long long)read.ngpus, 5, "GPUs"))
        for (int i = 0; i < 5; i++)
            check_gpu(&read.gpus[i], &gpus[i]);
    xb_node_info_release(&read);
    unlink(file);
    rmdir(dir);
}

#define HEAD "{\"schema\": {\"name\": \"xferbench-nvml\", \"version\": 1}, \"gpus\": "
#define ONE  HEAD "[{\"pci_bus_id\": \"3b:00.0\", "

static void test_refused(void)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"{}", "\"schema\" is missing"},
        {"{\"schema\": {\"name\": \"x\", \"version\": 1}, \"gpus\": []}",
         "schema.name: found \"x\""},
        {"{\"schema\": {\"name\": \"xferbench-nvml\", \"version\": 2}, \"gpus\": []}",
         "schema.version"},
        {HEAD "{}}", "gpus: found an object"},
        {HEAD "[{}]}", "gpus[0]: the key \"pci_bus_id\" is missing"},
        {HEAD "[{\"pci_bus_id\": \"GPU0\"}]}",
         "gpus[0].pci_bus_id: \"GPU0\" is not a PCI bus id"},
        {ONE "\"mig\": 1}]}", "gpus[0].mig"},
        {ONE
         "\"uuid\": \"01234567890123456789012345678901234567890123456789012345678901234\"}]}",
         "gpus[0].uuid: found 65 characters"},
        {ONE "\"instance\": true}]}", "gpus[0]: the key \"uuid\" is missing"},
        {ONE "\"instance\": true, \"uuid\": null}]}", "gpus[0].uuid: found no UUID"},
        {ONE "\"instance\": 1}]}", "gpus[0].instance"},
        {ONE "\"pcie\": {\"max\": {\"gen\": -1}}}]}", "gpus[0].pcie.max.gen"},
        {ONE "\"links\": [{\"end\": \"bridge\"}]}]}",
         "expected the end gpu, switch, cpu or unknown"},
        {ONE "\"links\": [{\"end\": \"gpu\"}]}]}", "gpus[0].links[0]: the key \"pci_bus_id\""},
        {ONE "\"links\": [{\"end\": \"switch\", \"gb_per_s\": -1}]}]}", "links[0].gb_per_s"},
        {ONE "\"links\": [{\"end\": \"switch\", \"gbs\": 1}]}]}", "\"gbs\""},
        {ONE "\"inactive_links\": [64]}]}", "gpus[0].inactive_links[0]"},
        {ONE "\"fabric\": {\"clique\": \"a\"}}]}", "gpus[0].fabric.clique"},
        {ONE "\"links\": [{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}]}]}",
         "found 21 entries"},
    };
    char file[] = "/tmp/xb-nvml-XXXXXX";
    int fd = mkstemp(file);

    if (!ok(fd >= 0, "a file"))
        return;
    close(fd);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct xb_node_info node = {.gpus = NULL};
        struct xb_error err = {""};
        FILE *out = fopen(file, "w");
        fputs(cases[i].text, out);
        fclose(out);
        is_int(xb_nvml_file_read(file, &node, &err), -1, cases[i].text);
        contains(err.text, cases[i].says, "says why");
        contains(err.text, file, "and where");
        xb_node_info_release(&node);
    }
    unlink(file);
}

/* Ranks that see different GPUs put together what they know. */
static void test_learn(void)
{
    struct xb_gpu_info full = full_gpu(), gpu = xb_gpu_unknown(full.pci), other = full;
    double rate;

    xb_gpu_learn(&gpu, &full);
    check_gpu(&gpu, &full);
    other.nlinks = 0;
    snprintf(other.name, sizeof other.name, "another");
    xb_gpu_learn(&gpu, &other);
    check_gpu(&gpu, &full);
    is_int(xb_gpu_nvlinks(&gpu, &rate), 6, "links but that to the CPU");
    is_near(rate, 50.125, 1e-12, "their GB/s");
    gpu = xb_gpu_unknown(full.pci);
    is_int(xb_gpu_nvlinks(&gpu, &rate), -1, "not known");
}

static void test_add(void)
{
    static const char *const order[] = {"0000:02:00.0", "0000:01:00.0", "0000:03:00.0",
                                        "0000:02:00.0"};
    struct xb_node_info node = {.gpus = NULL};

    for (size_t i = 0; i < 4; i++) {
        struct xb_gpu_key key = {.instance = ""};
        snprintf(key.pci, sizeof key.pci, "%s", order[i]);
        struct xb_gpu_info *gpu = xb_node_add_gpu(&node, &key, NULL);
        is_str(gpu ? gpu->pci : NULL, order[i], "added or there");
    }
    is_int((long long)node.ngpus, 3, "each once");
    for (size_t i = 1; i < node.ngpus; i++)
        ok(strcmp(node.gpus[i - 1].pci, node.gpus[i].pci) < 0, "in bus order");
    xb_node_info_release(&node);
}

/* The first instance takes the place of its GPU, and all have what it knew of its place. */
static void test_add_instances(void)
{
    static const struct xb_gpu_key keys[] = {{"0000:02:00.0", "MIG-b"},
                                             {"0000:02:00.0", "MIG-a"},
                                             {"0000:02:00.0", "MIG-b"},
                                             {"0000:04:00.0", "MIG-c"}};
    struct xb_gpu_info gpus[] = {xb_gpu_unknown("0000:01:00.0"), full_gpu()}, *grown;
    struct xb_node_info node = {.gpus = grown = calloc(2, sizeof *gpus), .ngpus = 2};

    if (!grown)
        return;
    memcpy(grown, gpus, sizeof gpus);
    snprintf(grown[1].pci, sizeof grown[1].pci, "0000:02:00.0");
    grown[1].package = 1;
    for (size_t i = 0; i < 4; i++) {
        struct xb_gpu_info *gpu = xb_node_add_gpu(&node, &keys[i], NULL);
        is_str(gpu ? gpu->uuid : NULL, keys[i].instance, "added or there");
    }
    if (is_int((long long)node.ngpus, 4, "each once, and none for the whole GPU")) {
        is_str(node.gpus[1].instance, "MIG-a", "in the order of UUIDs");
        is_str(node.gpus[2].instance, "MIG-b", "behind it");
        for (size_t i = 1; i < 3; i++) {
            is_int(node.gpus[i].package, 1, "where the GPU is");
            is_int(node.gpus[i].pcie_width, 16, "its PCI Express");
            is_int(node.gpus[i].nlinks, 0, "none of its links");
            is_str(node.gpus[i].cluster, "", "nor its fabric");
            is_str(node.gpus[i].name, "", "a name of its own");
            is_int(node.gpus[i].mig, 1, "MIG");
        }
        is_int(node.gpus[3].package, -1, "of a GPU that nobody knows");
    }
    ok(!xb_node_gpu(&node, "0000:02:00.0"), "there is no whole GPU");
    ok(xb_node_instance(&node, "0000:02:00.0", "MIG-b") == &node.gpus[2], "an instance");
    ok(xb_gpu_drives("0000:02:00.0", "MIG-b", &node.gpus[2]), "it drives itself");
    ok(!xb_gpu_drives("0000:02:00.0", "MIG-b", &node.gpus[1]), "not the other instance");
    ok(!xb_gpu_drives("0000:02:00.0", "MIG-b", &node.gpus[0]), "nor another GPU");
    ok(!xb_gpu_drives("0000:01:00.0", "", &node.gpus[1]), "which drives no instance");
    ok(xb_gpu_drives("0000:09:00.0", "", &node.gpus[0]), "but GPUs");
    xb_node_info_release(&node);
}

int main(void)
{
    test_names();
    test_round_trip();
    test_refused();
    test_learn();
    test_add();
    test_add_instances();
    return done_testing();
}
