/* SPDX-License-Identifier: BSD-3-Clause */
/* xfer_lane.c - one transfer within a rank, by a method, between memory of the user. */
#include "library/xfer_internal.h"

#include <stdio.h>
#include <string.h>

#include "model/plan/case_fits.h"
#include "model/scenario/host_memory.h"

/* Let the case say what memory the host's ends have. */
static void tell_memory(struct xb_case *c, const struct xb_xfer_move *move)
{
    const struct xb_option *opt = c->method->host_memory_option;
    bool pageable = move->dst.kind == XB_MEM_PAGEABLE || move->src.kind == XB_MEM_PAGEABLE;

    if (opt && (c->path.src.kind == XB_HOST || c->path.dst.kind == XB_HOST))
        xb_option_set(opt, &c->options, pageable ? XB_HOST_PAGEABLE : XB_HOST_PINNED);
}

/* What is pinned will do where pageable memory does. */
static bool takes(const struct xb_case *c, const struct xb_xfer_end *end, enum xb_role role)
{
    enum xb_mem_kind kind = xb_method_memory(c, end->endpoint, role);
    return kind == end->kind || (kind == XB_MEM_PAGEABLE && end->kind == XB_MEM_PINNED);
}

/* Can the method's work be done on memory that the user has allocated? */
static bool works_on(const struct xb_case *c, const struct xb_xfer_move *move)
{
    const struct xb_method *m = xb_method_of(c);

    return !m->start && !m->reset && !(c->method->flags & XB_METHOD_NO_BYTES) &&
           takes(c, &move->src, XB_ROLE_SRC) && takes(c, &move->dst, XB_ROLE_DST);
}

static struct xb_mem memory_of(const struct xb_xfer_end *end)
{
    return (struct xb_mem){.ptr = end->ptr,
                           .bytes = end->buffer_bytes,
                           .kind = end->kind,
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
    tell_memory(&lane->c, move);
    if (xb_case_fits(&lane->c, &why) != 0 || !works_on(&lane->c, move))
        return false;
    xb_lane_run_init(&lane->run, s, &lane->c, &within, s->world);
    t->src_mem = memory_of(&move->src);
    t->dst_mem = memory_of(&move->dst);
    t->src = (unsigned char *)move->src.ptr + move->src.offset;
    t->dst = (unsigned char *)move->dst.ptr + move->dst.offset;
    t->src_map = move->src.map;
    t->dst_map = move->dst.map;
    t->one_place = true;
    return xb_method_of(c)->probe(t, &why) == XB_GO;
}

/* What stands for a choice that cannot be made, the better one first. Blocks are submitted as
 * rows or planes where they are such, else by a kernel where the GPU addresses both ends. */
static const struct {
    const char *method;
    enum xb_submit submission;
} stand_ins[] = {
    {"direct", XB_SUBMIT_2D},   {"direct", XB_SUBMIT_3D}, {"direct", XB_SUBMIT_KERNEL},
    {"direct", XB_SUBMIT_LOOP}, {"p2p", XB_SUBMIT_2D},    {"p2p", XB_SUBMIT_3D},
    {"p2p", XB_SUBMIT_BATCH},   {"p2p", XB_SUBMIT_LOOP},
};
#define STAND_INS (sizeof stand_ins / sizeof stand_ins[0])

/* Stand-in i for a case: not chunked, with its options as they are when nothing is said. */
static struct xb_case stand_in(size_t i, const struct xb_case *wanted,
                               const struct xb_shape *shape)
{
    struct xb_choice choice = {.method =
                                   xb_catalog_method(xb_engine_catalog(), stand_ins[i].method)};

    choice.options = xb_options_default(choice.method->options);
    struct xb_case c = xb_choice_apply(&choice, wanted);
    xb_case_set_shape(&c, shape);
    xb_case_set_submission(&c, stand_ins[i].submission);
    return c;
}

int xb_xfer_lane_choose(const struct xb_session *session, struct xb_policy *policy,
                        const struct xb_xfer_move *move, struct xb_xfer_lane *lane,
                        struct xb_error *err)
{
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
    struct xb_choice choice = {0};
    if (xb_policy_decide(policy, &wanted.path, move->bytes, &move->shape, place, &choice,
                         &none) == 0) {
        struct xb_case c = xb_choice_apply(&choice, &wanted);
        if (can_run(session, &c, move, lane)) {
            lane->asked = choice;
            return 0;
        }
    }
    lane->asked = choice;
    lane->replaced = true;
    for (size_t i = 0; i < STAND_INS; i++) {
        struct xb_case c = stand_in(i, &wanted, &move->shape);
        if (move->shape.blocks == 1 && stand_ins[i].submission != XB_SUBMIT_LOOP)
            continue;
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
