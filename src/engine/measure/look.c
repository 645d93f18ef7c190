/* SPDX-License-Identifier: BSD-3-Clause */
/* look.c - a destination looks for itself whether the last bytes of a turn are there. */
#include "engine/measure/look.h"

#include <string.h>

#include "engine/devices/bytes.h"

#define LOOK_BYTES 8

/* May the processor read the destination where it lies? Managed memory it would move. */
static bool is_readable(const struct xb_transfer *t)
{
    return t->dst_mem.kind == XB_MEM_PINNED || t->dst_mem.kind == XB_MEM_PAGEABLE;
}

int xb_look_open(struct xb_look *look, const struct xb_transfer *t, struct xb_error *err)
{
    const struct xb_buffer_key key = {
        .role = XB_BUFFER_LOOK, .kind = XB_MEM_PINNED, .index = t->index};

    *look = (struct xb_look){.t = t};
    if (is_readable(t))
        return 0;
    if (xb_arena_take(t->session->arena, key, LOOK_BYTES, &look->copy, err) < 0)
        return -1;
    return t->device->event_open(false, 0, &look->event, err);
}

int xb_look_once(struct xb_look *look, uint64_t key, bool any_bytes, struct xb_error *err)
{
    const struct xb_transfer *t = look->t;
    const struct xb_bytes_keys keys = {.key = {key}, .count = 1};
    uint64_t bytes = t->c->bytes < LOOK_BYTES ? t->c->bytes : LOOK_BYTES;
    uint64_t behind = t->c->bytes - bytes;
    int last = t->turn.n - 1, rc = 1;
    unsigned char *at = xb_transfer_dst(t, last) + behind, want[LOOK_BYTES], got[LOOK_BYTES];

    if (!is_readable(t) && !look->asked) {
        look->asked = true;
        if (t->device->copy(look->copy.ptr, at, bytes, t->stream, err) < 0 ||
            t->device->event_record(look->event, t->stream, err) < 0)
            return -1;
    }
    if (!is_readable(t) && (rc = t->device->event_done(look->event, err)) <= 0)
        return rc;
    look->asked = false;
    const volatile unsigned char *from = is_readable(t) ? at : look->copy.ptr;
    for (uint64_t i = 0; i < bytes; i++)
        got[i] = from[i];
    xb_bytes_fill(want, bytes, &keys, xb_turn_origin(&t->turn, last) + behind, false);
    return any_bytes || memcmp(got, want, bytes) == 0;
}

void xb_look_close(struct xb_look *look)
{
    if (look->event)
        look->t->device->event_close(look->event);
    if (look->copy.ptr)
        xb_arena_give(look->t->session->arena, &look->copy, xb_transfer_return(look->t));
    *look = (struct xb_look){0};
}
