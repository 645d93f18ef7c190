/* SPDX-License-Identifier: BSD-3-Clause */
/* arena.c - memory that a rank keeps from case to case. */
#include "engine/devices/arena.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/runtime/clock.h"

/* A buffer is made as large as it will ever be where that takes no more than this share of what
 * is free, for all ranks of the node together: there are several roles and kinds. */
#define EXPECTED_SHARE 8

struct buffer {
    struct buffer *next;
    struct xb_buffer_key key;
    struct xb_mem mem;
    bool in_use;
    bool exported;               /* other ranks may have it mapped */
    struct xb_mem_handle handle; /* by this, then */
    bool aside;                  /* too small by now, or something may still write to it */
    bool lost;                   /* the latter: never freed */
};

struct mapping {
    struct mapping *next;
    struct xb_mem_handle handle;
    struct xb_mem mem;
};

struct stream {
    struct stream *next;
    int gpu, index;
    struct xb_stream *stream;
};

struct segment {
    struct segment *next;
    int peer;
    bool made; /* by this rank; else joined */
    bool in_use;
    bool registered;  /* the device reads and writes it: another kind of memory than one that
                         is not */
    bool aside, lost; /* as of a buffer */
    struct xb_shm shm;
};

struct expected {
    struct expected *next;
    struct xb_buffer_key key; /* index 0 */
    uint64_t bytes;
};

struct xb_arena {
    const struct xb_device *device;
    int sharers;
    struct buffer *buffers;
    struct mapping *mappings;
    struct stream *streams;
    struct segment *segments;
    struct expected *expected;
    struct xb_arena_times times;
    struct xb_arena *next; /* of those that were closed with memory left in them */
};

/* Such memory stays known, so that a leak checker finds only what was forgotten. */
static struct xb_arena *left;

struct xb_arena *xb_arena_open(const struct xb_device *device, int sharers)
{
    struct xb_arena *a = calloc(1, sizeof *a);

    if (a) {
        a->device = device;
        a->sharers = sharers;
    }
    return a;
}

/* ---- buffers ---- */

static bool same_place(struct xb_buffer_key a, struct xb_buffer_key b)
{
    return a.role == b.role && a.kind == b.kind && a.gpu == b.gpu && a.allocator == b.allocator;
}

static struct buffer *find_buffer(const struct xb_arena *a, struct xb_buffer_key key)
{
    for (struct buffer *b = a->buffers; b; b = b->next)
        if (!b->aside && same_place(b->key, key) && b->key.index == key.index)
            return b;
    return NULL;
}

void xb_arena_expect(struct xb_arena *a, struct xb_buffer_key key, uint64_t bytes)
{
    struct expected *e = a->expected;

    while (e && !same_place(e->key, key))
        e = e->next;
    if (!e) {
        if (!(e = calloc(1, sizeof *e)))
            return; /* it is a hint */
        e->key = key;
        e->next = a->expected;
        a->expected = e;
    }
    e->bytes = e->bytes > bytes ? e->bytes : bytes;
}

/* What is free of the memory of a kind. */
static uint64_t free_bytes(const struct xb_arena *a, struct xb_buffer_key key)
{
    bool host = a->device->caps & XB_DEVICE_IS_HOST || key.kind == XB_MEM_PINNED ||
                key.kind == XB_MEM_PAGEABLE;
    uint64_t bytes = 0;
    struct xb_error ignored;

    if (host)
        return xb_host_free_bytes() / (uint64_t)a->sharers;
    return a->device->mem_free(key.gpu, &bytes, &ignored) == 0 ? bytes : 0;
}

/* Managed memory is taken as it is needed; see xb_arena_give. */
static uint64_t wanted_bytes(const struct xb_arena *a, struct xb_buffer_key key, uint64_t bytes)
{
    uint64_t most = 0;

    for (struct expected *e = a->expected; e; e = e->next)
        if (same_place(e->key, key))
            most = e->bytes;
    if (most <= bytes || key.kind == XB_MEM_MANAGED)
        return bytes;
    return most <= free_bytes(a, key) / EXPECTED_SHARE ? most : bytes;
}

static void unlink_buffer(struct xb_arena *a, struct buffer *b)
{
    struct buffer **at = &a->buffers;

    while (*at != b)
        at = &(*at)->next;
    *at = b->next;
    free(b);
}

static struct buffer *add_buffer(struct xb_arena *a, struct xb_buffer_key key, uint64_t bytes,
                                 struct xb_error *err)
{
    struct buffer *b = calloc(1, sizeof *b);
    uint64_t want = wanted_bytes(a, key, bytes);
    double start_us = xb_clock_us();
    int rc;

    if (!b) {
        xb_fail(err, "out of memory");
        return NULL;
    }
    rc = xb_device_alloc(a->device, key.kind, key.allocator, key.gpu, want, &b->mem, err);
    if (rc < 0 && want > bytes)
        rc = xb_device_alloc(a->device, key.kind, key.allocator, key.gpu, bytes, &b->mem, err);
    a->times.register_us += xb_clock_us() - start_us;
    if (rc < 0) {
        free(b);
        xb_fail_in(err, "buffer of %" PRIu64 " bytes", bytes);
        return NULL;
    }
    b->key = key;
    b->next = a->buffers;
    a->buffers = b;
    return b;
}

