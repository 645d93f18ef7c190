/* SPDX-License-Identifier: BSD-3-Clause */
/* buffers.c - the memory and streams that this rank's lanes work on. */
#include "engine/measure/buffers.h"

#include "base/random.h"

#define GUARD 256 /* bytes behind a buffer that must stay as they are */

uint64_t xb_buffer_bytes(const struct xb_case *c, enum xb_role role)
{
    return (role == XB_ROLE_SRC ? c->src_offset : c->dst_offset) + xb_transfer_span(c, role) +
           GUARD;
}

static struct xb_buffer_key key_of(const struct xb_case *c, struct xb_endpoint e,
                                   enum xb_role role, int index)
{
    enum xb_mem_kind kind = xb_method_memory(c, e, role);

    return (struct xb_buffer_key){.role = role == XB_ROLE_SRC ? XB_BUFFER_SRC : XB_BUFFER_DST,
                                  .kind = kind,
                                  .gpu = kind == XB_MEM_DEVICE ? e.index : 0,
                                  .index = index,
                                  .allocator = kind == XB_MEM_DEVICE ? c->allocator
                                                                     : XB_ALLOCATOR_MALLOC};
}

struct xb_buffer_key xb_buffer_key_of(const struct xb_transfer *t, enum xb_role role)
{
    const struct xb_path *path = &t->lane->path;
    return key_of(t->c, role == XB_ROLE_SRC ? path->src : path->dst, role, t->index);
}

/* Has either end, on whichever rank, memory that the allocator is for? */
static bool has_device_memory(const struct xb_case *c)
{
    return xb_method_memory(c, c->path.src, XB_ROLE_SRC) == XB_MEM_DEVICE ||
           xb_method_memory(c, c->path.dst, XB_ROLE_DST) == XB_MEM_DEVICE;
}

int xb_buffers_probe(const struct xb_transfer *t, struct xb_error *err)
{
    const struct xb_allocators *allocators = t->device->allocators;
    enum xb_allocator allocator = t->c->allocator;

    if (allocator == XB_ALLOCATOR_MALLOC)
        return XB_GO;
    if (!has_device_memory(t->c)) {
        xb_fail(err,
                "the allocator %s is for memory of GPUs; the method %s has other memory here",
                xb_allocator_names[allocator], t->c->method->name);
        return XB_SKIP;
    }
    for (enum xb_role role = XB_ROLE_SRC; role <= XB_ROLE_DST; role++) {
        struct xb_buffer_key key = xb_buffer_key_of(t, role);
        if (!(t->roles & role) || key.allocator == XB_ALLOCATOR_MALLOC)
            continue;
        if (!allocators) {
            xb_fail(err, "device %s has no allocator %s", t->device->name,
                    xb_allocator_names[allocator]);
            return XB_SKIP;
        }
        if (allocators->has(allocator, key.gpu, err) != 0)
            return XB_SKIP;
    }
    return XB_GO;
}

static int take_one(struct xb_transfer *t, enum xb_role role, struct xb_mem *mem,
                    unsigned char **first, struct xb_error *err)
{
    uint64_t offset = role == XB_ROLE_SRC ? t->c->src_offset : t->c->dst_offset;

    if (!(t->roles & role))
        return 0;
    if (xb_arena_take(t->session->arena, xb_buffer_key_of(t, role), xb_buffer_bytes(t->c, role),
                      mem, err) < 0)
        return -1;
    *first = (unsigned char *)mem->ptr + offset;
    return 0;
}

/* The source, or where the lane before it in the chain leaves what this one sends on. */
static int take_source(struct xb_case_run *run, size_t i, struct xb_error *err)
{
    struct xb_transfer *t = &run->mine[i].t;

    if (!run->mine[i].forwards)
        return take_one(t, XB_ROLE_SRC, &t->src_mem, &t->src, err);
    if (t->roles & XB_ROLE_SRC) {
        t->src_mem = run->mine[i - 1].t.dst_mem;
        t->src = run->mine[i - 1].t.dst;
    }
    return 0;
}

