/* SPDX-License-Identifier: BSD-3-Clause */
/* xfer_buffers.c - the library face: buffers. */
#include "library/xfer_internal.h"

#include <inttypes.h>
#include <stdlib.h>

/* A handle is the generation of a place above its index. */
static xfer_buffer handle_of(const struct xfer *x, const struct xb_xfer_buffer *b)
{
    return (uint64_t)b->generation << 32 | (uint64_t)(b - x->buffers);
}

struct xb_xfer_buffer *xb_xfer_find_buffer(const struct xfer *x, xfer_buffer handle)
{
    size_t i = (size_t)(handle & UINT32_MAX);

    if (i >= x->nbuffers || !x->buffers[i].ptr || handle_of(x, &x->buffers[i]) != handle)
        return NULL;
    return &x->buffers[i];
}

static struct xb_xfer_buffer *free_place(struct xfer *x)
{
    for (size_t i = 0; i < x->nbuffers; i++)
        if (!x->buffers[i].ptr)
            return &x->buffers[i];
    struct xb_xfer_buffer *more = realloc(x->buffers, (x->nbuffers + 1) * sizeof *more);
    if (!more)
        return NULL;
    x->buffers = more;
    x->buffers[x->nbuffers] = (struct xb_xfer_buffer){0};
    return &x->buffers[x->nbuffers++];
}

/* What each kind of memory is to the engine. */
static const struct {
    enum xb_endpoint_kind end;
    enum xb_mem_kind kind;
    bool is_registered; /* with the device, here */
} memories[] = {
    [XFER_HOST] = {XB_HOST, XB_MEM_PINNED, true},
    [XFER_HOST_PINNED] = {XB_HOST, XB_MEM_PINNED, false},
    [XFER_GPU] = {XB_GPU, XB_MEM_DEVICE, false},
    [XFER_HOST_PAGEABLE] = {XB_HOST, XB_MEM_PAGEABLE, false},
};
#define MEMORIES (sizeof memories / sizeof memories[0])

static int check_memory(const struct xfer *x, const struct xfer_region *region,
                        struct xb_error *err)
{
    int others = x->session.device->others();

    if (!region->ptr || region->bytes == 0 ||
        region->bytes > UINTPTR_MAX - (uintptr_t)region->ptr)
        return xb_fail(err, "found a buffer of %" PRIu64 " bytes at %p, expected memory",
                       region->bytes, region->ptr);
    if ((unsigned)region->memory >= MEMORIES)
        return xb_fail(err, "found the kind of memory %d, expected one of enum xfer_memory",
                       (int)region->memory);
    if (region->memory == XFER_GPU && (region->gpu < 0 || region->gpu > others))
        return xb_fail(err, "found GPU %d, expected one from 0 to %d", region->gpu, others);
    return 0;
}

int xfer_register(struct xfer *x, const struct xfer_region *region, xfer_buffer *out,
                  struct xfer_error *err)
{
    struct xb_error why = {""};

    *out = 0;
    if (xb_xfer_enter(x, &why) < 0 || check_memory(x, region, &why) < 0)
        return xb_xfer_give_error(&why, err);
    struct xb_xfer_buffer *b = free_place(x);
    if (!b) {
        xb_fail(&why, "out of memory");
        return xb_xfer_give_error(&why, err);
    }
    bool is_gpu = memories[region->memory].end == XB_GPU;
    if (memories[region->memory].is_registered &&
        x->session.device->host_register(region->ptr, region->bytes, &why) < 0)
        return xb_xfer_give_error(&why, err);
    *b = (struct xb_xfer_buffer){
        .ptr = region->ptr,
        .bytes = region->bytes,
        .endpoint = {.kind = memories[region->memory].end, .index = is_gpu ? region->gpu : 0},
        .kind = memories[region->memory].kind,
        .registered_here = memories[region->memory].is_registered,
        .generation = b->generation + 1};
    *out = handle_of(x, b);
    return 0;
}

int xb_xfer_no_buffer(const char *which, xfer_buffer handle, struct xb_error *err)
{
    return xb_fail(err, "found %s %#" PRIx64 ", expected a buffer that is registered", which,
                   handle);
}

void xb_xfer_forget_buffer(struct xfer *x, struct xb_xfer_buffer *b)
{
    if (b->registered_here)
        x->session.device->host_unregister(b->ptr);
    *b = (struct xb_xfer_buffer){.generation = b->generation};
}

int xfer_unregister(struct xfer *x, xfer_buffer buffer, struct xfer_error *err)
{
    struct xb_xfer_buffer *b = xb_xfer_find_buffer(x, buffer);
    struct xb_error why;

    if (!b) {
        xb_xfer_no_buffer("the buffer", buffer, &why);
        return xb_xfer_give_error(&why, err);
    }
    if (xb_xfer_enter(x, &why) < 0)
        return xb_xfer_give_error(&why, err);
    if (x->last.dst.buffer == buffer || x->last.src.buffer == buffer)
        xb_xfer_forget_call(x);
    xb_xfer_forget_buffer(x, b);
    return 0;
}
