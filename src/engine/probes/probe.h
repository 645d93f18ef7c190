/* SPDX-License-Identifier: BSD-3-Clause */
/* probe.h - counters of the hardware, behind a table of sources.
 *
 * A source is one file that ends in a row: it opens what belongs to a rank's place once in a
 * process, reads what its wires have carried so far, and closes. A counter that cannot be read
 * is unknown, never guessed.
 */
#ifndef XB_ENGINE_PROBES_PROBE_H
#define XB_ENGINE_PROBES_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/topology/placement.h"
#include "report/result.h"

struct xb_reading {
    uint64_t bytes[XB_WIRES]; /* so far; UINT64_MAX where it cannot be told */
    bool wraps[XB_WIRES];     /* at 2^32: the driver holds it in 32 bits */
};

struct xb_probe {
    const char *name;
    void (*open)(const struct xb_place *place); /* what cannot be opened stays unknown */
    void (*read)(struct xb_reading *out);       /* its own wires only */
    void (*close)(void);
};

/* All sources, NULL-terminated. */
extern const struct xb_probe *const xb_probes[];

/* Open all sources for the GPU and NIC of a place, once in a process, after it was taken. */
void xb_probes_open(const struct xb_place *place);

/* Read all of them now; costs up to some milliseconds. */
void xb_probes_read(struct xb_reading *out);

void xb_probes_close(void);

#endif
