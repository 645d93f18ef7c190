/* SPDX-License-Identifier: BSD-3-Clause */
/* ceiling.c - the most that the hardware of a path can carry. */
#include "model/figures/ceiling.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "model/plan/collective_op.h"
#include "model/plan/lane_case.h"

/* Source and destination together must be so many times the cache to be bounded by memory. */
#define CACHE_SHARE 4

/* From host to host one core copies: no core stores more than 64 bytes in a cycle, or has more
 * than 6e9 cycles in a second. What lies in caches comes to a fifth of it. */
#define CORE_GB_PER_S (64 * 6.0)

/* The narrower of two links, 0 if either is unknown. */
static double narrower(double a, double b)
{
    return a < b ? a : b;
}

/* Within a GPU: copies that its cache can hold are not bounded by memory, nor are those of
 * which it still holds a good part from the copy before. */
static double memory_ceiling(uint64_t bytes, const struct xb_rank_info *r)
{
    return r->l2_bytes && 2 * bytes > CACHE_SHARE * r->l2_bytes ? r->memory_gb_per_s / 2 : 0;
}

double xb_lane_ceiling(const struct xb_case *c, const struct xb_lane *lane,
                       const struct xb_machine *m)
{
    const struct xb_path *path = &lane->path;
    enum xb_link_class link = xb_link_class_between(m, path, lane->src_rank, lane->dst_rank);
    bool between_gpus = path->src.kind == XB_GPU && path->dst.kind == XB_GPU;
    bool between_hosts = path->src.kind == XB_HOST && path->dst.kind == XB_HOST;

    if (c->method->flags & XB_METHOD_NO_BYTES)
        return 0;
    if (between_hosts && path->locality != XB_REMOTE)
        return CORE_GB_PER_S;
    if (between_gpus && xb_case_via_host(c)) {
        if (path->locality == XB_REMOTE)
            return narrower(m->ranks[lane->src_rank].nic_gb_per_s,
                            m->ranks[lane->dst_rank].nic_gb_per_s);
        return narrower(
            xb_gpu_host_gb_per_s(xb_machine_gpu(m, lane->src_rank, path->src.index)),
            xb_gpu_host_gb_per_s(xb_machine_gpu(m, lane->dst_rank, path->dst.index)));
    }
    if (between_gpus && link == XB_LINK_SAME_DEVICE)
        return memory_ceiling(xb_lane_bytes(c, lane), &m->ranks[lane->src_rank]);
    return xb_link_gb_per_s(m, path, lane->src_rank, lane->dst_rank);
}

/* Bus bandwidth is that of one link, in each group. Only a switch that adds up by itself can
 * better it: then a rank need not send more than S bytes of an all-reduce where its bus bytes
 * are 2(n-1)/n of S.
 */
static double collective_ceiling(const struct xb_case *c, const struct xb_round *lanes,
                                 const struct xb_machine *m)
{
    int members = lanes->lane[0].members;
    double least = 0, groups = (double)lanes->count / members;
    double share = xb_case_moved_bytes(c, members) / (double)c->bytes;

    /* between nodes libraries take all NICs, each in a ring of its own */
    if (c->path.locality == XB_REMOTE)
        return 0;
    for (size_t i = 0; i < lanes->count; i++) {
        double one = xb_lane_ceiling(c, &lanes->lane[i], m);
        least = i == 0 ? one : narrower(least, one);
    }
    return groups * (share > 1 ? least * share : least);
}

/* What carries a lane's bytes at its ends. Lanes on the same medium of the same device, in the
 * same direction, have to share it. */
enum medium {
    MEMORY,    /* of the one GPU */
    OWN_LINKS, /* NVLinks that join this very pair */
    SWITCHES,  /* a GPU's NVLinks to switches, whichever GPU it speaks to */
    HOST_LINK, /* of a GPU: PCI Express or C2C */
    NIC,
};

/* Sides of a lane. */
enum { SRC, DST, SIDES };

/* What a lane takes. Bus ids and names of NICs are those of one node. */
struct use {
    enum medium medium;
    size_t lane;     /* index */
    double gb_per_s; /* of this lane, were it alone */
    struct {
        int node;
        const char *device; /* NULL where nothing is known to bound this side */
        double gb_per_s;    /* of the medium, for all lanes together */
    } end[SIDES];
};

static enum medium medium_of(const struct xb_case *c, const struct xb_lane *lane,
                             const struct xb_machine *m)
{
    const struct xb_path *path = &lane->path;
    bool staged = path->src.kind == XB_GPU && path->dst.kind == XB_GPU && xb_case_via_host(c);
    enum xb_link_class link = xb_link_class_between(m, path, lane->src_rank, lane->dst_rank);

    if (path->locality == XB_REMOTE && (staged || link == XB_LINK_OTHER_NODE))
        return NIC;
    if (staged)
        return HOST_LINK;
    switch (link) {
    case XB_LINK_SAME_DEVICE:
        return MEMORY;
    case XB_LINK_NVLINK:
        return xb_gpus_joined_directly(xb_machine_gpu(m, lane->src_rank, path->src.index),
                                       xb_machine_gpu(m, lane->dst_rank, path->dst.index)) &&
                       path->locality != XB_REMOTE
                   ? OWN_LINKS
                   : SWITCHES;
    case XB_LINK_C2C:
    case XB_LINK_PCIE_SWITCH:
    case XB_LINK_HOST_BRIDGE:
    case XB_LINK_OTHER_SOCKET:
        return HOST_LINK;
    case XB_LINK_OTHER_NODE:
        break;
    }
    return NIC;
}

