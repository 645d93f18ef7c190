/* SPDX-License-Identifier: BSD-3-Clause */
/* test_topology.c - topologies from saved XML files: what is read, and what is refused. */
#include "model/topology/topology.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/tap.h"

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

#define DGX_0 "0-15,32-47"
#define DGX_1 "16-31,48-63"

static const struct {
    const char *file, *host;
    struct xb_topo_gpu gpus[9]; /* up to the first without a bus id */
} topologies[] = {
    {"h200x4-vm.xml",
     "vm",
     {{"0000:00:06.0", "0-63", 0, "eth0", 63.015385},
      {"0000:00:07.0", "0-63", 0, "eth0", 63.015385},
      {"0000:00:08.0", "0-63", 0, "eth0", 63.015385},
      {"0000:00:09.0", "0-63", 0, "eth0", 63.015385}}},
    /* The display controller at 03:00.0 is no GPU of ours. */
    {"dgx8-2numa.xml",
     "dgx8",
     {{"0000:1b:00.0", DGX_0, 0, "mlx5_0", 63.015385},
      {"0000:2c:00.0", DGX_0, 0, "mlx5_0", 63.015385},
      {"0000:43:00.0", DGX_0, 0, "mlx5_1", 63.015385},
      {"0000:4d:00.0", DGX_0, 0, "mlx5_1", 63.015385},
      {"0000:9d:00.0", DGX_1, 1, "mlx5_2", 63.015385},
      {"0000:a8:00.0", DGX_1, 1, "mlx5_2", 63.015385},
      {"0000:c3:00.0", DGX_1, 1, "mlx5_3", 63.015385},
      {"0000:d1:00.0", DGX_1, 1, "mlx5_3", 63.015385}}},
    /* The first GPU's CPUs are out of bounds, and the NIC is on the other side. */
    {"gpu2-cgroup.xml",
     "gpu2",
     {{"0000:01:00.0", "", 0, "eno1", 0}, {"0000:81:00.0", "2-3", 1, "eno1", 0}}},
    {"cpu2.xml", "cpu2", {{"", "", 0, "", 0}}},
};

static void check_gpu(const struct xb_topo_gpu *got, const struct xb_topo_gpu *want)
{
    is_str(got->pci, want->pci, "bus id");
    is_str(got->cpuset, want->cpuset, "CPUs near it");
    is_int(got->numa, want->numa, "NUMA node");
    is_str(got->nic, want->nic, "nearest NIC");
    is_near(got->pcie_gb_per_s, want->pcie_gb_per_s, 1e-6, "link speed");
}

static void test_saved(void)
{
    for (size_t i = 0; i < sizeof topologies / sizeof *topologies; i++) {
        struct xb_topology *topo = load(topologies[i].file);
        const struct xb_topo_gpu *gpus, *want = topologies[i].gpus;
        size_t n = 0;

        if (!ok(topo != NULL, topologies[i].file))
            continue;
        while (want[n].pci[0])
            n++;
        is_str(xb_topology_host(topo), topologies[i].host, "host");
        if (is_int((long long)xb_topology_gpus(topo, &gpus), (long long)n, "number of GPUs"))
            for (size_t g = 0; g < n; g++)
                check_gpu(&gpus[g], &want[g]);
        xb_topology_release(topo);
    }
}

static void test_find(void)
{
    static const struct {
        const char *pci, *found;
    } cases[] = {
        {"0000:9d:00.0", "0000:9d:00.0"},
        {"0000:9D:00.0", "0000:9d:00.0"},
        {"00000000:D1:00.0", "0000:d1:00.0"},
        {"1b:00.0", "0000:1b:00.0"},
        {"0000:03:00.0", NULL},
        {"0001:1b:00.0", NULL},
        {"GPU-0", NULL},
    };
    struct xb_topology *topo = load("dgx8-2numa.xml");

    for (size_t i = 0; topo && i < sizeof cases / sizeof *cases; i++) {
        const struct xb_topo_gpu *gpu = xb_topology_gpu_find(topo, cases[i].pci);
        is_str(gpu ? gpu->pci : NULL, cases[i].found, cases[i].pci);
    }
    xb_topology_release(topo);
}