int xb_arena_take(struct xb_arena *a, struct xb_buffer_key key, uint64_t bytes,
                  struct xb_mem *out, struct xb_error *err)
{
    struct buffer *b = find_buffer(a, key);

    if (b && b->mem.bytes < bytes) {
        b->aside = true;
        if (!b->exported) {
            a->device->free(&b->mem);
            unlink_buffer(a, b);
        }
        b = NULL;
    }
    if (!b && !(b = add_buffer(a, key, bytes, err)))
        return -1;
    b->in_use = true;
    *out = b->mem;
    out->bytes = bytes;
    return 0;
}

/* The buffer that a view belongs to. */
static struct buffer *buffer_of(const struct xb_arena *a, const struct xb_mem *mem)
{
    for (struct buffer *b = a->buffers; b; b = b->next)
        if (b->mem.ptr == mem->ptr)
            return b;
    return NULL;
}

void xb_arena_give(struct xb_arena *a, struct xb_mem *mem, enum xb_return state)
{
    struct buffer *b = mem->ptr ? buffer_of(a, mem) : NULL;

    memset(mem, 0, sizeof *mem);
    if (!b)
        return;
    b->in_use = false;
    b->aside = b->aside || state != XB_RETURN_GOOD;
    b->lost = b->lost || state == XB_RETURN_LOST;
    /* where pages lie, and how many come with one that is touched, depends on the allocation:
     * that of a case before must not decide */
    if (b->key.kind == XB_MEM_MANAGED && !b->lost) {
        a->device->free(&b->mem);
        unlink_buffer(a, b);
    }
}

uint64_t xb_arena_lacks(const struct xb_arena *a, struct xb_buffer_key key, uint64_t bytes)
{
    const struct buffer *b = find_buffer(a, key);
    return b && b->mem.bytes >= bytes ? 0 : bytes;
}

uint64_t xb_arena_idle_bytes(const struct xb_arena *a)
{
    uint64_t bytes = 0;

    for (const struct buffer *b = a->buffers; b; b = b->next)
        bytes += b->in_use || b->lost ? 0 : b->mem.bytes;
    for (const struct segment *s = a->segments; s; s = s->next)
        bytes += s->in_use || s->lost || !s->made ? 0 : s->shm.bytes;
    return bytes;
}

int xb_arena_export(struct xb_arena *a, const struct xb_mem *mem, struct xb_mem_handle *out,
                    struct xb_error *err)
{
    struct buffer *b = buffer_of(a, mem);

    if (!b)
        return xb_fail(err, "memory to be mapped by another rank is not the arena's");
    int rc = b->exported ? 0 : a->device->mem_export(&b->mem, &b->handle, err);
    b->exported = b->exported || rc == 0;
    *out = b->handle;
    return rc;
}

int xb_arena_import(struct xb_arena *a, const struct xb_mem_handle *handle, struct xb_mem *out,
                    struct xb_error *err)
{
    double start_us = xb_clock_us();

    for (struct mapping *m = a->mappings; m; m = m->next)
        if (memcmp(&m->handle, handle, sizeof *handle) == 0) {
            *out = m->mem;
            return 0;
        }
    struct mapping *m = calloc(1, sizeof *m);
    if (!m)
        return xb_fail(err, "out of memory");
    int rc = a->device->mem_import(handle, &m->mem, err);
    a->times.map_us += xb_clock_us() - start_us;
    if (rc != 0) {
        free(m);
        return rc;
    }
    m->handle = *handle;
    m->next = a->mappings;
    a->mappings = m;
    *out = m->mem;
    return 0;
}

/* ---- streams ---- */

int xb_arena_stream(struct xb_arena *a, int gpu, int index, struct xb_stream **out,
                    struct xb_error *err)
{
    for (struct stream *s = a->streams; s; s = s->next)
        if (s->gpu == gpu && s->index == index) {
            *out = s->stream;
            return 0;
        }
    struct stream *s = calloc(1, sizeof *s);
    if (!s)
        return xb_fail(err, "out of memory");
    if (a->device->stream_open(gpu, &s->stream, err) < 0) {
        free(s);
        return -1;
    }
    s->gpu = gpu;
    s->index = index;
    s->next = a->streams;
    a->streams = s;
    *out = s->stream;
    return 0;
}

void xb_arena_stream_broken(struct xb_arena *a, struct xb_stream *stream)
{
    for (struct stream **at = &a->streams; *at; at = &(*at)->next)
        if ((*at)->stream == stream) {
            struct stream *s = *at;
            *at = s->next;
            a->device->stream_close(s->stream);
            free(s);
            return;
        }
}

/* ---- segments ---- */

static void drop_segment(struct xb_arena *a, struct segment *s)
{
    struct segment **at = &a->segments;

    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    if (s->registered)
        a->device->host_unregister(s->shm.ptr);
    xb_shm_detach(&s->shm);
    free(s);
}

