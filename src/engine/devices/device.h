/* SPDX-License-Identifier: BSD-3-Clause */
/* device.h - the table of devices: what memory, copies, streams and events are on each.
 *
 * A device is one file under devices/ that ends in one `struct xb_device`. `cpu` is a real
 * device: its memory is host memory that other ranks can map, its copies are copies. Functions
 * return 0 or -1 with err filled, unless their paragraph says otherwise, and are called by one
 * rank for itself after attach; only probe, broken, loaded and visible may be called before.
 */
#ifndef XB_ENGINE_DEVICES_DEVICE_H
#define XB_ENGINE_DEVICES_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/plan/allocator.h"
#include "model/topology/rank_info.h"
#include "report/result.h"
#include "block_map.h"
#include "bytes_word.h"
#include "resident_side.h"
#include "stamps.h"

enum xb_mem_kind {
    XB_MEM_DEVICE,   /* the bound GPU's memory */
    XB_MEM_PINNED,   /* host memory that the device reads and writes by itself, also kernels */
    XB_MEM_PAGEABLE, /* plain host memory */
    XB_MEM_MANAGED,  /* memory whose pages go to whoever touches them, host or GPU */
};

struct xb_mem {
    void *ptr; /* NULL when empty */
    uint64_t bytes;
    enum xb_mem_kind kind;
    int gpu;                     /* of device memory: 0 the bound GPU, k the k-th other one */
    enum xb_allocator allocator; /* of device memory */
    void *priv;                  /* the device's own */
};

/* Another rank's memory as it travels between processes: opaque bytes. */
struct xb_mem_handle {
    unsigned char data[96];
    uint64_t bytes;
    int64_t allocator; /* enum xb_allocator */
};

/* Memory of GPUs that is not alloc's. */
struct xb_allocators {
    /* Is that allocator there for memory of a GPU: 0, or 1 with the reason. */
    int (*has)(enum xb_allocator allocator, int gpu, struct xb_error *reason);

    /* As alloc of XB_MEM_DEVICE. */
    int (*alloc)(enum xb_allocator allocator, int gpu, uint64_t bytes, struct xb_mem *out,
                 struct xb_error *err);
};

struct xb_stream;
struct xb_event;

/* Bytes [from, from + bytes) of a buffer, and which bytes of a test pattern belong there:
 * [first, first + bytes), or their complement; with stamps only where those lie, and then never
 * the complement. */
struct xb_stretch {
    int gpu;             /* that works on it: 0 the bound one, k the k-th other one */
    unsigned char *base; /* of the buffer */
    uint64_t from, bytes, first;
    struct xb_block_map map; /* how the buffer's bytes lie */
    bool poison;
    const struct xb_stamps *stamps; /* NULL for all bytes */
};

/* Blocks of one size that are to be copied. */
struct xb_block_list {
    void *const *dst;
    const void *const *src; /* their addresses */
    const size_t *bytes;    /* of each, for who asks for a list */
    uint64_t block, count;
    unsigned align; /* a power of two, 16 at most, that divides block and all addresses */
};

/* Rows of width bytes, whose beginnings are a pitch apart. */
struct xb_rows {
    void *dst;
    const void *src;
    uint64_t dst_pitch, src_pitch, width, height; /* bytes, and rows */
};

/* So many planes of such rows, whose beginnings are whole pitches apart. */
struct xb_planes {
    struct xb_rows rows;                  /* of the first plane */
    uint64_t dst_plane, src_plane, depth; /* bytes, and planes */
};

struct xb_graph;

/* Ways to copy many blocks by one call. Each starts to copy, on the stream. */
struct xb_block_copies {
    /* All as one batch of copies, which may be done in any order. May it be asked for: 0, or 1
     * with the reason. */
    int (*can_batch)(struct xb_error *reason);
    int (*batch)(const struct xb_block_list *list, struct xb_stream *stream,
                 struct xb_error *err);

    int (*rows)(const struct xb_rows *rows, struct xb_stream *stream, struct xb_error *err);
    int (*planes)(const struct xb_planes *planes, struct xb_stream *stream,
                  struct xb_error *err);

