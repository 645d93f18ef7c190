/* SPDX-License-Identifier: BSD-3-Clause */
/* xfer_transfer.c - the library face: transfers, and how they would be made. */
#include "library/xfer_internal.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/units.h"
#include "engine/runtime/clock.h"

/* ---- arguments ---- */

static int check_range(const struct xb_xfer_end *e, const char *which, uint64_t bytes,
                       struct xb_error *err)
{
    if (e->offset <= e->buffer_bytes && bytes <= e->buffer_bytes - e->offset)
        return 0;
    return xb_fail(err,
                   "found %" PRIu64 " bytes at offset %" PRIu64
                   " of %s, expected them to end within its %" PRIu64 " bytes",
                   bytes, e->offset, which, e->buffer_bytes);
}

static int check_piece(const struct xb_xfer_move *move, struct xb_error *err)
{
    if (check_range(&move->dst, "the destination", move->bytes, err) < 0 ||
        check_range(&move->src, "the source", move->bytes, err) < 0)
        return -1;
    uintptr_t d = (uintptr_t)move->dst.ptr + move->dst.offset;
    uintptr_t s = (uintptr_t)move->src.ptr + move->src.offset;
    if (d < s + move->bytes && s < d + move->bytes)
        return xb_fail(err,
                       "found a destination that overlaps its source by %" PRIu64
                       " bytes, expected none",
                       move->bytes - (d > s ? d - s : s - d));
    return 0;
}

static int find_end(const struct xfer *x, const char *which, struct xfer_place place,
                    struct xb_xfer_end *out, struct xb_error *err)
{
    const struct xb_xfer_buffer *b = xb_xfer_find_buffer(x, place.buffer);

    if (!b)
        return xb_xfer_no_buffer(which, place.buffer, err);
    *out = (struct xb_xfer_end){.ptr = b->ptr,
                                .buffer_bytes = b->bytes,
                                .offset = place.offset,
                                .endpoint = b->endpoint,
                                .kind = b->kind};
    return 0;
}

/* What a call is to move, checked. Its maps point into the call's lists. */
static int find_move(const struct xfer *x, const struct xb_xfer_call *call, bool in_blocks,
                     struct xb_xfer_move *move, struct xb_error *err)
{
    *move = (struct xb_xfer_move){.shape = XB_ONE_PIECE};
    if (find_end(x, "the destination", call->dst, &move->dst, err) < 0 ||
        find_end(x, "the source", call->src, &move->src, err) < 0)
        return -1;
    if (in_blocks)
        return xb_xfer_blocks_lay(&call->blocks, move, err);
    move->bytes = call->blocks.bytes;
    return check_piece(move, err);
}

/* ---- transfers ---- */

/* Transfer by the lane, which is open or chosen. */
static int run_lane(struct xfer *x, const struct xb_xfer_move *move, double begin_us,
                    struct xb_error *err)
{
    struct xfer_stats *stats = xb_xfer_stats_find(x, move);

    if (!stats)
        return xb_fail(err, "out of memory");
    if ((!x->lane.is_open && xb_xfer_lane_open(&x->lane, err) < 0) ||
        xb_xfer_lane_run(&x->lane, err) < 0) {
        xb_xfer_lane_close(&x->lane, true);
        stats->failures++;
        return -1;
    }
    xb_xfer_stats_count(stats, move->bytes, xb_clock_us() - begin_us, x->lane.replaced);
    return 0;
}

/* What the open lane moves, as far as it is counted. */
static struct xb_xfer_move move_of(const struct xb_xfer_lane *lane)
{
    return (struct xb_xfer_move){.dst = {.endpoint = lane->c.path.dst},
                                 .src = {.endpoint = lane->c.path.src},
                                 .bytes = lane->c.bytes};
}

static int transfer(struct xfer *x, const struct xb_xfer_call *call, bool in_blocks,
                    struct xfer_error *err)
{
    double begin_us = xb_clock_us();
    struct xb_xfer_move move;
    struct xb_error why = {""};
    int rc;

