/* SPDX-License-Identifier: BSD-3-Clause */
/* cpu.c - the device where no GPU is: host memory that the node's ranks can map, copied by the
 * calling thread. Copies are complete when they return, so events only keep the time. */
#include "engine/devices/device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/devices/bytes.h"
#include "engine/devices/cpu_blocks.h"
#include "engine/devices/cpu_load.h"
#include "engine/devices/cpu_vmm.h"
#include "engine/runtime/caches.h"
#include "engine/runtime/clock.h"
#include "engine/runtime/near_memory.h"
#include "engine/runtime/shm.h"

struct xb_event {
    double us;
};

/* A stream needs no state here; its address tells it from none. */
struct xb_stream {
    char unused;
};

struct cpu_handle {
    char name[XB_SHM_NAME_LEN];
};

static int cpu_probe(struct xb_error *reason)
{
    (void)reason;
    return 0;
}

static size_t cpu_visible(struct xb_gpu_key *keys, size_t max)
{
    (void)keys;
    (void)max;
    return 0;
}

static int cpu_attach(const struct xb_gpu_key *key, struct xb_device_info *out,
                      struct xb_error *err)
{
    (void)key;
    (void)err;
    memset(out, 0, sizeof *out);
    out->gpudirect_rdma = out->dma_buf = -1;
    out->memory = XB_GPU_UNIFIED; /* what stands in for GPU memory is the host's */
    return 0;
}

static int cpu_others(void)
{
    return 0;
}

static int cpu_mem_free(int gpu, uint64_t *bytes, struct xb_error *err)
{
    (void)gpu;
    (void)err;
    *bytes = xb_host_free_bytes();
    return 0;
}

static int alloc_shared(uint64_t bytes, struct xb_mem *out, struct xb_error *err)
{
    struct xb_shm *shm = calloc(1, sizeof *shm);

    if (!shm)
        return xb_fail(err, "cpu device: out of memory");
    if (xb_shm_create(bytes, shm, err) < 0) {
        free(shm);
        return -1;
    }
    out->ptr = shm->ptr;
    out->priv = shm;
    return 0;
}

static int alloc_private(uint64_t bytes, struct xb_mem *out, struct xb_error *err)
{
    struct xb_near_memory policy;

    xb_near_memory_begin(&policy);
    void *ptr = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    xb_near_memory_end(&policy);
    if (ptr == MAP_FAILED)
        return xb_fail(err, "cpu device: cannot map %llu bytes of host memory: %s",
                       (unsigned long long)bytes, strerror(errno));
    out->ptr = ptr;
    return 0;
}

static int cpu_alloc(enum xb_mem_kind kind, int gpu, uint64_t bytes, struct xb_mem *out,
                     struct xb_error *err)
{
    (void)gpu;
    *out = (struct xb_mem){.bytes = bytes, .kind = kind};
    return kind == XB_MEM_DEVICE ? alloc_shared(bytes, out, err)
                                 : alloc_private(bytes, out, err);
}

static int cpu_has_allocator(enum xb_allocator allocator, int gpu, struct xb_error *reason)
{
    (void)gpu;
    if (allocator == XB_ALLOCATOR_MALLOC || allocator == XB_ALLOCATOR_VMM)
        return 0;
    xb_fail(reason, "the allocator %s is for memory of GPUs; the device cpu has none",
            xb_allocator_names[allocator]);
    return 1;
}

/* Asked for what it has alone. */
static int cpu_alloc_by(enum xb_allocator allocator, int gpu, uint64_t bytes,
                        struct xb_mem *out, struct xb_error *err)
{
    return allocator == XB_ALLOCATOR_VMM ? xb_cpu_vmm_alloc(bytes, out, err)
                                         : cpu_alloc(XB_MEM_DEVICE, gpu, bytes, out, err);
}

static const struct xb_allocators cpu_allocators = {
    .has = cpu_has_allocator,
    .alloc = cpu_alloc_by,
};

static void cpu_unmap(struct xb_mem *mem)
{
    if (mem->allocator == XB_ALLOCATOR_VMM) {
        xb_cpu_vmm_close(mem);
        return;
    }
    xb_shm_detach(mem->priv);
    free(mem->priv);
    memset(mem, 0, sizeof *mem);
}

static void cpu_free(struct xb_mem *mem)
{
    if (mem->priv) {
        cpu_unmap(mem);
        return;
    }
    if (mem->ptr)
        munmap(mem->ptr, mem->bytes);
    memset(mem, 0, sizeof *mem);
}

static int cpu_host_register(void *ptr, uint64_t bytes, struct xb_error *err)
{
    (void)ptr;
    (void)bytes;
    (void)err;
    return 0;
}

static void cpu_host_unregister(void *ptr)
{
    (void)ptr;
}

static int cpu_mem_export(struct xb_mem *mem, struct xb_mem_handle *out, struct xb_error *err)
{
    struct cpu_handle h;
    const struct xb_shm *shm = mem->priv;

    if (mem->allocator == XB_ALLOCATOR_VMM)
        return xb_cpu_vmm_export(mem, out, err);
    if (!shm)
        return xb_fail(err, "cpu device: only device memory can be opened by other ranks");
    memcpy(h.name, shm->name, sizeof h.name);
    memset(out, 0, sizeof *out);
    memcpy(out->data, &h, sizeof h);
    out->bytes = mem->bytes;
    return 0;
}

