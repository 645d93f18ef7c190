/* SPDX-License-Identifier: BSD-3-Clause */
/* shm.h - shared-memory segments between the ranks of a node.
 *
 * A segment has no name in a file system: it lives as long as a process has it open or mapped,
 * so that nothing is left behind whatever happens to the processes. The creator tells its peers
 * how to open it, by its process and its descriptor ("/proc/123/fd/7"), for as long as it has
 * it.
 */
#ifndef XB_ENGINE_RUNTIME_SHM_H
#define XB_ENGINE_RUNTIME_SHM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

#define XB_SHM_NAME_LEN 48

struct xb_shm {
    char name[XB_SHM_NAME_LEN];
    void *ptr; /* page-aligned; NULL when empty */
    uint64_t bytes;
    int fd;      /* of the creator; -1 elsewhere */
    ino_t inode; /* which segment it is: a name is used again when its segment is gone */
};

/* Make and map a segment of so many bytes, zeroed and backed by memory now, not at first touch.
 * Fails with the figures when the node has not that much memory. */
int xb_shm_create(uint64_t bytes, struct xb_shm *out, struct xb_error *err);

/* Map a segment that another process of this node and user made, while that has it. */
int xb_shm_attach(const char *name, uint64_t bytes, struct xb_shm *out, struct xb_error *err);

/* Is this the segment that has the name now? */
bool xb_shm_has_name(const struct xb_shm *shm, const char *name);

/* Unmap and empty it; an empty one is allowed. */
void xb_shm_detach(struct xb_shm *shm);

/* Bytes of memory that this process can take without swapping: MemAvailable, or what the limit
 * of its cgroup or of its address space leaves where that is less. */
uint64_t xb_host_free_bytes(void);

#endif