    if (x->lane.is_open && xb_xfer_same_call(call, &x->last)) { /* it was good, and is still */
        move = move_of(&x->lane);
        rc = xb_xfer_enter(x, &why) < 0 ? -1 : run_lane(x, &move, begin_us, &why);
        return rc == 0 ? 0 : xb_xfer_give_error(&why, err);
    }
    rc = find_move(x, call, in_blocks, &move, &why);
    if (rc == 0 && move.bytes == 0)
        return 0;
    if (rc == 0)
        rc = xb_xfer_enter(x, &why);
    if (rc == 0)
        rc = xb_xfer_keep_call(x, call, &move, &why);
    if (rc == 0)
        rc = xb_xfer_lane_choose(&x->session, &x->policy, &move, &x->lane, &why);
    if (rc == 0)
        rc = run_lane(x, &move, begin_us, &why);
    return rc == 0 ? 0 : xb_xfer_give_error(&why, err);
}

int xfer_transfer(struct xfer *x, struct xfer_place dst, struct xfer_place src, uint64_t bytes,
                  struct xfer_error *err)
{
    const struct xb_xfer_call call = {dst, src, {.count = 1, .bytes = bytes}};
    return transfer(x, &call, false, err);
}

int xfer_transfer_blocks(struct xfer *x, struct xfer_place dst, struct xfer_place src,
                         const struct xfer_blocks *blocks, struct xfer_error *err)
{
    const struct xb_xfer_call call = {dst, src, *blocks};
    return transfer(x, &call, true, err);
}

/* ---- how they would be made ---- */

/* The options that differ from what goes without saying. Returns how long how is. */
static size_t add_options(const struct xb_case *c, char how[XFER_HOW_LEN], size_t n)
{
    for (size_t i = 0; i < xb_option_count(c->method->options) && n < XFER_HOW_LEN; i++) {
        const struct xb_option *opt = &c->method->options[i];
        int64_t held = xb_option_get(opt, &c->options);
        char value[64];
        if (xb_option_is_written(opt, held))
            n += (size_t)snprintf(how + n, XFER_HOW_LEN - n, " %s %s", opt->name,
                                  xb_option_format(opt, held, value, sizeof value));
    }
    return n;
}

/* What the policy says that is not done; of blocks with their submission, which may be all that
 * differs. */
static void add_asked(const struct xb_xfer_lane *lane, char *text, size_t len)
{
    struct xb_case asked = {.method = lane->asked.method, .options = lane->asked.options};
    const struct xb_layout_options *o = asked.method ? xb_case_layout_options(&asked) : NULL;

    if (o && o->blocks > 1)
        snprintf(text, len, " (not %s submission %s)", asked.method->name,
                 xb_submissions[o->submission]);
    else
        snprintf(text, len, " (not %s)", asked.method ? asked.method->name : "the policy's");
}

static int explain(struct xfer *x, const struct xb_xfer_call *call, bool in_blocks,
                   char how[XFER_HOW_LEN], struct xfer_error *err)
{
    char chunk[XB_UNITS_LEN];
    struct xb_xfer_move move;
    struct xb_xfer_lane lane;
    struct xb_error why = {""};
    size_t n;

    if (find_move(x, call, in_blocks, &move, &why) < 0 ||
        xb_xfer_lane_choose(&x->session, &x->policy, &move, &lane, &why) < 0)
        return xb_xfer_give_error(&why, err);
    n = add_options(&lane.c, how,
                    (size_t)snprintf(how, XFER_HOW_LEN, "%s", lane.c.method->name));
    if (lane.c.chunk && n < XFER_HOW_LEN)
        n += (size_t)snprintf(how + n, XFER_HOW_LEN - n, " chunk %s depth %d",
                              xb_size_format(lane.c.chunk, chunk), lane.c.depth);
    if (lane.replaced && n < XFER_HOW_LEN)
        add_asked(&lane, how + n, XFER_HOW_LEN - n);
    return 0;
}

int xfer_explain(struct xfer *x, xfer_buffer dst, xfer_buffer src, uint64_t bytes,
                 char how[XFER_HOW_LEN], struct xfer_error *err)
{
    const struct xb_xfer_call call = {{dst, 0}, {src, 0}, {.count = 1, .bytes = bytes}};
    return explain(x, &call, false, how, err);
}

int xfer_explain_blocks(struct xfer *x, xfer_buffer dst, xfer_buffer src,
                        const struct xfer_blocks *blocks, char how[XFER_HOW_LEN],
                        struct xfer_error *err)
{
    const struct xb_xfer_call call = {{dst, 0}, {src, 0}, *blocks};
    return explain(x, &call, true, how, err);
}
