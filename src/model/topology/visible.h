/* SPDX-License-Identifier: BSD-3-Clause */
/* visible.h - which GPUs and MIG instances a process can still choose among, and how it says
 * so.
 *
 * A process that does not choose gets one instance from CUDA, the same for all processes, and
 * then no other GPU: CUDA shows one instance to a process, or whole GPUs, never both. What it
 * shows is chosen by the variable CUDA_VISIBLE_DEVICES, before CUDA starts, by UUIDs. Source:
 * NVIDIA's MIG User Guide, "Application Considerations" and "CUDA Device Enumeration". Pure
 * functions of what the management library lists and of what the user has set.
 */
#ifndef XB_MODEL_TOPOLOGY_VISIBLE_H
#define XB_MODEL_TOPOLOGY_VISIBLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "model/topology/topology.h"

/* A GPU of the node that is not in MIG mode, or an instance of one that is. */
struct xb_listed_gpu {
    struct xb_gpu_key key;
    char uuid[XB_UUID_LEN]; /* of an instance that of its key */
};

#define XB_MAX_LISTED 256 /* instances and GPUs of a node */

/* What a process may choose among, up to max of out; returns how many. 0 where there is no
 * instance, or where the user has chosen: what CUDA then shows is what there is. asked is the
 * value of CUDA_VISIBLE_DEVICES, NULL where it is not set; the user leaves the choice open
 * where it is not set or names several UUIDs, one an instance's, all of which are listed. */
size_t xb_visible_offer(const struct xb_listed_gpu *listed, size_t n, const char *asked,
                        struct xb_gpu_key *out, size_t max);

/* The value that lets CUDA show what was chosen of an offer: an instance alone, or all whole
 * GPUs of the offer. Fails where it does not fit. */
int xb_visible_value(const struct xb_listed_gpu *listed, size_t n, const char *asked,
                     const struct xb_gpu_key *chosen, char *buf, size_t len,
                     struct xb_error *err);

#endif
