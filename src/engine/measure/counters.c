/* SPDX-License-Identifier: BSD-3-Clause */
/* counters.c - what the hardware's own counters saw of a block of transfers. */
#include "engine/measure/counters.h"

#include <string.h>

#include "engine/probes/probe.h"
#include "engine/runtime/clock.h"

/* A counter of 32 bits is read before so many bytes have passed. */
#define READ_AFTER (1ull << 30)

/* Where more have, it may have begun anew. */
#define TOO_MUCH (3ull << 30)

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
    c->last_us = xb_clock_us();
    read_all(c->last);
    for (int w = 0; w < XB_WIRES; w++)
        c->seen[w] = is_meant(run, w) && c->last[w] != UINT64_MAX ? 0 : -1;
}

bool xb_counter_is_lost(uint64_t bytes, double elapsed_us, double gb_per_s)
{
    bool too_short = gb_per_s > 0 && elapsed_us * gb_per_s * 1e3 < (double)TOO_MUCH;

    return bytes > TOO_MUCH && !too_short;
}

/* What the link of this rank's GPU to the host carries at most, the one whose counters have 32
 * bits; 0 unknown. */
static double host_link_gb_per_s(const struct xb_session *s)
{
    struct xb_machine machine = xb_session_machine(s);
    const struct xb_gpu_info *gpu = xb_machine_gpu(&machine, s->rank, 0);

    return gpu ? xb_gpu_host_gb_per_s(gpu) : 0;
}

static void add_reading(struct xb_case_run *run)
{
    struct xb_counting *c = &run->counting;
    double now_us = xb_clock_us();
    bool lost =
        xb_counter_is_lost(c->unread, now_us - c->last_us, host_link_gb_per_s(run->session));
    struct xb_reading now;

    xb_probes_read(&now);
    c->last_us = now_us;
    for (int w = 0; w < XB_WIRES; w++) {
        uint64_t moved = now.bytes[w] - c->last[w];
        if (now.wraps[w]) {
            moved &= UINT32_MAX;
            if (lost)
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
    uint64_t bytes = 0;

    for (size_t i = 0; i < run->nmine; i++)
        bytes += (uint64_t)(rounds * run->c->window) * run->mine[i].t.c->bytes;
    if (!run->counting.on)
        return;
    run->counting.unread += bytes;
    if (run->counting.unread + bytes > READ_AFTER || run->method->reset)
        add_reading(run);
}

void xb_counters_skip(struct xb_case_run *run)
{
    if (!run->counting.on)
        return;
    run->counting.last_us = xb_clock_us();
    read_all(run->counting.last);
}

void xb_counters_end(struct xb_case_run *run)
{
    add_reading(run);
    run->counting.on = false;
}
