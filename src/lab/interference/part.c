/* SPDX-License-Identifier: BSD-3-Clause */
/* part.c - what one rank does of a transfer, by a method of the engine. */
#include "lab/interference/part.h"

#include <string.h>

#include "engine/devices/bytes.h"
#include "engine/measure/buffers.h"
#include "engine/measure/team.h"
#include "engine/methods/p2p_spec.h"
#include "lab/interference/interference_spec.h"

#define MOST_BYTES (512ull << 20) /* that are posted at once, where it is more than one */
#define MOST_POSTS 1024

static const struct xb_interference_options *options_of(const struct xb_case *given)
{
    return xb_case_options(given);
}

static void set_option(struct xb_case *c, const char *name, int64_t value)
{
    int row = xb_option_find(c->method->options, name);

    if (row >= 0)
        xb_option_set(&c->method->options[row], &c->options, value);
}

static const char *method_name(const struct xb_case *given)
{
    bool by_host = given->path.src.kind == XB_HOST || given->path.dst.kind == XB_HOST;

    switch ((enum xb_carrier)options_of(given)->engine) {
    case XB_CARRIER_CE:
        return by_host ? "direct" : "p2p";
    case XB_CARRIER_SM:
        return by_host ? "zero-copy" : "p2p";
    case XB_CARRIER_NCCL:
        break;
    }
    return "nccl";
}

void xb_part_case(const struct xb_case *given, struct xb_case *c)
{
    const struct xb_interference_options *o = options_of(given);
    uint64_t window = MOST_BYTES / given->bytes;

    *c = (struct xb_case){.pattern = xb_pattern_find("stream", NULL),
                          .method = xb_catalog_method(xb_engine_catalog(), method_name(given)),
                          .path = given->path,
                          .bytes = given->bytes,
                          .window = window < 1            ? 1
                                    : window > MOST_POSTS ? MOST_POSTS
                                                          : (int)window,
                          .src_offset = given->src_offset,
                          .dst_offset = given->dst_offset};
    memcpy(c->id, given->id, sizeof c->id);
    c->options = xb_options_default(c->method->options);
    if (c->method->flags & XB_METHOD_CHUNKED) { /* a kernel each, the next one there in time */
        c->chunk = c->bytes;
        c->depth = 2;
    }
    set_option(c, "engine", o->engine == XB_CARRIER_SM ? XB_P2P_SM : XB_P2P_CE);
    set_option(c, "side", o->side == XB_COMPANY_PULL ? XB_P2P_PULL : XB_P2P_PUSH);
    set_option(c, "sms", o->sms);
}

void xb_part_describe(struct xb_part *p, const struct xb_lab_case *l, int index)
{
    const struct xb_session *s = l->session;
    const bool within = l->c->path.locality == XB_SELF, runs = s->rank < l->other;
    const struct xb_lane lane = {.path = l->c->path,
                                 .src_rank = within || runs ? s->rank : l->other,
                                 .dst_rank = within || !runs ? s->rank : l->other};

    *p = (struct xb_part){.l = l};
    xb_part_case(l->c, &p->c);
    xb_lane_run_init(&p->run, s, &p->c, &lane, s->cases);
    p->run.t.index = index;
    p->run.t.tag = xb_tag(*s->epoch, XB_TAG_LANE, index);
    p->run.t.deadline_us = l->deadline_us;
}

int xb_part_gpu(const struct xb_part *p)
{
    const struct xb_method *m = xb_method_of(&p->c);
    return m->gpu ? m->gpu(&p->run.t) : 0;
}

int xb_part_probe(const struct xb_part *p, struct xb_error *err)
{
    if (p->l->session->device_is_host && p->c.method->flags & XB_METHOD_NEEDS_GPU) {
        xb_fail(err, "method %s needs GPUs; the device %s has none", p->c.method->name,
                p->l->device->name);
        return XB_SKIP;
    }
    return xb_method_of(&p->c)->probe(&p->run.t, err);
}

void xb_part_needs(const struct xb_part *p, struct xb_needs *needs)
{
    const struct xb_transfer *t = &p->run.t;

    for (enum xb_role role = XB_ROLE_SRC; role <= XB_ROLE_DST; role++) {
        if (!(t->roles & role))
            continue;
        struct xb_buffer_key key = xb_buffer_key_of(t, role);
        uint64_t lacks = xb_arena_lacks(t->session->arena, key, xb_buffer_bytes(&p->c, role));
        if (key.kind != XB_MEM_DEVICE)
            needs->host += lacks;
        else if (key.gpu == 0) /* what is asked is the bound GPU's */
            needs->device += lacks;
    }
    if (xb_method_of(&p->c)->needs)
        xb_method_of(&p->c)->needs(t, needs);
}

static int take_buffer(struct xb_transfer *t, enum xb_role role, struct xb_mem *mem,
                       unsigned char **first, struct xb_error *err)
{
    if (!(t->roles & role))
        return 0;
    if (xb_arena_take(t->session->arena, xb_buffer_key_of(t, role), xb_buffer_bytes(t->c, role),
                      mem, err) < 0)
        return -1;
    *first =
        (unsigned char *)mem->ptr + (role == XB_ROLE_SRC ? t->c->src_offset : t->c->dst_offset);
    return 0;
}

