/* SPDX-License-Identifier: BSD-3-Clause */
/* address_list.c - lists of addresses of blocks, for the processor and for kernels. */
#include "engine/pipeline/address_list.h"

#include <stdlib.h>

#include "model/plan/layout.h"

void xb_align_to(unsigned *align, const void *address)
{
    while ((uintptr_t)address % *align)
        *align /= 2;
}

uint64_t xb_address_list_count(const struct xb_transfer *t, enum xb_role role)
{
    uint64_t room = xb_transfer_room_of(t, role);
    uint64_t blocks = (uint64_t)xb_case_layout_options(t->c)->blocks;

    return blocks + room / (blocks > 1 ? xb_case_block(t->c) : xb_transfer_step(t->c));
}

int xb_address_list_end(struct xb_address_list *list, const struct xb_transfer *t,
                        enum xb_role role, unsigned char *base, uint64_t granule,
                        unsigned *align, struct xb_error *err)
{
    const struct xb_block_map *map = role == XB_ROLE_SRC ? &t->src_map : &t->dst_map;

    list->count = xb_address_list_count(t, role);
    list->host = calloc(list->count, sizeof *list->host);
    if (!list->host)
        return xb_fail(err, "out of memory");
    for (uint64_t k = 0; k < list->count; k++) {
        list->host[k] = base + xb_block_map_at(map, k * granule);
        xb_align_to(align, list->host[k]);
    }
    return 0;
}

int xb_address_list_share(struct xb_address_list *list, const struct xb_transfer *t, int gpu,
                          int which, struct xb_error *err)
{
    const struct xb_buffer_key key = {.role = XB_BUFFER_LISTS,
                                      .kind = XB_MEM_DEVICE,
                                      .gpu = gpu,
                                      .index = 4 * t->index + which};
    uint64_t bytes = list->count * sizeof *list->host;
    struct xb_event *event = NULL;
    int done = 0;

    if (t->device->event_open(false, gpu, &event, err) < 0)
        return -1;
    if (xb_arena_take(t->session->arena, key, bytes, &list->mem, err) < 0 ||
        t->device->copy(list->mem.ptr, list->host, bytes, t->stream, err) < 0 ||
        t->device->event_record(event, t->stream, err) < 0)
        done = -1;
    while (done == 0)
        done = t->device->event_done(event, err);
    t->device->event_close(event);
    if (done < 0)
        return -1;
    list->gpu = list->mem.ptr;
    return 0;
}

void xb_address_list_free(struct xb_address_list *list, const struct xb_transfer *t)
{
    xb_arena_give(t->session->arena, &list->mem, xb_transfer_return(t));
    free(list->host);
    *list = (struct xb_address_list){0};
}
