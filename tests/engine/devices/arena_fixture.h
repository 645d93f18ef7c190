/* SPDX-License-Identifier: BSD-3-Clause */
/* arena_fixture.h - an arena on a device that counts; its memory is that of the cpu device. */
#ifndef XB_TESTS_ENGINE_DEVICES_ARENA_FIXTURE_H
#define XB_TESTS_ENGINE_DEVICES_ARENA_FIXTURE_H

#include "engine/devices/arena.h"
#include "tests/tap.h"

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)

extern const struct xb_device xb_device_cpu;

static struct counts {
    int allocs, frees, imports, unmaps, streams, closed, registered, unregistered;
    uint64_t last; /* bytes of the last allocation */
} counts;

static uint64_t free_now = 1024 * MIB;   /* of the device's memory */
static uint64_t alloc_most = UINT64_MAX; /* larger allocations fail */

static int count_alloc(enum xb_mem_kind kind, int gpu, uint64_t bytes, struct xb_mem *out,
                       struct xb_error *err)
{
    if (bytes > alloc_most)
        return xb_fail(err, "no room for %llu bytes", (unsigned long long)bytes);
    counts.allocs++;
    counts.last = bytes;
    int rc = xb_device_cpu.alloc(kind, gpu, bytes, out, err);
    out->gpu = gpu;
    return rc;
}

static int count_alloc_by(enum xb_allocator allocator, int gpu, uint64_t bytes,
                          struct xb_mem *out, struct xb_error *err)
{
    counts.allocs++;
    counts.last = bytes;
    return xb_device_cpu.allocators->alloc(allocator, gpu, bytes, out, err);
}

static void count_free(struct xb_mem *mem)
{
    counts.frees++;
    xb_device_cpu.free(mem);
}

static int count_mem_free(int gpu, uint64_t *bytes, struct xb_error *err)
{
    (void)gpu;
    (void)err;
    *bytes = free_now;
    return 0;
}

static int count_import(const struct xb_mem_handle *handle, struct xb_mem *out,
                        struct xb_error *err)
{
    counts.imports++;
    return xb_device_cpu.mem_import(handle, out, err);
}

static void count_unmap(struct xb_mem *mem)
{
    counts.unmaps++;
    xb_device_cpu.mem_unmap(mem);
}

static int count_stream_open(int gpu, struct xb_stream **out, struct xb_error *err)
{
    counts.streams++;
    return xb_device_cpu.stream_open(gpu, out, err);
}

static void count_stream_close(struct xb_stream *stream)
{
    counts.closed++;
    xb_device_cpu.stream_close(stream);
}

static int count_register(void *ptr, uint64_t bytes, struct xb_error *err)
{
    (void)ptr;
    (void)bytes;
    (void)err;
    counts.registered++;
    return 0;
}

static void count_unregister(void *ptr)
{
    (void)ptr;
    counts.unregistered++;
}

static const struct xb_allocators counting_allocators = {.alloc = count_alloc_by};

static struct xb_device device;

static struct xb_arena *open_arena(void)
{
    device = xb_device_cpu;
    device.caps = 0; /* its memory is asked of mem_free */
    device.mem_free = count_mem_free;
    device.alloc = count_alloc;
    device.free = count_free;
    device.allocators = &counting_allocators;
    device.mem_import = count_import;
    device.mem_unmap = count_unmap;
    device.stream_open = count_stream_open;
    device.stream_close = count_stream_close;
    device.host_register = count_register;
    device.host_unregister = count_unregister;
    counts = (struct counts){0};
    return xb_arena_open(&device, 1);
}

#endif