int xb_part_open(struct xb_part *p, struct xb_card *card, struct xb_error *err)
{
    struct xb_transfer *t = &p->run.t;

    if (take_buffer(t, XB_ROLE_SRC, &t->src_mem, &t->src, err) < 0 ||
        take_buffer(t, XB_ROLE_DST, &t->dst_mem, &t->dst, err) < 0 ||
        xb_lane_run_take_stream(&p->run, err) < 0)
        return XB_ERROR;
    return xb_method_of(&p->c)->open(t, &p->run.ctx, card, err);
}

int xb_part_prepare(struct xb_part *p, const struct xb_card *card, struct xb_error *err)
{
    const struct xb_method *m = xb_method_of(&p->c);
    return m->prepare ? m->prepare(p->run.ctx, card, err) : XB_GO;
}

/* All that its transfers may reach of an end, and a step more at the source. */
static struct xb_stretch stretch_of(const struct xb_part *p, enum xb_role role)
{
    const struct xb_transfer *t = &p->run.t;
    struct xb_endpoint e = role == XB_ROLE_SRC ? p->c.path.src : p->c.path.dst;

    return (struct xb_stretch){.gpu = e.kind == XB_GPU ? e.index : 0,
                               .base = role == XB_ROLE_SRC ? t->src : t->dst,
                               .bytes = p->c.bytes + xb_transfer_room(&p->c, role)};
}

/* The GPU works on its own memory, and on the host's that it can address. */
static bool is_for_device(const struct xb_part *p, enum xb_role role)
{
    enum xb_mem_kind kind = (role == XB_ROLE_SRC ? &p->run.t.src_mem : &p->run.t.dst_mem)->kind;
    return kind == XB_MEM_DEVICE || (kind == XB_MEM_PINNED && !p->l->session->device_is_host);
}

static int fill(const struct xb_part *p, enum xb_role role, const struct xb_stretch *s,
                struct xb_error *err)
{
    const struct xb_bytes_keys keys = {.key = {p->key}, .count = 1};

    if (is_for_device(p, role))
        return p->l->device->fill(s, &keys, err);
    xb_bytes_fill_stretch(s, &keys);
    return 0;
}

static int check(const struct xb_part *p, const struct xb_stretch *s, struct xb_verify *out,
                 struct xb_error *err)
{
    const struct xb_bytes_keys keys = {.key = {p->key}, .count = 1};

    if (is_for_device(p, XB_ROLE_DST))
        return p->l->device->check(s, &keys, out, err);
    xb_bytes_check_stretch(s, &keys, out);
    return 0;
}

int xb_part_renew(struct xb_part *p, uint64_t key, struct xb_error *err)
{
    struct xb_stretch src = stretch_of(p, XB_ROLE_SRC), dst = stretch_of(p, XB_ROLE_DST);

    p->key = key;
    dst.poison = true;
    if (p->run.t.roles & XB_ROLE_SRC && fill(p, XB_ROLE_SRC, &src, err) < 0)
        return -1;
    return p->run.t.roles & XB_ROLE_DST ? fill(p, XB_ROLE_DST, &dst, err) : 0;
}

int xb_part_post(struct xb_part *p, int n, unsigned ahead, struct xb_error *err)
{
    p->ahead = ahead;
    p->run.t.turn = (struct xb_turn){.step = xb_transfer_step(&p->c), .ahead = ahead, .n = n};
    return p->run.active ? xb_method_of(&p->c)->post(p->run.ctx, n, err) : 0;
}

int xb_part_done(struct xb_part *p, struct xb_error *err)
{
    return p->run.active ? xb_method_of(&p->c)->wait(p->run.ctx, err) : 1;
}

int xb_part_check(const struct xb_part *p, unsigned ahead, struct xb_verify *out,
                  struct xb_error *err)
{
    const uint64_t step = xb_transfer_step(&p->c), bytes = p->c.bytes;
    struct xb_stretch before = stretch_of(p, XB_ROLE_DST), inside = before, behind = before;

    if (!(p->run.t.roles & XB_ROLE_DST))
        return 0;
    before.poison = behind.poison = true;
    before.bytes = inside.from = step;
    behind.first = behind.from = step + bytes;
    behind.bytes -= behind.from;
    inside.first = step + ahead * step;
    inside.bytes = bytes;
    return check(p, &before, out, err) < 0 || check(p, &inside, out, err) < 0 ||
                   check(p, &behind, out, err) < 0
               ? -1
               : 0;
}

void xb_part_close(struct xb_part *p, bool broken)
{
    struct xb_transfer *t = &p->run.t;
    const bool later =
        broken && p->c.path.locality != XB_SELF && xb_method_of(&p->c)->may_touch_later;
    const enum xb_return state = later    ? XB_RETURN_LOST
                                 : broken ? XB_RETURN_BROKEN
                                          : XB_RETURN_GOOD;

    xb_lane_run_close(&p->run, broken);
    xb_arena_give(t->session->arena, &t->src_mem, state);
    xb_arena_give(t->session->arena, &t->dst_mem, state);
}
