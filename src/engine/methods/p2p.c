/* p2p.c - GPU to GPU between two ranks of a node: one rank maps the other's memory and its copy
 * engine writes (push) or reads (pull) it. */
#include "engine/method.h"

#include <stdlib.h>
#include <string.h>

static const char *const engine_choices[] = {"ce", NULL};
static const char *const side_choices[] = {"push", "pull", NULL};

enum { SIDE_PUSH, SIDE_PULL };

static const struct xb_option options[] = {
    {.name = "engine",
     .type = XB_OPTION_ENUM,
     .choices = engine_choices,
     .fallback = 0,
     .summary = "what moves the bytes: ce, the copy engine"},
    {.name = "side",
     .type = XB_OPTION_ENUM,
     .choices = side_choices,
     .fallback = SIDE_PUSH,
     .summary = "push: the source's GPU writes; pull: the destination's GPU reads"},
    {0},
};

struct p2p {
    const struct xb_transfer *t;
    bool mover;
    struct xb_mem remote;     /* the other rank's buffer, on the mover */
    unsigned char *dst, *src; /* of the copy, on the mover */
    struct xb_event *event;
};

struct p2p_card {
    struct xb_mem_handle handle;
    uint64_t offset; /* of the transfer's first byte in that memory */
};

static bool is_push(const struct xb_case *c)
{
    return xb_case_option(c, "side") == SIDE_PUSH;
}

static enum xb_mover p2p_mover(const struct xb_case *c)
{
    return is_push(c) ? XB_MOVER_SRC : XB_MOVER_DST;
}

static int p2p_probe(const struct xb_transfer *t, struct xb_error *err)
{
    int rc = xb_method_supports(t, "gg", 1u << XB_NODE, err);
    if (rc != XB_GO)
        return rc;
    const struct xb_rank_info *ranks = t->session->ranks;
    int other = t->roles & XB_ROLE_SRC ? t->lane->dst_rank : t->lane->src_rank;
    if (t->device->peer(ranks[other].place.pci, err) != 0)
        return XB_SKIP;
    return XB_GO;
}

static int p2p_open(const struct xb_transfer *t, void **ctx, struct xb_card *card,
                    struct xb_error *err)
{
    struct p2p *p = calloc(1, sizeof *p);
    struct p2p_card mine = {0};
    int rc;

    _Static_assert(sizeof mine <= XB_CARD_LEN, "the card must fit");
    if (!p)
        return xb_fail(err, "out of memory");
    p->t = t;
    p->mover = t->roles == (is_push(t->c) ? XB_ROLE_SRC : XB_ROLE_DST);
    if (p->mover) {
        rc = t->device->event_open(false, &p->event, err);
    } else {
        const struct xb_mem *mem = t->roles & XB_ROLE_SRC ? &t->src_mem : &t->dst_mem;
        const unsigned char *first = t->roles & XB_ROLE_SRC ? t->src : t->dst;
        mine.offset = (uint64_t)(first - (unsigned char *)mem->ptr);
        rc = t->device->mem_export(mem, &mine.handle, err);
    }
    if (rc < 0) {
        free(p);
        return XB_ERROR;
    }
    memcpy(card->data, &mine, sizeof mine);
    *ctx = p;
    return XB_GO;
}

static int p2p_prepare(void *ctx, const struct xb_card *peer, struct xb_error *err)
{
    struct p2p *p = ctx;
    struct p2p_card card;

    if (!p->mover)
        return XB_GO;
    memcpy(&card, peer->data, sizeof card);
    int rc = p->t->device->mem_import(&card.handle, &p->remote, err);
    if (rc != 0)
        return rc > 0 ? XB_SKIP : XB_ERROR;
    unsigned char *there = (unsigned char *)p->remote.ptr + card.offset;
    p->src = p->t->src ? p->t->src : there;
    p->dst = p->t->src ? there : p->t->dst;
    return XB_GO;
}

static int p2p_post(void *ctx, int n, struct xb_error *err)
{
    struct p2p *p = ctx;
    const struct xb_transfer *t = p->t;

    for (int i = 0; i < n; i++)
        if (t->device->copy(p->dst, p->src, t->c->bytes, t->stream, err) < 0)
            return -1;
    return t->device->event_record(p->event, t->stream, err);
}

static int p2p_wait(void *ctx, struct xb_error *err)
{
    struct p2p *p = ctx;
    return p->t->device->event_done(p->event, err);
}

static void p2p_close(void *ctx)
{
    struct p2p *p = ctx;
    if (p->event)
        p->t->device->event_close(p->event);
    if (p->remote.ptr)
        p->t->device->mem_unmap(&p->remote);
    free(p);
}

const struct xb_method xb_method_p2p = {
    .spec = {.name = "p2p",
             .summary = "GPU to GPU of the node through the peer's mapped memory",
             .options = options},
    .mover = p2p_mover,
    .probe = p2p_probe,
    .open = p2p_open,
    .prepare = p2p_prepare,
    .post = p2p_post,
    .wait = p2p_wait,
    .close = p2p_close,
};
