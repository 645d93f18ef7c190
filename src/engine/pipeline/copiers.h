/* SPDX-License-Identifier: BSD-3-Clause */
/* copiers.h - threads of a rank that copy chunks between a host buffer and the slots of a ring,
 * or work on them there.
 *
 * From pageable memory one thread copies about 10 GB/s, a fifth of what PCI Express 5 takes.
 * A chunk is of as many parts as there are threads, where it can be shared: the first one is in
 * the ring so much sooner, and the last one out of it. Each thread takes the next part. One
 * that has nothing to do looks for more for some tens of microseconds, then sleeps.
 */
#ifndef XB_ENGINE_PIPELINE_COPIERS_H
#define XB_ENGINE_PIPELINE_COPIERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "engine/pipeline/host_copy.h"

#define XB_MAX_COPIERS 16

struct xb_copiers;

/* How many threads may be at a chunk. */
enum xb_copiers_share { XB_CHUNK_OF_ONE, XB_CHUNK_OF_ALL };

/* Start n threads, 1 to XB_MAX_COPIERS, for a ring of so many slots. They run where the calling
 * thread may run, and heed no signals. The caller closes them; NULL with err filled where there
 * is no memory or no thread. */
struct xb_copiers *xb_copiers_open(int n, uint64_t depth, enum xb_copiers_share share,
                                   struct xb_error *err);

/* What is to be done with a chunk: work(job, part, parts) for each of its parts, from 0; where
 * that is NULL bytes are copied. A chunk of one thread has one part. */
struct xb_copiers_job {
    void (*work)(const struct xb_copiers_job *job, uint64_t part, uint64_t parts);
    void *dst;
    const void *src;
    uint64_t bytes;
    enum xb_stores stores;
};

/* Where part i of n of so many begins, a multiple of step, or the end where i is n. */
static inline uint64_t xb_copiers_part(uint64_t count, uint64_t i, uint64_t n, uint64_t step)
{
    return i == n ? count : count * i / n / step * step;
}

/* Begin with chunk k, as often as chunks come, k counting from 0 without a gap. The chunk that
 * had its slot before, k - depth, must be done. By one thread, the one that asks below. */
void xb_copiers_start(struct xb_copiers *copiers, uint64_t k, const struct xb_copiers_job *job);

/* Is the job of chunk k, which was begun, done? Then what it wrote is seen by who asked. */
bool xb_copiers_done(const struct xb_copiers *copiers, uint64_t k);

/* End the threads and free all. Parts that threads are at are finished before; those that wait
 * are not. May be given NULL. */
void xb_copiers_close(struct xb_copiers *copiers);

#endif
