/* SPDX-License-Identifier: BSD-3-Clause */
/* look.h - a destination looks for itself whether the last bytes of a turn are there. */
#ifndef XB_ENGINE_MEASURE_LOOK_H
#define XB_ENGINE_MEASURE_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/pipeline/transfer.h"

/* All zero where nobody looks. */
struct xb_look {
    const struct xb_transfer *t;
    struct xb_mem copy; /* of the bytes, where the processor cannot read their memory */
    struct xb_event *event;
    bool asked; /* a copy is under way */
};

/* Take what looking at the destination of t needs; t outlives it. 0 or -1. */
int xb_look_open(struct xb_look *look, const struct xb_transfer *t, struct xb_error *err);

/* Do the last bytes of the turn's last transfer hold the pattern of key? 1, 0 not yet, or -1.
 * With any_bytes whatever they hold will do: it is to be seen what looking costs. */
int xb_look_once(struct xb_look *look, uint64_t key, bool any_bytes, struct xb_error *err);

/* Give it back; a look that was not opened is allowed. */
void xb_look_close(struct xb_look *look);

#endif
