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

/* Does a method with the options that c holds do this? */
static bool can_run(const struct xb_session *s, const struct xb_case *c,
                    const struct xb_xfer_move *move, struct xb_xfer_lane *lane)
{
    const struct xb_lane within = {.path = c->path, .src_rank = s->rank, .dst_rank = s->rank};
    struct xb_transfer *t = &lane->run.t;
    struct xb_error why;

    lane->c = *c;
    if (!works_on(c))
        return false;
    xb_lane_run_init(&lane->run, s, &lane->c, &within, s->world);
    t->src_mem = memory_of(c, &move->src, XB_ROLE_SRC);
    t->dst_mem = memory_of(c, &move->dst, XB_ROLE_DST);
    t->src = (unsigned char *)move->src.ptr + move->src.offset;
    t->dst = (unsigned char *)move->dst.ptr + move->dst.offset;
    return xb_method_of(c)->probe(t, &why) == XB_GO;
}

/* One that is not chunked, with its options as they are when nothing is said. */
static struct xb_choice plain_choice(const char *name)
{
    struct xb_choice choice = {.method = xb_catalog_method(xb_engine_catalog(), name)};

    choice.options = xb_options_default(choice.method->options);
    return choice;
}

int xb_xfer_lane_choose(const struct xb_session *session, struct xb_policy *policy,
                        const struct xb_xfer_move *move, struct xb_xfer_lane *lane,
                        struct xb_error *err)
{
    static const char *const stand_ins[] = {"direct", "p2p"};
    const struct xb_case wanted = {.id = "xfer",
                                   .pattern = xb_pattern_find("stream", NULL),
                                   .path = {move->src.endpoint, move->dst.endpoint, XB_SELF},
                                   .bytes = move->bytes,
                                   .window = 1,
                                   .src_offset = move->src.offset,
                                   .dst_offset = move->dst.offset};
    char path[XB_PATH_LEN];
    struct xb_error none;

    memset(lane, 0, sizeof *lane);
    const struct xb_machine machine = xb_session_machine(session);
    const struct xb_policy_place place = {
        .memory = session->ranks[session->rank].gpu_memory,
        .link =
            (int)xb_link_class_between(&machine, &wanted.path, session->rank, session->rank)};
    struct xb_choice choice;
    if (xb_policy_decide(policy, &wanted.path, move->bytes, NULL, place, &choice, &none) == 0) {
        struct xb_case c = xb_choice_apply(&choice, &wanted);
        if (can_run(session, &c, move, lane)) {
            lane->asked = choice;
            return 0;
        }
    }
    lane->asked = choice;
    lane->replaced = true;
    for (size_t i = 0; i < sizeof stand_ins / sizeof stand_ins[0]; i++) {
        struct xb_choice other = plain_choice(stand_ins[i]);
        struct xb_case c = xb_choice_apply(&other, &wanted);
        if (can_run(session, &c, move, lane))
            return 0;
    }
    return xb_fail(err, "no method does the path %s", xb_path_format(&wanted.path, path));
}

int xb_xfer_lane_open(struct xb_xfer_lane *lane, struct xb_error *err)
{
    const struct xb_method *m = xb_method_of(&lane->c);
    struct xb_lane_run *run = &lane->run;
    struct xb_card card = {{0}};

    if (xb_lane_run_take_stream(run, err) < 0)
        return -1;
    lane->is_open = true;
    if (m->open(&run->t, &run->ctx, &card, err) == XB_GO &&
        (!m->prepare || m->prepare(run->ctx, &card, err) == XB_GO))
        return 0;
    xb_xfer_lane_close(lane, true);
    return -1;
}

int xb_xfer_lane_run(struct xb_xfer_lane *lane, struct xb_error *err)
{
    const struct xb_method *m = xb_method_of(&lane->c);
    int rc = 0;

    if (m->post(lane->run.ctx, 1, err) < 0)
        return -1;
    while ((rc = m->wait(lane->run.ctx, err)) == 0)
        xb_session_relax(lane->run.t.session);
    return rc < 0 ? -1 : 0;
}

void xb_xfer_lane_close(struct xb_xfer_lane *lane, bool broken)
{
    if (!lane->is_open)
        return;
    xb_lane_run_close(&lane->run, broken);
    memset(lane, 0, sizeof *lane);
}
