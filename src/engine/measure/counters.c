/* counters.c - what the hardware's own counters saw of a block of transfers. */
#include "engine/measure/counters.h"

#include <stdio.h>
#include <string.h>

#include "engine/probes/probe.h"
#include "model/plan/collective_op.h"

/* Less than this share of the bytes on a wire is not a transfer over it. */
#define WIRE_SHARE 0.5

/* So many bytes stand out from what else the counters see. */
#define PROOF_BYTES (1 << 20)

/* A counter of 32 bits is read before so many bytes have passed, and given up where one batch
 * alone moves more than it can tell apart. */
#define READ_AFTER (1ull << 30)
#define TOO_MUCH   (3ull << 30)

static bool is_nic(int wire)
{
    return wire == XB_NIC_TX || wire == XB_NIC_RX;
}

/* Read all counters as they stand now. */
static void read_all(uint64_t value[XB_WIRES])
{
    struct xb_reading now;

    xb_probes_read(&now);
    memcpy(value, now.bytes, sizeof now.bytes);
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
    read_all(c->last);
    for (int w = 0; w < XB_WIRES; w++)
        c->seen[w] = is_meant(run, w) && c->last[w] != UINT64_MAX ? 0 : -1;
}

static void add_reading(struct xb_case_run *run)
{
    struct xb_counting *c = &run->counting;
    struct xb_reading now;

    xb_probes_read(&now);
    for (int w = 0; w < XB_WIRES; w++) {
        uint64_t moved = now.bytes[w] - c->last[w];
        if (now.wraps[w]) {
            moved &= UINT32_MAX;
            if (c->unread > TOO_MUCH)
                now.bytes[w] = UINT64_MAX;
        }
        if (now.bytes[w] == UINT64_MAX)
            c->seen[w] = -1;
        else if (c->seen[w] >= 0)
            c->seen[w] += (double)moved;
        c->last[w] = now.bytes[w];
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
        read_all(run->counting.last);
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

/* Between two GPUs joined by NVLink that were asked to exchange bytes directly. A rank reads
 * the counters of its bound GPU, so within a rank that one must be an end. */
static enum xb_wire expected_between_gpus(const struct xb_case_run *run)
{
    const struct xb_lane *lane = &run->lanes.lane[0];
    struct xb_machine m = xb_session_machine(run->session);

    if (xb_case_via_host(run->c) || xb_link_class_between(&m, &lane->path, lane->src_rank,
                                                          lane->dst_rank) != XB_LINK_NVLINK)
        return XB_WIRES;
    if (lane->path.locality == XB_NODE)
        return XB_NVLINK_TX;
    return lane->path.src.index == 0   ? XB_NVLINK_TX
           : lane->path.dst.index == 0 ? XB_NVLINK_RX
                                       : XB_WIRES;
}

/* The wire that must have carried the bytes; XB_WIRES if none must. */
static enum xb_wire expected_wire(const struct xb_case_run *run)
{
    const struct xb_lane *lane = &run->lanes.lane[0];
    bool from_gpu = lane->path.src.kind == XB_GPU, to_gpu = lane->path.dst.kind == XB_GPU;

    if (run->c->method->flags & XB_METHOD_NO_BYTES)
        return XB_WIRES;
    if (lane->path.locality == XB_REMOTE) {
        struct xb_machine m = xb_session_machine(run->session);
        bool nic = xb_link_class_between(&m, &lane->path, lane->src_rank, lane->dst_rank) ==
                   XB_LINK_OTHER_NODE; /* a fabric of NVLink may join nodes */
        return run->lanes.together || !nic ? XB_WIRES : XB_NIC_TX;
    }
    if (from_gpu && to_gpu)
        return expected_between_gpus(run);
    if (run->c->method->flags & XB_METHOD_MIGRATES)
        return from_gpu ? XB_PCIE_TX : XB_PCIE_RX;
    return XB_WIRES;
}

/* Say that the bytes went another way; of a method whose right bytes prove nothing, that they
 * did not go. */
static void tell_wire(const struct xb_case_run *run, enum xb_wire wire, double moved,
                      struct xb_result *out)
{
    bool proof = run->c->method->flags & XB_METHOD_MIGRATES && run->c->path.locality == XB_SELF;
    const char *over = wire == XB_NIC_TX ? "the nearest NIC"
                       : wire == XB_PCIE_TX || wire == XB_PCIE_RX
                           ? "PCI Express"
                           : "the NVLink that joins the GPUs";
    double pcie = out->carried[XB_PCIE_TX];

    if (proof && moved < PROOF_BYTES)
        return;
    if (proof)
        out->status = XB_IMPLAUSIBLE;
    char *text = proof ? out->reason : out->warning;
    int n = snprintf(text, sizeof out->warning, "%s carried %.2f of the bytes", over,
                     out->carried[wire]);
    if (pcie >= 0 && wire != XB_PCIE_TX)
        snprintf(text + n, sizeof out->warning - (size_t)n, ", PCI Express sent %.2f", pcie);
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
    enum xb_wire wire = expected_wire(run);
    if (wire != XB_WIRES && out->carried[wire] >= 0 && out->carried[wire] < WIRE_SHARE)
        tell_wire(run, wire, moved, out);
}
