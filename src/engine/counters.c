/* counters.c - what the hardware's own counters saw of a block of transfers. */
#include "engine/counters.h"

#include <stdio.h>
#include <string.h>

#include "engine/nic.h"
#include "engine/nvml.h"
#include "model/collective_op.h"

/* Less than this share of the bytes on NVLink is not a transfer over NVLink. */
#define NVLINK_SHARE 0.5

/* A counter of 32 bits is read before so many bytes have passed, and given up where one batch
 * alone moves more than it can tell apart. */
#define READ_AFTER (1ull << 30)
#define TOO_MUCH   (3ull << 30)

static bool is_nic(int wire)
{
    return wire == XB_NIC_TX || wire == XB_NIC_RX;
}

static bool is_pcie(int wire)
{
    return wire == XB_PCIE_TX || wire == XB_PCIE_RX;
}

/* Read all counters now; true where those of PCI Express wrap at 2^32. */
static bool read_all(const struct xb_session *session, uint64_t value[XB_WIRES])
{
    struct xb_gpu_traffic gpu;

    xb_nvml_traffic_read(&gpu);
    value[XB_NVLINK_TX] = gpu.nvlink_tx;
    value[XB_NVLINK_RX] = gpu.nvlink_rx;
    value[XB_PCIE_TX] = gpu.pcie_tx;
    value[XB_PCIE_RX] = gpu.pcie_rx;
    xb_nic_traffic(session->ranks[session->rank].place.nic, &value[XB_NIC_TX],
                   &value[XB_NIC_RX]);
    return gpu.pcie_wraps;
}

/* Ranks that share a GPU would count it twice, and a NIC says nothing within a node. */
static bool is_meant(const struct xb_case_run *run, int wire)
{
    const struct xb_session *s = run->session;
    return is_nic(wire) ? run->c->path.locality == XB_REMOTE
                        : s->ranks[s->rank].place.sharers <= 1;
}

void xb_counters_begin(struct xb_case_run *run)
{
    struct xb_counting *c = &run->counting;

    c->on = true;
    c->unread = 0;
    read_all(run->session, c->last);
    for (int w = 0; w < XB_WIRES; w++)
        c->seen[w] = is_meant(run, w) && c->last[w] != UINT64_MAX ? 0 : -1;
}

static void add_reading(struct xb_case_run *run)
{
    struct xb_counting *c = &run->counting;
    uint64_t now[XB_WIRES];
    bool wraps = read_all(run->session, now);

    for (int w = 0; w < XB_WIRES; w++) {
        uint64_t moved = now[w] - c->last[w];
        if (is_pcie(w) && wraps) {
            moved &= UINT32_MAX;
            if (c->unread > TOO_MUCH)
                now[w] = UINT64_MAX;
        }
        if (now[w] == UINT64_MAX)
            c->seen[w] = -1;
        else if (c->seen[w] >= 0)
            c->seen[w] += (double)moved;
        c->last[w] = now[w];
    }
    c->unread = 0;
}

void xb_counters_batch(struct xb_case_run *run, int64_t rounds)
{
    uint64_t bytes = (uint64_t)(rounds * run->c->window) * run->c->bytes * run->nmine;

    run->counting.unread += bytes;
    if (run->counting.unread + bytes > READ_AFTER || run->method->reset)
        add_reading(run);
}

void xb_counters_skip(struct xb_case_run *run)
{
    if (run->counting.on)
        read_all(run->session, run->counting.last);
}

/* Ranks of a node may read one NIC: does it count for a lower rank of this case? */
static bool nic_is_counted(const struct xb_case_run *run)
{
    const struct xb_rank_info *ranks = run->session->ranks, *me = &ranks[run->session->rank];

    for (size_t i = 0; i < 2 * run->lanes.count; i++) {
        const struct xb_lane *lane = &run->lanes.lane[i / 2];
        const struct xb_rank_info *other = &ranks[i % 2 ? lane->dst_rank : lane->src_rank];
        if (other->rank < me->rank && other->node == me->node &&
            strcmp(other->place.nic, me->place.nic) == 0)
            return true;
    }
    return false;
}

/* What all members' counters moved by together; -1 where any of them does not know. */
static void sum_moves(struct xb_case_run *run, double sums[XB_WIRES])
{
    double mine[2 * XB_WIRES] = {0}, all[2 * XB_WIRES];

    add_reading(run);
    for (int w = 0; w < XB_WIRES && run->nmine > 0; w++)
        if (run->counting.seen[w] >= 0)
            mine[w] = is_nic(w) && nic_is_counted(run) ? 0 : run->counting.seen[w];
        else
            mine[XB_WIRES + w] = 1;
    MPI_Allreduce(mine, all, 2 * XB_WIRES, MPI_DOUBLE, MPI_SUM, run->comm);
    for (int w = 0; w < XB_WIRES; w++)
        sums[w] = all[XB_WIRES + w] > 0 ? -1 : all[w];
}

/* Were two GPUs joined by NVLink asked to exchange bytes directly? */
static bool expects_nvlink(const struct xb_case_run *run)
{
    const struct xb_lane *lane = &run->lanes.lane[0];
    const struct xb_rank_info *src = &run->session->ranks[lane->src_rank];
    const struct xb_rank_info *dst = &run->session->ranks[lane->dst_rank];

    return lane->path.src.kind == XB_GPU && lane->path.dst.kind == XB_GPU &&
           lane->path.locality == XB_NODE && !(run->c->method->flags & XB_METHOD_NO_BYTES) &&
           !xb_case_via_host(run->c) && src->nvlink_links > 0 && dst->nvlink_links > 0 &&
           strcmp(src->place.pci, dst->place.pci) != 0;
}

void xb_counters_judge(struct xb_case_run *run, struct xb_result *out)
{
    double sums[XB_WIRES];

    sum_moves(run, sums);
    run->counting.on = false;
    if (run->comm_rank != 0 || run->c->method->flags & XB_METHOD_NO_BYTES)
        return;
    double moved = (double)out->nsamples * (double)out->ops_per_sample *
                   xb_case_moved_bytes(run->c, (int)run->lanes.count) *
                   (double)run->lanes.count;
    for (int w = 0; w < XB_WIRES; w++) {
        out->carried[w] = sums[w] < 0 ? -1 : sums[w] / moved;
        out->has_carried = out->has_carried || sums[w] >= 0;
    }
    double share = out->carried[XB_NVLINK_TX];
    if (!expects_nvlink(run) || share < 0 || share >= NVLINK_SHARE)
        return;
    snprintf(
        out->warning, sizeof out->warning,
        "the GPUs are joined by NVLink, but it carried %.2f of the bytes, PCI Express %s%.2f",
        share, out->carried[XB_PCIE_TX] < 0 ? "unknown " : "",
        out->carried[XB_PCIE_TX] < 0 ? 0 : out->carried[XB_PCIE_TX]);
}
