/* SPDX-License-Identifier: BSD-3-Clause */
/* nvml_file.h - what NVIDIA's management library says of a node's GPUs, in a file beside the
 * node's topology: hwloc's XML knows no NVLink, so X.xml may have X.nvml.json beside it.
 *
 * {
 *   "schema": {"name": "xferbench-nvml", "version": 1},
 *   "host": "vm", "comment": "...",
 *   "gpus": [ {
 *     "pci_bus_id": "0000:3b:00.0", "name": "NVIDIA H200", "uuid": "GPU-...", "mig": false,
 *     "pcie": {"max": {"gen": 5, "width": 16}, "current": {"gen": 5, "width": 16}},
 *     "links": [ {"end": "gpu", "pci_bus_id": "0000:5e:00.0", "links": 2, "gb_per_s": 50},
 *                {"end": "switch" | "cpu" | "unknown", "links": 18, "gb_per_s": 478.125} ],
 *     "inactive_links": [3, 7],
 *     "fabric": {"cluster": "0123...", "clique": 1}
 *   }, ... ]
 * }
 * gb_per_s is that of one direction, all links of the entry together; inactive_links are
 * the numbers of NVLinks that are there and down. An instance that MIG makes of a GPU is an
 * entry of its own, with the bus id of that GPU and its own UUID, and says "instance": true;
 * the GPU itself then has none. Whatever is not known is null or left out; "links": [] says
 * that there are none. "comment" is for readers.
 */
#ifndef XB_MODEL_TOPOLOGY_NVML_FILE_H
#define XB_MODEL_TOPOLOGY_NVML_FILE_H

#include <stddef.h>

#include "base/error.h"
#include "model/topology/node_info.h"

#define XB_NVML_FILE_NAME    "xferbench-nvml"
#define XB_NVML_FILE_VERSION 1

/* The name of the file that goes with a saved topology: ".xml" becomes ".nvml.json". Fails when
 * buf is too short. */
int xb_nvml_file_name(const char *xml_file, char *buf, size_t len, struct xb_error *err);

/* Add what a file says to the description of a node; GPUs that the node lacks are added. Errors
 * name file, line, JSON path, what was found and what was expected; then the node may have a
 * part of it. */
int xb_nvml_file_read(const char *file, struct xb_node_info *node, struct xb_error *err);

/* Write what is known of a node's GPUs to a file that xb_nvml_file_read reads; one that is
 * there already is left alone, which is an error. */
int xb_nvml_file_write(const char *file, const struct xb_node_info *node, struct xb_error *err);

/* Describe the node of a saved topology, with what the file beside it says if there is one. out
 * is the caller's to release. */
int xb_node_info_saved(const struct xb_topology *topo, const char *xml_file,
                       struct xb_node_info *out, struct xb_error *err);

#endif
