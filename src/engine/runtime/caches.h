/* SPDX-License-Identifier: BSD-3-Clause */
/* caches.h - host memory put out of the processor's caches. */
#ifndef XB_ENGINE_RUNTIME_CACHES_H
#define XB_ENGINE_RUNTIME_CACHES_H

#include <stdint.h>

#include "base/error.h"

/* Has this processor an instruction that a program may use for it: 0, or 1 with the reason. */
int xb_caches_can_flush(struct xb_error *reason);

/* Write back what the caches of all cores hold of this memory, drop it from them, and wait for
 * that. Other threads may read it meanwhile and so bring it back; what it holds stays. Only
 * where xb_caches_can_flush. */
void xb_caches_flush(const void *at, uint64_t bytes);

#endif
