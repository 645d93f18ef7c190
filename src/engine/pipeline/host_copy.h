/* SPDX-License-Identifier: BSD-3-Clause */
/* host_copy.h - copies within host memory by the processor, through its caches or past them.
 *
 * Example: 1 GiB that a GPU has sent is copied out of a ring. Through the caches each line of
 * the destination is read before it is written, and pushes out what would be read again; past
 * them it is written alone.
 */
#ifndef XB_ENGINE_PIPELINE_HOST_COPY_H
#define XB_ENGINE_PIPELINE_HOST_COPY_H

#include <stdbool.h>
#include <stdint.h>

/* How a copy writes. */
enum xb_stores { XB_STORES_CACHED, XB_STORES_STREAMING };

/* Has this build stores past the caches? */
bool xb_host_copy_streams(void);

/* Copy so many bytes from src to dst, which do not overlap, and return when they are there for
 * every thread that is told of it, and for devices. Streaming only where the build has it. */
void xb_host_copy(void *dst, const void *src, uint64_t bytes, enum xb_stores stores);

#endif
