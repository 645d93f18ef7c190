/* xfer_lane.c - one transfer within a rank, by a method, between memory of the user. */
#include "library/xfer_internal.h"

#include <stdio.h>
#include <string.h>

/* Can the method's work be done on memory that the user has allocated? All host memory is
 * pinned here. */
static bool works_on(const struct xb_case *c)
{
    const struct xb_method *m = xb_method_of(c);

    return !m->start && !m->reset && !(c->method->flags & XB_METHOD_NO_BYTES) &&
           xb_method_memory(c, c->path.src, XB_ROLE_SRC) != XB_MEM_MANAGED &&
           xb_method_memory(c, c->path.dst, XB_ROLE_DST) != XB_MEM_MANAGED;
}

static struct xb_mem memory_of(const struct xb_case *c, const struct xb_xfer_end *end,
                               enum xb_role role)
{
    return (struct xb_mem){.ptr = end->ptr,
                           .bytes = end->buffer_bytes,
                           .kind = xb_method_memory(c, end->endpoint, role),
                           .gpu = end->endpoint.index};
}

static void describe(const struct xb_session *s, const struct xb_xfer_end *dst,
                     const struct xb_xfer_end *src, struct xb_xfer_lane *lane)
{
    lane->method = xb_method_of(&lane->c);
    lane->lane =
        (struct xb_lane){.path = lane->c.path, .src_rank = s->rank, .dst_rank = s->rank};
    lane->t = (struct xb_transfer){.session = s,
                                   .device = s->device,
                                   .c = &lane->c,
                                   .lane = &lane->lane,
                                   .roles = XB_ROLE_SRC | XB_ROLE_DST,
                                   .src_mem = memory_of(&lane->c, src, XB_ROLE_SRC),
                                   .dst_mem = memory_of(&lane->c, dst, XB_ROLE_DST),
                                   .src = (unsigned char *)src->ptr + src->offset,
                                   .dst = (unsigned char *)dst->ptr + dst->offset,
                                   .comm = s->world,
                                   .peer = s->rank};
}

/* Does a method with the options that c holds do this? */
static bool does(const struct xb_session *s, const struct xb_case *c,
                 const struct xb_xfer_end *dst, const struct xb_xfer_end *src,
                 struct xb_xfer_lane *lane)
{
    struct xb_error why;

    lane->c = *c;
    if (!works_on(c))
        return false;
    describe(s, dst, src, lane);
    return lane->method->probe(&lane->t, &why) == XB_GO;
}

/* One that is not chunked, with its options as they are when nothing is said. */
static struct xb_choice plain_choice(const char *name)
{
    struct xb_choice choice = {.method = xb_catalog_method(xb_engine_catalog(), name)};

    choice.options = xb_options_default(choice.method->options);
    return choice;
}

int xb_xfer_lane_choose(const struct xb_session *session, struct xb_policy *policy,
                        const struct xb_xfer_end *dst, const struct xb_xfer_end *src,
                        uint64_t bytes, struct xb_xfer_lane *lane, struct xb_error *err)
{
    static const char *const stand_ins[] = {"direct", "p2p"};
    const struct xb_case wanted = {.id = "xfer",
                                   .pattern = xb_pattern_find("stream", NULL),
                                   .path = {src->endpoint, dst->endpoint, XB_SELF},
                                   .bytes = bytes,
                                   .window = 1,
                                   .src_offset = src->offset,
                                   .dst_offset = dst->offset};
    char path[XB_PATH_LEN];
    struct xb_error none;

    memset(lane, 0, sizeof *lane);
    struct xb_choice choice;
    if (xb_policy_decide(policy, &wanted.path, bytes, session->ranks[session->rank].gpu_memory,
                         &choice, &none) == 0) {
        struct xb_case c = xb_choice_apply(&choice, &wanted);
        if (does(session, &c, dst, src, lane)) {
            lane->asked = choice;
            return 0;
        }
    }
    lane->asked = choice;
    lane->replaced = true;
    for (size_t i = 0; i < sizeof stand_ins / sizeof stand_ins[0]; i++) {
        struct xb_choice other = plain_choice(stand_ins[i]);
        struct xb_case c = xb_choice_apply(&other, &wanted);
        if (does(session, &c, dst, src, lane))
            return 0;
    }
    return xb_fail(err, "no method does the path %s", xb_path_format(&wanted.path, path));
}

int xb_xfer_lane_open(struct xb_xfer_lane *lane, struct xb_error *err)
{
    const struct xb_method *m = lane->method;
    struct xb_card card = {{0}};
    int gpu = m->gpu ? m->gpu(&lane->t) : 0;

    if (lane->t.device->stream_open(gpu, &lane->t.stream, err) < 0)
        return -1;
    lane->is_open = true;
    if (m->open(&lane->t, &lane->ctx, &card, err) == XB_GO &&
        (!m->prepare || m->prepare(lane->ctx, &card, err) == XB_GO))
        return 0;
    xb_xfer_lane_close(lane);
    return -1;
}

int xb_xfer_lane_run(struct xb_xfer_lane *lane, struct xb_error *err)
{
    int rc = 0;

    if (lane->method->post(lane->ctx, 1, err) < 0)
        return -1;
    while ((rc = lane->method->wait(lane->ctx, err)) == 0)
        xb_session_relax(lane->t.session);
    return rc < 0 ? -1 : 0;
}

void xb_xfer_lane_close(struct xb_xfer_lane *lane)
{
    if (!lane->is_open)
        return;
    if (lane->ctx)
        lane->method->close(lane->ctx);
    lane->t.device->stream_close(lane->t.stream);
    memset(lane, 0, sizeof *lane);
}