/* Those that this rank shares with a peer and nobody uses are too small for what comes now. */
static void drop_idle_segments(struct xb_arena *a, int peer, bool made, bool registered)
{
    struct segment *s = a->segments, *next;

    for (; s; s = next) {
        next = s->next;
        if (s->peer == peer && s->made == made && s->registered == registered && !s->in_use &&
            !s->lost)
            drop_segment(a, s);
    }
}

static int use_segment(struct xb_arena *a, struct segment *s, bool registered,
                       struct xb_shm *out, struct xb_error *err)
{
    double start_us = xb_clock_us();

    if (registered && !s->registered) {
        if (a->device->host_register(s->shm.ptr, s->shm.bytes, err) < 0)
            return -1;
        s->registered = true;
    }
    a->times.register_us += xb_clock_us() - start_us;
    s->in_use = true;
    *out = s->shm;
    return 0;
}

static struct segment *add_segment(struct xb_arena *a, int peer, bool made)
{
    struct segment *s = calloc(1, sizeof *s);

    if (s) {
        s->peer = peer;
        s->made = made;
        s->next = a->segments;
        a->segments = s;
    }
    return s;
}

int xb_arena_segment_make(struct xb_arena *a, int peer, uint64_t bytes, bool registered,
                          struct xb_shm *out, struct xb_error *err)
{
    struct segment *s = NULL;

    /* the smallest that is large enough: a larger one may be wanted next */
    for (struct segment *at = a->segments; at; at = at->next)
        if (at->peer == peer && at->made && !at->in_use && !at->aside &&
            at->registered == registered && at->shm.bytes >= bytes &&
            (!s || at->shm.bytes < s->shm.bytes))
            s = at;
    if (!s) {
        double start_us = xb_clock_us();
        drop_idle_segments(a, peer, true, registered);
        if (!(s = add_segment(a, peer, true)))
            return xb_fail(err, "out of memory");
        int rc = xb_shm_create(bytes, &s->shm, err);
        a->times.register_us += xb_clock_us() - start_us;
        if (rc < 0) {
            drop_segment(a, s);
            return -1;
        }
    }
    return use_segment(a, s, registered, out, err);
}

int xb_arena_segment_join(struct xb_arena *a, const struct xb_segment_place *place,
                          struct xb_shm *out, struct xb_error *err)
{
    struct segment *s = a->segments;

    while (s && (s->peer != place->peer || s->made || s->aside ||
                 s->shm.bytes != place->bytes || !xb_shm_has_name(&s->shm, place->name)))
        s = s->next;
    if (!s) {
        double start_us = xb_clock_us();
        drop_idle_segments(a, place->peer, false, place->registered);
        if (!(s = add_segment(a, place->peer, false)))
            return xb_fail(err, "out of memory");
        int rc = xb_shm_attach(place->name, place->bytes, &s->shm, err);
        a->times.map_us += xb_clock_us() - start_us;
        if (rc < 0) {
            drop_segment(a, s);
            return -1;
        }
    }
    return use_segment(a, s, place->registered, out, err);
}

void xb_arena_segment_give(struct xb_arena *a, struct xb_shm *segment, enum xb_return state)
{
    for (struct segment *s = a->segments; s && segment->ptr; s = s->next)
        if (s->shm.ptr == segment->ptr) {
            s->in_use = false;
            s->aside = s->aside || state != XB_RETURN_GOOD;
            s->lost = s->lost || state == XB_RETURN_LOST;
            break;
        }
    memset(segment, 0, sizeof *segment);
}

/* ---- all of it ---- */

void xb_arena_flush_mapped(struct xb_arena *a)
{
    struct segment *s = a->segments, *next;

    while (a->mappings) {
        struct mapping *m = a->mappings;
        a->mappings = m->next;
        a->device->mem_unmap(&m->mem);
        free(m);
    }
    for (; s; s = next) {
        next = s->next;
        if (!s->made && !s->in_use && !s->lost)
            drop_segment(a, s);
    }
}

void xb_arena_flush_owned(struct xb_arena *a)
{
    struct segment *s = a->segments, *next_segment;
    struct buffer *b = a->buffers, *next;

    for (; s; s = next_segment) {
        next_segment = s->next;
        if (s->made && !s->in_use && !s->lost)
            drop_segment(a, s);
    }
    for (; b; b = next) {
        next = b->next;
        if (b->in_use || b->lost)
            continue;
        a->device->free(&b->mem);
        unlink_buffer(a, b);
    }
}

struct xb_arena_times xb_arena_times(const struct xb_arena *arena)
{
    return arena->times;
}

void xb_arena_close(struct xb_arena *a)
{
    if (!a)
        return;
    xb_arena_flush_mapped(a);
    xb_arena_flush_owned(a);
    while (a->streams) {
        struct stream *s = a->streams;
        a->streams = s->next;
        a->device->stream_close(s->stream);
        free(s);
    }
    while (a->expected) {
        struct expected *e = a->expected;
        a->expected = e->next;
        free(e);
    }
    if (a->buffers || a->segments) {
        a->next = left;
        left = a;
        return;
    }
    free(a);
}
