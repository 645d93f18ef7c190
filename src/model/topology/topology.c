/* SPDX-License-Identifier: BSD-3-Clause */
/* topology.c - a machine as hwloc describes it, live or from a saved XML file. */
#include "model/topology/topology.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/topology/topology_internal.h"

#define PCI_VENDOR_NVIDIA 0x10de
#define PCI_CLASS_VGA     0x0300
#define PCI_CLASS_3D      0x0302

struct xb_topology {
    hwloc_topology_t hw;
    bool live; /* this process can be bound to it */
    size_t ngpus;
    struct xb_topo_gpu *gpus; /* in bus order */
};

/* ---- cpusets and bus ids as text ---- */

/* Read a decimal number that is a CPU's index, and move past it. */
static int cpu_index(const char **text, unsigned *index)
{
    unsigned value = 0;

    if (!isdigit((unsigned char)**text))
        return -1;
    for (; isdigit((unsigned char)**text); (*text)++) {
        value = value * 10 + (unsigned)(**text - '0');
        if (value > XB_INDEX_MAX)
            return -1;
    }
    *index = value;
    return 0;
}

/* Read "3" or "0-3" and add it to set. */
static int cpu_range(const char **text, hwloc_bitmap_t set)
{
    unsigned first, last;

    if (cpu_index(text, &first))
        return -1;
    last = first;
    if (**text == '-') {
        (*text)++;
        if (cpu_index(text, &last) || last < first)
            return -1;
    }
    return hwloc_bitmap_set_range(set, first, (int)last);
}

int xb_cpuset_parse(const char *text, hwloc_bitmap_t set, struct xb_error *err)
{
    const char *p = text;

    hwloc_bitmap_zero(set);
    if (*p == '\0')
        return 0;
    while (cpu_range(&p, set) == 0) {
        if (*p == '\0')
            return 0;
        if (*p++ != ',')
            break;
    }
    return xb_fail(err, "\"%s\" is not a set of CPUs (expected a list such as \"0-3,8\")",
                   text);
}

int xb_cpuset_format(hwloc_const_bitmap_t set, char out[XB_CPUSET_LEN], struct xb_error *err)
{
    int length = hwloc_bitmap_list_snprintf(out, XB_CPUSET_LEN, set);

    if (length < 0 || length >= XB_CPUSET_LEN)
        return xb_fail(err, "a set of %d CPUs takes more than %d characters to write",
                       hwloc_bitmap_weight(set), XB_CPUSET_LEN - 1);
    return 0;
}

/* Read exactly that many hex digits up to the end character, and move past both. */
static int hex_field(const char **text, size_t digits, char end, unsigned max, unsigned *value)
{
    const char *p = *text;

    for (size_t i = 0; i < digits; i++)
        if (!isxdigit((unsigned char)p[i]))
            return -1;
    if (p[digits] != end)
        return -1;
    *value = (unsigned)strtoul(p, NULL, 16);
    *text = p + digits + 1;
    return *value > max ? -1 : 0;
}

int xb_pci_normalize(const char *text, char out[XB_PCI_LEN], struct xb_error *err)
{
    const char *p = text, *colon = strchr(text, ':');
    bool has_domain = colon && strchr(colon + 1, ':');
    size_t digits = strcspn(text, ":");
    unsigned domain = 0, bus = 0, device = 0, function = 0;

    if ((has_domain && digits != 4 && digits != 8) ||
        (has_domain && hex_field(&p, digits, ':', 0xffff, &domain)) ||
        hex_field(&p, 2, ':', 0xff, &bus) || hex_field(&p, 2, '.', 0x1f, &device) ||
        hex_field(&p, 1, '\0', 7, &function))
        return xb_fail(err, "\"%s\" is not a PCI bus id (expected \"0000:3b:00.0\")", text);
    snprintf(out, XB_PCI_LEN, "%04x:%02x:%02x.%x", domain & 0xffff, bus & 0xff, device & 0x1f,
             function & 7);
    return 0;
}

bool xb_gpu_same(const char *pci_a, const char *instance_a, const char *pci_b,
                 const char *instance_b)
{
    return strcmp(pci_a, pci_b) == 0 && strcmp(instance_a, instance_b) == 0;
}

const char *xb_gpu_label(const char *pci, const char *instance, char buf[XB_GPU_LABEL_LEN])
{
    snprintf(buf, XB_GPU_LABEL_LEN, "%.15s%s%.12s", pci, instance[0] ? " " : "", instance);
    return buf;
}

/* ---- what lies near what ---- */

/* The OS index of the first object of a type that all of set is local to, -1 if there is none.
 */
