/* SPDX-License-Identifier: BSD-3-Clause */
/* nic_choice.h - which NIC a rank's bytes go through on their way to other nodes.
 *
 * What hwloc calls the nearest may be a loopback, an interface that is down, or one that MPI
 * was told not to use. Where it cannot be known which one it is, it is none: nothing is
 * guessed.
 */
#ifndef XB_ENGINE_PROBES_NIC_CHOICE_H
#define XB_ENGINE_PROBES_NIC_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/topology/topology.h"

#define XB_NIC_ADDRESSES 8

/* The addresses of a node's NICs, IPv4 in network order. Plain bytes: they travel. */
struct xb_nic_addresses {
    uint32_t address[XB_NIC_ADDRESSES];
    int n;
};

/* What is known of a rank's way to other nodes. */
struct xb_nic_question {
    const char *nearest; /* by the topology, "" if none */
    const char *route;   /* what the kernel sends by to another node, "" if that is not known */
    bool other_nodes;    /* there are any */
    int ucx;             /* MPI's messages go through UCX: 1 or 0, -1 if that is not known */
};

/* Is an interface a device of its own, or does it stand on others, by the files below root?
 * What others say of their speed is made up. */
bool xb_nic_is_hardware(const char *root, const char *name);

/* The NIC of that rank by the files below root, "" for this machine's own, and by what the
 * environment tells MPI (UCX_NET_DEVICES of UCX, else OMPI_MCA_btl_tcp_if_include):
 * - one that MPI was told to use: the nearest if it is among them, or the only one;
 * - else the nearest InfiniBand or RoCE device where it is active; with other nodes only where
 *   MPI may use it, and else none: NCCL's bytes would take it and MPI's another;
 * - else the interface of the route;
 * - else the nearest interface, or the only one; with other nodes only where there is one.
 * Interfaces that are down are left out, and those without hardware unless MPI was told to use
 * them. "" where it cannot be known. */
void xb_nic_choose(const char *root, const struct xb_nic_question *question,
                   char out[XB_NIC_LEN]);

/* The addresses of this machine's interfaces that such a choice may fall on. */
void xb_nic_addresses(struct xb_nic_addresses *out);

/* The interface by which the kernel sends to all of another node's addresses, "" where there
 * are several or none. Nothing is sent. */
void xb_nic_route(const struct xb_nic_addresses *other, char out[XB_NIC_LEN]);

#endif
