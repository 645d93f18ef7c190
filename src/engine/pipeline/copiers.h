/* copiers.h - threads of a rank that copy chunks between a host buffer and the slots of a ring,
 * or work on them there.
 *
 * From pageable memory one thread copies about 10 GB/s, a fifth of what PCI Express 5 takes.
 * Chunk k is the affair of thread k % n, so that chunks follow each other without a lock: what
 * a thread has to do lies in the slots' own places, and it sleeps where there is nothing.
 */
#ifndef XB_ENGINE_PIPELINE_COPIERS_H
#define XB_ENGINE_PIPELINE_COPIERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define XB_MAX_COPIERS 16

struct xb_copiers;

/* Start n threads, 1 to XB_MAX_COPIERS, for a ring of so many slots. They run where the calling
 * thread may run, and heed no signals. The caller closes them; NULL with err filled where there
 * is no memory or no thread. */
struct xb_copiers *xb_copiers_open(int n, uint64_t depth, struct xb_error *err);

/* What is to be done with a chunk: work(dst, src, bytes), or where that is NULL a copy. */
struct xb_copiers_job {
    void (*work)(void *dst, const void *src, uint64_t bytes);
    void *dst;
    const void *src;
    uint64_t bytes;
};

/* Begin with chunk k, as often as chunks come, k counting from 0 without a gap. The chunk that
 * had its slot before, k - depth, must be done. By one thread, the one that asks below. */
void xb_copiers_start(struct xb_copiers *copiers, uint64_t k, const struct xb_copiers_job *job);

/* Is the job of chunk k, which was begun, done? Then what it wrote is seen by who asked. */
bool xb_copiers_done(const struct xb_copiers *copiers, uint64_t k);

/* End the threads and free all. Chunks that threads are at are finished before; those that wait
 * are not. May be given NULL. */
void xb_copiers_close(struct xb_copiers *copiers);

#endif