/* Draw the places of blocks by the seed: Durstenfeld's shuffle. They depend on nothing else
 * than how many there are and which end it is, so that cases which differ in how they are
 * submitted have the same. */
static void draw_places(uint64_t seed, enum xb_role role, uint64_t *place, uint32_t count)
{
    uint64_t state = seed ^ (uint64_t)role << 32 ^ count;

    for (uint32_t i = 0; i < count; i++)
        place[i] = i;
    for (uint32_t i = count; i > 1; i--) {
        uint64_t k = xb_random_next(&state) % i, last = place[i - 1];
        place[i - 1] = place[k];
        place[k] = last;
    }
}

/* Row by row, plane by plane. */
static void lay_planes(const struct xb_layout *layout, uint64_t *place, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        place[i] = i / layout->rows * (layout->plane / layout->stride) + i % layout->rows;
}

/* How bytes lie at an end, which may be another rank's. */
static int map_end(struct xb_transfer *t, enum xb_role role, struct xb_mem *places,
                   struct xb_block_map *map, struct xb_error *err)
{
    struct xb_layout layout = xb_case_layout(t->c, role == XB_ROLE_SRC);
    const struct xb_buffer_key key = {.role = XB_BUFFER_LISTS,
                                      .kind = XB_MEM_PINNED,
                                      .index = 2 * t->index + (role == XB_ROLE_SRC)};

    *map = (struct xb_block_map){.block = layout.block, .stride = layout.stride};
    if (!layout.scattered && !layout.rows)
        return 0;
    uint64_t count = (t->c->bytes + xb_transfer_room(t->c, role)) / layout.block;
    if (xb_arena_take(t->session->arena, key, count * sizeof *map->place, places, err) < 0)
        return -1;
    if (layout.rows)
        lay_planes(&layout, places->ptr, (uint32_t)count);
    else
        draw_places(t->session->seed, role, places->ptr, (uint32_t)count);
    map->place = places->ptr;
    return 0;
}

int xb_buffers_take(struct xb_case_run *run, struct xb_error *err)
{
    for (size_t i = 0; i < run->nmine; i++) {
        struct xb_transfer *t = &run->mine[i].t;

        if (take_source(run, i, err) < 0 ||
            take_one(t, XB_ROLE_DST, &t->dst_mem, &t->dst, err) < 0 ||
            map_end(t, XB_ROLE_SRC, &run->mine[i].src_places, &t->src_map, err) < 0 ||
            map_end(t, XB_ROLE_DST, &run->mine[i].dst_places, &t->dst_map, err) < 0 ||
            xb_lane_run_take_stream(&run->mine[i], err) < 0)
            return -1;
    }
    return 0;
}

void xb_buffers_give(struct xb_case_run *run)
{
    struct xb_arena *arena = run->session->arena;
    /* after a failure a library may go on with what it was given */
    bool lost = run->broken && run->team.count > 1 && run->method->may_touch_later;
    enum xb_return state = lost          ? XB_RETURN_LOST
                           : run->broken ? XB_RETURN_BROKEN
                                         : XB_RETURN_GOOD;

    for (size_t i = 0; i < run->nmine; i++) {
        struct xb_transfer *t = &run->mine[i].t;
        if (!run->mine[i].forwards)
            xb_arena_give(arena, &t->src_mem, state);
        xb_arena_give(arena, &t->dst_mem, state);
        xb_arena_give(arena, &run->mine[i].src_places, state);
        xb_arena_give(arena, &run->mine[i].dst_places, state);
    }
}

void xb_buffers_expect(const struct xb_session *session, const struct xb_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct xb_case *c = &plan->cases[i];
        const struct xb_path *path = &c->path;

        if (xb_case_is_experiment(c) || c->method->flags & XB_METHOD_BY_POLICY)
            continue;
        xb_arena_expect(session->arena, key_of(c, path->src, XB_ROLE_SRC, 0),
                        xb_buffer_bytes(c, XB_ROLE_SRC));
        xb_arena_expect(session->arena, key_of(c, path->dst, XB_ROLE_DST, 0),
                        xb_buffer_bytes(c, XB_ROLE_DST));
    }
}
