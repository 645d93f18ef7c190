/* submission_lists.c - lists of the addresses of blocks, for the processor and for kernels. */
#include <stdlib.h>

#include "engine/pipeline/submission_internal.h"
#include "model/plan/layout.h"

struct xb_block_list xb_submission_list_from(const struct xb_submission *s, uint64_t dst,
                                             uint64_t src, bool for_kernels)
{
    void *const *to = for_kernels ? s->dst.gpu : s->dst.host;
    void *const *from = for_kernels ? s->src.gpu : s->src.host;

    return (struct xb_block_list){.dst = to + dst / s->granule,
                                  .src = (const void *const *)(from + src / s->granule),
                                  .bytes = s->bytes,
                                  .block = s->block,
                                  .count = s->blocks,
                                  .align = s->align};
}

struct xb_block_list xb_submission_list(const struct xb_submission *s, int i, bool for_kernels)
{
    return xb_submission_list_from(s, xb_turn_dst(&s->t->turn, i), xb_turn_src(&s->t->turn, i),
                                   for_kernels);
}

uint64_t xb_submission_addresses(const struct xb_transfer *t, enum xb_role role)
{
    uint64_t room = xb_transfer_room(t->c, role);
    uint64_t blocks = (uint64_t)xb_case_layout_options(t->c)->blocks;

    return blocks + room / (blocks > 1 ? xb_case_block(t->c) : xb_transfer_step(t->c));
}

void *const *xb_submission_share(const struct xb_submission *s, int which, void *const *list,
                                 uint64_t count, struct xb_mem *mem, struct xb_error *err)
{
    const struct xb_transfer *t = s->t;
    const struct xb_buffer_key key = {.role = XB_BUFFER_LISTS,
                                      .kind = XB_MEM_DEVICE,
                                      .gpu = s->by.gpu,
                                      .index = 4 * t->index + which};
    int done = 0;

    if (xb_arena_take(t->session->arena, key, count * sizeof *list, mem, err) < 0 ||
        t->device->copy(mem->ptr, list, count * sizeof *list, t->stream, err) < 0 ||
        t->device->event_record(s->event, t->stream, err) < 0)
        return NULL;
    while (done == 0)
        done = t->device->event_done(s->event, err);
    return done < 0 ? NULL : mem->ptr;
}

int xb_submission_list_end(struct xb_submission *s, enum xb_role role, struct xb_error *err)
{
    struct xb_block_addresses *a = role == XB_ROLE_SRC ? &s->src : &s->dst;
    const struct xb_block_map *map = role == XB_ROLE_SRC ? &s->t->src_map : &s->t->dst_map;
    unsigned char *base = role == XB_ROLE_SRC ? s->by.src : s->by.dst;
    uint64_t count = xb_submission_addresses(s->t, role);

    a->host = calloc(count, sizeof *a->host);
    if (!a->host)
        return xb_fail(err, "out of memory");
    for (uint64_t k = 0; k < count; k++) {
        a->host[k] = base + xb_block_map_at(map, k * s->granule);
        while ((uintptr_t)a->host[k] % s->align)
            s->align /= 2;
    }
    if (!s->way->reads_lists || s->by.on_host)
        return 0;
    a->gpu = xb_submission_share(s, role == XB_ROLE_SRC, a->host, count, &a->mem, err);
    return a->gpu ? 0 : -1;
}
