/* SPDX-License-Identifier: BSD-3-Clause */
/* agree.h - arguments that are wrong on one rank, or differ, end all of them. */
#ifndef XB_CMD_AGREE_H
#define XB_CMD_AGREE_H

#include <stdint.h>

#include "base/error.h"
#include "engine/runtime/session.h"

/* Called by all ranks after MPI_Init with what each came to over its arguments, 0 or -1 with
 * err filled. Returns 0 on all ranks if all are well, else -1 on all, with the reason in err: a
 * rank's own where it has one, else with the rank that it is from. */
int xb_arguments_agree(int rc, struct xb_error *err);

/* Called by all ranks: are they about to measure the same, by the hash of what they were told,
 * and with the same seed? 0 on all, or -1 on all with the ranks that differ in err. */
int xb_plans_agree(const struct xb_session *session, uint64_t hash, struct xb_error *err);

#endif