static void test_pci_normalize(void)
{
    static const struct {
        const char *text, *normal;
    } cases[] = {
        {"0000:3B:00.0", "0000:3b:00.0"},
        {"00000000:3B:00.0", "0000:3b:00.0"},
        {"3B:00.0", "0000:3b:00.0"},
        {"0001:ff:1f.7", "0001:ff:1f.7"},
        {"", NULL},
        {"0", NULL},
        {"3b:00", NULL},
        {"3b:00.8", NULL},
        {"3b:20.0", NULL},
        {"3b:00.0 ", NULL},
        {" 3b:00.0", NULL},
        {"3b:00.00", NULL},
        {"000:3b:00.0", NULL},
        {"00000:3b:00.0", NULL},
        {"00010000:3b:00.0", NULL},
        {"0000:0x:00.0", NULL},
        {"0000:3b:00:0", NULL},
        {":3b:00.0", NULL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[XB_PCI_LEN] = "unset";
        struct xb_error err = {""};
        int rc = xb_pci_normalize(cases[i].text, out, &err);
        is_str(rc ? NULL : out, cases[i].normal, cases[i].text);
        if (rc)
            contains(err.text, "is not a PCI bus id", "says why");
    }
}

static void test_unreadable(void)
{
    struct xb_topology *topo = NULL;
    struct xb_error err = {""};

    is_int(xb_topology_load("/nonexistent/topo.xml", &topo, &err), -1, "no such file");
    contains(err.text, "/nonexistent/topo.xml", "the error names the file");
    is_int(xb_topology_load("/dev/null", &topo, &err), -1, "an empty file");
    contains(err.text, "/dev/null", "the error names the file");
    ok(topo == NULL, "nothing was loaded");
    xb_topology_release(NULL);
}

static void test_saved_binds_nothing(void)
{
    struct xb_topology *topo = load("cpu2.xml");
    struct xb_error err = {""};
    char cpuset[XB_CPUSET_LEN];

    if (!topo)
        return;
    is_int(xb_topology_bind(topo, "0", &err), -1, "no binding by a saved topology");
    contains(err.text, "saved topology", "says why");
    is_int(xb_topology_binding(topo, cpuset, &err), -1, "no binding in a saved topology");
    contains(err.text, "saved topology", "says why");
    xb_topology_release(topo);
}

/* The machine that the test runs on: whatever its binding is, it can be narrowed and read. */
static void test_live(void)
{
    struct xb_topology *topo = NULL;
    struct xb_error err = {""};
    char before[XB_CPUSET_LEN] = "", after[XB_CPUSET_LEN] = "", one[16];

    if (!is_int(xb_topology_load(NULL, &topo, &err), 0, "this machine"))
        return;
    is_int(xb_topology_binding(topo, before, &err), 0, "has a binding");
    ok(before[0] >= '0' && before[0] <= '9', "which begins with a CPU");
    snprintf(one, sizeof one, "%d", atoi(before));
    is_int(xb_topology_bind(topo, one, &err), 0, "bound to its first CPU");
    is_int(xb_topology_binding(topo, after, &err), 0, "read again");
    is_str(after, one, "is that CPU");
    is_int(xb_topology_bind(topo, before, &err), 0, "bound as before");
    is_int(xb_topology_binding(topo, after, &err), 0, "read again");
    is_str(after, before, "is as before");
    is_int(xb_topology_bind(topo, "0-", &err), -1, "not a list");
    contains(err.text, "\"0-\"", "quotes it");
    is_int(xb_topology_bind(topo, "65000", &err), -1, "no such CPU");
    contains(err.text, "\"65000\"", "quotes it");
    is_int(xb_topology_bind(topo, "", &err), -1, "no CPU at all");
    xb_topology_release(topo);
}

/* A saved machine is a new file: what lies there, and what a link leads to, stays. */
static void test_save(void)
{
    char dir[] = "test_topology.XXXXXX";
    struct xb_topology *topo = NULL;
    struct xb_error err = {""};

    if (!ok(mkdtemp(dir) != NULL && chdir(dir) == 0, "a folder to write to") ||
        !is_int(xb_topology_load(NULL, &topo, &err), 0, "this machine"))
        return;
    ok(symlink("elsewhere.xml", "link.xml") == 0, "a link to what is not there");
    is_int(xb_topology_save(topo, "link.xml", &err), -1, "is not written through");
    is_str(err.text, "link.xml: is there already", "says so");
    ok(access("elsewhere.xml", F_OK) != 0, "nor made where it leads");
    is_int(xb_topology_save(topo, "no/saved.xml", &err), -1, "a folder that is not there");
    contains(err.text, "no/saved.xml: cannot be made: No such file", "is named");
    is_int(xb_topology_save(topo, "saved.xml", &err), 0, "a new file");
    xb_topology_release(topo);
    is_int(xb_topology_load("saved.xml", &topo, &err), 0, "is read again");
    xb_topology_release(topo);
    unlink("link.xml");
    unlink("saved.xml");
    ok(chdir("..") == 0 && rmdir(dir) == 0, "nothing else was made");
}

int main(void)
{
    test_saved();
    test_find();
    test_pci_normalize();
    test_unreadable();
    test_saved_binds_nothing();
    test_live();
    test_save();
    return done_testing();
}
