/* SPDX-License-Identifier: BSD-3-Clause */
/* case_fits.c - cases that no job can measure. */
#include "model/plan/case_fits.h"

#include <inttypes.h>

#include "base/units.h"
#include "model/plan/chunk_work.h"
#include "model/plan/collective_op.h"
#include "model/plan/lane_case.h"
#include "model/plan/layout.h"

#define WORD_BYTES 8 /* collectives are of whole words, as many for each rank */
#define FEWEST     2 /* ranks of a collective */

/* What the option says, whether it has a meaning here or not. */
static int64_t said_datatype(const struct xb_case *c)
{
    const struct xb_option *opt = c->method->datatype_option;
    return opt ? xb_option_get(opt, &c->options) : XB_DATATYPE_UINT64;
}

static int check_datatype(const struct xb_case *c, struct xb_error *err)
{
    const struct xb_option *opt = c->method->datatype_option,
                           *op = c->method->collective_option;
    char transfer[64];

    if (xb_case_datatype(c) == said_datatype(c))
        return 0;
    xb_fail(err, "%s %s is for reductions, and the %s %s is none", opt->name,
            opt->choices[said_datatype(c)], op->name,
            xb_option_format(op, xb_option_get(op, &c->options), transfer, sizeof transfer));
    return 1;
}

/* The lanes of one pair; a pattern of all ranks has its path in one direction. Returns how
 * many.
 */
static size_t lanes_of(const struct xb_case *c, struct xb_lane lanes[XB_PAIR_LANES])
{
    lanes[0] = (struct xb_lane){.path = c->path};
    return c->pattern->of_pair ? c->pattern->of_pair(&(struct xb_lane){.path = c->path}, lanes)
                               : 1;
}

static int check_paths(const struct xb_case *c, struct xb_error *err)
{
    struct xb_lane lanes[XB_PAIR_LANES];
    size_t n = lanes_of(c, lanes);
    char text[XB_PATH_LEN];

    for (size_t i = 0; i < n; i++)
        if (!xb_catalog_takes_path(c->method, &lanes[i].path)) {
            xb_fail(err, "method %s does not do the path %s", c->method->name,
                    xb_path_format(&lanes[i].path, text));
            return 1;
        }
    return 0;
}

static int check_collective(const struct xb_case *c, struct xb_error *err)
{
    unsigned kinds = c->method->collective_paths;
    char text[XB_PATH_LEN], sizes[XB_UNITS_LEN];

    if (xb_case_kind(c) != XB_KIND_COLLECTIVE)
        return 0;
    if (c->path.locality == XB_SELF)
        xb_fail(err, "a collective is of all ranks; the path says %s, expected node or remote",
                xb_locality_name(c->path.locality));
    else if (kinds && !(kinds & xb_path_kind_of(&c->path)))
        xb_fail(err, "collectives of the method %s do not do the path %s", c->method->name,
                xb_path_format(&c->path, text));
    else if (c->bytes % (WORD_BYTES * FEWEST) || c->src_offset % WORD_BYTES ||
             c->dst_offset % WORD_BYTES)
        xb_fail(err,
                "a collective needs a multiple of %d bytes, %d for each rank, at offsets of "
                "%d; found %s at %" PRIu64 " and %" PRIu64,
                WORD_BYTES * FEWEST, WORD_BYTES, WORD_BYTES, xb_size_format(c->bytes, sizes),
                c->src_offset, c->dst_offset);
    else
        return 0;
    return 1;
}

/* Each transfer must be one that starts by itself. */
static int check_cold(const struct xb_case *c, struct xb_error *err)
{
    struct xb_lane lanes[XB_PAIR_LANES];
    size_t n = lanes_of(c, lanes);

    if (c->cache != XB_CACHE_COLD)
        return 0;
    if (c->window != 1) {
        xb_fail(err,
                "caches are cold for the first of several transfers alone, no window of %d: "
                "window must be 1",
                c->window);
        return 1;
    }
    if (n > 0 && lanes[n - 1].step > 0) {
        xb_fail(err,
                "what a %s sends on has just arrived, and lies in a cache: cache must be warm",
                c->pattern->name);
        return 1;
    }
    return 0;
}

