/* ceiling.c - the most that the hardware of a path can carry. */
#include "model/figures/ceiling.h"

#include <stdbool.h>
#include <string.h>

#include "model/plan/collective_op.h"

/* Source and destination together must be so many times the cache to be bounded by memory. */
#define CACHE_SHARE 4

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

double xb_lane_ceiling(const struct xb_case *c, const struct xb_lane *lane,
                       const struct xb_machine *m)
{
    const struct xb_path *path = &lane->path;
    enum xb_link_class link = xb_link_class_between(m, path, lane->src_rank, lane->dst_rank);
    bool between_gpus = path->src.kind == XB_GPU && path->dst.kind == XB_GPU;

    if (c->method->flags & XB_METHOD_NO_BYTES)
        return 0;
    if (between_gpus && xb_case_via_host(c)) {
        if (path->locality == XB_REMOTE)
            return narrower(m->ranks[lane->src_rank].nic_gb_per_s,
                            m->ranks[lane->dst_rank].nic_gb_per_s);
        return narrower(
            xb_gpu_host_gb_per_s(xb_machine_gpu(m, lane->src_rank, path->src.index)),
            xb_gpu_host_gb_per_s(xb_machine_gpu(m, lane->dst_rank, path->dst.index)));
    }
    if (between_gpus && link == XB_LINK_SAME_DEVICE)
        return memory_ceiling(c, &m->ranks[lane->src_rank]);
    return xb_link_gb_per_s(m, path, lane->src_rank, lane->dst_rank);
}

/* Bus bandwidth is that of one link. Only a switch that adds up by itself can better it: then a
 * rank need not send more than S bytes of an all-reduce where its bus bytes are 2(n-1)/n of S.
 */
static double collective_ceiling(const struct xb_case *c, const struct xb_round *lanes,
                                 const struct xb_machine *m)
{
    double least = 0, share = xb_case_moved_bytes(c, (int)lanes->count) / (double)c->bytes;

    /* between nodes libraries take all NICs, each in a ring of its own */
    if (c->path.locality == XB_REMOTE)
        return 0;
    for (size_t i = 0; i < lanes->count; i++) {
        double one = xb_lane_ceiling(c, &lanes->lane[i], m);
        least = i == 0 ? one : narrower(least, one);
    }
    return share > 1 ? least * share : least;
}

/* Does a lane go over the NICs, rather than over links of the GPUs? */
static bool over_nic(const struct xb_machine *m, const struct xb_lane *lane)
{
    return xb_link_class_between(m, &lane->path, lane->src_rank, lane->dst_rank) ==
           XB_LINK_OTHER_NODE;
}

/* Is this end of both lanes the same link of the same device: a NIC, or the GPU's own? Bus ids
 * and names of NICs are those of one node. */
static bool same_end(const struct xb_machine *m, int rank_a, struct xb_endpoint a, int rank_b,
                     struct xb_endpoint b, bool nic)
{
    const struct xb_rank_info *one = &m->ranks[rank_a], *other = &m->ranks[rank_b];
    const struct xb_gpu_info *gpu_a = xb_machine_gpu(m, rank_a, a.index);
    const struct xb_gpu_info *gpu_b = xb_machine_gpu(m, rank_b, b.index);

    if (one->node != other->node)
        return false;
    if (nic)
        return strcmp(one->place.nic, other->place.nic) == 0;
    if (a.kind != b.kind || a.kind == XB_HOST)
        return a.kind == b.kind;
    if (gpu_a && gpu_b)
        return gpu_a == gpu_b;
    return a.index == b.index && strcmp(one->place.pci, other->place.pci) == 0;
}

/* Does a lane before this one take the same links in the same direction? The two then share
 * what bounds them: a GPU's memory, its link, a NIC. */
static bool shares(const struct xb_round *lanes, size_t i, const struct xb_machine *m)
{
    const struct xb_lane *lane = &lanes->lane[i];
    bool nic = over_nic(m, lane);

    for (size_t k = 0; k < i; k++) {
        const struct xb_lane *other = &lanes->lane[k];
        if (other->step == 0 && over_nic(m, other) == nic &&
            same_end(m, lane->src_rank, lane->path.src, other->src_rank, other->path.src,
                     nic) &&
            same_end(m, lane->dst_rank, lane->path.dst, other->dst_rank, other->path.dst, nic))
            return true;
    }
    return false;
}

double xb_ceiling(const struct xb_case *c, const struct xb_round *lanes,
                  const struct xb_machine *m)
{
    double sum = 0;

    if (c->method->flags & XB_METHOD_NO_BYTES)
        return 0;
    if (c->pattern->one_operation)
        return collective_ceiling(c, lanes, m);
    for (size_t i = 0; i < lanes->count; i++) {
        /* Links carry both directions at once, and those of different devices add up. */
        if (lanes->lane[i].step > 0 || shares(lanes, i, m))
            continue;
        double one = xb_lane_ceiling(c, &lanes->lane[i], m);
        if (one <= 0)
            return 0;
        sum += one;
    }
    return sum;
}