static int index_around(const struct xb_topology *topo, hwloc_obj_type_t type,
                        hwloc_const_bitmap_t set)
{
    hwloc_obj_t obj = NULL;

    if (hwloc_bitmap_iszero(set))
        return -1;
    while ((obj = hwloc_get_next_obj_by_type(topo->hw, type, obj)))
        if (hwloc_bitmap_isincluded(set, obj->complete_cpuset))
            return (int)obj->os_index;
    return -1;
}

int xb_topology_numa_of(const struct xb_topology *topo, hwloc_const_bitmap_t set)
{
    return index_around(topo, HWLOC_OBJ_NUMANODE, set);
}

int xb_topology_package_of(const struct xb_topology *topo, hwloc_const_bitmap_t set)
{
    return index_around(topo, HWLOC_OBJ_PACKAGE, set);
}

/* How many ancestors an object has; hwloc gives I/O objects no usable depth. */
static int ancestors(hwloc_obj_t obj)
{
    int n = 0;

    while ((obj = obj->parent))
        n++;
    return n;
}

/* How deep in the tree two objects' paths to the root meet. */
static int meeting_depth(hwloc_obj_t a, hwloc_obj_t b)
{
    int depth_a = ancestors(a), depth_b = ancestors(b);

    for (; depth_a > depth_b; depth_a--)
        a = a->parent;
    for (; depth_b > depth_a; depth_b--)
        b = b->parent;
    for (; a != b; depth_a--) {
        a = a->parent;
        b = b->parent;
    }
    return depth_a;
}

/* The nearest OS device of one type. Ties go to the first name, with mlx5_2 before mlx5_10. */
static hwloc_obj_t nearest_osdev(hwloc_topology_t hw, hwloc_obj_t obj,
                                 hwloc_obj_osdev_type_t type)
{
    hwloc_obj_t dev = NULL, best = NULL;
    int best_depth = -1;

    while ((dev = hwloc_get_next_osdev(hw, dev))) {
        if (dev->attr->osdev.type != type || !dev->name)
            continue;
        int depth = meeting_depth(obj, dev);
        if (depth < best_depth ||
            (depth == best_depth && strverscmp(dev->name, best->name) >= 0))
            continue;
        best = dev;
        best_depth = depth;
    }
    return best;
}

void xb_topology_nic_near(const struct xb_topology *topo, hwloc_obj_t obj, char out[XB_NIC_LEN])
{
    /* Where there is a fabric, it carries the bytes, even if an Ethernet port is nearer. */
    hwloc_obj_t nic = nearest_osdev(topo->hw, obj, HWLOC_OBJ_OSDEV_OPENFABRICS);

    if (!nic)
        nic = nearest_osdev(topo->hw, obj, HWLOC_OBJ_OSDEV_NETWORK);
    snprintf(out, XB_NIC_LEN, "%s", nic ? nic->name : "");
}

/* ---- loading ---- */

static bool is_gpu(hwloc_obj_t dev)
{
    const struct hwloc_pcidev_attr_s *pci = &dev->attr->pcidev;

    return pci->vendor_id == PCI_VENDOR_NVIDIA &&
           (pci->class_id == PCI_CLASS_VGA || pci->class_id == PCI_CLASS_3D);
}

static int describe_gpu(const struct xb_topology *topo, hwloc_obj_t dev,
                        struct xb_topo_gpu *gpu, struct xb_error *err)
{
    const struct hwloc_pcidev_attr_s *pci = &dev->attr->pcidev;
    hwloc_obj_t near = hwloc_get_non_io_ancestor_obj(topo->hw, dev);
    hwloc_bitmap_t set = hwloc_bitmap_dup(near->cpuset);
    int rc;

    if (!set)
        return xb_fail(err, "out of memory");
    snprintf(gpu->pci, sizeof gpu->pci, "%04x:%02x:%02x.%x", pci->domain & 0xffffu, pci->bus,
             pci->dev, pci->func & 7u);
    /* All of its CPUs may be out of bounds; where it is stays known from the complete set. */
    gpu->numa = xb_topology_numa_of(topo, near->complete_cpuset);
    gpu->pcie_gb_per_s = (double)pci->linkspeed;
    xb_topology_nic_near(topo, dev, gpu->nic);
    rc = hwloc_bitmap_and(set, set, hwloc_topology_get_allowed_cpuset(topo->hw));
    rc = rc ? xb_fail(err, "out of memory") : xb_cpuset_format(set, gpu->cpuset, err);
    hwloc_bitmap_free(set);
    return rc;
}

static int by_pci(const void *a, const void *b)
{
    return strcmp(((const struct xb_topo_gpu *)a)->pci, ((const struct xb_topo_gpu *)b)->pci);
}

