/* SPDX-License-Identifier: BSD-3-Clause */
/* nccl_world.h - NCCL's communicators: of all ranks of the run, and of groups of them, one for
 * each policy of thread blocks. They are made when a case first wants them and kept for all.
 * Only in builds that have NCCL's header. */
#ifndef XB_ENGINE_METHODS_NCCL_WORLD_H
#define XB_ENGINE_METHODS_NCCL_WORLD_H

#include "engine/devices/nccl_library.h"
#include "engine/runtime/session.h"
#include "model/plan/plan.h"

/* Does the header know of registration and of policies? The library's functions are looked for
 * besides. */
#if NCCL_VERSION_CODE >= NCCL_VERSION(2, 28, 0)
#define XB_NCCL_HAS_WINDOWS
#endif

/* All ranks of the run: the communicator of a case, of all ranks, or of a collective of this
 * rank's group, in which it has its place; of one of XB_NCCL_CTAS policies, and the library;
 * made where it is not there on all. NULL for a rank in no group. Ends with an agreement:
 * XB_GO, XB_SKIP with the reason, or XB_ERROR. Both stay the callee's. */
int xb_nccl_world_start(const struct xb_session *session, const struct xb_case *c, int ctas,
                        const struct xb_nccl **nccl, ncclComm_t *world, struct xb_error *err);

/* One rank: abort the one that was started last. The next start makes it anew on all. */
void xb_nccl_world_abort(void);

/* All ranks: end all of them. */
void xb_nccl_world_stop(void);

#endif