    /* By one kernel; the stream's GPU must be able to address the list, which must stay as it
     * is until the kernel has ended, and all blocks. sms as for launch_copy. */
    int (*kernel)(const struct xb_block_list *list, int sms, struct xb_stream *stream,
                  struct xb_error *err);

    /* A copy a block, recorded once and started as often as is asked. NULL, and the other two,
     * where there is no such thing. Closing NULL is allowed. */
    int (*graph_open)(const struct xb_block_list *list, struct xb_stream *stream,
                      struct xb_graph **out, struct xb_error *err);
    int (*graph_start)(struct xb_graph *graph, struct xb_stream *stream, struct xb_error *err);
    void (*graph_close)(struct xb_graph *graph);
};

#define XB_TO_HOST (-1) /* where prefetch can go besides a GPU */

enum xb_device_caps {
    XB_DEVICE_IS_HOST = 1 << 0, /* its memory is host memory, shared between ranks */
};

/* start launches a kernel that runs through so many rounds and returns when it is on the GPU;
 * go lets the starting side's begin; done asks: 1 complete, 0 not yet, -1, or 2 when the kernel
 * ended since its time was over, as it always does after limit_us. One at a time in a process.
 */
struct xb_resident {
    int (*inbox_clear)(void *inbox, uint64_t bytes, struct xb_error *err);
    int (*start)(const struct xb_resident_side *side, uint32_t rounds, double limit_us,
                 struct xb_error *err);
    void (*go)(void);
    int (*done)(struct xb_error *err);
};

/* What limits the work that a GPU is kept busy with. */
enum xb_load_kind {
    XB_LOAD_ARITHMETIC, /* in registers: a chain of multiplications with an addition each */
    XB_LOAD_MEMORY,     /* over arrays that no cache holds: two words read, one written */
};

struct xb_load_ask {
    enum xb_load_kind kind;
    int gpu;     /* 0 the bound one, k the k-th other one */
    int threads; /* of the host, where it stands for a GPU: 0 one for each core of this process;
                    else without meaning */
};

struct xb_load; /* opaque */

#define XB_LOAD_AHEAD 4 /* units of work that may be started and not complete */

/* Work that keeps a GPU busy, beside which transfers are measured. It goes in units of a
 * millisecond at most. Start and wait may be called by another thread than open, one at a time,
 * which has entered the device. */
struct xb_loads {
    /* Bytes of device memory that it needs. 0 or -1. */
    int (*needs)(const struct xb_load_ask *ask, uint64_t *bytes, struct xb_error *err);

    /* The caller closes it. 0, or -1 with nothing left behind. */
    int (*open)(const struct xb_load_ask *ask, struct xb_load **out, struct xb_error *err);

    /* What a unit is: floating-point operations, or bytes read and written. */
    double (*unit)(const struct xb_load *load);

    /* Start a unit, at most XB_LOAD_AHEAD before they are waited for, and wait for the oldest:
     * 1 when it is complete, 0 when it was not within limit_us, -1. */
    int (*start)(struct xb_load *load, struct xb_error *err);
    int (*wait)(struct xb_load *load, double limit_us, struct xb_error *err);

    /* Compare what all units so far must have left; none may be under way. Adds to *out. 0 or
     * -1. */
    int (*check)(struct xb_load *load, struct xb_verify *out, struct xb_error *err);

    /* Does not wait for work of a GPU that may never end. NULL is allowed. */
    void (*close)(struct xb_load *load);
};

struct xb_device {
    const char *name;    /* as scenarios write it */
    const char *summary; /* one line for `xferbench list` */
    unsigned caps;

    /* Usable on this node: 0, or 1 with the reason. Not expensive, has no effect. */
    int (*probe)(struct xb_error *reason);

    /* Not usable by probe: is it there all the same, and broken? 1 with what says so, or 0.
     * NULL where that cannot be. */
    int (*broken)(struct xb_error *what);

