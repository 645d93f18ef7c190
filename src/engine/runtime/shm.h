/* shm.h - POSIX shared-memory segments between the ranks of a node.
 *
 * A segment's name lives only while a case is set up: the creator sends it to its peer, both
 * map it, and xb_shm_unlink_created removes it, so that nothing is left behind whatever happens
 * to the processes later.
 */
#ifndef XB_ENGINE_RUNTIME_SHM_H
#define XB_ENGINE_RUNTIME_SHM_H

#include <stdint.h>

#include "base/error.h"

#define XB_SHM_NAME_LEN 48

struct xb_shm {
    char name[XB_SHM_NAME_LEN];
    void *ptr; /* page-aligned; NULL when empty */
    uint64_t bytes;
};

/* Make and map a segment of so many bytes, zeroed and backed by memory now, not at first touch.
 * Fails with the figures when the node has not that much shared memory. */
int xb_shm_create(uint64_t bytes, struct xb_shm *out, struct xb_error *err);

/* Map a segment that another process of this node made. */
int xb_shm_attach(const char *name, uint64_t bytes, struct xb_shm *out, struct xb_error *err);

/* Unmap and empty it; an empty one is allowed. */
void xb_shm_detach(struct xb_shm *shm);

/* Remove the names of all segments that this process created. */
void xb_shm_unlink_created(void);

/* Bytes that new segments can have now: what /dev/shm has free, and no more than the memory
 * that is available. */
uint64_t xb_shm_free_bytes(void);

/* Bytes of memory that this process can take without swapping: MemAvailable, or what the
 * cgroup's limit leaves where that is less. */
uint64_t xb_host_free_bytes(void);

#endif
