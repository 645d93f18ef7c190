/* SPDX-License-Identifier: BSD-3-Clause */
/* collective_op.c - what collective operations move and leave. */
#include "model/plan/collective_op.h"

uint64_t xb_datatype_bytes(enum xb_datatype type)
{
#define XB_DATATYPE_BYTES(value, name, bytes) [value] = bytes,
    static const uint64_t of[] = {XB_DATATYPE_ROWS(XB_DATATYPE_BYTES)};
    return of[type];
}

enum xb_collective xb_case_collective(const struct xb_case *c)
{
    const struct xb_method_spec *spec = c->method;

    if (!spec->collective_option)
        return XB_COLLECTIVE_NONE;
    int64_t value = xb_option_get(spec->collective_option, &c->options);
    return value < spec->first_collective
               ? XB_COLLECTIVE_NONE
               : (enum xb_collective)(value - spec->first_collective);
}

bool xb_case_reduces(const struct xb_case *c)
{
    struct xb_piece first = {0};

    return xb_collective_piece(xb_case_collective(c), 16, 2, 0, 0, &first) && first.from < 0;
}

enum xb_datatype xb_case_datatype(const struct xb_case *c)
{
    const struct xb_option *opt = c->method->datatype_option;

    return opt && xb_case_reduces(c) ? (enum xb_datatype)xb_option_get(opt, &c->options)
                                     : XB_DATATYPE_UINT64;
}

enum xb_kind xb_case_kind(const struct xb_case *c)
{
    return xb_case_collective(c) == XB_COLLECTIVE_NONE ? c->method->kind : XB_KIND_COLLECTIVE;
}

double xb_case_moved_bytes(const struct xb_case *c, int nranks)
{
    enum xb_collective op = xb_case_collective(c);
    double bytes = c->method->flags & XB_METHOD_NO_BYTES ? 0 : (double)c->bytes;

    if (nranks < 1)
        return bytes;
    switch (op) {
    case XB_COLLECTIVE_NONE:
    case XB_BROADCAST:
    case XB_REDUCE:
        break;
    case XB_ALL_REDUCE:
        return bytes * 2 * (nranks - 1) / nranks;
    case XB_ALL_GATHER:
    case XB_REDUCE_SCATTER:
    case XB_ALL_TO_ALL:
    case XB_GATHER:
    case XB_SCATTER:
        return bytes * (nranks - 1) / nranks;
    }
    return bytes;
}

bool xb_collective_piece(enum xb_collective op, uint64_t bytes, int n, int rank, int i,
                         struct xb_piece *out)
{
    uint64_t block = bytes / (uint64_t)n, mine = block * (uint64_t)rank;
    int pieces = 0;

    switch (op) {
    case XB_COLLECTIVE_NONE:
        break;
    case XB_ALL_REDUCE:
        pieces = 1;
        *out = (struct xb_piece){.bytes = bytes, .from = -1};
        break;
    case XB_ALL_GATHER:
        pieces = n;
        *out = (struct xb_piece){.at = block * (uint64_t)i, .bytes = block, .from = i};
        break;
    case XB_REDUCE_SCATTER:
        pieces = 1;
        *out = (struct xb_piece){.bytes = block, .first = mine, .from = -1};
        break;
    case XB_ALL_TO_ALL:
        pieces = n;
        *out = (struct xb_piece){
            .at = block * (uint64_t)i, .bytes = block, .first = mine, .from = i};
        break;
    case XB_BROADCAST: /* what is sent stays in the source of rank 0 */
        pieces = rank == 0 ? 0 : 1;
        *out = (struct xb_piece){.bytes = bytes, .from = 0};
        break;
    case XB_REDUCE:
        pieces = rank == 0 ? 1 : 0;
        *out = (struct xb_piece){.bytes = bytes, .from = -1};
        break;
    case XB_GATHER:
        pieces = rank == 0 ? n : 0;
        *out = (struct xb_piece){.at = block * (uint64_t)i, .bytes = block, .from = i};
        break;
    case XB_SCATTER:
        pieces = 1;
        *out = (struct xb_piece){.bytes = block, .first = mine, .from = 0};
        break;
    }
    return i < pieces;
}
