/* SPDX-License-Identifier: BSD-3-Clause */
/* link_class.h - what joins the two ends of a path: pure functions of what ranks and nodes say
 * of themselves.
 *
 * NVLink counts only between the very pair: a direct link whose far end is the other GPU, or
 * links of both that end in switches. On one node those switches are one fabric unless the GPUs
 * name two different ones; across nodes both must name the same cluster and clique.
 *
 * Two instances that MIG makes of one GPU lie in the same memory, but neither reaches the
 * other's part: they are no same-device. What goes between them, or between one and another
 * GPU, passes host memory.
 */
#ifndef XB_MODEL_TOPOLOGY_LINK_CLASS_H
#define XB_MODEL_TOPOLOGY_LINK_CLASS_H

#include <stdbool.h>

#include "base/error.h"
#include "model/plan/path.h"
#include "model/topology/node_info.h"
#include "model/topology/rank_info.h"

/* From the nearest to the farthest. */
enum xb_link_class {
    XB_LINK_SAME_DEVICE,  /* one GPU's or one instance's memory, or one socket's */
    XB_LINK_NVLINK,       /* between GPUs */
    XB_LINK_C2C,          /* between a GPU and the CPU that it is built together with */
    XB_LINK_PCIE_SWITCH,  /* through PCI bridges that lie below the host's */
    XB_LINK_HOST_BRIDGE,  /* through the host bridges of one socket */
    XB_LINK_OTHER_SOCKET, /* and between sockets */
    XB_LINK_OTHER_NODE,
};
#define XB_LINK_CLASSES 7

struct xb_rank_ends;

/* The ranks of a run and their nodes, by number; borrowed. nodes is NULL where nobody has
 * described them; ends (rank_ends.h) only make answers faster, and may be NULL. */
struct xb_machine {
    const struct xb_rank_info *ranks;
    const struct xb_node_info *nodes;
    const struct xb_rank_ends *ends;
};

/* "same-device", "nvlink", "c2c", "pcie-switch", "host-bridge", "other-socket" or "other-node";
 * a constant string. */
const char *xb_link_class_name(enum xb_link_class link);

/* The class of that name; fails with the names that there are. */
int xb_link_class_find(const char *name, enum xb_link_class *out, struct xb_error *err);

/* The GPU that a rank means by an index: 0 is its own, k the k-th other one that it sees, in
 * bus order. NULL where there is none or it is not described. Belongs to the machine. */
const struct xb_gpu_info *xb_machine_gpu(const struct xb_machine *m, int rank, int index);

/* What joins two GPUs. Where the places of GPUs of one node are not known, they count as on one
 * socket. */
enum xb_link_class xb_gpu_link_class(const struct xb_gpu_info *a, const struct xb_gpu_info *b,
                                     bool same_node);

/* What joins a path's two ends between these ranks, which are the same where the path is self.
 * A rank without a GPU has its GPU endpoints in host memory; host memory is that of the socket
 * where a rank runs, and where that is not known, of the nearest. */
enum xb_link_class xb_link_class_between(const struct xb_machine *m, const struct xb_path *path,
                                         int src_rank, int dst_rank);

/* GB/s in one direction of what joins the two ends: of NVLink the direct links of this pair
 * that are active, else those to switches, as below, the narrower side's; of the host's links
 * C2C where there is one, else PCI Express, the narrower; between nodes the narrower of the
 * ranks' NICs. 0 where it cannot be told, within a device, in host memory, and between GPUs
 * whose NVLinks are not known. */
double xb_link_gb_per_s(const struct xb_machine *m, const struct xb_path *path, int src_rank,
                        int dst_rank);

/* GB/s in one direction between a GPU and host memory, whatever else it has: C2C where there is
 * one, else PCI Express at its most; 0 if unknown or gpu is NULL. */
double xb_gpu_host_gb_per_s(const struct xb_gpu_info *gpu);

/* GB/s in one direction of all NVLinks of a GPU that end in switches; 0 without, or gpu is
 * NULL. Where the GPU's name says how many links it has, and all end in switches, it is that
 * of so many, also while some are down: what is broken shall show. */
double xb_gpu_switch_gb_per_s(const struct xb_gpu_info *gpu);

/* Do NVLinks join two GPUs of one node without a switch between them? Not if either is NULL. */
bool xb_gpus_joined_directly(const struct xb_gpu_info *a, const struct xb_gpu_info *b);

/* GB/s of a PCI Express link of so many lanes in one direction; 0 when either number is
 * unknown.
 *
 * Per lane and direction after line coding (PCI-SIG, "PCI Express Base Specification"): gen 1
 * 2.5 GT/s and gen 2 5 GT/s at 8b/10b, gen 3 8, gen 4 16 and gen 5 32 GT/s at 128b/130b, gen 6
 * 64 GT/s at 242/256. Packet headers are not taken off, so a good link reaches about 0.88 of
 * it.
 */
double xb_pcie_gb_per_s(int gen, int width);

#endif