/* The pairs of a list are those of the path, whatever ranks the job has. */
static int check_pairs(const struct xb_case *c, struct xb_error *err)
{
    bool within = c->path.locality == XB_SELF;

    for (size_t i = 0; c->pairs.kind == XB_PAIRS_LIST && i < c->pairs.count; i++) {
        int src = c->pairs.list[i][0], dst = c->pairs.list[i][1];
        if ((src == dst) == within)
            continue;
        xb_fail(err, "the pair [%d, %d] is %s; the path says %s", src, dst,
                within ? "two ranks" : "one rank with itself",
                xb_locality_name(c->path.locality));
        return 1;
    }
    return 0;
}

/* What goes for all bytes of a transfer goes for those of each lane. */
static int check_traffic(const struct xb_case *c, struct xb_error *err)
{
    struct xb_case room;
    struct xb_error why;

    for (size_t i = 0; c->traffic && i < c->traffic->count; i++) {
        const struct xb_traffic_lane *l = &c->traffic->lane[i];
        const struct xb_lane lane = {.bytes = l->bytes};
        const struct xb_case *own = xb_lane_case(c, &lane, &room);
        if (own == c ||
            (xb_case_layout_fits(own, &why) == 0 && xb_case_chunk_work_fits(own, &why) == 0))
            continue;
        xb_fail(err, "the lane from rank %d to rank %d: %s", l->src, l->dst, why.text);
        return 1;
    }
    return 0;
}

/* It says where memory of GPUs comes from. */
static int check_allocator(const struct xb_case *c, struct xb_error *err)
{
    char text[XB_PATH_LEN];

    if (c->allocator == XB_ALLOCATOR_MALLOC || c->path.src.kind == XB_GPU ||
        c->path.dst.kind == XB_GPU)
        return 0;
    xb_fail(err,
            "the allocator %s is for memory of GPUs; the path %s has none: allocator must be "
            "malloc",
            xb_allocator_names[c->allocator], xb_path_format(&c->path, text));
    return 1;
}

/* Lanes of one operation have no times of their own, nor have experiments lanes. */
static int check_contention(const struct xb_case *c, struct xb_error *err)
{
    if (c->contention == XB_CONTENTION_NONE || !c->pattern->one_operation)
        return 0;
    xb_fail(err,
            "contention is of lanes; what the pattern %s moves is one operation: contention "
            "must be none",
            c->pattern->name);
    return 1;
}

static int check_depth(const struct xb_case *c, struct xb_error *err)
{
    if (c->depth <= XB_MAX_DEPTH)
        return 0;
    xb_fail(err, "depth %d is more than is kept, expected at most %d", c->depth, XB_MAX_DEPTH);
    return 1;
}

int xb_case_fits(const struct xb_case *c, struct xb_error *err)
{
    static int (*const checks[])(const struct xb_case *, struct xb_error *) = {
        check_datatype,      check_paths,
        check_collective,    check_pairs,
        check_cold,          check_allocator,
        check_depth,         check_contention,
        xb_case_layout_fits, xb_case_chunk_work_fits,
        check_traffic};

    if (c->pattern->kind != xb_case_kind(c)) {
        xb_fail(err,
                "the pattern %s is not for what the method %s does here, expected another of "
                "one of them",
                c->pattern->name, c->method->name);
        return 1;
    }
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
        if (checks[i](c, err) != 0)
            return 1;
    return 0;
}

int xb_case_possible(const struct xb_case *c, struct xb_error *err)
{
    return xb_case_is_experiment(c) ? xb_case_experiment_fits(c, err) : xb_case_fits(c, err);
}
