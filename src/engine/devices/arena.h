/* SPDX-License-Identifier: BSD-3-Clause */
/* arena.h - memory that a rank keeps from case to case: buffers, other ranks' memory that it
 * has mapped, segments that two ranks share, streams.
 *
 * Taking something costs nothing where an earlier case has left one that is large enough.
 * Memory that other ranks may have mapped is never freed under them: a buffer that has become
 * too small is put aside until all ranks flush their arenas. One rank uses its arena for
 * itself; only flush is everybody's.
 */
#ifndef XB_ENGINE_DEVICES_ARENA_H
#define XB_ENGINE_DEVICES_ARENA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "engine/devices/device.h"
#include "engine/runtime/shm.h"

struct xb_arena; /* opaque */

/* What a buffer is for. Buffers of one role, kind and GPU are told apart by their index, from
 * 0.
 */
enum xb_buffer_role {
    XB_BUFFER_SRC,   /* of a lane: what leaves */
    XB_BUFFER_DST,   /* of a lane: what comes in */
    XB_BUFFER_RING,  /* slots of a pipeline within a rank */
    XB_BUFFER_INBOX, /* of resident kernels */
    XB_BUFFER_OWN,   /* a method's own */
    XB_BUFFER_LISTS, /* where blocks lie: places of an end, addresses for kernels */
    XB_BUFFER_LOOK,  /* for the last bytes of a transfer, where a destination looks at them */
};

struct xb_buffer_key {
    enum xb_buffer_role role;
    enum xb_mem_kind kind;
    int gpu;
    int index;
    enum xb_allocator allocator; /* of device memory */
};

/* An empty arena for a device; sharers is how many ranks draw on this node's memory. The caller
 * closes it. NULL when out of memory. */
struct xb_arena *xb_arena_open(const struct xb_device *device, int sharers);

/* Free everything but buffers and segments that are in use or lost. Other ranks must have no
 * use of it any more. NULL is allowed. */
void xb_arena_close(struct xb_arena *arena);

/* Some case will want so many bytes of that role, kind and GPU (of any index): a buffer is made
 * that large at once, where a small part of what is free will do. */
void xb_arena_expect(struct xb_arena *arena, struct xb_buffer_key key, uint64_t bytes);

/* The buffer of that key with so many bytes, whose contents are undefined: *out is the arena's.
 * It is in use until xb_arena_give. 0 or -1. */
int xb_arena_take(struct xb_arena *arena, struct xb_buffer_key key, uint64_t bytes,
                  struct xb_mem *out, struct xb_error *err);

/* In what state something comes back. */
enum xb_return {
    XB_RETURN_GOOD,
    XB_RETURN_BROKEN, /* a case failed on it: not used again, freed by the next flush */
    XB_RETURN_LOST,   /* a library may write to it at any time: never freed */
};

/* Give a buffer back and empty mem; an empty one is allowed. Managed memory is freed at once.
 */
void xb_arena_give(struct xb_arena *arena, struct xb_mem *mem, enum xb_return state);

/* Bytes that taking this key would allocate now: 0 where the buffer is there. */
uint64_t xb_arena_lacks(const struct xb_arena *arena, struct xb_buffer_key key, uint64_t bytes);

/* Bytes that a flush would free. */
uint64_t xb_arena_idle_bytes(const struct xb_arena *arena);

/* Make a buffer of device memory openable by the other ranks of the node. 0, -1, or 1 with the
 * reason where such memory cannot be. */
int xb_arena_export(struct xb_arena *arena, const struct xb_mem *mem, struct xb_mem_handle *out,
                    struct xb_error *err);

/* Map another rank's memory; *out is the arena's and needs no release. 1 with the reason where
 * the two devices cannot reach each other. */
int xb_arena_import(struct xb_arena *arena, const struct xb_mem_handle *handle,
                    struct xb_mem *out, struct xb_error *err);

/* A stream on a GPU; of several in use at once each has its index. The arena's. 0 or -1. One on
 * which a case failed is given back as broken, and another made next time. */
int xb_arena_stream(struct xb_arena *arena, int gpu, int index, struct xb_stream **out,
                    struct xb_error *err);
void xb_arena_stream_broken(struct xb_arena *arena, struct xb_stream *stream);

struct xb_segment_place {
    int peer;
    const char *name; /* as the peer's xb_arena_segment_make gave it */
    uint64_t bytes;
    bool registered;
};

/* A segment of at least so many bytes to share with another rank of the node, which joins it by
 * its name; `registered`: let the device read and write it. The contents are undefined. Both
 * are the arena's and in use until they are given back by both ranks, in the same state. 0 or
 * -1. */
int xb_arena_segment_make(struct xb_arena *arena, int peer, uint64_t bytes, bool registered,
                          struct xb_shm *out, struct xb_error *err);
int xb_arena_segment_join(struct xb_arena *arena, const struct xb_segment_place *place,
                          struct xb_shm *out, struct xb_error *err);
void xb_arena_segment_give(struct xb_arena *arena, struct xb_shm *segment,
                           enum xb_return state);

/* Let go of what other ranks own; when all ranks have done so, free what nobody uses. Called by
 * all ranks of the run, between cases, in this order with all of them meeting in between. */
void xb_arena_flush_mapped(struct xb_arena *arena);
void xb_arena_flush_owned(struct xb_arena *arena);

/* Time spent so far in microseconds: allocating and pinning, and mapping others' memory. */
struct xb_arena_times {
    double register_us, map_us;
};
struct xb_arena_times xb_arena_times(const struct xb_arena *arena);

#endif