    /* What this node has that the device needs and the build does not hold, in words
     * ("CUDA 13.0 of the driver 580.65.06", "no driver"), into buf, which it returns. Has no
     * effect. NULL where there is no such thing. */
    const char *(*loaded)(char *buf, size_t len);

    /* GPUs, and instances of such, that this process may take, up to max of them; returns how
     * many. */
    size_t (*visible)(struct xb_gpu_key *keys, size_t max);

    /* Take one of these (empty on a device without GPUs) for this process and say what it is.
     * Whoever takes an instance sees no other GPU from then on. Called once, before any
     * function below. */
    int (*attach)(const struct xb_gpu_key *key, struct xb_device_info *out,
                  struct xb_error *err);

    /* Make the attached GPU current on the calling thread: a program that uses this library may
     * have made another one so, or be in another thread. NULL where nothing is current. */
    int (*enter)(struct xb_error *err);

    /* Has an error left the device unusable for as long as this process runs: 1 with that
     * error, or 0. It may ask the device, so it is for after a failure. NULL where that cannot
     * be. */
    int (*lost)(struct xb_error *why);

    /* How many other GPUs this process sees: `gpu` below runs from 0, the bound one, to that.
     */
    int (*others)(void);

    /* Bytes of memory of a GPU that are free now. */
    int (*mem_free)(int gpu, uint64_t *bytes, struct xb_error *err);

    /* Bytes of a GPU's memory that are taken now, by this process and all others. NULL on a
     * device without memory of its own. */
    int (*mem_used)(int gpu, uint64_t *bytes, struct xb_error *err);

    /* Allocate bytes of a kind, aligned to at least 256 bytes; gpu matters to device memory
     * alone. The caller frees. */
    int (*alloc)(enum xb_mem_kind kind, int gpu, uint64_t bytes, struct xb_mem *out,
                 struct xb_error *err);
    void (*free)(struct xb_mem *mem);

    /* Where memory of GPUs can come from besides; NULL where from nowhere else. What they give
     * is freed, exported and mapped as all memory is. */
    const struct xb_allocators *allocators;

    /* Let the device read and write host memory that another module mapped. */
    int (*host_register)(void *ptr, uint64_t bytes, struct xb_error *err);
    void (*host_unregister)(void *ptr);

    /* Make memory of kind XB_MEM_DEVICE openable by the other ranks of the node, until it is
     * freed. Returns 1 with the reason where its allocator has none that could be. */
    int (*mem_export)(struct xb_mem *mem, struct xb_mem_handle *out, struct xb_error *err);

    /* Map another rank's exported memory; released with unmap. Returns 1 with the reason where
     * the two devices cannot reach each other. */
    int (*mem_import)(const struct xb_mem_handle *handle, struct xb_mem *out,
                      struct xb_error *err);
    void (*mem_unmap)(struct xb_mem *mem);

    /* Can the attached GPU reach the memory of that GPU of the node: 0, or 1 with the reason.
     * A GPU that this process cannot see is 0 here: mem_import decides. */
    int (*peer)(const struct xb_gpu_key *other, struct xb_error *reason);

    /* Let two GPUs that this process sees address each other's memory: 0, or 1 with the reason.
     */
    int (*peer_enable)(int gpu, int other, struct xb_error *reason);

    /* A queue of work in order on a GPU, and marks in it, which belong to the same GPU. Closing
     * NULL is allowed. */
    int (*stream_open)(int gpu, struct xb_stream **out, struct xb_error *err);
    void (*stream_close)(struct xb_stream *stream);
    int (*event_open)(bool timed, int gpu, struct xb_event **out, struct xb_error *err);
    void (*event_close)(struct xb_event *event);

    /* Start to copy; src and dst are any memory this process can address. */
    int (*copy)(void *dst, const void *src, uint64_t bytes, struct xb_stream *stream,
                struct xb_error *err);

    /* The same, so many times over, by one kernel on the stream's GPU, which must be able to
     * address both. sms: how many multiprocessors it may have, 0 for all. */
    int (*launch_copy)(void *dst, const void *src, uint64_t bytes, int times, int sms,
                       struct xb_stream *stream, struct xb_error *err);

