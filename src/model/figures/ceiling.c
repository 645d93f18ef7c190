/* ceiling.c - the most that the hardware of a path can carry. */
#include "model/figures/ceiling.h"

#include <stdbool.h>
#include <string.h>

#include "model/plan/collective_op.h"

/* Source and destination together must be so many times the cache to be bounded by memory. */
#define CACHE_SHARE 4

double xb_pcie_gb_per_s(int gen, int width)
{
    static const double per_lane[] = {0,
                                      2.5 * 8 / 10 / 8,
                                      5.0 * 8 / 10 / 8,
                                      8.0 * 128 / 130 / 8,
                                      16.0 * 128 / 130 / 8,
                                      32.0 * 128 / 130 / 8,
                                      64.0 * 242 / 256 / 8};
    const int known = (int)(sizeof per_lane / sizeof per_lane[0]);
    return gen > 0 && gen < known && width > 0 ? per_lane[gen] * width : 0;
}

static double pcie_of(const struct xb_rank_info *r)
{
    return xb_pcie_gb_per_s(r->pcie_gen, r->pcie_width);
}

/* The narrower of two links, 0 if either is unknown. */
static double narrower(double a, double b)
{
    return a < b ? a : b;
}

/* Within a GPU: copies that its cache can hold are not bounded by memory, nor are those of
 * which it still holds a good part from the copy before. */
static double memory_ceiling(const struct xb_case *c, const struct xb_rank_info *r)
{
    return r->l2_bytes && 2 * c->bytes > CACHE_SHARE * r->l2_bytes ? r->memory_gb_per_s / 2 : 0;
}

/* Only GPUs known to lack NVLink are bounded by PCI Express. */
static double between_gpus(const struct xb_rank_info *a, const struct xb_rank_info *b)
{
    if (a->nvlink_links < 0 || b->nvlink_links < 0)
        return 0;
    if (a->nvlink_links > 0 && b->nvlink_links > 0)
        return narrower(a->nvlink_gb_per_s, b->nvlink_gb_per_s);
    return narrower(pcie_of(a), pcie_of(b));
}

/* Bus ids are those of one node: another node may have a GPU of the same. */
static bool within_gpu(const struct xb_lane *lane, const struct xb_rank_info *src,
                       const struct xb_rank_info *dst)
{
    return lane->path.locality != XB_REMOTE && lane->path.src.kind == XB_GPU &&
           lane->path.dst.kind == XB_GPU && lane->path.src.index == lane->path.dst.index &&
           strcmp(src->place.pci, dst->place.pci) == 0;
}

/* A rank tells the links of its bound GPU alone. They also bound a path from there to another
 * GPU of the same rank; between ranks gpu+K may be the very GPU that the other rank is bound
 * to.
 */
static bool links_are_told(const struct xb_path *path)
{
    if (path->src.index == 0 && path->dst.index == 0)
        return true;
    return path->locality == XB_SELF && path->src.kind == XB_GPU && path->dst.kind == XB_GPU &&
           (path->src.index == 0 || path->dst.index == 0);
}

static double lane_ceiling(const struct xb_case *c, const struct xb_lane *lane,
                           const struct xb_rank_info *src, const struct xb_rank_info *dst)
{
    bool from_gpu = lane->path.src.kind == XB_GPU, to_gpu = lane->path.dst.kind == XB_GPU;

    if (lane->path.locality == XB_REMOTE)
        return narrower(src->nic_gb_per_s, dst->nic_gb_per_s);
    if ((!from_gpu && !to_gpu) || !links_are_told(&lane->path))
        return 0;
    if (from_gpu && to_gpu && !xb_case_via_host(c))
        return within_gpu(lane, src, dst) ? memory_ceiling(c, src) : between_gpus(src, dst);
    if (from_gpu && to_gpu)
        return narrower(pcie_of(src), pcie_of(dst));
    return from_gpu ? pcie_of(src) : pcie_of(dst);
}

/* Bus bandwidth is that of one link. Only a switch that adds up by itself can better it: then a
 * rank need not send more than S bytes of an all-reduce where its bus bytes are 2(n-1)/n of S.
 */
static double collective_ceiling(const struct xb_case *c, const struct xb_lanes *lanes,
                                 const struct xb_rank_info *ranks)
{
    double least = 0, share = xb_case_moved_bytes(c, (int)lanes->count) / (double)c->bytes;

    /* between nodes libraries take all NICs, each in a ring of its own */
    if (c->path.locality == XB_REMOTE)
        return 0;
    for (size_t i = 0; i < lanes->count; i++) {
        const struct xb_lane *lane = &lanes->lane[i];
        double one = lane_ceiling(c, lane, &ranks[lane->src_rank], &ranks[lane->dst_rank]);
        least = i == 0 ? one : narrower(least, one);
    }
    return share > 1 ? least * share : least;
}

/* Is this end of both lanes the same link of the same device: between nodes the NIC, else the
 * GPU's own? Bus ids and names of NICs are those of one node. */
static bool same_end(struct xb_endpoint a, const struct xb_rank_info *rank_a,
                     struct xb_endpoint b, const struct xb_rank_info *rank_b, bool remote)
{
    if (rank_a->node != rank_b->node)
        return false;
    if (remote)
        return strcmp(rank_a->place.nic, rank_b->place.nic) == 0;
    if (a.kind != b.kind || a.index != b.index)
        return false;
    return a.kind == XB_HOST || strcmp(rank_a->place.pci, rank_b->place.pci) == 0;
}

/* Does a lane before this one take the same links in the same direction? The two then share
 * what bounds them: a GPU's memory, its link, a NIC. */
static bool shares(const struct xb_lanes *lanes, size_t i, const struct xb_rank_info *ranks)
{
    const struct xb_lane *lane = &lanes->lane[i];
    bool remote = lane->path.locality == XB_REMOTE;

    for (size_t k = 0; k < i; k++) {
        const struct xb_lane *other = &lanes->lane[k];
        if (other->step == 0 &&
            same_end(lane->path.src, &ranks[lane->src_rank], other->path.src,
                     &ranks[other->src_rank], remote) &&
            same_end(lane->path.dst, &ranks[lane->dst_rank], other->path.dst,
                     &ranks[other->dst_rank], remote))
            return true;
    }
    return false;
}

double xb_ceiling(const struct xb_case *c, const struct xb_lanes *lanes,
                  const struct xb_rank_info *ranks)
{
    double sum = 0;

    if (c->method->flags & XB_METHOD_NO_BYTES)
        return 0;
    if (lanes->together)
        return collective_ceiling(c, lanes, ranks);
    for (size_t i = 0; i < lanes->count; i++) {
        const struct xb_lane *lane = &lanes->lane[i];
        const struct xb_rank_info *src = &ranks[lane->src_rank], *dst = &ranks[lane->dst_rank];

        /* Links carry both directions at once, and those of different devices add up. */
        if (lane->step > 0 || shares(lanes, i, ranks))
            continue;
        double one = lane_ceiling(c, lane, src, dst);
        if (one <= 0)
            return 0;
        sum += one;
    }
    return sum;
}
