/* SPDX-License-Identifier: BSD-3-Clause */
/* device_fails.c - xferbench with a device that fails on one rank, XB_FAULT_RANK. On the device
 * cpu XB_FAULT is
 *
 *   lost      a copy of XB_FAULT_BYTES, the first or after XB_FAULT_AT that are well, fails as
 *             after an illegal address, and all later calls: who makes one is told on stderr,
 *             beginning with "touched: "
 *   omits     a copy of XB_FAULT_BYTES, the one after XB_FAULT_AT that are made, is not made,
 *             and it says that it was; blocks that go by one call count as copies
 *   overruns  a copy of XB_FAULT_BYTES writes a byte more
 *   device    no memory of its own of at least XB_FAULT_BYTES, though as much is free
 *   pinned    no pinned memory of at least XB_FAULT_BYTES
 *   peer      the rank says that no other's memory can be reached
 *   import    it finds so only when it maps the other's memory
 *   handle    and there it fails
 *   broken    the device cuda, which none of these is, says that it is there and broken
 *
 * and on the device cuda, where it is in the build and asked for by name,
 *
 *   illegal   a copy of XB_FAULT_BYTES goes to an illegal address
 *
 * Its rows link in place of the table. */
#include "config.h"

#include "engine/devices/device.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct xb_device xb_device_cpu;

static int broken_probe(struct xb_error *reason);
static int broken_says(struct xb_error *what);

static struct xb_device row;
static const struct xb_device broken = {.name = "cuda",
                                        .summary = "of the test: never usable",
                                        .probe = broken_probe,
                                        .broken = broken_says};
const struct xb_device *const xb_devices[] = {&broken, &row, NULL};
const char *const xb_device_names[] = {"cuda", "cpu", NULL};

static bool lost;

static bool is_here(const char *fault)
{
    const char *asked = getenv("XB_FAULT"), *rank = getenv("XB_FAULT_RANK");
    const char *mine = getenv("OMPI_COMM_WORLD_RANK");

    return asked && strcmp(asked, fault) == 0 && (!mine || strcmp(mine, rank) == 0);
}

static uint64_t fault_bytes(void)
{
    return strtoull(getenv("XB_FAULT_BYTES"), NULL, 10);
}

static int broken_probe(struct xb_error *reason)
{
    xb_fail(reason, "system not yet initialized (error 802)");
    return 1;
}

static int broken_says(struct xb_error *what)
{
    xb_fail(what, "there is /dev/nvidia0");
    return is_here("broken");
}

/* Is it the copy that fails, of those with so many bytes? */
static bool is_fatal_copy(const char *fault, uint64_t bytes)
{
    static long copies;
    const char *at = getenv("XB_FAULT_AT");

    return is_here(fault) && bytes == fault_bytes() && copies++ >= (at ? atol(at) : 0);
}

/* Is it the one copy with so many bytes that is left out? */
static bool is_omitted(uint64_t bytes)
{
    static long copies;

    return is_here("omits") && bytes == fault_bytes() &&
           copies++ == atol(getenv("XB_FAULT_AT"));
}

/* A call that works on the device: -1 once that is lost. */
static int touch(const char *call, struct xb_error *err)
{
    if (!lost)
        return 0;
    fprintf(stderr, "touched: %s\n", call);
    return xb_fail(err, "%s: an illegal memory access was encountered (error 700)", call);
}

static int failing_lost(struct xb_error *why)
{
    if (lost)
        xb_fail(why, "copy: an illegal memory access was encountered (error 700)");
    return lost;
}

static int failing_copy(void *dst, const void *src, uint64_t bytes, struct xb_stream *stream,
                        struct xb_error *err)
{
    if (touch("copy", err) < 0)
        return -1;
    if (is_fatal_copy("lost", bytes)) {
        lost = true;
        return xb_fail(err, "copy: an illegal memory access was encountered (error 700)");
    }
    if (is_omitted(bytes))
        return 0;
    if (is_here("overruns") && bytes == fault_bytes())
        ((unsigned char *)dst)[bytes] = 0x5a;
    return xb_device_cpu.copy(dst, src, bytes, stream, err);
}

static int failing_rows(const struct xb_rows *r, struct xb_stream *stream, struct xb_error *err)
{
    for (uint64_t k = 0; k < r->height; k++)
        if (failing_copy((unsigned char *)r->dst + k * r->dst_pitch,
                         (const unsigned char *)r->src + k * r->src_pitch, r->width, stream,
                         err) < 0)
            return -1;
    return 0;
}

static int failing_planes(const struct xb_planes *p, struct xb_stream *stream,
                          struct xb_error *err)
{
    struct xb_rows rows = p->rows;

    for (uint64_t k = 0; k < p->depth; k++) {
        rows.dst = (unsigned char *)p->rows.dst + k * p->dst_plane;
        rows.src = (const unsigned char *)p->rows.src + k * p->src_plane;
        if (failing_rows(&rows, stream, err) < 0)
            return -1;
    }
    return 0;
}