    /* Many blocks by one call; NULL where the device has no such ways. */
    const struct xb_block_copies *blocks;

    /* How many multiprocessors a GPU has. NULL where there is no such thing; then launch_copy
     * takes 0 only. */
    int (*multiprocessors)(int gpu, int *sms, struct xb_error *err);

    /* Start to move the pages of managed memory to a GPU of this process, or to the host for
     * XB_TO_HOST. NULL where the device has no managed memory; then nor can it be allocated. */
    int (*prefetch)(void *ptr, uint64_t bytes, int gpu, struct xb_stream *stream,
                    struct xb_error *err);

    /* Start to read a word of every page by a kernel on the stream's GPU, which brings pages of
     * managed memory there. NULL like prefetch. */
    int (*touch)(void *ptr, uint64_t bytes, struct xb_stream *stream, struct xb_error *err);

    /* Can managed memory be used by host and GPUs at the same time, and its pages move: 0, or 1
     * with the reason. */
    int (*managed)(struct xb_error *reason);

    /* The stream as libraries for this device take it; NULL where there are none. */
    void *(*stream_handle)(struct xb_stream *stream);

    /* Put the event behind all work of the stream so far. */
    int (*event_record)(struct xb_event *event, struct xb_stream *stream, struct xb_error *err);

    /* 1 when the work before the event's last record is complete, 0 when not yet, -1. Never
     * waits. */
    int (*event_done)(struct xb_event *event, struct xb_error *err);

    /* Time between two completed timed events in microseconds. */
    int (*event_elapsed)(struct xb_event *from, struct xb_event *to, double *us,
                         struct xb_error *err);

    /* Write the sum of the test patterns of keys to memory that the GPU can address, or compare
     * it with that, and wait for it. check adds to *out; first_bad is an offset into the
     * pattern. */
    int (*fill)(const struct xb_stretch *stretch, const struct xb_bytes_keys *keys,
                struct xb_error *err);
    int (*check)(const struct xb_stretch *stretch, const struct xb_bytes_keys *keys,
                 struct xb_verify *out, struct xb_error *err);

    /* Put memory of a kind (of that GPU, where it is device memory) out of all caches that a
     * copy could find it in, and wait for that; what it holds stays. 0, -1, or 1 with the
     * reason where such memory cannot be; with 0 bytes it has no effect, and at may be NULL.
     * NULL where the device has no such way. */
    int (*make_cold)(enum xb_mem_kind kind, int gpu, const void *at, uint64_t bytes,
                     struct xb_error *err);

    /* Two resident kernels that exchange messages; NULL where the device has none. */
    const struct xb_resident *resident;

    /* Work to measure transfers beside; NULL where the device has none. */
    const struct xb_loads *loads;
};

/* Memory of a kind, of device memory by that allocator; else as alloc. */
static inline int xb_device_alloc(const struct xb_device *device, enum xb_mem_kind kind,
                                  enum xb_allocator allocator, int gpu, uint64_t bytes,
                                  struct xb_mem *out, struct xb_error *err)
{
    return allocator == XB_ALLOCATOR_MALLOC
               ? device->alloc(kind, gpu, bytes, out, err)
               : device->allocators->alloc(allocator, gpu, bytes, out, err);
}

/* All devices that were compiled in, NULL-terminated, the one to prefer first. */
extern const struct xb_device *const xb_devices[];

/* Their names, NULL-terminated, for the catalog. */
extern const char *const xb_device_names[];

/* The device of that name; "auto" is the first whose probe succeeds. NULL with the reason when
 * there is none of that name in this build or it is not usable on this node. */
const struct xb_device *xb_device_find(const char *name, struct xb_error *err);

/* Where "auto" has come to this device: has it passed over one that is there and broken, or
 * that this build lacks? True with what is known of it. */
bool xb_device_passed(const struct xb_device *chosen, struct xb_error *why);

#endif
