/* SPDX-License-Identifier: BSD-3-Clause */
/* probe.c - the table of sources of counters. */
#include "engine/probes/probe.h"

#include <stddef.h>

#include "engine/probes/nic.h"
#include "engine/probes/nvml_traffic.h"

const struct xb_probe *const xb_probes[] = {&xb_probe_nvml, &xb_probe_nic, NULL};

void xb_probes_open(const struct xb_place *place)
{
    for (size_t i = 0; xb_probes[i]; i++)
        xb_probes[i]->open(place);
}

void xb_probes_read(struct xb_reading *out)
{
    for (int w = 0; w < XB_WIRES; w++) {
        out->bytes[w] = UINT64_MAX;
        out->wraps[w] = false;
    }
    for (size_t i = 0; xb_probes[i]; i++)
        xb_probes[i]->read(out);
}

void xb_probes_close(void)
{
    for (size_t i = 0; xb_probes[i]; i++)
        xb_probes[i]->close();
}
