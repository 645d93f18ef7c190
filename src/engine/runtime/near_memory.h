/* SPDX-License-Identifier: BSD-3-Clause */
/* near_memory.h - host memory on the NUMA node of a rank's GPU, and where it came to lie.
 *
 * The kernel takes pages from the node of the CPU that asks, which is the wrong one where a
 * launcher has bound a rank away from its GPU. So whoever allocates host memory for transfers
 * does it between begin and end, which prefer a node on the calling thread: a preference, not
 * a limit. Where the kernel forbids the question, as containers do, both do nothing.
 */
#ifndef XB_ENGINE_RUNTIME_NEAR_MEMORY_H
#define XB_ENGINE_RUNTIME_NEAR_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "model/topology/rank_info.h"

/* Prefer this NUMA node from now on; -1 prefers none. A policy that whoever started the process
 * has set (numactl, a batch system) is kept. Returns the node that is preferred now, or -1.
 * Called once a session, by each rank before it binds itself. */
int xb_near_memory_use(int numa);

/* What was the thread's policy before. */
struct xb_near_memory {
    bool changed;
    int mode;
    unsigned long nodes[16];
};

void xb_near_memory_begin(struct xb_near_memory *saved);
void xb_near_memory_end(const struct xb_near_memory *saved);

/* Count the pages of memory that has been written to, by NUMA node, lowest first; out->asked
 * stays. None where the kernel does not tell. */
void xb_near_memory_find(const void *memory, uint64_t bytes, struct xb_host_memory *out);

#endif