static int collect_gpus(struct xb_topology *topo, struct xb_error *err)
{
    hwloc_obj_t dev = NULL;
    size_t n = 0;

    while ((dev = hwloc_get_next_pcidev(topo->hw, dev)))
        n += is_gpu(dev);
    topo->gpus = calloc(n ? n : 1, sizeof *topo->gpus);
    if (!topo->gpus)
        return xb_fail(err, "out of memory");
    while ((dev = hwloc_get_next_pcidev(topo->hw, dev))) {
        if (!is_gpu(dev))
            continue;
        if (describe_gpu(topo, dev, &topo->gpus[topo->ngpus], err))
            return -1;
        topo->ngpus++;
    }
    qsort(topo->gpus, topo->ngpus, sizeof *topo->gpus, by_pci);
    return 0;
}

const char *xb_topology_library(char buf[XB_HWLOC_VERSION_LEN])
{
    unsigned version = hwloc_get_api_version();

    snprintf(buf, XB_HWLOC_VERSION_LEN, "%u.%u.%u", version >> 16 & 0xff, version >> 8 & 0xff,
             version & 0xff);
    return buf;
}

int xb_topology_load(const char *xml_file, struct xb_topology **out, struct xb_error *err)
{
    const char *name = xml_file ? xml_file : "this machine";
    struct xb_topology *topo = calloc(1, sizeof *topo);

    if (!topo || hwloc_topology_init(&topo->hw)) {
        free(topo);
        return xb_fail(err, "topology of %s: out of memory", name);
    }
    if (xb_topology_load_hwloc(topo->hw, xml_file, err) || collect_gpus(topo, err)) {
        xb_topology_release(topo);
        return xb_fail_in(err, "topology of %s", name);
    }
    topo->live = !xml_file && hwloc_topology_is_thissystem(topo->hw);
    *out = topo;
    return 0;
}

void xb_topology_release(struct xb_topology *topo)
{
    if (!topo)
        return;
    hwloc_topology_destroy(topo->hw);
    free(topo->gpus);
    free(topo);
}

/* ---- asking ---- */

hwloc_topology_t xb_topology_hwloc(const struct xb_topology *topo)
{
    return topo->hw;
}

size_t xb_topology_gpus(const struct xb_topology *topo, const struct xb_topo_gpu **out)
{
    *out = topo->gpus;
    return topo->ngpus;
}

const struct xb_topo_gpu *xb_topology_gpu_find(const struct xb_topology *topo, const char *pci)
{
    struct xb_topo_gpu key = {.numa = -1};

    if (xb_pci_normalize(pci, key.pci, NULL))
        return NULL;
    return bsearch(&key, topo->gpus, topo->ngpus, sizeof key, by_pci);
}

const char *xb_topology_host(const struct xb_topology *topo)
{
    const char *host = hwloc_obj_get_info_by_name(hwloc_get_root_obj(topo->hw), "HostName");

    return host ? host : "";
}

/* ---- binding ---- */

int xb_topology_bind(const struct xb_topology *topo, const char *cpuset, struct xb_error *err)
{
    hwloc_bitmap_t set;
    int rc;

    if (!topo->live)
        return xb_fail(err, "cannot bind to CPUs of a saved topology");
    set = hwloc_bitmap_alloc();
    if (!set)
        return xb_fail(err, "out of memory");
    rc = xb_cpuset_parse(cpuset, set, err);
    if (rc == 0 && hwloc_set_cpubind(topo->hw, set, HWLOC_CPUBIND_PROCESS))
        rc = xb_fail(err, "cannot bind to CPUs \"%s\": %s", cpuset, strerror(errno));
    /* Containers often forbid this call. The kernel's default, the node of the CPU that
     * touches a page first, comes to the same for a bound process, so it is no error. */
    if (rc == 0)
        (void)hwloc_set_membind(topo->hw, set, HWLOC_MEMBIND_BIND, 0);
    hwloc_bitmap_free(set);
    return rc;
}

int xb_topology_binding(const struct xb_topology *topo, char cpuset[XB_CPUSET_LEN],
                        struct xb_error *err)
{
    hwloc_bitmap_t set;
    int rc;

    if (!topo->live)
        return xb_fail(err, "a saved topology has no binding of this process");
    set = hwloc_bitmap_alloc();
    if (!set)
        return xb_fail(err, "out of memory");
    if (hwloc_get_cpubind(topo->hw, set, HWLOC_CPUBIND_PROCESS) ||
        hwloc_bitmap_and(set, set, hwloc_topology_get_allowed_cpuset(topo->hw)))
        rc = xb_fail(err, "cannot read this process's binding: %s", strerror(errno));
    else
        rc = xb_cpuset_format(set, cpuset, err);
    hwloc_bitmap_free(set);
    return rc;
}
