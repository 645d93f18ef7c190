/* SPDX-License-Identifier: BSD-3-Clause */
/* nvml_traffic.c - bytes that a GPU has sent and received over its links. */
#include "engine/probes/nvml_traffic.h"

#include <limits.h>
#include <stddef.h>

#include "engine/probes/nvml_library.h"

enum {
    FIELD_NVLINK_DATA_TX = 138, /* KiB of payload */
    FIELD_NVLINK_DATA_RX = 139,
    FIELD_PCIE_TX_BYTES = 197,
    FIELD_PCIE_RX_BYTES = 198,
};

#define ALL_LINKS UINT32_MAX /* as a scope */

static struct xb_nvml nvml;
static xb_nvml_gpu gpu;

/* Of PCI Express: what it can do, and the best that was seen. */
static unsigned max_gen, gen_seen, width_seen;

/* What its counters said last, and whether they have moved so far at once that it was busy. */
#define BUSY_BYTES (UINT64_C(64) << 20)
static uint64_t last_bytes[XB_WIRES];
static bool busy;

static void note_busy(const struct xb_reading *now, enum xb_wire wire)
{
    uint64_t last = last_bytes[wire];

    last_bytes[wire] = now->bytes[wire];
    if (last != UINT64_MAX && now->bytes[wire] != UINT64_MAX && now->bytes[wire] >= last &&
        now->bytes[wire] - last >= BUSY_BYTES)
        busy = true;
}

/* Costs nothing more once it was seen at its best. */
static void watch_pcie(void)
{
    unsigned gen, width;

    if (gen_seen >= max_gen)
        return;
    if (nvml.gen && nvml.gen(gpu, &gen) == 0 && gen > gen_seen)
        gen_seen = gen;
    if (nvml.width && nvml.width(gpu, &width) == 0 && width > width_seen)
        width_seen = width;
}

static void nvml_close(void)
{
    xb_nvml_close(&nvml);
}

static void nvml_open(const struct xb_place *place)
{
    max_gen = gen_seen = width_seen = 0;
    last_bytes[XB_PCIE_TX] = last_bytes[XB_PCIE_RX] = UINT64_MAX;
    busy = false;
    /* the counters of a GPU see what all its instances move */
    if (!place->has_gpu || place->instance[0] || !xb_nvml_open(&nvml))
        return;
    if (nvml.by_bus_id(place->pci, &gpu) != 0)
        nvml_close();
    else if (nvml.max_gen(gpu, &max_gen) != 0)
        max_gen = UINT_MAX; /* look every time */
}

static void nvml_read(struct xb_reading *out)
{
    static const struct {
        enum xb_wire wire;
        unsigned field, scope, unit;
    } counters[] = {
        {XB_NVLINK_TX, FIELD_NVLINK_DATA_TX, ALL_LINKS, 1024},
        {XB_NVLINK_RX, FIELD_NVLINK_DATA_RX, ALL_LINKS, 1024},
        {XB_PCIE_TX, FIELD_PCIE_TX_BYTES, 0, 1},
        {XB_PCIE_RX, FIELD_PCIE_RX_BYTES, 0, 1},
    };
    enum { COUNTERS = sizeof counters / sizeof *counters };
    struct xb_nvml_field f[COUNTERS];

    for (int i = 0; i < COUNTERS; i++)
        f[i] = (struct xb_nvml_field){.field = counters[i].field, .scope = counters[i].scope};
    if (!nvml.lib)
        return;
    watch_pcie();
    if (nvml.fields(gpu, COUNTERS, f) != 0)
        return;
    for (int i = 0; i < COUNTERS; i++) {
        bool narrow = f[i].type == XB_NVML_VALUE_UINT;
        if (f[i].rc != 0)
            continue;
        out->bytes[counters[i].wire] =
            (narrow ? f[i].value.u32 : f[i].value.u64) * counters[i].unit;
        /* those of NVLink are held in KiB and have room */
        out->wraps[counters[i].wire] = narrow && counters[i].unit == 1;
    }
    note_busy(out, XB_PCIE_TX);
    note_busy(out, XB_PCIE_RX);
}

void xb_nvml_pcie_seen(struct xb_gpu_state *out)
{
    if (nvml.lib)
        watch_pcie();
    out->pcie_gen = nvml.lib ? (int)gen_seen : 0;
    out->pcie_width = nvml.lib ? (int)width_seen : 0;
    out->pcie_busy = nvml.lib && busy;
}

const struct xb_probe xb_probe_nvml = {
    .name = "nvml", .open = nvml_open, .read = nvml_read, .close = nvml_close};
