/* SPDX-License-Identifier: BSD-3-Clause */
/* chunk_work.c - what is done with the chunks of a transfer while they rest in a ring. */
#include "model/plan/chunk_work.h"

#include <inttypes.h>

#include "model/plan/layout.h"

#define FLOAT_BYTES 4

enum xb_chunk_work xb_case_chunk_work(const struct xb_case *c)
{
    const struct xb_option *opt = c->method->chunk_work_option;
    return opt ? (enum xb_chunk_work)xb_option_get(opt, &c->options) : XB_CHUNK_AS_IS;
}

uint64_t xb_case_shrinks(const struct xb_case *c)
{
    return xb_case_chunk_work(c) == XB_CHUNK_CONVERT ? 2 : 1;
}

int xb_case_chunk_work_fits(const struct xb_case *c, struct xb_error *err)
{
    struct xb_lane lanes[XB_PAIR_LANES] = {{.path = c->path}};
    size_t n = 1;

    if (xb_case_chunk_work(c) != XB_CHUNK_CONVERT)
        return 0;
    if (c->bytes % FLOAT_BYTES || c->chunk % FLOAT_BYTES) {
        xb_fail(err,
                "process convert is of floats of %d bytes; found a size of %" PRIu64
                " bytes in chunks of %" PRIu64,
                FLOAT_BYTES, c->bytes, c->chunk);
        return 1;
    }
    if (xb_case_is_submitted(c)) {
        xb_fail(err, "process convert is of transfers in one piece: blocks must be 1");
        return 1;
    }
    if (c->pattern->of_pair)
        n = c->pattern->of_pair(&(struct xb_lane){.path = c->path}, lanes);
    if (lanes[n - 1].step > 0) {
        xb_fail(err,
                "process convert: what a %s sends on has been converted already, expected "
                "process none or checksum",
                c->pattern->name);
        return 1;
    }
    return 0;
}