static int failing_kernel(const struct xb_block_list *list, int sms, struct xb_stream *stream,
                          struct xb_error *err)
{
    (void)sms;
    for (uint64_t k = 0; k < list->count; k++)
        if (failing_copy(list->dst[k], list->src[k], list->block, stream, err) < 0)
            return -1;
    return 0;
}

static const struct xb_block_copies failing_blocks = {
    .rows = failing_rows, .planes = failing_planes, .kernel = failing_kernel};

static int failing_launch_copy(void *dst, const void *src, uint64_t bytes, int times, int sms,
                               struct xb_stream *stream, struct xb_error *err)
{
    (void)sms;
    for (int i = 0; i < times; i++)
        if (failing_copy(dst, src, bytes, stream, err) < 0)
            return -1;
    return 0;
}

static int failing_mem_free(int gpu, uint64_t *bytes, struct xb_error *err)
{
    return touch("mem_free", err) < 0 ? -1 : xb_device_cpu.mem_free(gpu, bytes, err);
}

/* Pinned memory is the driver's too, but on this device it is still to be had. */
static int failing_alloc(enum xb_mem_kind kind, int gpu, uint64_t bytes, struct xb_mem *out,
                         struct xb_error *err)
{
    if (kind == XB_MEM_DEVICE && touch("alloc", err) < 0)
        return -1;
    if (kind == XB_MEM_DEVICE && is_here("device") && bytes >= fault_bytes())
        return xb_fail(err, "alloc: out of memory");
    if (kind == XB_MEM_PINNED && is_here("pinned") && bytes >= fault_bytes())
        return xb_fail(err, "alloc of pinned memory: out of memory");
    return xb_device_cpu.alloc(kind, gpu, bytes, out, err);
}

static int failing_stream_open(int gpu, struct xb_stream **out, struct xb_error *err)
{
    return touch("stream_open", err) < 0 ? -1 : xb_device_cpu.stream_open(gpu, out, err);
}

static int failing_event_open(bool timed, int gpu, struct xb_event **out, struct xb_error *err)
{
    return touch("event_open", err) < 0 ? -1 : xb_device_cpu.event_open(timed, gpu, out, err);
}

static int failing_fill(const struct xb_stretch *s, const struct xb_bytes_keys *keys,
                        struct xb_error *err)
{
    return touch("fill", err) < 0 ? -1 : xb_device_cpu.fill(s, keys, err);
}

static int failing_check(const struct xb_stretch *s, const struct xb_bytes_keys *keys,
                         struct xb_verify *out, struct xb_error *err)
{
    return touch("check", err) < 0 ? -1 : xb_device_cpu.check(s, keys, out, err);
}

static int failing_peer(const struct xb_gpu_key *pci, struct xb_error *reason)
{
    (void)pci;
    if (!is_here("peer"))
        return 0;
    xb_fail(reason, "the driver says that this GPU cannot access the other");
    return 1;
}

static int failing_import(const struct xb_mem_handle *handle, struct xb_mem *out,
                          struct xb_error *err)
{
    if (touch("mem_import", err) < 0)
        return -1;
    if (is_here("import")) {
        xb_fail(err, "mem_import: peer access is not supported between these two devices");
        return 1;
    }
    if (is_here("handle"))
        return xb_fail(err, "mem_import: invalid resource handle");
    return xb_device_cpu.mem_import(handle, out, err);
}

#ifdef HAVE_CUDA
extern const struct xb_device xb_device_cuda;

static int illegal_copy(void *dst, const void *src, uint64_t bytes, struct xb_stream *stream,
                        struct xb_error *err)
{
    static void *const nowhere =
        (void *)4096; /* of which a copy engine's call would complain */

    if (is_fatal_copy("illegal", bytes))
        return xb_device_cuda.launch_copy(nowhere, src, bytes, 1, 0, stream, err);
    return xb_device_cuda.copy(dst, src, bytes, stream, err);
}

static const struct xb_device *find_cuda(struct xb_error *err)
{
    row = xb_device_cuda;
    row.copy = illegal_copy;
    return row.probe(err) == 0 ? &row : NULL;
}
#endif

const struct xb_device *xb_device_find(const char *name, struct xb_error *err)
{
#ifdef HAVE_CUDA
    if (strcmp(name, "cuda") == 0)
        return find_cuda(err);
#endif
    (void)name;
    (void)err;
    row = xb_device_cpu;
    row.lost = failing_lost;
    row.mem_free = failing_mem_free;
    row.alloc = failing_alloc;
    row.copy = failing_copy;
    row.launch_copy = failing_launch_copy;
    row.blocks = &failing_blocks;
    row.stream_open = failing_stream_open;
    row.event_open = failing_event_open;
    row.fill = failing_fill;
    row.check = failing_check;
    row.peer = failing_peer;
    row.mem_import = failing_import;
    return &row;
}
