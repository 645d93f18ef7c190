/* SPDX-License-Identifier: BSD-3-Clause */
/* topology.h - a machine as hwloc describes it, live or from a saved XML file.
 *
 * GPUs are known by PCI bus id ("0000:3b:00.0", lower case), never by ordinal; instances that
 * MIG makes of one have its bus id in common and are told apart by their UUIDs. This file,
 * placement and the description of a node are the only parts of the model that use hwloc; its
 * types do not leave topology.c but for the opaque handle.
 */
#ifndef XB_MODEL_TOPOLOGY_TOPOLOGY_H
#define XB_MODEL_TOPOLOGY_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define XB_PCI_LEN    16   /* "0000:3b:00.0" and the NUL */
#define XB_CPUSET_LEN 2048 /* hwloc list format, "0-15,32-47", or every other of 768 */
#define XB_NIC_LEN    32
#define XB_UUID_LEN   64 /* "GPU-" or "MIG-" and 36 characters; older drivers' instances more */
#define XB_MAX_GPUS   64 /* of one node */

/* A GPU of a node, or an instance that MIG makes of one: either is a GPU to whoever uses it. */
struct xb_gpu_key {
    char pci[XB_PCI_LEN];
    char instance[XB_UUID_LEN]; /* "MIG-...", "" for a whole GPU */
};

struct xb_topo_gpu {
    char pci[XB_PCI_LEN];
    char cpuset[XB_CPUSET_LEN]; /* processing units near it that may be used */
    int numa;                   /* OS index of the nearest NUMA node, -1 if none is known */
    char nic[XB_NIC_LEN];       /* the nearest NIC's name ("mlx5_0", else "eth0"), "" if none */
    double pcie_gb_per_s;       /* of the link as hwloc saw it, 0 if unknown */
};

struct xb_topology; /* opaque */

/* The version of the hwloc interface that the loaded library has, "2.9.0", into buf, which it
 * returns. */
#define XB_HWLOC_VERSION_LEN 16
const char *xb_topology_library(char buf[XB_HWLOC_VERSION_LEN]);

/* Load the machine this process runs on (xml_file NULL) or a saved topology, as lstopo writes
 * it. The caller releases it. Fails with hwloc's reason and the file's name. */
int xb_topology_load(const char *xml_file, struct xb_topology **out, struct xb_error *err);

/* Write a topology to a file that xb_topology_load reads; one that is there already is left
 * alone, which is an error. */
int xb_topology_save(const struct xb_topology *topo, const char *file, struct xb_error *err);

void xb_topology_release(struct xb_topology *topo);

/* The NVIDIA GPUs (PCI display or 3D controllers of vendor 10de) in bus order. The array
 * belongs to the topology. */
size_t xb_topology_gpus(const struct xb_topology *topo, const struct xb_topo_gpu **out);

/* The GPU of that bus id (upper or lower case, 4 or 8 domain digits) or NULL. */
const struct xb_topo_gpu *xb_topology_gpu_find(const struct xb_topology *topo, const char *pci);

/* The host name saved in a topology, "" if there is none. Owned by the topology. */
const char *xb_topology_host(const struct xb_topology *topo);

/* Bind the calling process to a cpuset in list format and let it allocate from the NUMA nodes
 * near it first (a preference, not a limit). Only for the live topology. Called by every
 * rank before it starts threads. */
int xb_topology_bind(const struct xb_topology *topo, const char *cpuset, struct xb_error *err);

/* The calling process's present binding in list format. */
int xb_topology_binding(const struct xb_topology *topo, char cpuset[XB_CPUSET_LEN],
                        struct xb_error *err);

/* Are they the same GPU, or the same instance? */
bool xb_gpu_same(const char *pci_a, const char *instance_a, const char *pci_b,
                 const char *instance_b);

/* "0000:3b:00.0", of an instance "0000:3b:00.0 MIG-1a2b3c4d" with the first digits of its UUID,
 * into buf, which is returned. */
#define XB_GPU_LABEL_LEN 32
const char *xb_gpu_label(const char *pci, const char *instance, char buf[XB_GPU_LABEL_LEN]);

/* Write a PCI bus id in the project's form (4-digit domain, lower case); accepts
 * "0000:3B:00.0", "00000000:3B:00.0" and "3B:00.0". Fails on anything else. */
int xb_pci_normalize(const char *text, char out[XB_PCI_LEN], struct xb_error *err);

#endif