static int cpu_mem_import(const struct xb_mem_handle *handle, struct xb_mem *out,
                          struct xb_error *err)
{
    struct cpu_handle h;
    struct xb_shm *shm;

    if (handle->allocator == XB_ALLOCATOR_VMM)
        return xb_cpu_vmm_import(handle, out, err);
    memset(out, 0, sizeof *out);
    if (!(shm = calloc(1, sizeof *shm)))
        return xb_fail(err, "cpu device: out of memory");
    memcpy(&h, handle->data, sizeof h);
    if (xb_shm_attach(h.name, handle->bytes, shm, err) < 0) {
        free(shm);
        return -1;
    }
    *out = (struct xb_mem){
        .ptr = shm->ptr, .bytes = shm->bytes, .kind = XB_MEM_DEVICE, .priv = shm};
    return 0;
}

static int cpu_peer(const struct xb_gpu_key *other, struct xb_error *reason)
{
    (void)other;
    (void)reason;
    return 0;
}

static int cpu_peer_enable(int gpu, int other, struct xb_error *reason)
{
    (void)gpu;
    (void)other;
    (void)reason;
    return 0;
}

static int cpu_stream_open(int gpu, struct xb_stream **out, struct xb_error *err)
{
    (void)gpu;
    *out = calloc(1, sizeof **out);
    return *out ? 0 : xb_fail(err, "cpu device: out of memory");
}

static void cpu_stream_close(struct xb_stream *stream)
{
    free(stream);
}

static int cpu_event_open(bool timed, int gpu, struct xb_event **out, struct xb_error *err)
{
    (void)gpu;
    (void)timed;
    *out = calloc(1, sizeof **out);
    return *out ? 0 : xb_fail(err, "cpu device: out of memory");
}

static void cpu_event_close(struct xb_event *event)
{
    free(event);
}

static int cpu_copy(void *dst, const void *src, uint64_t bytes, struct xb_stream *stream,
                    struct xb_error *err)
{
    (void)stream;
    (void)err;
    memcpy(dst, src, bytes);
    return 0;
}

/* By the only engine that there is, which has no multiprocessors. */
static int cpu_launch_copy(void *dst, const void *src, uint64_t bytes, int times, int sms,
                           struct xb_stream *stream, struct xb_error *err)
{
    (void)sms;
    for (int i = 0; i < times; i++)
        cpu_copy(dst, src, bytes, stream, err);
    return 0;
}

static int cpu_managed(struct xb_error *reason)
{
    xb_fail(reason, "device cpu has no managed memory: host memory does not migrate");
    return 1;
}

static int cpu_event_record(struct xb_event *event, struct xb_stream *stream,
                            struct xb_error *err)
{
    (void)stream;
    (void)err;
    event->us = xb_clock_us();
    return 0;
}

static int cpu_event_done(struct xb_event *event, struct xb_error *err)
{
    (void)event;
    (void)err;
    return 1;
}

static int cpu_event_elapsed(struct xb_event *from, struct xb_event *to, double *us,
                             struct xb_error *err)
{
    (void)err;
    *us = to->us - from->us;
    return 0;
}

static int cpu_fill(const struct xb_stretch *s, const struct xb_bytes_keys *keys,
                    struct xb_error *err)
{
    (void)err;
    xb_bytes_fill_stretch(s, keys);
    return 0;
}

static int cpu_check(const struct xb_stretch *s, const struct xb_bytes_keys *keys,
                     struct xb_verify *out, struct xb_error *err)
{
    (void)err;
    xb_bytes_check_stretch(s, keys, out);
    return 0;
}

static int cpu_make_cold(enum xb_mem_kind kind, int gpu, const void *at, uint64_t bytes,
                         struct xb_error *err)
{
    (void)kind; /* all is host memory */
    (void)gpu;
    if (xb_caches_can_flush(err) != 0)
        return 1;
    xb_caches_flush(at, bytes);
    return 0;
}

const struct xb_device xb_device_cpu = {
    .name = "cpu",
    .summary = "host memory of each rank, mapped by its neighbours through shared memory",
    .caps = XB_DEVICE_IS_HOST,
    .probe = cpu_probe,
    .visible = cpu_visible,
    .attach = cpu_attach,
    .others = cpu_others,
    .mem_free = cpu_mem_free,
    .alloc = cpu_alloc,
    .free = cpu_free,
    .allocators = &cpu_allocators,
    .host_register = cpu_host_register,
    .host_unregister = cpu_host_unregister,
    .mem_export = cpu_mem_export,
    .mem_import = cpu_mem_import,
    .mem_unmap = cpu_unmap,
    .peer = cpu_peer,
    .peer_enable = cpu_peer_enable,
    .stream_open = cpu_stream_open,
    .stream_close = cpu_stream_close,
    .event_open = cpu_event_open,
    .event_close = cpu_event_close,
    .copy = cpu_copy,
    .launch_copy = cpu_launch_copy,
    .blocks = &xb_cpu_blocks,
    .managed = cpu_managed,
    .event_record = cpu_event_record,
    .event_done = cpu_event_done,
    .event_elapsed = cpu_event_elapsed,
    .fill = cpu_fill,
    .check = cpu_check,
    .make_cold = cpu_make_cold,
    .loads = &xb_cpu_loads,
};
