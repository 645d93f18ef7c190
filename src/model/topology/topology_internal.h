/* SPDX-License-Identifier: BSD-3-Clause */
/* topology_internal.h - the hwloc side of a topology, for placement and the description
 * of a node only. */
#ifndef XB_MODEL_TOPOLOGY_TOPOLOGY_INTERNAL_H
#define XB_MODEL_TOPOLOGY_TOPOLOGY_INTERNAL_H

#include <hwloc.h>

#include "model/topology/topology.h"

/* The largest index of a CPU or NUMA node: more is a slip of the pen, not a machine. */
#define XB_INDEX_MAX 65535

/* Load this machine, or the one that was saved in a file, which may be anybody's: what hwloc
 * would die of, or take much memory for, is an error. Errors do not name the file. */
int xb_topology_load_hwloc(hwloc_topology_t hw, const char *xml_file, struct xb_error *err);

/* The loaded hwloc topology; it stays the topology's. */
hwloc_topology_t xb_topology_hwloc(const struct xb_topology *topo);

/* Read a list such as "0-3,8" into set; "" is the empty set. Stricter than hwloc's reader,
 * which passes over what it does not understand. */
int xb_cpuset_parse(const char *text, hwloc_bitmap_t set, struct xb_error *err);

/* Write set in list format; fails rather than cut the list. */
int xb_cpuset_format(hwloc_const_bitmap_t set, char out[XB_CPUSET_LEN], struct xb_error *err);

/* The OS index of the NUMA node that all of set is local to, -1 if there is none. */
int xb_topology_numa_of(const struct xb_topology *topo, hwloc_const_bitmap_t set);

/* The OS index of the package (socket) that all of set is in, -1 if there is none. */
int xb_topology_package_of(const struct xb_topology *topo, hwloc_const_bitmap_t set);

/* The name of the NIC nearest to an object: the one that shares its deepest ancestor. */
void xb_topology_nic_near(const struct xb_topology *topo, hwloc_obj_t obj,
                          char out[XB_NIC_LEN]);

#endif
