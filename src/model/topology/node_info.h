/* SPDX-License-Identifier: BSD-3-Clause */
/* node_info.h - what a node's GPUs are and what joins them, as plain data.
 *
 * The places come from hwloc, the links from NVIDIA's management library or from what it said
 * when a machine was saved (nvml_file.h). What is not known stays so: nothing is guessed. A
 * description is held once a node; ranks point into it by index.
 */
#ifndef XB_MODEL_TOPOLOGY_NODE_INFO_H
#define XB_MODEL_TOPOLOGY_NODE_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/topology/topology.h"

#define XB_MAX_BRIDGES   8
#define XB_MAX_NIC_NAMES 4
#define XB_MAX_LINK_ENDS 20 /* of one GPU: 18 links at most, and one to the host */
#define XB_CLUSTER_LEN   40

/* What stands at the far end of a GPU's links. */
enum xb_link_end { XB_LINK_TO_GPU, XB_LINK_TO_SWITCH, XB_LINK_TO_CPU, XB_LINK_TO_UNKNOWN };

/* The links of a GPU that end in the same place; all that end in switches are one. */
struct xb_gpu_link {
    enum xb_link_end end;
    char pci[XB_PCI_LEN]; /* of the other GPU, "" for what is none */
    int links;            /* active ones */
    double gb_per_s;      /* one direction, all of them together; 0 if unknown */
};

struct xb_gpu_info {
    char pci[XB_PCI_LEN];
    char instance[XB_UUID_LEN];               /* of an instance of that GPU, its UUID; or "" */
    char name[64], uuid[XB_UUID_LEN];         /* "" if unknown */
    int numa, package;                        /* OS indices; -1 if unknown */
    int nbridges;                             /* PCI to PCI, the nearest first */
    char bridges[XB_MAX_BRIDGES][XB_PCI_LEN]; /* their bus ids */
    char host_bridge[XB_PCI_LEN];             /* "0000:3a", its first bus; "" unknown */
    char pcie_switch[XB_PCI_LEN];             /* of the nearest, its upstream port; "" none */
    int pcie_gen, pcie_width;                 /* the most; 0 if unknown */
    int pcie_gen_now, pcie_width_now;         /* at the moment; 0 if unknown */
    int mig;                                  /* 1 or 0; -1 if unknown */
    int nlinks;                               /* entries of links; -1 if unknown */
    struct xb_gpu_link links[XB_MAX_LINK_ENDS]; /* active NVLinks and the host's */
    uint64_t links_up, links_down;              /* NVLinks by number; both 0 if unknown */
    char cluster[XB_CLUSTER_LEN];               /* of its NVLink fabric, "" if none */
    int clique;                                 /* of the fabric; those of one are joined */
};

/* A network card, or a function of one, with the names that the system has for it: that of the
 * fabric first. */
struct xb_nic_info {
    char pci[XB_PCI_LEN];
    int nnames;
    char names[XB_MAX_NIC_NAMES][XB_NIC_LEN];
    int numa;
    int nbridges; /* this and what follows as of a GPU */
    char bridges[XB_MAX_BRIDGES][XB_PCI_LEN];
    char host_bridge[XB_PCI_LEN], pcie_switch[XB_PCI_LEN];
};

/* An instance that MIG makes of a GPU stands here in place of that GPU, with its place and its
 * PCI Express; it has no NVLinks. */
struct xb_node_info {
    char host[64];
    struct xb_gpu_info *gpus; /* in bus order, instances of one in the order of their UUIDs */
    size_t ngpus;
    struct xb_nic_info *nics; /* on PCI, in bus order; only on rank 0 those of other nodes */
    size_t nnics;
};

/* "gpu", "switch", "cpu" or "unknown"; a constant string. */
const char *xb_link_end_name(enum xb_link_end end);

/* A GPU of that bus id of which nothing is known. */
struct xb_gpu_info xb_gpu_unknown(const char *pci);

/* Describe the node of a topology: its host, GPUs and NICs with their places, links unknown.
 * The switch of a device is the nearest bridge that leads to several. Called
 * by one rank or by each for itself; out is the caller's to release. Fails when out of memory.
 */
int xb_node_info_read(const struct xb_topology *topo, struct xb_node_info *out,
                      struct xb_error *err);

/* The whole GPU of that bus id, in the project's form, or NULL; it belongs to the node. */
struct xb_gpu_info *xb_node_gpu(const struct xb_node_info *node, const char *pci);

/* The same of that instance, or where this is "" of the whole GPU. */
struct xb_gpu_info *xb_node_instance(const struct xb_node_info *node, const char *pci,
                                     const char *instance);

/* The same, after adding it where the node lacks it, unknown, in order: what pointed to the
 * node's GPUs before does so no more. The first instance takes the place of its GPU. NULL when
 * out of memory. */
struct xb_gpu_info *xb_node_add_gpu(struct xb_node_info *node, const struct xb_gpu_key *key,
                                    struct xb_error *err);

/* Does a process that has taken a GPU, or that instance of it, drive a GPU of the node? Whoever
 * has an instance drives that alone; others drive no instance. */
bool xb_gpu_drives(const char *pci, const char *instance, const struct xb_gpu_info *gpu);

/* Take over what another description of the same GPU knows of its name and links, where this
 * one knows nothing: ranks of a node may each see GPUs that others do not. */
void xb_gpu_learn(struct xb_gpu_info *gpu, const struct xb_gpu_info *other);

/* The active NVLinks of a GPU, to other GPUs and to switches: how many, -1 if unknown, and
 * their GB/s in one direction together, 0 if unknown. */
int xb_gpu_nvlinks(const struct xb_gpu_info *gpu, double *gb_per_s);

/* Free what the node owns and empty it. An empty node is allowed. */
void xb_node_info_release(struct xb_node_info *node);

#endif