/* GB/s of a medium at one end of a lane, for all lanes together. */
static double end_gb_per_s(const struct use *use, const struct xb_rank_info *rank,
                           const struct xb_gpu_info *gpu)
{
    switch (use->medium) {
    case MEMORY:
    case OWN_LINKS:
        break;
    case SWITCHES:
        return xb_gpu_switch_gb_per_s(gpu);
    case HOST_LINK:
        return xb_gpu_host_gb_per_s(gpu);
    case NIC:
        return rank->nic_gb_per_s;
    }
    return use->gb_per_s;
}

static struct use use_of(const struct xb_case *c, const struct xb_lane *lane,
                         const struct xb_machine *m)
{
    struct use use = {.medium = medium_of(c, lane, m), .gb_per_s = xb_lane_ceiling(c, lane, m)};

    for (int side = SRC; side < SIDES; side++) {
        int number = side == SRC ? lane->src_rank : lane->dst_rank;
        struct xb_endpoint at = side == SRC ? lane->path.src : lane->path.dst;
        const struct xb_rank_info *rank = &m->ranks[number];
        const struct xb_gpu_info *gpu = xb_machine_gpu(m, number, at.index);

        use.end[side].node = rank->node;
        use.end[side].gb_per_s = end_gb_per_s(&use, rank, gpu);
        if (use.medium == NIC)
            use.end[side].device = rank->place.nic;
        else if (at.kind == XB_GPU && gpu)
            use.end[side].device = gpu->pci;
        else if (at.kind == XB_GPU && at.index == 0)
            use.end[side].device = rank->place.pci;
    }
    return use;
}

static bool same_end(const struct use *a, const struct use *b, int side)
{
    return a->medium == b->medium && a->end[side].node == b->end[side].node &&
           a->end[side].device && b->end[side].device &&
           strcmp(a->end[side].device, b->end[side].device) == 0;
}

/* Do two lanes have to share what carries them on one side? */
static bool share(const struct use *a, const struct use *b, int side)
{
    return same_end(a, b, side) && (a->medium != OWN_LINKS || same_end(a, b, !side));
}

static int by_end(const struct use *a, const struct use *b, int side)
{
    const char *one = a->end[side].device, *other = b->end[side].device;

    if (a->end[side].node != b->end[side].node)
        return a->end[side].node < b->end[side].node ? -1 : 1;
    return strcmp(one ? one : "", other ? other : "");
}

/* Those that share an end on this side stand together, in the order of lanes. */
static int by_side(const struct use *a, const struct use *b, int side)
{
    if (a->medium != b->medium)
        return a->medium < b->medium ? -1 : 1;
    int order = by_end(a, b, side);
    if (order == 0 && a->medium == OWN_LINKS)
        order = by_end(a, b, !side);
    return order ? order : (a->lane > b->lane) - (a->lane < b->lane);
}

static int by_source(const void *a, const void *b)
{
    return by_side(a, b, SRC);
}

static int by_destination(const void *a, const void *b)
{
    return by_side(a, b, DST);
}

/* What all lanes together can leave from, or arrive at: of those that share an end no more than
 * that one carries. They are put into another order. */
static double side_gb_per_s(struct use *use, size_t n, int side)
{
    double all = 0;

    qsort(use, n, sizeof *use, side == SRC ? by_source : by_destination);
    for (size_t i = 0, next; i < n; i = next) {
        double sum = use[i].gb_per_s, most = use[i].end[side].gb_per_s;
        bool bounded = use[i].end[side].device && most > 0;
        for (next = i + 1; next < n && share(&use[next], &use[i], side); next++)
            sum += use[next].gb_per_s;
        all += bounded && most < sum ? most : sum;
    }
    return all;
}

double xb_ceiling(const struct xb_case *c, const struct xb_round *lanes,
                  const struct xb_machine *m)
{
    size_t n = 0;

    if (c->method->flags & XB_METHOD_NO_BYTES)
        return 0;
    if (c->pattern->one_operation)
        return collective_ceiling(c, lanes, m);
    struct use *use = calloc(lanes->count + 1, sizeof *use);
    bool known = use != NULL;
    for (size_t i = 0; known && i < lanes->count; i++) {
        if (lanes->lane[i].step > 0)
            continue;
        use[n] = use_of(c, &lanes->lane[i], m);
        use[n].lane = i;
        known = use[n++].gb_per_s > 0;
    }
    double leave = known ? side_gb_per_s(use, n, SRC) : 0;
    double arrive = known ? side_gb_per_s(use, n, DST) : 0;
    free(use);
    return narrower(leave, arrive);
}
