/* SPDX-License-Identifier: BSD-3-Clause */
/* lane_case.c - a case as one of its lanes has it. */
#include "model/plan/lane_case.h"

uint64_t xb_lane_bytes(const struct xb_case *c, const struct xb_lane *lane)
{
    return lane->bytes > 0 ? lane->bytes : c->bytes;
}

const struct xb_case *xb_lane_case(const struct xb_case *c, const struct xb_lane *lane,
                                   struct xb_case *room)
{
    if (lane->bytes == 0 || lane->bytes == c->bytes)
        return c;
    *room = *c;
    room->bytes = lane->bytes;
    room->chunk = c->chunk < lane->bytes ? c->chunk : lane->bytes;
    xb_case_settle_pieces(room);
    return room;
}
