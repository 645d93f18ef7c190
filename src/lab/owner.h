/* SPDX-License-Identifier: BSD-3-Clause */
/* owner.h - who may touch a buffer now: a check on every hand-over between device and host.
 *
 * A buffer goes round: free -> device (which may write it) -> host (which reads it) -> free.
 * Whoever hands it over says from whom to whom; a hand-over that leaves a step out, or that
 * comes from someone who does not have the buffer, is an error of the program, found at run
 * time. Any thread may call these.
 */
#ifndef XB_LAB_OWNER_H
#define XB_LAB_OWNER_H

#include <stdatomic.h>

#include "base/error.h"

enum xb_owner { XB_OWNER_FREE, XB_OWNER_DEVICE, XB_OWNER_HOST };

/* Of one buffer; all zeros is a free one. */
struct xb_owned {
    _Atomic int owner;
};

/* Hand the buffer over. 0; or -1 when `to` does not come after `from`, or `from` does not have
 * it, and then nothing changes. Of several threads that do so at once, one succeeds. */
int xb_owner_pass(struct xb_owned *b, enum xb_owner from, enum xb_owner to,
                  struct xb_error *err);

/* 0 when `who` has the buffer now, else -1: to be asked before it is read or written. */
int xb_owner_check(const struct xb_owned *b, enum xb_owner who, struct xb_error *err);

#endif
